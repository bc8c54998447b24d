"""The operators, for administrators: who may open the console, and as what."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from urllib.parse import quote

from aiohttp import web
from aiohttp_session import get_session

from gateway import people
from gateway.acts.act import By, Impossible, Rank
from gateway.console import door
from gateway.console.door import DOOR
from gateway.console.login import onward
from gateway.console.render import render
from gateway.console.visit import Access, Page, visit_of
from gateway.hub import HUB
from gateway.passwords import TooMany, generated
from schemas.errors import Code, refused
from storage import operators, sessions
from storage.engine import Connection
from storage.operators import Operator

PEOPLE = "/console/people"
ROLES = tuple(rank.word for rank in Rank)
REASON_LEAST, REASON_MOST = 3, 500
FIELD_MOST = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a form asks for about somebody."""

    name: str
    by: By
    fields: dict[str, str]


async def listing(request: web.Request) -> web.Response:
    """`GET /console/people`."""
    async with request.app[HUB].store.read() as connection:
        found = await operators.all(connection)
    return render(request, "people.html", people=found)


async def blank(request: web.Request) -> web.Response:
    """`GET /console/people/new`."""
    return _new(request, {})


async def add(request: web.Request) -> web.Response:
    """`POST /console/people`: a new operator, with a password that is shown once, or none."""
    visit, fields = visit_of(request), await _fields(request)
    operator = Operator(
        name=fields.get("name", ""),
        display=fields.get("display", "") or fields.get("name", ""),
        email=fields.get("email") or None,
        role=fields.get("role", ""),
        language=fields.get("language", ""),
        created_at=visit.hub.clock(),
    )
    by_provider = fields.get("proof") == "provider"
    try:
        act = _by(request, fields)
        password = None if by_provider else generated()
        found = await request.app[DOOR].passwords.hash(password) if password else None
        async with visit.hub.store.write() as tx:
            await people.add(tx, operator, act)
            await operators.set_password_hash(tx, operator.name, found, None)
    except Impossible as problem:
        return _new(request, fields, problem)
    except TooMany:
        return _new(request, fields, Impossible("Too many at once: try again in a moment."))
    return await _one(request, operator.name, done="added", password=password)


async def one(request: web.Request) -> web.Response:
    """`GET /console/people/{name}`."""
    return await _one(request, request.match_info["name"], done=request.query.get("done", ""))


async def act(request: web.Request) -> web.Response:
    """`POST /console/people/{name}/{act}`: one act, with its reason."""
    name, kind = request.match_info["name"], request.match_info["act"]
    hub, fields = request.app[HUB], await _fields(request)
    try:
        if kind == "password":
            return await _password(request, name, _by(request, fields))
        carry_out = ACTS.get(kind)
        if carry_out is None:
            raise refused(Code.NOT_FOUND)
        asked = Asked(name=name, by=_by(request, fields), fields=fields)
        async with hub.store.write() as tx:
            await carry_out(tx, asked)
    except Impossible as problem:
        return await _one(request, name, problem=problem, fields=fields)
    return onward(f"{PEOPLE}/{quote(name, safe='')}?done={kind}")


async def _password(request: web.Request, name: str, act: By) -> web.Response:
    """Another password, shown once to whoever passes it on."""
    password = generated()
    try:
        found = await request.app[DOOR].passwords.hash(password)
    except TooMany:
        raise Impossible("Too many at once: try again in a moment.") from None
    async with request.app[HUB].store.write() as tx:
        await people.give_password(tx, name, found, act, own=False)
    if name == act.name:  # one's own sessions have ended too
        (await get_session(request)).invalidate()
    return await _one(request, name, done="password", password=password)


async def _change(tx: Connection, asked: Asked) -> None:
    before = await people.existing(tx, asked.name)
    changed = replace(
        before,
        display=asked.fields.get("display", ""),
        email=asked.fields.get("email") or None,
        role=asked.fields.get("role", ""),
    )
    await people.change(tx, changed, asked.by)


async def _link(tx: Connection, asked: Asked) -> None:
    await people.link(tx, asked.name, asked.fields.get("subject") or None, asked.by)


async def _disable(tx: Connection, asked: Asked) -> None:
    await people.disable(tx, asked.name, asked.by)


async def _enable(tx: Connection, asked: Asked) -> None:
    await people.enable(tx, asked.name, asked.by)


async def _factor(tx: Connection, asked: Asked) -> None:
    await people.drop_factor(tx, asked.name, asked.by)


async def _revoke(tx: Connection, asked: Asked) -> None:
    await people.sign_out(tx, asked.name, asked.by)


ACTS: dict[str, Callable[[Connection, Asked], Awaitable[None]]] = {
    "change": _change,
    "link": _link,
    "disable": _disable,
    "enable": _enable,
    "factor": _factor,
    "revoke": _revoke,
}


async def _fields(request: web.Request) -> dict[str, str]:
    """The form's texts, trimmed and bounded."""
    form = await request.post()
    return {name: str(value).strip()[: FIELD_MOST + 1] for name, value in form.items()}


def _by(request: web.Request, fields: dict[str, str]) -> By:
    """Who acts, and why; raises `Impossible` without a reason."""
    reason = fields.get("reason", "")
    if not REASON_LEAST <= len(reason) <= REASON_MOST:
        raise Impossible("Give a reason.")
    return door.by(request, visit_of(request).who, reason)


def _new(
    request: web.Request, fields: dict[str, str], problem: Impossible | None = None
) -> web.Response:
    return render(
        request,
        "people_new.html",
        status=400 if problem else 200,
        fields=fields,
        problem=problem,
        roles=ROLES,
        provider=bool(request.app[HUB].settings.console.oidc_issuer),
    )


async def _one(
    request: web.Request,
    name: str,
    *,
    done: str = "",
    password: str | None = None,
    problem: Impossible | None = None,
    fields: dict[str, str] | None = None,
) -> web.Response:
    hub = request.app[HUB]
    async with hub.store.read() as connection:
        found = await operators.get(connection, name)
        if found is None:
            raise refused(Code.NOT_FOUND)
        signed_in = await sessions.of(connection, name)
    now = hub.clock()
    return render(
        request,
        "person.html",
        status=409 if problem else 200,
        person=found,
        sessions=[session for session in signed_in if session.expires_at > now],
        locked=found.locked_until is not None and now < found.locked_until,
        done=done if done in (*ACTS, "added", "password") else "",
        password=password,
        problem=problem,
        fields=fields or {},
        roles=ROLES,
        provider=bool(hub.settings.console.oidc_issuer),
    )


PAGES = (
    Page("GET", "/people", Access.ADMINISTRATOR, listing),
    Page("POST", "/people", Access.ADMINISTRATOR, add),
    Page("GET", "/people/new", Access.ADMINISTRATOR, blank),
    Page("GET", "/people/{name}", Access.ADMINISTRATOR, one),
    Page("POST", "/people/{name}/{act}", Access.ADMINISTRATOR, act),
)
