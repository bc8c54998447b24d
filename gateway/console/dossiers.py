"""Dossiers: found by what their procedures know them by; one with all that ever concerned it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web
from multidict import MultiDict

from gateway import filters, history_sheet, look, timeline
from gateway.access import as_file, whole
from gateway.console.facts import readable
from gateway.console.render import render
from gateway.console.visit import Access, Page, Visit, visit_of
from gateway.hub import Hub, paper_lane
from gateway.token import paper_token
from handlers.registry import Procedure
from schemas.errors import Code, Finding, Refused, refused
from schemas.workflow import Dossier, State
from storage import dossiers as cases
from storage import ledger, papers, queue, search
from storage import timeline as marks
from storage.engine import Connection

FOUND: Final = 25  #: dossiers on a page
MARKS: Final = 50  #: marks of the timeline on a page
ENTRIES: Final = 50  #: ledger entries on a page
JOBS: Final = 20  #: of each lane

#: What the form asks; a partner's working lists are no matter of an operator.
PLAIN: Final = (
    "number",
    "procedure",
    "state",
    "owner",
    "opened_from",
    "opened_until",
    "changed_from",
    "changed_until",
)
NAMES: Final = (*PLAIN, "before", *filters.FACETS)
#: Told at the head of the page, and so not among the facts.
_APART: Final = frozenset(("awaited", "balances"))


@dataclass(frozen=True, slots=True)
class Found:
    """One line of the list."""

    dossier: Dossier
    state: State | None
    held_by: list[dict[str, Any]]


async def found_dossiers(request: web.Request) -> web.Response:
    """`GET /dossiers`: those changed last among the ones asked for."""
    visit = visit_of(request)
    given = MultiDict(
        (name, text.strip())
        for name, text in request.query.items()
        if text.strip() and name != "lang"
    )
    problem: Finding | None = None
    page: list[Found] = []
    try:
        filters.only(given, NAMES)
        asked = filters.read(given, visit.hub.registry)
        page = await _page(visit.hub, asked)
    except Refused as refusal:
        problem = refusal.findings[0]
    more = len(page) > FOUND
    page = page[:FOUND]
    last = page[-1].dossier if more else None
    following = None if last is None else filters.place(last.changed_at, last.number)
    return render(
        request,
        "dossiers.html",
        status=200 if problem is None else 400,
        given=given,
        problem=problem,
        page=page,
        next=_address(request, before=following),
        first=_address(request, before="") if "before" in given else None,
        facets=tuple(filters.FACETS),
        procedures=tuple(visit.hub.registry.procedures),
        states=_states(visit),
    )


async def _page(hub: Hub, asked: filters.Asked) -> list[Found]:
    async with hub.store.read() as connection:
        found = await search.latest(connection, asked.wanted, limit=FOUND + 1, before=asked.before)
    return [
        Found(one, _procedure(hub, one).state(one.state), timeline.held_by(one, hub))
        for one in found
    ]


def _procedure(hub: Hub, found: Dossier) -> Procedure:
    return hub.registry.procedures[found.procedure]


def _address(request: web.Request, **changes: str | None) -> str | None:
    """This page with another place in it; an empty one is left out, None is no address."""
    if None in changes.values():
        return None
    kept = MultiDict((name, text) for name, text in request.query.items() if name not in changes)
    kept.update({name: text for name, text in changes.items() if text})
    return str(request.rel_url.with_query(kept))


def _states(visit: Visit) -> list[tuple[str, str]]:
    """Every state by its name, called as the procedures that have it call it."""
    called: dict[str, dict[str, None]] = {}
    for procedure in visit.hub.registry.procedures.values():
        for state in procedure.states:
            called.setdefault(state.name, {})[getattr(state, visit.language)] = None
    return [(name, " / ".join(words)) for name, words in called.items()]


async def dossier(request: web.Request) -> web.Response:
    """`GET /dossiers/{number}`: where it stands, and everything that happened to it."""
    hub, number = visit_of(request).hub, request.match_info["number"]
    problem: Finding | None = None
    try:
        before = timeline.place(request.query.get("before"))
    except Refused as refusal:
        problem, before = refusal.findings[0], None
    below = whole(request, "entry", default=0, most=2**62) or 2**62
    async with hub.store.read() as connection:
        found = await _existing(connection, number)
        line = await marks.marks(connection, number, before, MARKS + 1)
        posted = await ledger.posted(connection, number, before=below, limit=ENTRIES + 1)
        leaves = await papers.list(connection, number)
        jobs = await queue.listing(connection, lane=number, limit=JOBS)
        jobs += await queue.listing(connection, lane=paper_lane(number), limit=JOBS)
    procedure = _procedure(hub, found)
    shown = procedure.show(found, getattr(hub.settings, found.procedure))
    partners = await hub.directory.look()
    return render(
        request,
        "dossier.html",
        status=200 if problem is None else 400,
        problem=problem,
        dossier=found,
        state=procedure.state(found.state),
        states={state.name: state for state in procedure.states},
        held_by=readable(timeline.held_by(found, hub)),
        marks=line[:MARKS],
        next=_address(request, before=timeline.place_of(line[MARKS - 1]))
        if len(line) > MARKS
        else None,
        first=_address(request, before="") if before is not None else None,
        balances=shown.get("balances"),
        currency=shown.get("currency"),
        posted=posted[:ENTRIES],
        next_entries=_address(request, entry=str(posted[ENTRIES - 1].id))
        if len(posted) > ENTRIES
        else None,
        papers=leaves,
        public=f"/verify/{paper_token(hub, number)}" if leaves else None,
        jobs=jobs,
        facts=readable({name: one for name, one in shown.items() if name not in _APART}),
        partners=partners.by_name,
    )


async def _existing(connection: Connection, number: str) -> Dossier:
    found = (await cases.load(connection, [number])).get(number)
    if found is None:
        raise refused(Code.NOT_FOUND)
    return found


async def paper(request: web.Request) -> web.Response:
    """`GET /dossiers/{number}/papers/{name}`: the latest version, or the one of `?version=`."""
    number, name = request.match_info["number"], request.match_info["name"]
    asked = request.query.get("version")
    version = None if asked is None else whole(request, "version", default=0, most=2**31 - 1)
    async with visit_of(request).hub.store.read() as connection:
        found = await papers.get(connection, number, name, version)
    if found is None:
        raise refused(Code.NOT_FOUND)
    return as_file(found.content, found.media_type, f"{number}-{name}")


async def history(request: web.Request) -> web.Response:
    """`GET /dossiers/{number}/history.xlsx`: every step, as a spreadsheet."""
    hub, number = visit_of(request).hub, request.match_info["number"]
    async with hub.store.read() as connection:
        found = await _existing(connection, number)
        steps = await look.every_step(connection, number)
    procedure = _procedure(hub, found)
    content = await asyncio.to_thread(history_sheet.write, found, procedure, steps)
    return as_file(content, history_sheet.MEDIA_TYPE, f"{number}-{history_sheet.NAME}")


PAGES = (
    Page("GET", "/dossiers", Access.VIEWER, found_dossiers),
    Page("GET", "/dossiers/{number}", Access.VIEWER, dossier),
    Page("GET", f"/dossiers/{{number}}/{history_sheet.NAME}", Access.VIEWER, history),
    Page("GET", "/dossiers/{number}/papers/{name}", Access.VIEWER, paper),
)
