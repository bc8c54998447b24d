"""Signing in at the OpenID provider: there and back, and which operator that is.

Nobody becomes an operator by it. An operator is known by the provider's subject, or is linked to
it at the first sign-in by the e-mail that the provider verified, when he has no password here.
"""

from __future__ import annotations

import hmac
from datetime import timedelta
from urllib.parse import quote

import aiohttp
import structlog
from aiohttp import web

from gateway import people
from gateway.console import door, factor
from gateway.console.guard import own_path
from gateway.console.login import onward
from gateway.console.provider import Asked, Distrusted, Provider, Vouched
from gateway.console.render import render
from gateway.console.sessions import cookie_name, set_own_cookie
from gateway.console.visit import Access, Page
from gateway.hub import HUB, Hub
from gateway.seal.secret import Unsealable
from schemas.errors import Code, refused
from storage import operators
from storage.engine import Connection
from storage.operators import Operator

ABOUT = "oidc"  #: what the cookie between going and coming back is sealed about
COOKIE = "-oidc"
PATIENCE = timedelta(minutes=10)

log = structlog.get_logger(__name__)


async def start(request: web.Request) -> web.Response:
    """`GET /console/oidc/start`: to the provider."""
    hub = _configured(request)
    until = hub.clock() + PATIENCE
    asked = Asked.anew(own_path(request.query.get("next", "")), until)
    try:
        async with _http() as http:
            target = await _provider(hub, http).authorization(asked, _redirect(hub))
    except Distrusted as problem:
        return _refuse(request, problem, asked.target)
    answer = onward(target)
    set_own_cookie(
        hub.settings,
        answer,
        COOKIE,
        factor.box(hub).seal(asked.text(), about=ABOUT),
        same_site="Lax",  # the way back begins at the provider
        seconds=int(PATIENCE.total_seconds()),
    )
    return answer


async def callback(request: web.Request) -> web.Response:
    """`GET /console/oidc/callback`: back from the provider, with a code or an error."""
    hub = _configured(request)
    target = ""
    try:
        asked = _asked(request, hub)
        target = asked.target
        async with _http() as http:
            vouched = await _provider(hub, http).vouched(
                asked, request.query["code"], _redirect(hub), hub.clock()
            )
        async with hub.store.write() as tx:
            operator = await _operator(request, tx, vouched)
    except Distrusted as problem:
        return _refuse(request, problem, target)
    await door.by_provider(request, operator)
    if operator.has_totp:
        target = f"/console/login/code?next={quote(target, safe='/')}"
    # The new cookie is a strict one: a browser sends it only where the way begins here.
    answer = render(request, "onward.html", target=target)
    set_own_cookie(hub.settings, answer, COOKIE, "", same_site="Lax")
    return answer


def _asked(request: web.Request, hub: Hub) -> Asked:
    """What this browser was sent away with; raises `Distrusted` when it is another."""
    sealed = request.cookies.get(cookie_name(hub.settings, COOKIE), "")
    try:
        asked = Asked.of(factor.box(hub).open(sealed, about=ABOUT))
    except Unsealable as problem:
        raise Distrusted("this browser was not sent to the provider") from problem
    given = request.query.get("state", "").encode("utf-8", "surrogateescape")
    if not hmac.compare_digest(given, asked.state.encode()):
        raise Distrusted("the state is another")
    if hub.clock().timestamp() > asked.until:
        raise Distrusted("it took too long")
    if request.query.get("iss", hub.settings.console.oidc_issuer) != (
        hub.settings.console.oidc_issuer
    ):
        raise Distrusted("another issuer answered")
    if "error" in request.query or not request.query.get("code"):
        raise Distrusted(f"the provider refused: {request.query.get('error', '')[:80]!r}")
    return asked


async def _operator(request: web.Request, tx: Connection, vouched: Vouched) -> Operator:
    """Who that is here; raises `Distrusted`."""
    found = await operators.by_subject(tx, vouched.subject)
    if found is None:
        found = await _linked(request, tx, vouched)
    if found is None or found.disabled_at is not None:
        raise Distrusted("the provider's subject is no operator")
    return found


async def _linked(request: web.Request, tx: Connection, vouched: Vouched) -> Operator | None:
    """The one operator of that verified e-mail who has no password and no subject yet."""
    if vouched.email is None:
        return None
    wanted = vouched.email.casefold()
    same = [one for one in await operators.all(tx) if (one.email or "").casefold() == wanted]
    if len(same) != 1 or same[0].has_password or same[0].subject or same[0].disabled_at:
        return None
    by = door.by(request, same[0], "first sign-in with a verified e-mail")
    await people.link(tx, same[0].name, vouched.subject, by)
    return same[0]


def _refuse(request: web.Request, problem: Distrusted, target: str) -> web.Response:
    hub: Hub = request.app[HUB]
    log.warning("provider_distrusted", problem=str(problem), address=request.remote)
    answer = render(
        request,
        "login.html",
        status=401,
        target=own_path(target),
        notice="provider",
        minutes=0,
        provider=True,
    )
    set_own_cookie(hub.settings, answer, COOKIE, "", same_site="Lax")
    return answer


def _configured(request: web.Request) -> Hub:
    """The hub, when it has a provider; raises `Refused` otherwise."""
    hub: Hub = request.app[HUB]
    if not hub.settings.console.oidc_issuer:
        raise refused(Code.NOT_FOUND)
    return hub


def _provider(hub: Hub, http: aiohttp.ClientSession) -> Provider:
    return Provider(hub.settings.console, hub.settings.folder, http)


def _redirect(hub: Hub) -> str:
    return f"{hub.settings.hub.public_url.rstrip('/')}/console/oidc/callback"


def _http() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(trust_env=False, cookie_jar=aiohttp.DummyCookieJar())


PAGES = (
    Page("GET", "/oidc/start", Access.OPEN, start),
    Page("GET", "/oidc/callback", Access.OPEN, callback),
)
