"""What is outstanding, partner by partner: loose walks along the indexes of what is still open.

Each partner's part is capped, so that a long queue does not make the question dear. What is open
is said in the very words of its index.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import bindparam, func, select, text

from storage.engine import Connection, SyncConnection
from storage.outgoing import LANES_PER_PARTNER
from storage.statement import Statement
from storage.tables import jobs, messages, outgoing

#: How much of one partner's is counted: the rest is “and more”, and read nowhere.
CAP = 250


@dataclass(frozen=True, slots=True, kw_only=True)
class Heap:
    """What of one partner is outstanding, of one type and in one state.

    `count` is of the partner's first `CAP`; `more` says that the partner has more than those.
    """

    partner: str
    type: str
    state: str
    count: int
    oldest: datetime
    more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Open:
    """The open rows of a table: each partner's first ones, in the order of row ids."""

    next: Statement
    counted: Statement


def _open(partner: Any, at: Any, condition: str, index: str) -> _Open:
    # SQLite has no figures about its tables, and might walk along everything that a partner sent.
    table, hint = partner.table, f"INDEXED BY {index}"
    kept = (
        select(table.c.type, table.c.state, at.label("at"))
        .with_hint(table, hint, "sqlite")
        .where(text(condition), partner == bindparam("partner"))
        .order_by(table.c.id)
        .limit(bindparam("most"))
        .subquery()
    )
    return _Open(
        next=Statement(
            select(partner)
            .with_hint(table, hint, "sqlite")
            .where(text(condition), partner > bindparam("after"))
            .order_by(partner)
            .limit(1)
        ),
        counted=Statement(
            select(kept.c.type, kept.c.state, func.count(), func.min(kept.c.at)).group_by(
                kept.c.type, kept.c.state
            )
        ),
    )


_MESSAGES = _open(
    messages.c.sender,
    messages.c.received_at,
    "state IN ('received', 'parked')",
    "ix_messages_open",
)
_DELIVERIES = _open(
    outgoing.c.receiver, outgoing.c.created_at, "state IN ('pushing', 'parked')", "ix_outgoing_open"
)
_MAILBOX = _open(
    outgoing.c.receiver, outgoing.c.created_at, "state = 'mailbox'", "ix_outgoing_mailbox"
)


def _partners(connection: SyncConnection, found: _Open) -> Iterator[str]:
    after = ""
    while (row := found.next.first(connection, {"after": after})) is not None:
        after = row[0]
        yield after


def _heaps(connection: SyncConnection, found: _Open, cap: int) -> list[Heap]:
    heaps = []
    for partner in _partners(connection, found):
        rows = found.counted.rows(connection, {"partner": partner, "most": cap})
        more = sum(row[2] for row in rows) >= cap
        heaps += [
            Heap(partner=partner, type=type_, state=state, count=count, oldest=oldest, more=more)
            for type_, state, count, oldest in sorted(rows, key=lambda row: row[3])
        ]
    return heaps


async def received(conn: Connection, *, cap: int = CAP) -> list[Heap]:
    """Messages received and not handled yet, by sender; their states are received and parked."""
    return await conn.run_sync(_heaps, _MESSAGES, cap)


async def deliveries(conn: Connection, *, cap: int = CAP) -> list[Heap]:
    """Messages to be pushed, by receiver; their states are pushing and parked."""
    return await conn.run_sync(_heaps, _DELIVERIES, cap)


async def mailboxes(conn: Connection, *, cap: int = CAP) -> list[Heap]:
    """What waits to be fetched, by receiver."""
    return await conn.run_sync(_heaps, _MAILBOX, cap)


class Flow(StrEnum):
    """How deliveries to a partner stand, as a breaker would say it."""

    CLOSED = "closed"  #: every lane goes on
    HALF = "half"  #: some lanes back off
    OPEN = "open"  #: every lane that has something to send backs off


@dataclass(frozen=True, slots=True, kw_only=True)
class Breaker:
    """The lanes to one partner that have something to send, told from the first job of each."""

    partner: str
    flow: Flow
    lanes: int  #: with something to send
    backing_off: int
    tries: int  #: of the job that failed most
    next_try: datetime | None  #: the first of those that back off
    error: str | None  #: of the job that is tried next


_FIRST_OF_LANE = Statement(
    select(jobs.c.attempts, jobs.c.due, jobs.c.error, jobs.c.worker)
    .where(jobs.c.lane == bindparam("lane"))
    .order_by(jobs.c.id)
    .limit(1)
)


def _breaker(connection: SyncConnection, partner: str, now: datetime) -> Breaker:
    lanes = [f"push/{partner}/{share}" for share in range(LANES_PER_PARTNER)]
    firsts = [row for lane in lanes if (row := _FIRST_OF_LANE.first(connection, {"lane": lane}))]
    failing = sorted(
        (row for row in firsts if row[0] > 0 and (row[3] is not None or row[1] > now)),
        key=lambda row: row[1],
    )
    flow = Flow.CLOSED
    if failing:
        flow = Flow.OPEN if len(failing) == len(firsts) else Flow.HALF
    return Breaker(
        partner=partner,
        flow=flow,
        lanes=len(firsts),
        backing_off=len(failing),
        tries=max((row[0] for row in failing), default=0),
        next_try=failing[0][1] if failing else None,
        error=failing[0][2] if failing else None,
    )


def _breakers(connection: SyncConnection, partners: Sequence[str], now: datetime) -> list[Breaker]:
    return [_breaker(connection, partner, now) for partner in partners]


async def breakers(conn: Connection, partners: Sequence[str], now: datetime) -> list[Breaker]:
    """How deliveries to these partners stand; eight short questions each."""
    return await conn.run_sync(_breakers, partners, now)


def _size(connection: SyncConnection) -> int:
    return _SIZES[connection.dialect.name](connection)


def _sqlite_size(connection: SyncConnection) -> int:
    pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    return int(pages * connection.exec_driver_sql("PRAGMA page_size").scalar_one())


def _postgresql_size(connection: SyncConnection) -> int:
    words = "SELECT pg_database_size(current_database())"
    return int(connection.exec_driver_sql(words).scalar_one())


_SIZES: dict[str, Callable[[SyncConnection], int]] = {
    "sqlite": _sqlite_size,
    "postgresql": _postgresql_size,
}


async def size(conn: Connection) -> int:
    """Bytes of the database, without the write-ahead log that stands beside SQLite's file."""
    return await conn.run_sync(_size)
