"""The room Partners: who may send what, with which certificates, and what waits for whom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import quote

from aiohttp import web

from gateway.acts.act import By, Impossible, Rank
from gateway.acts.partner import found as find_partner
from gateway.console.render import render
from gateway.console.spans import ROW, WIDTH, Plan, plan
from gateway.console.visit import Access, Page, Visit, visit_of
from gateway.ping import Ping, pinged
from storage import mailboxes, partners, traffic, watching
from storage.engine import Connection
from storage.partners import Partner
from storage.traffic import Passed, Span
from storage.watching import Failing

PAGE = 50
REFUSALS = 20
WAITING = 20
CAP = 1_000  #: what waits is counted so far
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A partner in the list, with what passed in a day."""

    partner: Partner
    plan: Plan
    breaker: str | None
    received: int
    refused: int
    delivered: int


async def everyone(request: web.Request) -> web.Response:
    """`GET /console/partners`: by name, page by page."""
    visit = visit_of(request)
    after, now = request.query.get("after", "")[:200], visit.hub.clock()
    async with visit.hub.store.read() as conn:
        found = await partners.page(conn, after=after, limit=PAGE)
        passed = await traffic.by_partner(conn, Span.HOUR, now - DAY)
        failing = {one.partner: one for one in await watching.failing(conn)}
    full = len(found) == PAGE
    return render(
        request,
        "partners.html",
        rows=[_row(one, passed.get(one.name, {}), failing, visit) for one in found],
        next=f"/console/partners?after={quote(found[-1].name, safe='')}" if full else None,
        first="/console/partners" if after else None,
    )


def _row(
    partner: Partner, passed: Mapping[Passed, int], failing: Mapping[str, Failing], visit: Visit
) -> Row:
    return Row(
        partner=partner,
        plan=plan(partner.certificates, visit.hub.clock()),
        breaker=breaker(partner, failing.get(partner.name), visit),
        received=passed.get(Passed.ACCEPTED, 0),
        refused=passed.get(Passed.REJECTED, 0) + passed.get(Passed.REFUSED, 0),
        delivered=passed.get(Passed.DELIVERED, 0),
    )


def breaker(partner: Partner, failing: Failing | None, visit: Visit) -> str | None:
    """How pushes to a partner go: closed (well), half, or held; None when nothing is pushed."""
    if not partner.push_url:
        return None
    if failing is None:
        return "closed"
    patience = visit.hub.settings.alerts.unreachable
    return "held" if visit.hub.clock() - failing.since > patience else "half"


async def one(request: web.Request) -> web.Response:
    """`GET /console/partners/{name}`."""
    return await _one(request)


async def _one(
    request: web.Request, *, ping: Ping | None = None, problem: Impossible | None = None
) -> web.Response:
    visit, name = visit_of(request), request.match_info["name"]
    now = visit.hub.clock()
    async with visit.hub.store.read() as conn:
        partner = await find_partner(conn, name)
        failing = await _failing(conn, name)
        waits = await mailboxes.undelivered(conn, name, CAP)
        waiting = await mailboxes.waiting(conn, name, WAITING)
        passed = await traffic.by_type(conn, Span.HOUR, now - DAY, partner=name)
        refusals = await watching.refusals(conn, name, limit=REFUSALS)
    by_role, beyond = rights(partner, visit)
    return render(
        request,
        "partner.html",
        status=400 if problem else 200,
        partner=partner,
        plan=plan(partner.certificates, now),
        row=ROW,
        wide=WIDTH,
        by_role=by_role,
        beyond=beyond,
        breaker=breaker(partner, failing, visit),
        failing=failing,
        waits=waits,
        cap=CAP,
        waiting=waiting,
        passed=_counts(passed),
        refusals=refusals,
        ping=ping,
        problem=problem,
    )


async def _failing(conn: Connection, name: str) -> Failing | None:
    return next((one for one in await watching.failing(conn) if one.partner == name), None)


def rights(partner: Partner, visit: Visit) -> tuple[list[str], list[str]]:
    """The types of message that a partner may send by its role, and beyond it."""
    handlers = visit.hub.registry.handlers.values()
    by_role = {handler.type for handler in handlers if partner.role in handler.roles}
    return sorted(by_role), sorted(set(partner.types) - by_role)


def _counts(passed: Mapping[str, Mapping[Passed, int]]) -> list[tuple[str, int, int, int, int]]:
    """Type by type: received, repeated, refused, delivered."""

    def of(counts: Mapping[Passed, int], kinds: Iterable[Passed]) -> int:
        return sum(counts.get(kind, 0) for kind in kinds)

    return [
        (
            name,
            of(counts, (Passed.ACCEPTED,)),
            of(counts, (Passed.REPEATED,)),
            of(counts, (Passed.REJECTED, Passed.REFUSED)),
            of(counts, (Passed.DELIVERED,)),
        )
        for name, counts in passed.items()
        if any(counts.values())
    ]


async def ping_it(request: web.Request) -> web.Response:
    """`POST /console/partners/{name}/ping`: ask its push address whether it is there."""
    visit = visit_of(request)
    by = By(
        name=visit.who.name,
        rank=Rank.of(visit.who.role),
        at=visit.hub.clock(),
        reason="a test ping",
    )
    try:
        result = await pinged(visit.hub, request.match_info["name"], by)
    except Impossible as problem:
        return await _one(request, problem=problem)
    return await _one(request, ping=result)


PAGES = (
    Page("GET", "/partners", Access.VIEWER, everyone),
    Page("GET", "/partners/{name:[^/]+}", Access.VIEWER, one),
    Page("POST", "/partners/{name:[^/]+}/ping", Access.OPERATOR, ping_it),
)
