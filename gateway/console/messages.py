"""The room Messages: found by any combination; one with its way, its XML, its signature."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from aiohttp import hdrs, web
from multidict import MultiMapping

from gateway.access import as_file
from gateway.console import document, journey
from gateway.console.languages import words as words_of
from gateway.console.render import day_begins, render
from gateway.console.signed import examined
from gateway.console.visit import Access, Page, Visit, visit_of
from gateway.hub import Hub, reply_id
from gateway.seal.keys import load_certificate
from gateway.seal.verify import Pin
from gateway.verdict import read_outcome
from schemas.catalogue import catalogue
from schemas.errors import Code, Refused, refused
from schemas.workflow import State
from storage import dossiers, found, messages, outgoing, refusals
from storage.engine import Connection
from storage.found import Wanted
from storage.tables import MESSAGE_STATES, OUTGOING_STATES

PAGE: Final = 50
SIDES: Final = ("received", "sent", "rejected")
STATES: Final = {"received": MESSAGE_STATES, "sent": OUTGOING_STATES, "rejected": ()}
LONGEST: Final = 200  #: characters of one field of the form
_XML: Final = "application/xml"
_CODE = re.compile(r"PSV-\d{3}")
_NUMBER = re.compile(r"\d{1,18}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_SAFE = re.compile(r"[^A-Za-z0-9._-]+")
_TEXTS: Final = ("id", "partner", "type", "dossier", "state", "code", "q")


class Unreadable(ValueError):
    """A field of the form holds what it cannot hold; the text is the field's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the form asks; an empty text asks nothing."""

    side: str = "received"
    id: str = ""
    partner: str = ""
    type: str = ""
    dossier: str = ""
    state: str = ""
    code: str = ""
    q: str = ""
    since: date | None = None
    until: date | None = None
    before: int = 2**62

    @classmethod
    def of(cls, query: MultiMapping[str]) -> Asked:
        """Read from the address; raises `Unreadable`."""
        side = query.get("in", "received") or "received"
        if side not in SIDES:
            raise Unreadable("in")
        texts = {name: query.get(name, "").strip() for name in _TEXTS}
        for name, text in texts.items():
            if len(text) > LONGEST or not _plain(text):
                raise Unreadable(name)
        texts["code"] = texts["code"].upper()
        if texts["state"] not in ("", *STATES[side]):
            raise Unreadable("state")
        if texts["code"] and not _CODE.fullmatch(texts["code"]):
            raise Unreadable("code")
        before = query.get("before", "")
        if before and not _NUMBER.fullmatch(before):
            raise Unreadable("before")
        return cls(
            side=side,
            since=_day(query, "from"),
            until=_day(query, "until"),
            before=int(before) if before else 2**62,
            **texts,
        )

    def wanted(self, visit: Visit) -> Wanted:
        """The same for the store; the last day is wanted whole."""
        until = None if self.until is None else self.until + timedelta(days=1)
        return Wanted(
            instance=self.id or None,
            partner=self.partner or None,
            type=self.type or None,
            dossier=self.dossier or None,
            state=self.state or None,
            code=self.code or None,
            words=self.q or None,
            since=None if self.since is None else day_begins(visit, self.since),
            until=None if until is None else day_begins(visit, until),
        )

    def address(self, **more: object) -> str:
        """The page's address with this question, from another place on."""
        given: dict[str, object] = {"in": self.side}
        given |= {name: value for name in _TEXTS if (value := getattr(self, name))}
        given |= {
            name: day.isoformat()
            for name, day in (("from", self.since), ("until", self.until))
            if day is not None
        }
        return f"/console/messages?{urlencode({**given, **more})}"


def _plain(text: str) -> bool:
    """Whether a text may be asked for: no control characters, nothing that is no UTF-8."""
    return text.isprintable() or not _CONTROL.search(text)


def _day(query: MultiMapping[str], name: str) -> date | None:
    text = query.get(name, "").strip()
    try:
        day = date.fromisoformat(text) if text else None
    except ValueError:
        raise Unreadable(name) from None
    if day is not None and not 1970 < day.year < 9000:
        raise Unreadable(name)
    return day


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """One table of results: rows, and where to go on."""

    side: str
    rows: Sequence[Any]
    next: str | None
    looked_back_to: datetime | None


