"""The journal as an operator asks of it: by who acted, partner, dossier, kind, day, words.

A question is driven along one index: a dossier's entries, the acts of operators, the refusals at
the door, or the ids themselves. Whatever else is asked is held against the entries met on the way,
`WALK` of them at most: when it ends before the page is full, the page says how far back it looked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from heapq import merge
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, TextClause, bindparam, func, literal, select, text

from storage.engine import Connection, SyncConnection
from storage.found import WALK, Page
from storage.journal import Happening, Record
from storage.statement import Statement
from storage.tables import journal, messages, outgoing, seals

#: Ids are given at the commit, instants before it: so many may stand in another order than time.
DISORDER = 1_000
#: So many actors are merged at most; with more of them the ids are walked.
ACTORS = 100
#: Entries counted at most, of those that no seal covers yet.
UNSEALED = 10_000
_BATCH = 500


class View(StrEnum):
    """Which part of the journal is asked."""

    ACTS = "acts"  #: what operators did
    REFUSALS = "refusals"  #: what was refused at the door
    ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which entries are asked for; each of these narrows. `since` and `until` are half-open."""

    view: View = View.ALL
    actor: str | None = None  #: a partner, `operator NAME`, or the hub
    kind: str | None = None
    dossier: str | None = None
    words: str | None = None  #: stand so in the subject or in a fact, in capitals or not
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SealHead:
    """A seal without the hashes of its entries."""

    number: int
    at: datetime
    first_entry: int
    last_entry: int
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Subjects:
    """The row ids of the messages that subjects name."""

    received: dict[str, int]
    sent: dict[str, int]


Row = tuple[Any, ...]
Walk = Iterator[Row]

_CONDITIONS = {
    View.ACTS: "substr(actor, 1, 9) = 'operator '",
    View.REFUSALS: "kind = 'message refused'",
}
_REFUSED = "message refused"
_OPERATOR = "operator "


def _walk_statement(*conditions: ColumnElement[bool] | TextClause) -> Statement:
    within = (journal.c.id < bindparam("before"), journal.c.id > bindparam("after"))
    found = select(*journal.c).where(*conditions, *within)
    return Statement(found.order_by(journal.c.id.desc()).limit(bindparam("most")))


_of_actor = journal.c.actor == bindparam("actor")
_BY_ID = _walk_statement()
_BY_DOSSIER = _walk_statement(journal.c.dossier == bindparam("dossier"))
_BY_ACTOR = {
    view: _walk_statement(text(condition), _of_actor) for view, condition in _CONDITIONS.items()
}
_NEXT_ACTOR = {
    view: Statement(
        select(journal.c.actor)
        .where(text(condition), journal.c.actor > bindparam("last"))
        .order_by(journal.c.actor)
        .limit(1)
    )
    for view, condition in _CONDITIONS.items()
}
_FROM_ID = Statement(
    select(journal.c.id, journal.c.at)
    .where(journal.c.id >= bindparam("id"))
    .order_by(journal.c.id)
    .limit(1)
)
_LAST_ID = Statement(select(journal.c.id).order_by(journal.c.id.desc()).limit(1))
_ONE = Statement(select(*journal.c).where(journal.c.id == bindparam("id")))
_heads = [seals.c[name] for name in SealHead.__dataclass_fields__]
_HEADS = Statement(select(*_heads).order_by(seals.c.number.desc()).limit(bindparam("most")))
_HEAD = Statement(select(*_heads).where(seals.c.number == bindparam("number")))
_UNSEALED = Statement(
    select(func.count()).select_from(
        select(literal(1).label("one"))
        .select_from(journal)
        .where(journal.c.seal.is_(None))
        .limit(bindparam("most"))
        .subquery()
    )
)
_RECEIVED = Statement(
    select(messages.c.id).where(
        messages.c.sender == bindparam("sender"), messages.c.instance == bindparam("instance")
    )
)
_SENT = Statement(select(outgoing.c.id).where(outgoing.c.instance == bindparam("instance")))


def _happening(row: Row) -> Happening:
    key, at, kind, subject, dossier, actor, digest, facts, seal = row
    record = Record(
        at=at, kind=kind, subject=subject, dossier=dossier, actor=actor, digest=digest, facts=facts
    )
    return Happening(id=key, record=record, seal=seal)


def _walk(
    connection: SyncConnection, statement: Statement, values: dict[str, Any], first: int
) -> Walk:
    """The rows along one index, read by and by: `first` of them, then more at a time."""
    most = first
    while rows := statement.rows(connection, {**values, "most": most}):
        yield from rows
        if len(rows) < most:
            return
        values = {**values, "before": rows[-1][0]}
        most = min(2 * most, _BATCH)


def _actors(connection: SyncConnection, view: View, most: int = ACTORS) -> list[str]:
    """Who acted, by name, skipping from one to the next; one more than `most` when there are."""
    found: list[str] = []
    last = ""
    while len(found) <= most:
        row = _NEXT_ACTOR[view].first(connection, {"last": last})
        if row is None:
            break
        last = row[0]
        found.append(last)
    return found


def _sharpened(wanted: Wanted) -> Wanted:
    """The same question, of the narrowest part of the journal that answers it."""
    if wanted.view is View.ALL and (wanted.actor or "").startswith(_OPERATOR):
        return replace(wanted, view=View.ACTS)
    if wanted.view is View.ALL and wanted.kind == _REFUSED:
        return replace(wanted, view=View.REFUSALS)
    return wanted


