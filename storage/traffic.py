"""What passed, counted by time, partner and type: its size depends on time, never on messages.

Every count stands in three spans, each kept as long as a chart needs it. The key begins with the
span and the instant, so that a reading costs what its time and the partners cost.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, bindparam, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from storage.columns import Instant
from storage.console_tables import traffic
from storage.engine import Connection, SyncConnection
from storage.statement import Statement


class Passed(StrEnum):
    """What is counted; the partner is in each case the other side."""

    ACCEPTED = "message accepted"  #: kept at the door, from its sender
    REPEATED = "message repeated"  #: known already, from its sender
    REJECTED = "message refused"  #: turned away at the door, from its sender
    HANDLED = "outcome accepted"  #: the handler accepted it, perhaps with warnings
    REFUSED = "outcome refused"  #: the handler refused it
    SIGNED = "reply signed"  #: for its receiver
    DELIVERED = "reply delivered"  #: pushed or fetched
    PARKED = "delivery parked"  #: given up


class Span(StrEnum):
    """How long a count's time is."""

    MINUTE = "minute"
    QUARTER = "quarter"
    HOUR = "hour"

    @property
    def length(self) -> timedelta:
        """From its beginning to the next one's."""
        return _LENGTHS[self]

    @property
    def kept(self) -> timedelta:
        """How long its counts are kept."""
        return _KEPT[self]

    def beginning(self, at: datetime) -> datetime:
        """The beginning of the span that an instant is in."""
        return at - (at - _EPOCH) % self.length


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LENGTHS = {
    Span.MINUTE: timedelta(minutes=1),
    Span.QUARTER: timedelta(minutes=15),
    Span.HOUR: timedelta(hours=1),
}
_KEPT = {
    Span.MINUTE: timedelta(days=3),
    Span.QUARTER: timedelta(days=15),
    Span.HOUR: timedelta(days=400),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """So many of a kind passed at an instant; `type` is the message's, or empty."""

    at: datetime
    kind: Passed
    partner: str
    type: str
    count: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """The counts of one span of time by kind; a kind that did not occur is left out."""

    at: datetime
    counts: dict[Passed, int]


_key = tuple(column.name for column in traffic.primary_key)


def _upsert(found: postgresql.Insert | sqlite.Insert) -> Any:
    added = traffic.c.count + found.excluded["count"]
    return found.on_conflict_do_update(index_elements=_key, set_={"count": added})


_ADD = {
    "sqlite": Statement(_upsert(sqlite.insert(traffic)), *traffic.c.keys()),
    "postgresql": Statement(_upsert(postgresql.insert(traffic)), *traffic.c.keys()),
}
_PRUNE = Statement(
    delete(traffic).where(
        traffic.c.span == bindparam("of"), traffic.c.at < bindparam("oldest", type_=Instant)
    )
)
_within: tuple[ColumnElement[bool], ...] = (
    traffic.c.span == bindparam("span"),
    traffic.c.at >= bindparam("since", type_=Instant),
    traffic.c.at < bindparam("until", type_=Instant),
)
_total = func.sum(traffic.c.count)
_SERIES = Statement(
    select(traffic.c.at, traffic.c.kind, _total)
    .where(*_within)
    .group_by(traffic.c.at, traffic.c.kind)
    .order_by(traffic.c.at)
)
_SERIES_OF = Statement(
    select(traffic.c.at, traffic.c.kind, _total)
    .where(*_within, traffic.c.partner == bindparam("partner"))
    .group_by(traffic.c.at, traffic.c.kind)
    .order_by(traffic.c.at)
)
_BY_PARTNER = Statement(
    select(traffic.c.partner, traffic.c.kind, _total)
    .where(*_within)
    .group_by(traffic.c.partner, traffic.c.kind)
)
_BY_TYPE = Statement(
    select(traffic.c.type, traffic.c.kind, _total)
    .where(*_within)
    .group_by(traffic.c.type, traffic.c.kind)
)
_BY_TYPE_OF = Statement(
    select(traffic.c.type, traffic.c.kind, _total)
    .where(*_within, traffic.c.partner == bindparam("partner"))
    .group_by(traffic.c.type, traffic.c.kind)
)


def add(connection: SyncConnection, counts: Iterable[Count]) -> None:
    """Add counts to their three spans, inside `run_sync`.

    The rows are written in the order of their keys: two transactions never wait in a circle.
    """
    sums: Counter[tuple[Span, datetime, str, str, str]] = Counter()
    for one in counts:
        for span in Span:
            at = span.beginning(one.at)
            sums[span, at, one.kind.value, one.partner, one.type] += one.count
    rows = [
        dict(zip((*_key, "count"), (key[0].value, *key[1:], count), strict=True))
        for key, count in sorted(sums.items())
    ]
    if rows:
        _ADD[connection.dialect.name].many(connection, rows)


async def count(tx: Connection, counts: Iterable[Count]) -> None:
    """Add counts to their three spans."""
    await tx.run_sync(add, list(counts))


def _prune(connection: SyncConnection, now: datetime) -> None:
    for span in Span:
        _PRUNE.count(connection, {"of": span.value, "oldest": now - span.kept})


async def prune(tx: Connection, now: datetime) -> None:
    """Forget what is older than its span is kept."""
    await tx.run_sync(_prune, now)


def _bounds(span: Span, since: datetime, until: datetime | None) -> dict[str, Any]:
    return {
        "span": span.value,
        "since": span.beginning(since),
        "until": until or datetime.max.replace(tzinfo=UTC),
    }


_KNOWN = {kind.value: kind for kind in Passed}


def _known(kind: str) -> Passed | None:
    return _KNOWN.get(kind)


async def series(
    conn: Connection,
    span: Span,
    since: datetime,
    until: datetime | None = None,
    *,
    partner: str | None = None,
) -> list[Point]:
    """The counts of every span of time in which something passed, the oldest first."""
    values = {**_bounds(span, since, until), "partner": partner}
    statement = _SERIES if partner is None else _SERIES_OF
    points: dict[datetime, dict[Passed, int]] = {}
    for at, kind, total in await conn.run_sync(statement.rows, values):
        if (known := _known(kind)) is not None:
            points.setdefault(at, {})[known] = int(total)
    return [Point(at=at, counts=counts) for at, counts in points.items()]


def _by(rows: Sequence[tuple[Any, ...]]) -> dict[str, dict[Passed, int]]:
    found: dict[str, dict[Passed, int]] = {}
    for name, kind, total in rows:
        if (known := _known(kind)) is not None:
            found.setdefault(name, {})[known] = int(total)
    return dict(sorted(found.items()))


async def by_partner(
    conn: Connection, span: Span, since: datetime, until: datetime | None = None
) -> dict[str, dict[Passed, int]]:
    """What passed to and from each partner, by name."""
    return _by(await conn.run_sync(_BY_PARTNER.rows, _bounds(span, since, until)))


async def by_type(
    conn: Connection,
    span: Span,
    since: datetime,
    until: datetime | None = None,
    *,
    partner: str | None = None,
) -> dict[str, dict[Passed, int]]:
    """What passed of each message type; of one partner, when it is named."""
    values = {**_bounds(span, since, until), "partner": partner}
    statement = _BY_TYPE if partner is None else _BY_TYPE_OF
    return _by(await conn.run_sync(statement.rows, values))
