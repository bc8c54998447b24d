"""Messages by any combination of what they are found by, in bounded time whatever is stored.

A question is driven along one index, chosen by what is given: an identifier first, then dossier,
error code, words, a state that few messages are in, the partner, the type, and at last the row ids
themselves. Everything else is asked of the rows met on that walk, `WALK` of them at most: when it
ends before the page is full, the page says how far back it looked, and where to go on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Select, Table, bindparam, func, select, text

from storage import words
from storage.columns import Instant
from storage.console_tables import message_codes
from storage.engine import Connection, SyncConnection
from storage.messages import Heading
from storage.outgoing import Notice
from storage.statement import Statement
from storage.tables import messages, outgoing

#: How many rows of the driving index one question looks at, at most.
WALK = 5_000
#: Rows whose words are asked for before looking whether the page is full.
_ASKED_AT_ONCE = 100

#: Row ids are given at the commit, instants before it: so many rows around an instant may be in
#: another order than their ids.
DISORDER = 256

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which messages are asked for: each of these narrows.

    `partner` is the sender of a message received, the receiver of one sent. Error code and words
    are known of messages received alone. `since` and `until` are half-open.
    """

    instance: str | None = None
    partner: str | None = None
    type: str | None = None
    dossier: str | None = None
    state: str | None = None
    code: str | None = None
    words: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[T]):
    """The latest first; `next` is the `before` of what follows, None at the end.

    `looked_back_to` is given when the walk ended before the page was full: there may be more.
    """

    rows: Sequence[T]
    next: int | None
    looked_back_to: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Side:
    """A table that is asked, and what its columns are called in a question."""

    table: Table
    partner: str
    at: str
    resting: str  #: the state that its index of states leaves out
    shown: Callable[..., Any]


RECEIVED = _Side(
    table=messages, partner="sender", at="received_at", resting="accepted", shown=Heading
)
SENT = _Side(table=outgoing, partner="receiver", at="created_at", resting="delivered", shown=Notice)
_SIDES = {side.table.name: side for side in (RECEIVED, SENT)}

#: What may drive a walk along an index of the table itself, the best first.
_DRIVERS = ("instance", "dossier", "state", "partner", "type")


@dataclass(frozen=True, slots=True)
class _Shape:
    """What a question is made of, without its values: each shape is one statement."""

    table: str
    driver: str | None
    filters: frozenset[str]
    dated: bool


def _column(side: _Side, name: str) -> Any:
    return side.table.c[side.partner if name == "partner" else name]


def _walk(shape: _Shape) -> Select[Any]:
    """The rows along the driving index, the latest first."""
    side = _SIDES[shape.table]
    table, key = side.table, side.table.c.id
    found = select(table)
    if shape.driver == "code":
        key = message_codes.c.message_id
        found = found.join_from(message_codes, table, table.c.id == key)
        found = found.where(message_codes.c.code == bindparam("code"))
    elif shape.driver is not None:
        found = found.where(_column(side, shape.driver) == bindparam(shape.driver))
    if shape.driver == "state":  # in the words of its index
        found = found.where(text(f"state <> '{side.resting}'"))
    found = found.where(key < bindparam("before"))
    if shape.dated:
        found = found.where(key >= bindparam("least"))
    return found.order_by(key.desc()).limit(bindparam("walk"))


def _asks(shape: _Shape, columns: Any) -> list[ColumnElement[bool]]:
    """The conditions that the driving index does not answer."""
    side = _SIDES[shape.table]
    asks = [
        columns[side.partner if name == "partner" else name] == bindparam(name)
        for name in sorted(shape.filters - {"since", "until", "code"})
    ]
    if "code" in shape.filters:
        bears = select(message_codes.c.message_id).where(
            message_codes.c.code == bindparam("code"), message_codes.c.message_id == columns["id"]
        )
        asks.append(bears.exists())
    if "since" in shape.filters:
        asks.append(columns[side.at] >= bindparam("since", type_=Instant))
    if "until" in shape.filters:
        asks.append(columns[side.at] < bindparam("until", type_=Instant))
    return asks


