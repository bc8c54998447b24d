"""The journal: who did what, what was refused at the door, and whether the chain of seals holds."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from aiohttp import hdrs, web
from multidict import MultiDict

from gateway import verifying
from gateway.access import whole
from gateway.console.application import PREPARED
from gateway.console.render import Values, day_begins, fragment, render
from gateway.console.visit import Access, Page, Visit, visit_of
from gateway.hub import Hub
from schemas.errors import Code, refused
from storage import journal, journal_search, verifications
from storage.found import Page as Rows
from storage.journal import Happening
from storage.journal_search import View, Wanted
from storage.verifications import Verification

ENTRIES: Final = 50  #: on a page
VERIFICATIONS: Final = 5  #: shown, the latest first
NAMES: Final = ("view", "operator", "partner", "kind", "dossier", "from", "until", "q")
LONGEST: Final = 200  #: characters of a filter

_FAULT = re.compile(
    r"(?P<part>entry|seal|header|closing statement)(?: (?P<number>\d+))?(?: at position"
    r" (?P<position>\d+))? was (?P<fault>edited|deleted|reordered|inserted|cut off)"
)


class Unreadable(ValueError):
    """A filter that cannot be read; its name is what is told."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as it is shown: with the page of the message that its subject names."""

    found: Happening
    message: str | None  #: below /console


@dataclass(frozen=True, slots=True)
class FaultFound:
    """A fault of the chain, taken apart so that every language can tell it."""

    text: str
    part: str | None
    number: str | None
    position: str | None
    fault: str | None


def fault_of(line: str) -> FaultFound:
    """A line of a verification; one that is not in the verifier's words is told as it stands."""
    found = _FAULT.fullmatch(line)
    if found is None:
        return FaultFound(line, None, None, None, None)
    return FaultFound(line, found["part"], found["number"], found["position"], found["fault"])


def _asked(visit: Visit, given: MultiDict[str]) -> Wanted:
    """What the form asks for; raises `Unreadable`."""
    operator, partner = given.get("operator"), given.get("partner")
    view = View(given["view"]) if given.get("view") in set(View) else View.ACTS
    if "view" in given and given["view"] != view:
        raise Unreadable("view")
    actor = partner if view is not View.ACTS else None
    if operator is not None and view is not View.REFUSALS:
        actor = f"operator {operator}"
    since, until = _day(given, "from"), _day(given, "until")
    return Wanted(
        view=view,
        actor=actor,
        kind=given.get("kind"),
        dossier=given.get("dossier"),
        words=given.get("q"),
        since=None if since is None else day_begins(visit, since),
        until=None if until is None else day_begins(visit, until + timedelta(days=1)),
    )


def _day(given: MultiDict[str], name: str) -> date | None:
    text = given.get(name)
    if text is None:
        return None
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise Unreadable(name) from None
    if not date(1970, 1, 2) < found < date(9998, 1, 1):
        raise Unreadable(name)
    return found


async def entries(request: web.Request) -> web.Response:
    """`GET /journal`: the latest entries among those asked for, and the state of the chain."""
    visit = visit_of(request)
    given = MultiDict(
        (name, text.strip()[:LONGEST])
        for name, text in request.query.items()
        if name in NAMES and text.strip()
    )
    problem, wanted = None, None
    try:
        wanted = _asked(visit, given)
    except Unreadable as unreadable:
        problem = str(unreadable)
    before = whole(request, "before", default=0, most=2**62) or 2**62
    found: Rows[Happening] = Rows(rows=(), next=None)
    partners = await visit.hub.directory.look()
    async with visit.hub.store.read() as conn:
        if wanted is not None:
            found = await journal_search.search(conn, wanted, before=before, limit=ENTRIES)
        subjects = await journal_search.subjects(conn, [one.record.subject for one in found.rows])
        operators = await journal_search.operators(conn)
    return render(
        request,
        "journal.html",
        status=200 if problem is None else 400,
        given=given,
        problem=problem,
        view=View.ACTS if wanted is None else wanted.view,
        views=list(View),
        entries=_linked(found.rows, subjects),
        looked_back_to=found.looked_back_to,
        next=_address(request, before=str(found.next)) if found.next is not None else None,
        first=_address(request, before="") if "before" in request.query else None,
        tabs={view.value: _address(request, view=view.value, before="") for view in View},
        operators=operators,
        partners=partners.by_name,
        **await _chain(visit.hub),
    )