def _rows(connection: SyncConnection, wanted: Wanted, after: int, before: int, first: int) -> Walk:
    """The walk along the best index for the question."""
    values: dict[str, Any] = {"after": after, "before": before}
    if wanted.dossier is not None:
        return _walk(connection, _BY_DOSSIER, {**values, "dossier": wanted.dossier}, first)
    if wanted.view is View.ALL:
        return _walk(connection, _BY_ID, values, first)
    actors = [wanted.actor] if wanted.actor is not None else _actors(connection, wanted.view)
    if len(actors) > ACTORS:
        return _walk(connection, _BY_ID, values, first)
    statement = _BY_ACTOR[wanted.view]
    each = (_walk(connection, statement, {**values, "actor": one}, first) for one in actors)
    return merge(*each, key=lambda row: -row[0])


def _is_of(view: View, row: Happening) -> bool:
    if view is View.ACTS:
        return row.record.actor.startswith(_OPERATOR)
    return view is View.ALL or row.record.kind == _REFUSED


def _keeps(wanted: Wanted) -> Callable[[Happening], bool]:
    """Whether an entry is one of those asked for."""
    words = None if wanted.words is None else wanted.words.casefold()

    def keeps(one: Happening) -> bool:
        record = one.record
        return (
            _is_of(wanted.view, one)
            and wanted.actor in (None, record.actor)
            and wanted.kind in (None, record.kind)
            and wanted.dossier in (None, record.dossier)
            and (wanted.since is None or record.at >= wanted.since)
            and (wanted.until is None or record.at < wanted.until)
            and (words is None or _speaks(record, words))
        )

    return keeps


def _speaks(record: Record, words: str) -> bool:
    return words in record.subject.casefold() or any(
        words in value.casefold() for value in record.facts.values()
    )


def _first_at(connection: SyncConnection, at: datetime) -> int:
    """The id from which on entries are of this instant or later, by halving the ids there are."""
    last = _LAST_ID.first(connection, {})
    least, most = 0, 0 if last is None else last[0] + 1
    while least < most:
        middle = (least + most) // 2
        row = _FROM_ID.first(connection, {"id": middle})
        if row is None or row[1] >= at:
            most = middle
        else:
            least = row[0] + 1
    return least


def _window(connection: SyncConnection, wanted: Wanted, before: int) -> tuple[int, int]:
    """Above which id and below which the days asked for lie, with room for disorder."""
    after = -1
    if wanted.since is not None:
        after = _first_at(connection, wanted.since) - DISORDER
    if wanted.until is not None:
        before = min(before, _first_at(connection, wanted.until) + DISORDER)
    return after, before


def _search(connection: SyncConnection, wanted: Wanted, before: int, limit: int) -> Page[Happening]:
    wanted = _sharpened(wanted)
    after, before = _window(connection, wanted, before)
    rows = _rows(connection, wanted, after, before, limit + 1)
    keeps = _keeps(wanted)
    found: list[Happening] = []
    last: Happening | None = None
    looked = 0
    for looked, row in enumerate(islice(rows, WALK), 1):  # noqa: B007 (how far it came)
        last = _happening(row)
        if not keeps(last):
            continue
        if len(found) == limit:
            return Page(rows=found, next=found[-1].id)
        found.append(last)
    if looked < WALK or last is None:
        return Page(rows=found, next=None)
    return Page(rows=found, next=last.id, looked_back_to=last.record.at)


async def search(
    conn: Connection, wanted: Wanted, *, before: int = 2**62, limit: int = 50
) -> Page[Happening]:
    """The latest entries among those wanted, from below id `before`."""
    return await conn.run_sync(_search, wanted, before, limit)


async def operators(conn: Connection) -> list[str]:
    """The names of those who have acted, those too who are no operators any more."""
    found = await conn.run_sync(_actors, View.ACTS)
    return [actor.removeprefix(_OPERATOR) for actor in found]


async def find(conn: Connection, entry: int) -> Happening | None:
    """One entry."""
    row = await conn.run_sync(_ONE.first, {"id": entry})
    return None if row is None else _happening(row)


def _head(row: Sequence[Any]) -> SealHead:
    return SealHead(**dict(zip(SealHead.__dataclass_fields__, row, strict=True)))


async def seal(conn: Connection, number: int) -> SealHead | None:
    """One seal."""
    row = await conn.run_sync(_HEAD.first, {"number": number})
    return None if row is None else _head(row)


async def last_seals(conn: Connection, limit: int = 5) -> list[SealHead]:
    """The last seals, the latest first."""
    return [_head(row) for row in await conn.run_sync(_HEADS.rows, {"most": limit})]


async def unsealed(conn: Connection) -> int:
    """How many entries no seal covers yet, counted up to `UNSEALED`."""
    row = await conn.run_sync(_UNSEALED.first, {"most": UNSEALED})
    return 0 if row is None else int(row[0])


def _subjects(connection: SyncConnection, found: Sequence[str]) -> Subjects:
    named = Subjects(received={}, sent={})
    for subject in dict.fromkeys(found):
        sender, slash, instance = subject.partition("/")
        row = None
        if slash:
            row = _RECEIVED.first(connection, {"sender": sender, "instance": instance})
        if row is not None:
            named.received[subject] = row[0]
        elif (sent := _SENT.first(connection, {"instance": subject})) is not None:
            named.sent[subject] = sent[0]
    return named


async def subjects(conn: Connection, found: Sequence[str]) -> Subjects:
    """Which of these subjects are messages, received (`SENDER/ID`) or sent (`ID`)."""
    return await conn.run_sync(_subjects, found)
