"""Who may open which page: asked at every request, of the table of pages and of the database.

An operator who was disabled, given another role or signed out elsewhere notices with the next
click. What changes anything is done only for a form that this console gave to this session.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import re
import secrets
from collections.abc import Awaitable, Callable, Mapping
from typing import Final
from urllib.parse import quote, urlsplit

from aiohttp import hdrs, web
from aiohttp.typedefs import Middleware
from aiohttp_session import get_session

from gateway.config import Settings
from gateway.console.languages import DEFAULT, LANGUAGES
from gateway.console.render import render
from gateway.console.sessions import (
    CODE,
    IN,
    STORED,
    cookie_name,
    set_own_cookie,
    used,
)
from gateway.console.visit import VISIT, Access, Page, Visit
from gateway.hub import HUB
from storage import operators, sessions
from storage.operators import Operator

FRONT: Final = "/console/"
SAFE: Final = frozenset((hdrs.METH_GET, hdrs.METH_HEAD))
#: Where a request keeps the value of the cookie from which the token of its forms follows.
FORM_COOKIE = web.RequestKey("form-cookie", str)
YEAR: Final = 365 * 24 * 3600

#: A path of the console: no scheme, host, backslash, blank or control character, no way out.
_OWN = re.compile(r"/console(?!.*/\.{1,2}(?:[/?#]|$))/(?!/)[^\\\x00-\x20\x7f-\x9f]*")
_SIGNING = ("/console/login", "/console/logout", "/console/oidc/")

Handle = Callable[[web.Request], Awaitable[web.StreamResponse]]


def own_path(wanted: str) -> str:
    """Where to go after signing in: a page of the console, or its first."""
    fits = _OWN.fullmatch(wanted) and not wanted.startswith(_SIGNING)
    return wanted if fits else FRONT


def guard(pages: Mapping[web.AbstractRoute, Page]) -> Middleware:
    """The middleware that lets through, or not; `pages` says who may open a route."""

    @web.middleware
    async def judge(request: web.Request, handler: Handle) -> web.StreamResponse:
        page = pages.get(request.match_info.route)
        operator, stage = await _who(request)
        visit = await _visit(request, operator if stage == IN else None)
        request[VISIT] = visit
        answer = None if page is None else await _stopped(request, page, visit)
        if answer is None:
            if page is not None and visit.operator is not None and not _is_background(request):
                await used(visit.hub, request[STORED])
            answer = await handler(request)
        return _with_cookies(request, answer)

    return judge


async def still(request: web.Request) -> bool:
    """Whether the visit is what it was: asked now and then by an answer that does not end."""
    visit = request[VISIT]
    hub, stored = visit.hub, request[STORED]
    async with hub.store.read() as connection:
        session = await sessions.find(connection, stored.digest)
        operator = await operators.get(connection, visit.who.name)
    if session is None or session.expires_at <= hub.clock():
        return False
    return operator is not None and not operator.disabled_at and operator.role == visit.who.role


async def _who(request: web.Request) -> tuple[Operator | None, str | None]:
    """Whose session the cookie stands for, and how far it is."""
    session = await get_session(request)
    if session.new:
        return None, None
    async with request.app[HUB].store.read() as connection:
        operator = await operators.get(connection, session["operator"])
    if operator is None or operator.disabled_at is not None:
        return None, None
    return operator, session["stage"]


async def _visit(request: web.Request, operator: Operator | None) -> Visit:
    hub, session = request.app[HUB], await get_session(request)
    language = language_of(request, operator)
    if operator is not None and language != operator.language:
        async with hub.store.write() as tx:
            await operators.set_language(tx, operator.name, language)
    token = _form_token(request) if session.new else session["csrf"]
    return Visit(hub=hub, language=language, operator=operator, csrf=token)


def language_of(request: web.Request, operator: Operator | None = None) -> str:
    """As asked by `?lang=`, else the operator's own, the cookie's, or the browser's."""
    asked = request.query.get("lang", "")
    own = operator.language if operator else request.cookies.get(_language_cookie(request), "")
    preferred = request.headers.get(hdrs.ACCEPT_LANGUAGE, "").split(",")
    browser = (tag.partition(";")[0].strip()[:2].lower() for tag in preferred)
    return next((tag for tag in (asked, own, *browser) if tag in LANGUAGES), DEFAULT)


def _language_cookie(request: web.Request) -> str:
    return cookie_name(request.app[HUB].settings, "-language")


def _form_token(request: web.Request) -> str:
    """The token of forms for those who have no session: it follows from a cookie of their own."""
    name = cookie_name(request.app[HUB].settings, "-form")
    value = request.cookies.get(name) or secrets.token_urlsafe(32)
    request[FORM_COOKIE] = value
    return hashlib.sha256(f"form {value}".encode("utf-8", "surrogateescape")).hexdigest()


