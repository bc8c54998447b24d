"""One's own page: language, password, second factor, and where one is signed in."""

from __future__ import annotations

from aiohttp import web
from aiohttp_session import get_session

from gateway import people
from gateway.console import door, factor
from gateway.console.door import DOOR, Pause
from gateway.console.login import SOON, onward
from gateway.console.render import render
from gateway.console.sessions import STORED, renew
from gateway.console.visit import Access, Page, visit_of
from gateway.hub import HUB
from gateway.passwords import TooMany, Weak, judge
from gateway.seal.secret import Unsealable
from schemas.errors import Code, refused
from storage import operators, sessions

ME = "/console/me"
PENDING = "totp"  #: where a session keeps the sealed secret that is not confirmed yet
DONE = ("password", "factor", "unset", "revoked")  #: what a page may say was done


async def me(request: web.Request) -> web.Response:
    """`GET /console/me`."""
    visit = visit_of(request)
    async with visit.hub.store.read() as connection:
        found = await sessions.of(connection, visit.who.name)
    now = visit.hub.clock()
    return render(
        request,
        "me.html",
        sessions=[session for session in found if session.expires_at > now],
        this=request[STORED].digest,
        done=next((word for word in DONE if word == request.query.get("done")), ""),
        required=visit.hub.settings.console.second_factor == "required",
    )


async def revoke(request: web.Request) -> web.Response:
    """`POST /console/me/sessions`: end one of one's own sessions, or all the others."""
    visit = visit_of(request)
    digest = str((await request.post()).get("digest", ""))
    this = request[STORED].digest
    async with visit.hub.store.write() as tx:
        if digest == "others":
            ended = await sessions.revoke_all(tx, visit.who.name, but=this)
        else:
            own = {session.digest for session in await sessions.of(tx, visit.who.name)}
            ended = int(digest in own - {this} and await sessions.revoke(tx, digest))
        if ended:
            act = door.by(request, visit.who)
            await people.note_own(tx, "sessions revoked", act, sessions=str(ended))
    return onward(f"{ME}?done=revoked" if ended else ME)


async def password_form(request: web.Request) -> web.Response:
    """`GET /console/me/password`."""
    return _password(request)


async def set_password(request: web.Request) -> web.Response:
    """`POST /console/me/password`: by the old one; every other session ends."""
    visit, form = visit_of(request), await request.post()
    who, new = visit.who, str(form.get("new", ""))
    if not who.has_password:
        raise refused(Code.NOT_FOUND)
    try:
        if not await door.is_theirs(request, who.name, str(form.get("old", ""))):
            return _password(request, "wrong")
        if new != str(form.get("again", "")):
            return _password(request, "again")
        if new == str(form.get("old", "")):
            return _password(request, "same")
        judge(new, who.name, *who.display.split(), *(who.email or "").split("@"), visit.hub.name)
        found = await request.app[DOOR].passwords.hash(new)
    except Weak as weak:
        return _password(request, "weak", weak=weak)
    except (Pause, TooMany) as wait:
        return _password(request, "wait", status=429, minutes=_minutes(wait))
    async with visit.hub.store.write() as tx:
        await operators.set_password_hash(tx, who.name, found, visit.hub.clock())
        await sessions.revoke_all(tx, who.name, but=request[STORED].digest)
        await people.note_own(tx, "password changed", door.by(request, who))
    await renew(request)
    return onward(f"{ME}?done=password")