async def search(request: web.Request) -> web.Response:
    """`GET /console/messages`: the form with its results; a number finds all three sides."""
    visit = visit_of(request)
    asked, wrong, results = Asked(), None, []
    try:
        asked = Asked.of(request.query)
    except Unreadable as unreadable:
        wrong = str(unreadable)
    else:
        results = await _results(visit, asked)
    return render(
        request,
        "messages.html",
        status=200 if wrong is None else 400,
        asked=asked,
        given=request.query,
        wrong=wrong,
        results=results,
        types=sorted(catalogue()),
        partners=sorted((await visit.hub.directory.look()).by_name),
        sides=SIDES,
        states=list(dict.fromkeys((*MESSAGE_STATES, *OUTGOING_STATES))),
        later=request.query.get("before", ""),
    )


async def _results(visit: Visit, asked: Asked) -> list[Results]:
    wanted = asked.wanted(visit)
    sides = SIDES if asked.id else (asked.side,)
    results = []
    async with visit.hub.store.read() as connection:
        for side in sides:
            page = await _page(connection, visit.hub, side, wanted, asked)
            if page is not None:
                results.append(_told(asked, side, page))
    return results


def _told(asked: Asked, side: str, page: found.Page[Any]) -> Results:
    return Results(
        side=side,
        rows=page.rows,
        next=None if page.next is None else asked.address(**{"in": side}, before=page.next),
        looked_back_to=page.looked_back_to,
    )


async def _page(
    connection: Connection, hub: Hub, side: str, wanted: Wanted, asked: Asked
) -> found.Page[Any] | None:
    """The results of one side; None where the question makes no sense there."""
    if side == "rejected":
        return await _rejected(connection, hub, wanted, asked.before)
    if wanted.state is not None and wanted.state not in STATES[side]:
        return None
    if side == "received":
        return await found.received(connection, wanted, before=asked.before, limit=PAGE)
    if wanted.words is not None or wanted.code is not None:
        return None
    return await found.sent(connection, wanted, before=asked.before, limit=PAGE)


async def _rejected(
    connection: Connection, hub: Hub, wanted: Wanted, before: int
) -> found.Page[Any] | None:
    if wanted.words is not None or wanted.state is not None:
        return None
    everyone = sorted((await hub.directory.look()).by_name)
    actors = everyone if wanted.partner is None else [wanted.partner]
    if wanted.instance is not None:
        rows = await refusals.of_message(connection, actors, wanted.instance, limit=PAGE)
        return found.Page(rows=rows, next=None)
    return await refusals.latest(
        connection,
        actors,
        type=wanted.type,
        code=wanted.code,
        dossier=wanted.dossier,
        since=wanted.since,
        until=wanted.until,
        before=before,
        limit=PAGE,
    )


def _row(request: web.Request) -> int:
    text = request.match_info["id"]
    if not _NUMBER.fullmatch(text):
        raise refused(Code.NOT_FOUND)
    return int(text)


async def _received(connection: Connection, row: int) -> messages.Message:
    message = (await messages.load(connection, [row])).get(row)
    if message is None:
        raise refused(Code.NOT_FOUND)
    return message


async def received(request: web.Request) -> web.Response:
    """`GET /console/messages/received/{id}`: one message with all that is known of it."""
    visit, row = visit_of(request), _row(request)
    hub = visit.hub
    async with hub.store.read() as connection:
        message = await _received(connection, row)
        way = await journey.of_received(connection, message)
        outcome = await _outcome(connection, message)
        parts = await messages.attachments(connection, row)
        filed = await dossiers.filed(connection, message.dossier) if message.dossier else None
    known = (await hub.directory.look()).get(message.sender)
    pins = () if known is None else known.pins
    return render(
        request,
        "message.html",
        message=message,
        way=way,
        states=_states(hub, None if filed is None else filed[1]),
        outcome=None if outcome is None else _verdict(outcome),
        files=document.files(message.content, {part.digest: part.content for part in parts}),
        signed=examined(message.content, pins, message.sender, hub.clock()),
        **_xml(visit, message.content),
    )


def _states(hub: Hub, procedure: str | None) -> dict[str, State]:
    """The states of a dossier's procedure by their words, with their names in each language."""
    known = None if procedure is None else hub.registry.procedures.get(procedure)
    return {} if known is None else {state.name: state for state in known.states}


def _xml(visit: Visit, content: bytes) -> dict[str, Any]:
    said = words_of(visit.language)
    raw, whole = document.raw(content)
    return {
        "size": len(content),
        "pretty": document.pretty(
            content, lambda size: said.one("… %(size)s characters left out", size=size)
        ),
        "raw": raw,
        "whole": whole,
    }