def _with_cookies(request: web.Request, answer: web.StreamResponse) -> web.StreamResponse:
    """The answer, with the language that was asked for and the cookie that forms need."""
    settings = request.app[HUB].settings
    if answer.prepared:
        return answer
    if request.query.get("lang") in LANGUAGES:
        set_own_cookie(settings, answer, "-language", request.query["lang"], seconds=YEAR)
    value = request.get(FORM_COOKIE)
    fresh = value is not None and value != request.cookies.get(cookie_name(settings, "-form"))
    if value is not None and fresh and answer.content_type == "text/html":
        set_own_cookie(settings, answer, "-form", value)
    return answer


async def _stopped(request: web.Request, page: Page, visit: Visit) -> web.StreamResponse | None:
    """What is answered instead of the page; None lets through."""
    if page.access > Access.OPEN:
        if visit.operator is None or visit.rank is None:
            return await _to_login(request)
        first = await _first_of_all(request, visit.operator)
        if first is not None and page.path not in (first, f"{first}.svg"):
            return _elsewhere(request, f"/console{first}")
        if visit.rank < page.access:
            return render(request, "forbidden.html", status=403, needs=page.access.name.lower())
    if request.method not in SAFE and not await _is_own_form(request, visit):
        return render(request, "foreign.html", status=403)
    return None


async def _to_login(request: web.Request) -> web.StreamResponse:
    """To the login, and back afterwards: to the page, never to the act."""
    session = await get_session(request)
    if not session.new and session["stage"] == CODE:
        return _elsewhere(request, "/console/login/code")
    gone = cookie_name(request.app[HUB].settings) in request.cookies
    target = f"/console/login?next={quote(_page_of(request), safe='/')}"
    return _elsewhere(request, target + ("&expired=1" if gone else ""), follow=True)


def _page_of(request: web.Request) -> str:
    """The page that somebody was on."""
    if request.method in SAFE and not _is_background(request):
        return own_path(request.raw_path)
    shown: str = request.headers.get("HX-Current-URL", request.headers.get(hdrs.REFERER, ""))
    try:
        parts = urlsplit(shown)
    except ValueError:
        return FRONT
    if f"{parts.scheme}://{parts.netloc}" not in _origins(request):
        return FRONT
    return own_path(parts.path + (f"?{parts.query}" if parts.query else ""))


def _elsewhere(request: web.Request, target: str, *, follow: bool = False) -> web.StreamResponse:
    """Another page instead; a part of a page cannot go there, its whole page may `follow`."""
    if hdrs.ACCEPT in request.headers and "event-stream" in request.headers[hdrs.ACCEPT]:
        return web.Response(status=401)
    if "HX-Request" in request.headers:
        return web.Response(status=204, headers={"HX-Redirect": target} if follow else {})
    if request.headers.get("Sec-Fetch-Site") == "cross-site" and request.method in SAFE:
        # A link elsewhere brings no strict cookie; the same link followed from here does.
        return render(request, "onward.html", target=target)
    return web.Response(status=303, headers={hdrs.LOCATION: target})


async def _first_of_all(request: web.Request, operator: Operator) -> str | None:
    """The page where somebody must do something before anything else."""
    session = await get_session(request)
    if operator.has_password and operator.password_at is None and session["by"] == "password":
        return "/me/password"
    required = request.app[HUB].settings.console.second_factor == "required"
    if required and not operator.has_totp and session["by"] == "password":
        return "/me/factor"
    return None


def _is_background(request: web.Request) -> bool:
    """A part that a page fetches by itself keeps nobody signed in."""
    return "HX-Request" in request.headers and request.method in SAFE


async def _is_own_form(request: web.Request, visit: Visit) -> bool:
    """Whether this console's own page sent it, with this session's token."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        return False
    if _origin(request) not in _origins(request):
        return False
    try:
        async with asyncio.timeout(visit.hub.settings.http.body_timeout):
            token = (await request.post()).get("csrf", "")
    except (ValueError, LookupError):  # what it says is a form is none, or in no known encoding
        return False
    given = token.encode() if isinstance(token, str) else b""
    return hmac.compare_digest(given, visit.csrf.encode())


def _origin(request: web.Request) -> str | None:
    """Where a form stood: as the browser says by `Origin`, else by `Referer`."""
    if (said := request.headers.get(hdrs.ORIGIN)) is not None:
        return said
    try:
        parts = urlsplit(request.headers.get(hdrs.REFERER, ""))
    except ValueError:
        return None
    return f"{parts.scheme}://{parts.netloc}"


def _origins(request: web.Request) -> tuple[str, str]:
    """This host's own origins: as it was called, and as it is known outside."""
    return f"{request.scheme}://{request.host}", public_origin(request.app[HUB].settings)


def public_origin(settings: Settings) -> str:
    """Scheme, host and port by which the hub is known outside."""
    parts = urlsplit(settings.hub.public_url)
    return f"{parts.scheme}://{parts.netloc}"