def _minutes(wait: Pause | TooMany) -> int:
    return -(-(wait.seconds if isinstance(wait, Pause) else SOON) // 60)


def _password(
    request: web.Request,
    notice: str = "",
    *,
    status: int = 400,
    weak: Weak | None = None,
    minutes: int = 0,
) -> web.Response:
    return render(
        request,
        "password.html",
        status=status if notice else 200,
        notice=notice,
        weak=weak,
        minutes=minutes,
        given=visit_of(request).who.password_at is None,
    )


async def factor_form(request: web.Request) -> web.Response:
    """`GET /console/me/factor`: the secret to scan, or how to do without the factor."""
    return await _factor(request)


async def factor_drawing(request: web.Request) -> web.Response:
    """`GET /console/me/factor.svg`: the secret as a QR code."""
    visit = visit_of(request)
    secret = await _pending(request)
    if secret is None:
        raise refused(Code.NOT_FOUND)
    drawn = factor.drawing(factor.uri(visit.hub, visit.who.name, secret))
    return web.Response(
        body=drawn, content_type="image/svg+xml", headers={"Cache-Control": "no-store"}
    )


async def set_factor(request: web.Request) -> web.Response:
    """`POST /console/me/factor`: counts from the first right code on; other sessions end."""
    visit, form = visit_of(request), await request.post()
    who, secret = visit.who, await _pending(request)
    if secret is None or who.has_totp or not who.has_password:
        return onward(f"{ME}/factor")
    try:
        if not await door.is_theirs(request, who.name, str(form.get("password", ""))):
            return await _factor(request, "wrong")
    except (Pause, TooMany) as wait:
        return await _factor(request, "wait", minutes=_minutes(wait))
    step = factor.matching_step(secret, str(form.get("code", "")), visit.hub.clock())
    if step is None:
        return await _factor(request, "code")
    sealed = factor.box(visit.hub).seal(secret, about=who.name)
    async with visit.hub.store.write() as tx:
        await operators.set_totp(tx, who.name, sealed, step)
        await sessions.revoke_all(tx, who.name, but=request[STORED].digest)
        await people.note_own(tx, "second factor set", door.by(request, who))
    await renew(request)
    return onward(f"{ME}?done=factor")


async def unset_factor(request: web.Request) -> web.Response:
    """`POST /console/me/factor/remove`: by the password and a code."""
    visit, form = visit_of(request), await request.post()
    who = visit.who
    if visit.hub.settings.console.second_factor == "required":
        return onward(f"{ME}/factor")
    try:
        if not await door.is_theirs(request, who.name, str(form.get("password", ""))):
            return await _factor(request, "wrong")
        if not await door.is_code(request, who.name, str(form.get("code", ""))):
            return await _factor(request, "code")
    except (Pause, TooMany) as wait:
        return await _factor(request, "wait", minutes=_minutes(wait))
    async with visit.hub.store.write() as tx:
        await operators.set_totp(tx, who.name, None, None)
        await people.note_own(tx, "second factor removed", door.by(request, who))
    await renew(request)
    return onward(f"{ME}?done=unset")


async def _pending(request: web.Request) -> str | None:
    """The secret that this session is about to confirm."""
    sealed = (await get_session(request)).get(PENDING)
    try:
        return factor.box(request.app[HUB]).open(sealed or "", about=request[STORED].operator)
    except Unsealable:
        return None


async def _factor(request: web.Request, notice: str = "", *, minutes: int = 0) -> web.Response:
    visit = visit_of(request)
    secret = None
    if visit.who.has_password and not visit.who.has_totp:
        secret = await _pending(request)
        if secret is None:
            secret = factor.new_secret()
            sealed = factor.box(visit.hub).seal(secret, about=visit.who.name)
            (await get_session(request))[PENDING] = sealed
    return render(
        request,
        "factor.html",
        status={"": 200, "wait": 429}.get(notice, 400),
        notice=notice,
        minutes=minutes,
        secret=secret,
        required=visit.hub.settings.console.second_factor == "required",
    )


PAGES = (
    Page("GET", "/me", Access.VIEWER, me),
    Page("POST", "/me/sessions", Access.VIEWER, revoke),
    Page("GET", "/me/password", Access.VIEWER, password_form),
    Page("POST", "/me/password", Access.VIEWER, set_password),
    Page("GET", "/me/factor", Access.VIEWER, factor_form),
    Page("GET", "/me/factor.svg", Access.VIEWER, factor_drawing),
    Page("POST", "/me/factor", Access.VIEWER, set_factor),
    Page("POST", "/me/factor/remove", Access.VIEWER, unset_factor),
)
