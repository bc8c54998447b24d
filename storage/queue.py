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
    case,
    exists,
    func,
    literal,
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
    lock_lanes,
    mine,
    promote,
    put,
    take_off,
)
from storage.statement import Statement
from storage.tables import JOB_STATES, jobs, mails, messages, outgoing

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
    "listing",
    "park",
    "retry",
    "unpark",
]


def _enqueue(connection: SyncConnection, batch: Sequence[NewJob], now: datetime) -> None:
    lock_lanes(connection, (job.lane for job in batch))
    put(connection, batch, now)


async def enqueue(tx: Connection, batch: Sequence[NewJob], now: datetime) -> None:
    """Add jobs, in this order within their lanes."""
    await tx.run_sync(_enqueue, batch, now)


_names = tuple(Job.__dataclass_fields__)
_columns = tuple(jobs.c[name] for name in _names)


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
        .returning(*_columns)
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


def _job(row: Sequence[Any]) -> Job:
    values = dict(zip(_names, row, strict=True))
    values["kind"] = Kind(values["kind"])
    return Job(**values)


def _claim(
    connection: SyncConnection, kinds: tuple[Kind, ...], values: dict[str, Any]
) -> list[Job]:
    statement = _claim_statement(connection.dialect.name, kinds)
    claimed = [_job(row) for row in statement.rows(connection, values)]
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
_PARK = (
    update(jobs)
    .where(_of_this_claim, jobs.c.state != "parked")
    .values(
        state="parked",
        error=bindparam("why"),
        due=bindparam("at"),
        worker=null(),
        lane=case((jobs.c.kind == "work", jobs.c.lane), else_=null()),
    )
)
_MESSAGE_STATE = (
    update(messages).where(messages.c.id == bindparam("subject")).values(state=bindparam("to"))
)
_OUTGOING_STATE = (
    update(outgoing)
    .where(outgoing.c.id == bindparam("subject"), outgoing.c.state != "delivered")
    .values(state=bindparam("to"))
)

_MAIL_PARKED = (
    update(mails)
    .where(mails.c.id == bindparam("mail"), mails.c.state.in_(("queued", "sending")))
    .values(state=case((mails.c.state == "sending", "doubtful"), else_="failed"))
)
_MAIL_AGAIN = (
    update(mails)
    .where(mails.c.id == bindparam("mail"), mails.c.state != "sent")
    .values(state="queued")
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


def _park(connection: SyncConnection, job: Job, reason: str, now: datetime) -> None:
    lock_lanes(connection, (job.lane,))
    values = {"job": job.id, "claim": job.claims, "at": now, "why": reason}
    if connection.execute(_PARK, values).rowcount != 1:
        raise LeaseLost(f"no longer ours: {job.id}")
    if job.kind is Kind.WORK:
        connection.execute(_MESSAGE_STATE, {"subject": job.subject, "to": "parked"})
        return
    if job.kind is Kind.DELIVER:
        connection.execute(_OUTGOING_STATE, {"subject": job.subject, "to": "parked"})
    elif job.kind is Kind.MAIL:
        connection.execute(_MAIL_PARKED, {"mail": job.subject})
    promote(connection, (job.lane,))


async def park(tx: Connection, job: Job, *, reason: str, now: datetime) -> None:
    """Set a job aside until an operator acts; its message or outgoing message is parked with it.

    Raises `LeaseLost` when it was claimed again, finished or parked meanwhile. An operator parks
    with the job he was shown.
    """
    await tx.run_sync(_park, job, reason, now)


_SHOWN = select(*_columns).where(jobs.c.id == bindparam("job"))
_AHEAD = select(
    exists(select(literal(1)).where(jobs.c.lane == bindparam("lane"), jobs.c.id < bindparam("job")))
)
_RELEASE = (
    update(jobs)
    .where(jobs.c.id == bindparam("job"), jobs.c.worker.is_(None), jobs.c.state != "waiting")
    .values(state=bindparam("to"), due=bindparam("at"))
)


def _unpark(connection: SyncConnection, job_id: int, now: datetime) -> bool:
    row = connection.execute(_SHOWN, {"job": job_id}).one_or_none()
    if row is None:
        return False
    job = _job(row)
    lock_lanes(connection, (job.lane,))
    behind = connection.execute(_AHEAD, {"job": job_id, "lane": job.lane}).scalar_one()
    values = {"job": job_id, "at": now, "to": "waiting" if behind else "ready"}
    if connection.execute(_RELEASE, values).rowcount != 1:
        return False
    if job.state == "parked" and job.kind is Kind.WORK:
        connection.execute(_MESSAGE_STATE, {"subject": job.subject, "to": "received"})
    elif job.state == "parked" and job.kind is Kind.DELIVER:
        connection.execute(_OUTGOING_STATE, {"subject": job.subject, "to": "pushing"})
    elif job.state == "parked" and job.kind is Kind.MAIL:
        connection.execute(_MAIL_AGAIN, {"mail": job.subject})
    return True


async def unpark(tx: Connection, job_id: int, now: datetime) -> bool:
    """Make a parked job, or one that backs off, due at `now`.

    False when there is no such job, a worker holds it, or it waits behind another.
    """
    return await tx.run_sync(_unpark, job_id, now)


@cache
def _listing_statement(states: tuple[str, ...], kinds: tuple[Kind, ...]) -> Select[Any]:
    """Jobs by id: one walk along `ix_jobs_state_kind_id` for each state and kind asked for."""
    each = [
        select(*_columns)
        .where(jobs.c.state == state, jobs.c.kind == kind.value, jobs.c.id > bindparam("after"))
        .order_by(jobs.c.id)
        .limit(bindparam("most"))
        .subquery()
        for state in states
        for kind in kinds
    ]
    merged = union_all(*(select(found) for found in each)).subquery()
    return select(merged).order_by(merged.c.id).limit(bindparam("most"))


def _lane_statement(state: str | None, kind: Kind | None) -> Select[Any]:
    found = select(*_columns).where(
        jobs.c.lane == bindparam("lane"), jobs.c.id > bindparam("after")
    )
    if state is not None:
        found = found.where(jobs.c.state == state)
    if kind is not None:
        found = found.where(jobs.c.kind == kind.value)
    return found.order_by(jobs.c.id).limit(bindparam("most"))


async def listing(
    conn: Connection,
    *,
    state: str | None = None,
    kind: Kind | None = None,
    lane: str | None = None,
    after: int = 0,
    limit: int = 50,
) -> list[Job]:
    """Outstanding jobs in the order of their ids, from beyond `after`."""
    values = {"after": after, "most": limit, "lane": lane}
    if lane is not None:
        statement = _lane_statement(state, kind)
    else:
        states = JOB_STATES if state is None else (state,)
        statement = _listing_statement(states, tuple(Kind) if kind is None else (kind,))
    return await conn.run_sync(
        lambda connection: [_job(row) for row in connection.execute(statement, values)]
    )


async def find(conn: Connection, job_id: int) -> Job | None:
    """The job with this id, unless it is finished."""

    def _find(connection: SyncConnection) -> Job | None:
        row = connection.execute(_SHOWN, {"job": job_id}).one_or_none()
        return None if row is None else _job(row)

    return await conn.run_sync(_find)
