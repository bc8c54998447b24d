"""Signing in and out: the password, the code of the second factor, and the way to the provider."""

from __future__ import annotations

from urllib.parse import quote

from aiohttp import hdrs, web
from aiohttp_session import get_session

from gateway import people
from gateway.console import door
from gateway.console.door import Pause
from gateway.console.guard import own_path
from gateway.console.render import render
from gateway.console.sessions import CODE, end
from gateway.console.visit import Access, Page, visit_of
from gateway.hub import HUB
from gateway.passwords import TooMany

SOON = 5  #: seconds after which to try again when many sign in at once


def onward(target: str) -> web.Response:
    """To another page."""
    return web.Response(status=303, headers={hdrs.LOCATION: target})


async def show(request: web.Request) -> web.Response:
    """`GET /console/login`."""
    target = own_path(request.query.get("next", ""))
    if visit_of(request).operator is not None:
        return onward(target)
    return _form(request, target, notice="expired" if "expired" in request.query else "")


async def sign_in(request: web.Request) -> web.Response:
    """`POST /console/login`: name and password."""
    form = await request.post()
    target = own_path(str(form.get("next", "")))
    try:
        right = await door.by_password(
            request, str(form.get("name", "")).strip().lower()[:64], str(form.get("password", ""))
        )
    except (Pause, TooMany) as wait:
        return _wait(request, target, wait)
    if not right:
        return _form(request, target, notice="wrong", status=401)
    session = await get_session(request)
    if session["stage"] == CODE:
        return onward(f"/console/login/code?next={quote(target, safe='/')}")
    return onward(target)


async def show_code(request: web.Request) -> web.Response:
    """`GET /console/login/code`: for who has given the password."""
    target = own_path(request.query.get("next", ""))
    session = await get_session(request)
    if session.new or session["stage"] != CODE:
        return onward(target)
    return render(request, "code.html", target=target, notice="")


async def take_code(request: web.Request) -> web.Response:
    """`POST /console/login/code`."""
    form = await request.post()
    target = own_path(str(form.get("next", "")))
    session = await get_session(request)
    if session.new or session["stage"] != CODE:
        return onward(f"/console/login?expired=1&next={quote(target, safe='/')}")
    try:
        right = await door.by_code(
            request, session["operator"], str(form.get("code", "")), session["by"]
        )
    except Pause as wait:
        return _wait(request, target, wait)
    if right:
        return onward(target)
    return render(request, "code.html", status=401, target=target, notice="wrong")


async def sign_out(request: web.Request) -> web.Response:
    """`POST /console/logout`: the session ends here, whatever the browser keeps."""
    operator = visit_of(request).operator
    if operator is not None:
        async with request.app[HUB].store.write() as tx:
            await people.note_own(tx, "operator signed out", door.by(request, operator))
    await end(request)
    answer = onward("/console/login?out=1")
    answer.headers["Clear-Site-Data"] = '"cache"'
    return answer


def _wait(request: web.Request, target: str, wait: Pause | TooMany) -> web.Response:
    seconds = wait.seconds if isinstance(wait, Pause) else SOON
    answer = _form(request, target, notice="wait", status=429, minutes=-(-seconds // 60))
    answer.headers[hdrs.RETRY_AFTER] = str(seconds)
    return answer


def _form(
    request: web.Request, target: str, *, notice: str, status: int = 200, minutes: int = 0
) -> web.Response:
    return render(
        request,
        "login.html",
        status=status,
        target=target,
        notice="out" if "out" in request.query and not notice else notice,
        minutes=minutes,
        provider=bool(request.app[HUB].settings.console.oidc_issuer),
    )


PAGES = (
    Page("GET", "/login", Access.OPEN, show),
    Page("POST", "/login", Access.OPEN, sign_in),
    Page("GET", "/login/code", Access.OPEN, show_code),
    Page("POST", "/login/code", Access.OPEN, take_code),
    Page("POST", "/logout", Access.OPEN, sign_out),
)