@cache
def _statement(shape: _Shape) -> Statement:
    met = _walk(shape).subquery("met")
    asked = select(*met.c).where(*_asks(shape, met.c))
    return Statement(asked.order_by(met.c.id.desc()).limit(bindparam("most")))


@cache
def _end_statement(shape: _Shape) -> Statement:
    """How many rows the walk meets, and the last of them."""
    met = _walk(shape).subquery("met")
    return Statement(select(func.count(), func.min(met.c.id)))


@cache
def _among_statement(shape: _Shape) -> Select[Any]:
    """Those of a list of row ids that fulfil the conditions."""
    table = _SIDES[shape.table].table
    asked = select(table).where(table.c.id.in_(bindparam("ids", expanding=True)))
    return asked.where(*_asks(shape, table.c)).order_by(table.c.id.desc())


@cache
def _at_statement(table: str) -> Statement:
    """The instant of a row id, or of the next one where there is no such row."""
    side = _SIDES[table]
    found = select(side.table.c[side.at]).where(side.table.c.id >= bindparam("id"))
    return Statement(found.order_by(side.table.c.id).limit(1))


@cache
def _edge_statement(table: str, first: bool) -> Statement:
    """The row ids around an instant: the least of those after it, or the greatest before it."""
    side = _SIDES[table]
    at, key = side.table.c[side.at], side.table.c.id
    near = select(key).limit(bindparam("most"))
    if first:
        near = near.where(at >= bindparam("at", type_=Instant)).order_by(at, key)
        return Statement(select(func.min(near.subquery().c.id)))
    near = near.where(at < bindparam("at", type_=Instant)).order_by(at.desc(), key.desc())
    return Statement(select(func.max(near.subquery().c.id)))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """A question ready to be run."""

    side: _Side
    shape: _Shape
    values: dict[str, Any]
    words: words.Query | None
    limit: int


def _shape(side: _Side, wanted: Wanted) -> _Shape:
    """The driving index for what is given."""
    names = ("instance", "dossier", "code", "state", "partner", "type", "since", "until")
    given = {name for name in names if getattr(wanted, name) is not None}
    driver = None
    order = [*_DRIVERS[:2], "code", "words", *_DRIVERS[2:]]
    for name in order:
        if name == "state" and wanted.state == side.resting:
            continue
        if name in given or (name == "words" and wanted.words is not None):
            driver = name
            break
    dated = bool(given & {"since", "until"})
    return _Shape(side.table.name, driver, frozenset(given - {driver}), dated)


def _edges(
    connection: SyncConnection, side: _Side, wanted: Wanted, before: int
) -> tuple[int, int] | None:
    """From which row id and below which to look; None when no row is in the range of days."""
    least = 0
    for at, first in ((wanted.since, True), (wanted.until, False)):
        if at is None:
            continue
        statement = _edge_statement(side.table.name, first)
        (edge,) = statement.rows(connection, {"at": at, "most": DISORDER})[0]
        if edge is None:
            return None
        if first:
            least = edge
        else:
            before = min(before, edge + 1)
    return least, before


def _walked(connection: SyncConnection, asked: _Asked) -> Page[Any]:
    rows = _statement(asked.shape).rows(connection, {**asked.values, "most": asked.limit + 1})
    names = tuple(asked.side.shown.__dataclass_fields__)  # type: ignore[attr-defined] # a dataclass
    found = [asked.side.shown(**dict(zip(names, row, strict=True))) for row in rows]
    if len(found) > asked.limit:
        page = found[: asked.limit]
        return Page(rows=page, next=page[-1].id)
    if asked.shape.filters:
        met, last = _end_statement(asked.shape).rows(connection, asked.values)[0]
    else:
        met, last = len(found), found[-1].id if found else 0
    if met < asked.values["walk"]:
        return Page(rows=found, next=None)
    return _looked_back(connection, asked, found, last)


def _looked_back(
    connection: SyncConnection, asked: _Asked, found: Sequence[Any], last: int
) -> Page[Any]:
    (at,) = _at_statement(asked.shape.table).rows(connection, {"id": last})[0]
    return Page(rows=found, next=last, looked_back_to=at)


