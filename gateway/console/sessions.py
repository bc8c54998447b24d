"""The console's sessions: a random cookie here, what it stands for in the database.

A cookie's value is always made here and never taken from a browser; whoever's rights change gets
another one, and the one that came with the request ends.
"""

from __future__ import annotations

import hashlib
import secrets
import warnings
from datetime import timedelta

import structlog
from aiohttp import web
from aiohttp_session import AbstractStorage, Session, get_session, new_session
from typing_extensions import override

from gateway.config import Settings
from gateway.hub import Hub
from storage import StoreUnavailable, sessions
from storage.engine import Connection
from storage.sessions import Session as Stored

log = structlog.get_logger(__name__)

# The library keeps its session beside the request under a plain text; aiohttp would have a key.
warnings.filterwarnings("ignore", category=web.NotAppKeyWarning, module="aiohttp_session")

#: Where a request keeps the stored session that its cookie stands for.
STORED = web.RequestKey("stored-session", Stored)

TOUCH_EVERY = timedelta(minutes=1)  #: a session in use is written down again no sooner
AGENT_MOST = 200  #: characters kept of what a browser says of itself

IN, CODE = "in", "code"  #: how far a session is: signed in, or its second factor outstanding


def is_secure(settings: Settings) -> bool:
    """Whether browsers reach the hub by HTTPS."""
    return settings.hub.public_url.startswith("https://") or settings.http.tls_key is not None


def cookie_name(settings: Settings, suffix: str = "") -> str:
    """`__Host-` binds a cookie to this host and to HTTPS; browsers refuse it without."""
    return f"{'__Host-' if is_secure(settings) else ''}passavant{suffix}"


def set_own_cookie(
    settings: Settings,
    answer: web.StreamResponse,
    suffix: str,
    value: str,
    *,
    same_site: str = "Strict",
    seconds: int | None = None,
) -> None:
    """A cookie of the console's own; an empty value deletes it."""
    answer.set_cookie(
        cookie_name(settings, suffix),
        value,
        max_age=seconds if value else 0,
        path="/" if is_secure(settings) else "/console",
        secure=is_secure(settings),
        httponly=True,
        samesite=same_site,
    )


def digest_of(cookie: str) -> str:
    """By what the database knows a cookie."""
    return hashlib.sha256(cookie.encode("utf-8", "surrogateescape")).hexdigest()


class StoredSessions(AbstractStorage):
    """Sessions as `aiohttp_session` handles them, kept by `storage.sessions`."""

    def __init__(self, hub: Hub) -> None:
        super().__init__(cookie_name=cookie_name(hub.settings))
        self._hub = hub

    @override
    async def load_session(self, request: web.Request) -> Session:
        found = await self._stored(request)
        if found is None:
            return Session(None, data=None, new=True)
        request[STORED] = found
        created = int(found.created_at.timestamp())
        return Session(
            found.digest, data={"created": created, "session": dict(found.content)}, new=False
        )

    async def _stored(self, request: web.Request) -> Stored | None:
        """What the cookie stands for, unless it has expired."""
        if (cookie := self.load_cookie(request)) is None:
            return None
        async with self._hub.store.read() as connection:
            found = await sessions.find(connection, digest_of(cookie))
        return None if found is None or found.expires_at <= self._hub.clock() else found

    @override
    async def save_session(
        self, request: web.Request, response: web.StreamResponse, session: Session
    ) -> None:
        if not session.new and not session.empty:
            async with self._hub.store.write() as tx:
                await sessions.save_content(tx, str(session.identity), dict(session))
            return
        value = "" if session.empty else secrets.token_urlsafe(32)
        async with self._hub.store.write() as tx:
            await self._replace(tx, request, session, value)
        set_own_cookie(self._hub.settings, response, "", value)

    async def _replace(
        self, tx: Connection, request: web.Request, session: Session, value: str
    ) -> None:
        """End what the request's cookie stood for; begin what the new one stands for."""
        now, limits = self._hub.clock(), self._hub.settings.console
        if (cookie := self.load_cookie(request)) is not None:
            await sessions.revoke(tx, digest_of(cookie))
        await sessions.purge(tx, now)
        if not value:
            return
        await sessions.open(
            tx,
            Stored(
                digest=digest_of(value),
                operator=session["operator"],
                content=dict(session),
                created_at=now,
                seen_at=now,
                expires_at=now + min(limits.idle, limits.absolute),
                address=request.remote or "",
                agent=request.headers.get("User-Agent", "")[:AGENT_MOST],
            ),
        )


async def begin(request: web.Request, operator: str, stage: str, by: str, **more: str) -> None:
    """A session under a new cookie; `stage` is `IN` or `CODE`, `by` how they proved themselves."""
    session = await new_session(request)
    session["operator"], session["stage"], session["by"] = operator, stage, by
    session["csrf"] = secrets.token_urlsafe(32)
    session.update(more)


async def renew(request: web.Request) -> None:
    """The same session under a new cookie, after a change of what it may do."""
    kept = dict(await get_session(request))
    await begin(request, kept["operator"], kept["stage"], kept["by"])


async def end(request: web.Request) -> None:
    """The session is over, here and in the browser."""
    (await get_session(request)).invalidate()


async def used(hub: Hub, found: Stored) -> None:
    """Prolong a session that is in use; never beyond its absolute end.

    Where nothing can be written, as on a full disk, the page is shown all the same.
    """
    limits, now = hub.settings.console, hub.clock()
    if now - found.seen_at < min(limits.idle / 10, TOUCH_EVERY):
        return
    until = min(now + limits.idle, found.created_at + limits.absolute)
    try:
        async with hub.store.write() as tx:
            await sessions.touch(tx, found.digest, now, until)
    except StoreUnavailable as problem:
        log.warning("session_not_prolonged", operator=found.operator, problem=str(problem))