def _verdict(outcome: bytes) -> dict[str, Any] | None:
    try:
        return read_outcome(outcome)
    except Refused:
        return None


async def _outcome(connection: Connection, message: messages.Message) -> bytes | None:
    stored = await outgoing.get(
        connection, message.sender, reply_id(message.sender, message.instance, "outcome")
    )
    return None if stored is None else stored.content


async def sent(request: web.Request) -> web.Response:
    """`GET /console/messages/sent/{id}`: one message that the hub signed."""
    visit, row = visit_of(request), _row(request)
    hub = visit.hub
    async with hub.store.read() as connection:
        stored = await _stored(connection, row)
        notice = await found.notice(connection, row)
        if notice is None:
            raise refused(Code.NOT_FOUND)
        way = await journey.of_sent(connection, notice)
        answers = await journey.answered(connection, notice)
    own = load_certificate(hub.settings.path(hub.settings.hub.certificate).read_bytes())
    pins = (Pin(certificate=own, suspended=False),)
    return render(
        request,
        "message_sent.html",
        message=notice,
        way=way,
        answers=answers,
        outcome=_verdict(stored.content) if stored.type == "Acknowledgement" else None,
        files=document.files(stored.content, {}),
        signed=examined(stored.content, pins, hub.name, hub.clock()),
        **_xml(visit, stored.content),
    )


async def _stored(connection: Connection, row: int) -> outgoing.Stored:
    stored = (await outgoing.load(connection, [row])).get(row)
    if stored is None:
        raise refused(Code.NOT_FOUND)
    return stored


async def download(request: web.Request) -> web.Response:
    """`GET /console/messages/received/{id}/{what}`: message, receipt or outcome as it is stored."""
    row, what = _row(request), request.match_info["what"]
    async with visit_of(request).hub.store.read() as connection:
        message = await _received(connection, row)
        contents = {
            "message": message.content,
            "receipt": message.receipt,
            "outcome": await _outcome(connection, message),
        }
    content = contents.get(what)
    if content is None:
        raise refused(Code.NOT_FOUND)
    return as_file(content, _XML, f"{_named(message.instance)}-{what}.xml")


async def download_sent(request: web.Request) -> web.Response:
    """`GET /console/messages/sent/{id}/message`: the bytes that are sent on every try."""
    async with visit_of(request).hub.store.read() as connection:
        stored = await _stored(connection, _row(request))
    return as_file(stored.content, _XML, f"{_named(stored.instance)}.xml")


def _named(text: str) -> str:
    """A foreign name as that of a file: plain letters, digits, points and hyphens."""
    return _SAFE.sub("_", text).strip("._")[-80:] or "file"


async def attachment(request: web.Request) -> web.Response:
    """`GET /console/messages/{side}/{id}/files/{n}`: a file of a message, never opened here."""
    row, place = _row(request), request.match_info["n"]
    parts: dict[str, bytes] = {}
    async with visit_of(request).hub.store.read() as connection:
        if request.match_info["side"] == "sent":
            content = (await _stored(connection, row)).content
        else:
            content = (await _received(connection, row)).content
            beside = await messages.attachments(connection, row)
            parts = {part.digest: part.content for part in beside}
    files = document.files(content, parts)
    wanted = int(place) if _NUMBER.fullmatch(place) else len(files)
    if wanted >= len(files) or (one := files[wanted]).content is None:
        raise refused(Code.NOT_FOUND)
    return as_file(one.content or b"", "application/octet-stream", _named(one.name))


async def either(request: web.Request) -> web.Response:
    """`GET /console/messages/{id}`: a received message, by the short address."""
    location = f"/console/messages/received/{_row(request)}"
    return web.Response(status=308, headers={hdrs.LOCATION: location})


PAGES = (
    Page("GET", "/messages", Access.VIEWER, search),
    Page("GET", r"/messages/{id:\d+}", Access.VIEWER, either),
    Page("GET", "/messages/received/{id}", Access.VIEWER, received),
    Page("GET", "/messages/received/{id}/{what:message|receipt|outcome}", Access.VIEWER, download),
    Page("GET", "/messages/sent/{id}", Access.VIEWER, sent),
    Page("GET", "/messages/sent/{id}/message", Access.VIEWER, download_sent),
    Page("GET", "/messages/{side:received|sent}/{id}/files/{n}", Access.VIEWER, attachment),
)
