"""What is looked at now and then to know whether the hub is well: bounded reads along indexes.

Counts stop where they are capped; the cost of a look does not grow with what is stored.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, func, literal, select, text

from storage.console_tables import attempts, verifications
from storage.engine import Connection, SyncConnection
from storage.jobs import Kind
from storage.tables import jobs, journal, mails, outgoing

MOST = 2_000  #: jobs of one kind and state that one look reads
CAP = 1_000  #: what waits for one partner is counted so far
_TAIL = 400  #: characters of an error's end


@dataclass(frozen=True, slots=True, kw_only=True)
class Failing:
    """A partner whose pushes fail: since when, how many wait (capped), and the last error."""

    partner: str
    since: datetime
    waiting: int
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Parked:
    """A parked job: what it was parked with last, and of a delivery or mail whose it is.

    `about` is a delivery's receiver, or the state that a mail was left in.
    """

    id: int
    subject: int
    at: datetime
    error: str  #: the last line
    about: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A message that was refused at the door; `codes` are the labels of its errors."""

    id: int
    at: datetime
    subject: str
    dossier: str | None
    type: str
    codes: tuple[str, ...]


_first_failure = (
    select(attempts.c.at)
    .where(attempts.c.outgoing_id == jobs.c.subject)
    .order_by(attempts.c.id)
    .limit(1)
    .scalar_subquery()
)
# One ready job a lane, and a few lanes a partner: there are never many.
_BACKING_OFF = (
    select(outgoing.c.receiver, jobs.c.error, _first_failure.label("since"))
    .join_from(jobs, outgoing, outgoing.c.id == jobs.c.subject)
    .where(
        jobs.c.state == "ready",
        jobs.c.kind == Kind.DELIVER.value,
        jobs.c.attempts > 0,
    )
    .order_by(jobs.c.id)
    .limit(MOST)
)
_seen = (
    select(outgoing.c.state)
    .where(
        outgoing.c.receiver == bindparam("partner"),
        text("outgoing.state IN ('pushing', 'parked')"),
    )
    .limit(bindparam("cap"))
    .subquery()
)
_WAITING = select(func.count()).select_from(_seen).where(_seen.c.state == "pushing")
_IN_MAILBOX = select(func.count()).select_from(
    select(literal(1).label("one"))
    .select_from(outgoing)
    .where(outgoing.c.receiver == bindparam("partner"), text("outgoing.state = 'mailbox'"))
    .limit(bindparam("cap"))
    .subquery()
)
_OLDEST = (
    select(jobs.c.due)
    .where(jobs.c.kind == bindparam("kind"), text("jobs.state = 'ready'"))
    .order_by(jobs.c.due, jobs.c.id)
    .limit(1)
)
_latest_refusals = (
    select(journal)
    .where(
        text("journal.kind = 'message refused'"),
        journal.c.actor == bindparam("partner"),
        journal.c.id < bindparam("before"),
    )
    .order_by(journal.c.id.desc())
    .limit(bindparam("most"))
)
_VERIFIED = (
    select(verifications.c.id, verifications.c.ended_at, verifications.c.faults)
    .where(verifications.c.faults.is_not(None))  # one may end without a verdict
    .order_by(verifications.c.id.desc())
    .limit(1)
)


def _waiting(connection: SyncConnection, partner: str) -> int:
    values = {"partner": partner, "cap": CAP}
    return int(connection.execute(_WAITING, values).scalar_one())


def _failing(connection: SyncConnection) -> list[Failing]:
    firsts: defaultdict[str, list[tuple[datetime, str]]] = defaultdict(list)
    for receiver, error, since in connection.execute(_BACKING_OFF):
        if since is not None:
            firsts[receiver].append((since, error or ""))
    return [
        Failing(
            partner=partner,
            since=min(since for since, _ in found),
            waiting=_waiting(connection, partner),
            error=found[-1][1],
        )
        for partner, found in sorted(firsts.items())
    ]


async def failing(conn: Connection) -> list[Failing]:
    """The partners whose pushes fail and are tried again, by name."""
    return await conn.run_sync(_failing)


async def waiting(conn: Connection, partner: str) -> tuple[int, int]:
    """How many messages are being pushed to a partner, and lie in its mailbox; both capped."""

    def _both(connection: SyncConnection) -> tuple[int, int]:
        values = {"partner": partner, "cap": CAP}
        boxed = int(connection.execute(_IN_MAILBOX, values).scalar_one())
        return _waiting(connection, partner), boxed

    return await conn.run_sync(_both)


def _parked_statement(dialect: str, kind: Kind) -> Select[Any]:
    tail = (
        func.substr(jobs.c.error, -_TAIL)
        if dialect == "sqlite"
        else func.right(jobs.c.error, _TAIL)
    )
    columns = (jobs.c.id, jobs.c.subject, jobs.c.due, tail.label("tail"))
    found: Any
    if kind is Kind.DELIVER:
        found = select(*columns, outgoing.c.receiver).join_from(
            jobs, outgoing, outgoing.c.id == jobs.c.subject
        )
    elif kind is Kind.MAIL:
        found = select(*columns, mails.c.state).join_from(jobs, mails, mails.c.id == jobs.c.subject)
    else:
        found = select(*columns, literal(None))
    found = found.where(jobs.c.state == "parked", jobs.c.kind == kind.value)
    ordered: Select[Any] = found.order_by(jobs.c.id).limit(MOST)
    return ordered


def _parked(connection: SyncConnection, kind: Kind) -> list[Parked]:
    rows = connection.execute(_parked_statement(connection.dialect.name, kind))
    return [
        Parked(id=key, subject=subject, at=at, error=_last_line(tail), about=about)
        for key, subject, at, tail, about in rows
    ]


def _last_line(tail: str | None) -> str:
    return (tail or "").strip().rpartition("\n")[2].strip()


async def parked(conn: Connection, kind: Kind) -> list[Parked]:
    """The parked jobs of a kind, the first parked first; at most `MOST`."""
    return await conn.run_sync(_parked, kind)


async def oldest(conn: Connection, kind: Kind) -> datetime | None:
    """When the job of a kind that waits longest for a worker became due; in the future: none."""
    return await conn.run_sync(
        lambda connection: connection.execute(_OLDEST, {"kind": kind.value}).scalar_one_or_none()
    )


def _refusals(
    connection: SyncConnection, partner: str, before: int, limit: int
) -> Sequence[Refusal]:
    values = {"partner": partner, "before": before, "most": limit}
    return [
        Refusal(
            id=row.id,
            at=row.at,
            subject=row.subject,
            dossier=row.dossier,
            type=row.facts.get("type", ""),
            codes=tuple(row.facts.get("codes", "").split()),
        )
        for row in connection.execute(_latest_refusals, values)
    ]


async def refusals(
    conn: Connection, partner: str, *, before: int = 2**62, limit: int = 50
) -> Sequence[Refusal]:
    """A partner's messages refused at the door, the latest first, from below id `before`."""
    return await conn.run_sync(_refusals, partner, before, limit)


async def verified(conn: Connection) -> tuple[int, datetime, tuple[str, ...]] | None:
    """The latest verification of the journal with a verdict: its number, when, and the faults."""
    row = await conn.run_sync(lambda connection: connection.execute(_VERIFIED).one_or_none())
    if row is None:
        return None
    return row.id, row.ended_at, tuple(filter(None, (row.faults or "").split("\n")))
