"""Somebody at the console of a running hub: a browser's cookies without the browser."""

from __future__ import annotations

import re
import secrets
from datetime import datetime, timedelta
from typing import Any

import aiohttp

from gateway.clock import utc_now
from gateway.console.sessions import cookie_name, digest_of
from storage import operators, sessions
from storage.operators import Operator
from storage.sessions import Session
from tests.town import Town

_TOKEN = re.compile(r'name="csrf" value="([^"]*)"')


class Still:
    """A clock that stands still but for the leaps of a test: no code runs out while it is typed."""

    def __init__(self) -> None:
        self.start, self.leap = utc_now(), timedelta()

    def __call__(self) -> datetime:
        return self.start + self.leap


class Visitor:
    """One browser: keeps its cookies and the token of the forms it saw last."""

    def __init__(self, town: Town, name: str | None, cookie: str, csrf: str) -> None:
        self.town, self.name, self.cookie, self.csrf = town, name, cookie, csrf
        cookies = {cookie_name(town.hub.settings): cookie} if cookie else {}
        jar = aiohttp.CookieJar(unsafe=True)
        self.http = aiohttp.ClientSession(cookie_jar=jar, cookies=cookies)

    def address(self, path: str) -> str:
        """`/queue` is /console/queue; what begins with /console stays."""
        return self.town.url + (path if path.startswith("/console") else f"/console{path}")

    async def get(self, path: str, **options: Any) -> aiohttp.ClientResponse:
        """A page, read whole; redirects are not followed."""
        return await self.ask("GET", path, **options)

    async def post(
        self, path: str, _csrf: str | None = None, **fields: Any
    ) -> aiohttp.ClientResponse:
        """A form as the console's own page sends it."""
        token = self.csrf if _csrf is None else _csrf
        return await self.ask(
            "POST", path, data={"csrf": token, **fields}, headers={"Origin": self.town.url}
        )

    async def ask(self, method: str, path: str, **options: Any) -> aiohttp.ClientResponse:
        """Any request; remembers the token of a form in the answer."""
        options = {"allow_redirects": False, **options}
        async with self.http.request(method, self.address(path), **options) as answer:
            text = await answer.text() if "text/" in answer.content_type else ""
            await answer.read()
        if found := _TOKEN.search(text):
            self.csrf = found.group(1)
        return answer


async def stranger(town: Town) -> Visitor:
    """Nobody who is signed in; closed with the town."""
    visitor = Visitor(town, None, "", "")
    town.stack.push_async_callback(visitor.http.close)
    return visitor


async def enrolled(town: Town, name: str, role: str = "operator", **more: Any) -> Operator:
    """An operator in the database, without a password."""
    operator = Operator(
        **{
            "name": name,
            "display": name.title(),
            "role": role,
            "language": "en",
            "created_at": town.hub.clock(),
            **more,
        }
    )
    async with town.hub.store.write() as tx:
        await operators.add(tx, operator)
    return operator


async def visitor(
    town: Town, role: str = "operator", name: str | None = None, language: str = "en"
) -> Visitor:
    """Somebody of that role who is signed in; made on first use, closed with the town."""
    name = name or f"{role}-one"
    async with town.hub.store.read() as connection:
        known = await operators.get(connection, name)
    if known is None:
        await enrolled(town, name, role, language=language)
    cookie, csrf, now = secrets.token_urlsafe(32), secrets.token_urlsafe(32), town.hub.clock()
    async with town.hub.store.write() as tx:
        await sessions.open(
            tx,
            Session(
                digest=digest_of(cookie),
                operator=name,
                content={"operator": name, "stage": "in", "by": "test", "csrf": csrf},
                created_at=now,
                seen_at=now,
                expires_at=now + timedelta(minutes=30),
                address="127.0.0.1",
                agent="test",
            ),
        )
    found = Visitor(town, name, cookie, csrf)
    town.stack.push_async_callback(found.http.close)
    return found