def _linked(rows: Sequence[Happening], subjects: journal_search.Subjects) -> list[Entry]:
    found = []
    for one in rows:
        subject, message = one.record.subject, None
        if subject in subjects.received:
            message = f"/console/messages/received/{subjects.received[subject]}"
        elif subject in subjects.sent:
            message = f"/console/messages/sent/{subjects.sent[subject]}"
        found.append(Entry(one, message))
    return found


def _address(request: web.Request, **changes: str) -> str:
    """This page with something else asked; an empty text is left out."""
    kept = MultiDict((name, text) for name, text in request.query.items() if name not in changes)
    kept.update({name: text for name, text in changes.items() if text})
    return str(request.rel_url.with_query(kept))


async def _chain(hub: Hub) -> Values:
    """The state of the chain: the last seal, what is not sealed yet, what verifications found."""
    async with hub.store.read() as conn:
        latest = await verifications.latest(conn, VERIFICATIONS)
        seals = await journal_search.last_seals(conn, 1)
        unsealed = await journal_search.unsealed(conn)
    return {
        "seal": seals[0] if seals else None,
        "unsealed": unsealed,
        "unsealed_most": journal_search.UNSEALED,
        "verifications": [(one, _faults(one)) for one in latest],
    }


def _faults(one: Verification) -> list[FaultFound]:
    return [fault_of(line) for line in one.faults or ()]


async def chain(request: web.Request) -> web.Response:
    """`GET /journal/chain`: the state of the chain alone, asked for while a verification runs."""
    visit = visit_of(request)
    text = fragment(visit, "journal_chain.html", **await _chain(visit.hub))
    return web.Response(text=text, content_type="text/html")


async def entry(request: web.Request) -> web.Response:
    """`GET /journal/{id}`: one entry with its seal."""
    hub, number = visit_of(request).hub, int(request.match_info["id"])
    partners = await hub.directory.look()
    async with hub.store.read() as conn:
        found = await journal_search.find(conn, number)
        if found is None:
            raise refused(Code.NOT_FOUND)
        seal = None if found.seal is None else await journal_search.seal(conn, found.seal)
        subjects = await journal_search.subjects(conn, [found.record.subject])
    return render(
        request,
        "journal_entry.html",
        entry=_linked([found], subjects)[0],
        seal=seal,
        partners=partners.by_name,
    )


async def verify(request: web.Request) -> web.StreamResponse:
    """`POST /journal/verify`: begin a verification, or watch the one that runs."""
    visit = visit_of(request)
    await verifying.begin(visit.hub, visit.who.name, visit.hub.clock())
    return web.Response(status=303, headers={hdrs.LOCATION: "/console/journal#chain"})


async def export(request: web.Request) -> web.StreamResponse:
    """`GET /journal/export`: the sealed journal as JSON Lines, for `passavant journal verify`."""
    visit = visit_of(request)
    hub, now = visit.hub, visit.hub.clock()
    async with hub.store.write() as tx:
        record = journal.Record(
            at=now,
            kind="journal exported",
            subject="journal",
            dossier=None,
            actor=f"operator {visit.who.name}",
            digest=None,
            facts={},
        )
        await journal.append(tx, [record])
    hub.store.hint("seal")
    name = f"passavant-journal-{now:%Y%m%dT%H%M%SZ}.jsonl"
    answer = web.StreamResponse(headers=request[PREPARED])
    answer.content_type = "application/jsonl"
    answer.headers[hdrs.CONTENT_DISPOSITION] = f'attachment; filename="{name}"'
    answer.headers[hdrs.CACHE_CONTROL] = "no-store"
    await answer.prepare(request)
    async for lines in journal.export_by_turns(hub.store, hub.stamp.sign, now):
        await answer.write("".join(f"{line}\n" for line in lines).encode())
    await answer.write_eof()
    return answer


PAGES = (
    Page("GET", "/journal", Access.VIEWER, entries),
    Page("GET", "/journal/chain", Access.VIEWER, chain),
    Page("GET", "/journal/export", Access.OPERATOR, export),
    Page("GET", r"/journal/{id:\d{1,18}}", Access.VIEWER, entry),
    Page("POST", "/journal/verify", Access.OPERATOR, verify),
)