def _by_words(connection: SyncConnection, asked: _Asked, query: words.Query) -> Page[Any]:
    """Messages that bear the words, page by page of the row ids that the index of words gives."""
    values = asked.values
    bearing = words.bearing(
        connection, query, before=values["before"], least=values.get("least", 0), most=WALK
    )
    found: list[Any] = []
    for start in range(0, len(bearing.ids), 500):
        chosen = {**values, "ids": bearing.ids[start : start + 500]}
        rows = connection.execute(_among_statement(asked.shape), chosen)
        found += [asked.side.shown(**row._asdict()) for row in rows]
        if len(found) > asked.limit:
            page = found[: asked.limit]
            return Page(rows=page, next=page[-1].id)
    if bearing.looked_to is None:
        return Page(rows=found, next=None)
    return _looked_back(connection, asked, found, bearing.looked_to)


def _find(
    connection: SyncConnection, side: _Side, wanted: Wanted, before: int, limit: int
) -> Page[Any]:
    query = None if wanted.words is None else words.query(wanted.words)
    nothing: Page[Any] = Page(rows=(), next=None)
    if query is not None and not query:
        return nothing
    edges = _edges(connection, side, wanted, before)
    if edges is None:
        return nothing
    shape = _shape(side, wanted)
    given = {name: getattr(wanted, name) for name in Wanted.__dataclass_fields__}
    bounds = {"least": edges[0], "before": edges[1]}
    walk = WALK if shape.filters else limit + 1
    asked = _Asked(
        side=side, shape=shape, values={**given, **bounds, "walk": walk}, words=query, limit=limit
    )
    if query is None:
        return _walked(connection, asked)
    if shape.driver == "words":
        return _by_words(connection, asked, query)
    return _with_words(connection, asked, query)


def _with_words(connection: SyncConnection, asked: _Asked, query: words.Query) -> Page[Any]:
    """What another index drives, the latest thousand of it asked for their words too."""
    many = replace(asked, limit=1_000, values={**asked.values, "walk": WALK})
    page = _walked(connection, many)
    rows: list[Any] = []
    for start in range(0, len(page.rows), _ASKED_AT_ONCE):
        chunk = page.rows[start : start + _ASKED_AT_ONCE]
        kept = words.having(connection, query, [row.id for row in chunk])
        rows += [row for row in chunk if row.id in kept]
        if len(rows) > asked.limit:
            rows = rows[: asked.limit]
            return Page(rows=rows, next=rows[-1].id)
    if page.next is None or page.looked_back_to is not None:
        return Page(rows=rows, next=page.next, looked_back_to=page.looked_back_to)
    return _looked_back(connection, asked, rows, page.next)


async def received(
    conn: Connection, wanted: Wanted, *, before: int = 2**62, limit: int = 50
) -> Page[Heading]:
    """Messages received among those wanted, from below row id `before`."""
    return await conn.run_sync(_find, RECEIVED, wanted, before, limit)


async def sent(
    conn: Connection, wanted: Wanted, *, before: int = 2**62, limit: int = 50
) -> Page[Notice]:
    """Messages sent among those wanted; raises ValueError for words or a code."""
    if wanted.words is not None or wanted.code is not None:
        raise ValueError("messages sent are not found by words or by error codes")
    return await conn.run_sync(_find, SENT, wanted, before, limit)


_HEADINGS = Statement(select(messages).where(messages.c.id == bindparam("id")))
_NOTICES = Statement(select(outgoing).where(outgoing.c.id == bindparam("id")))


async def heading(conn: Connection, message_id: int) -> Heading | None:
    """The received message of this row id, without its bytes."""
    row = await conn.run_sync(_HEADINGS.first, {"id": message_id})
    names = tuple(Heading.__dataclass_fields__)
    return None if row is None else Heading(**dict(zip(names, row, strict=True)))


async def notice(conn: Connection, outgoing_id: int) -> Notice | None:
    """The message sent of this row id, without its bytes."""
    row = await conn.run_sync(_NOTICES.first, {"id": outgoing_id})
    names = tuple(Notice.__dataclass_fields__)
    return None if row is None else Notice(**dict(zip(names, row, strict=True)))
