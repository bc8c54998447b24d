"""The queue of outstanding work: claimed under a lease, in order within a lane, fenced at the end.

The table holds only what is still to be done; a finished job is deleted. A lease is nothing but
`due` pushed into the future: when its worker dies, the job is simply due again. A lane is worked
one job at a time, in the order of enqueueing: its first job is `ready`, those behind it `waiting`.
A parked `work` job keeps its place and holds its lane up; any other parked job leaves its lane.
Put only jobs that are due now in a lane: what is due next month would hold the others up.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Select,
    and_,
    any_,
    bindparam,
    func,
    null,
    select,
    text,
    union_all,
    update,
)

from storage.depth import depth
from storage.engine import Connection, SyncConnection
from storage.jobs import (
    Depth,
    Job,
    Kind,
    LeaseLost,
    NewJob,
    columns,
    job_of,
    lock_lanes,
    mine,
    promote,
    put,
    take_off,
)
from storage.outstanding import find, first_of_lane, listing
from storage.parking import park, unpark
from storage.statement import Statement
from storage.tables import jobs

__all__ = [
    "Depth",
    "Job",
    "Kind",
    "LeaseLost",
    "NewJob",
    "claim",
    "depth",
    "enqueue",
    "extend",
    "find",
    "finish",
    "first_of_lane",
    "listing",
    "park",
    "postpone",
    "retry",
    "unpark",
]


def _enqueue(connection: SyncConnection, batch: Sequence[NewJob], now: datetime) -> None:
    lock_lanes(connection, (job.lane for job in batch))
    put(connection, batch, now)


async def enqueue(tx: Connection, batch: Sequence[NewJob], now: datetime) -> None:
    """Add jobs, in this order within their lanes."""
    await tx.run_sync(_enqueue, batch, now)


@cache
def _claim_statement(dialect: str, kinds: tuple[Kind, ...]) -> Statement:
    """Take the jobs that have been due longest: one walk along `ix_jobs_claim` for each kind."""
    due = [_due_statement(dialect, kind) for kind in kinds]
    longest = due[0] if len(due) == 1 else _first_of(due)
    picked = select(longest.subquery("picked").c.id)
    claimed: ColumnElement[bool] = jobs.c.id.in_(picked)
    if dialect == "postgresql":  # an array is made once; a joined subquery may lock too many
        claimed = jobs.c.id == any_(func.array(picked.scalar_subquery(), type_=ARRAY(BigInteger)))
    return Statement(
        update(jobs)
        .where(claimed)
        .values(worker=bindparam("by"), claims=jobs.c.claims + text("1"), due=bindparam("until"))
        .returning(*columns)
    )


def _due_statement(dialect: str, kind: Kind) -> Select[Any]:
    found = (
        select(jobs.c.id, jobs.c.due)
        .where(
            jobs.c.kind == text(f"'{kind.value}'"),
            jobs.c.state == text("'ready'"),  # as the index says it, or SQLite passes it by
            jobs.c.due <= bindparam("now"),
        )
        .order_by(jobs.c.due, jobs.c.id)
        .limit(bindparam("most"))
    )
    return found.with_for_update(skip_locked=True) if dialect == "postgresql" else found


def _first_of(due: Sequence[Select[Any]]) -> Select[Any]:
    each = [select(found.subquery()) for found in due]
    merged = union_all(*each).subquery()
    return select(merged).order_by(merged.c.due, merged.c.id).limit(bindparam("most"))


def _claim(
    connection: SyncConnection, kinds: tuple[Kind, ...], values: dict[str, Any]
) -> list[Job]:
    statement = _claim_statement(connection.dialect.name, kinds)
    claimed = [job_of(row) for row in statement.rows(connection, values)]
    return sorted(claimed, key=lambda job: job.id)


async def claim(
    tx: Connection,
    *,
    kinds: Iterable[Kind],
    worker: str,
    now: datetime,
    lease: timedelta,
    limit: int,
) -> list[Job]:
    """Lease up to `limit` due jobs of these kinds, the longest due first; returned by id.

    At most one job of a lane is claimed at a time. The transaction must be committed before the
    work begins.
    """
    values = {"by": worker, "now": now, "until": now + lease, "most": limit}
    return await tx.run_sync(_claim, tuple(sorted(set(kinds))), values)


def _finish(connection: SyncConnection, batch: Sequence[Job]) -> None:
    lanes = [job.lane for job in batch]
    lock_lanes(connection, lanes)
    take_off(connection, batch)
    promote(connection, lanes)


async def finish(tx: Connection, batch: Sequence[Job]) -> None:
    """Delete finished jobs and let the next of their lanes go.

    Raises `LeaseLost` when one of them is not ours any more: roll back.
    """
    await tx.run_sync(_finish, batch)


_EXTEND = (
    update(jobs)
    .where(mine, jobs.c.worker.is_not(None))
    .values(due=bindparam("until"))
    .returning(jobs.c.id)
)


async def extend(
    tx: Connection, batch: Sequence[Job], now: datetime, lease: timedelta
) -> frozenset[int]:
    """Renew leases to `now + lease`; returns the ids still ours, the others are lost."""
    values = {"mine": [(job.id, job.claims) for job in batch], "until": now + lease}
    if not batch:
        return frozenset()
    return await tx.run_sync(
        lambda connection: frozenset(connection.execute(_EXTEND, values).scalars())
    )


_of_this_claim = and_(jobs.c.id == bindparam("job"), jobs.c.claims == bindparam("claim"))
_RETRY = (
    update(jobs)
    .where(_of_this_claim, jobs.c.state != "parked")
    .values(
        due=bindparam("at"),
        error=bindparam("why"),
        attempts=jobs.c.attempts + bindparam("failures"),
        worker=null(),
    )
)


def _retry(connection: SyncConnection, job: Job, due: datetime, error: str, failures: int) -> None:
    values = {
        "job": job.id,
        "claim": job.claims,
        "at": due,
        "why": error,
        "failures": failures,
    }
    if connection.execute(_RETRY, values).rowcount != 1:
        raise LeaseLost(f"no longer ours: {job.id}")


async def retry(tx: Connection, job: Job, *, due: datetime, error: str) -> None:
    """Give a job back to be tried again at `due`, counting the attempt; its lane waits for it.

    Raises `LeaseLost` when it was claimed again, finished or parked meanwhile.
    """
    await tx.run_sync(_retry, job, due, error, 1)


async def postpone(tx: Connection, job: Job, *, due: datetime, reason: str) -> None:
    """Give a job back unharmed: what it waits for is no failure of its own. Raises `LeaseLost`."""
    await tx.run_sync(_retry, job, due, reason, 0)
