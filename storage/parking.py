"""Jobs set aside, and let go again: one by whoever works on it, many by an operator.

A parked job has its message, outgoing message or e-mail parked with it. Whoever acts on several
jobs holds them first: their lanes, then their rows, each in one order, so that two who act on the
same jobs take turns and the second sees what the first has done.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, bindparam, case, exists, literal, null, select, update

from storage.engine import Connection, SyncConnection
from storage.jobs import Job, Kind, LeaseLost, columns, job_of, lock_lanes, promote
from storage.tables import jobs, mails, messages, outgoing

_of_this_claim: ColumnElement[bool] = (jobs.c.id == bindparam("job")) & (
    jobs.c.claims == bindparam("claim")
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
_AHEAD = select(
    exists(select(literal(1)).where(jobs.c.lane == bindparam("lane"), jobs.c.id < bindparam("job")))
)
_RELEASE = (
    update(jobs)
    .where(_of_this_claim, jobs.c.worker.is_(None), jobs.c.state != "waiting")
    .values(state=bindparam("to"), due=bindparam("at"))
)
_SHOWN = select(*columns).where(jobs.c.id == bindparam("job"))
_SEVERAL = (
    select(*columns).where(jobs.c.id.in_(bindparam("ids", expanding=True))).order_by(jobs.c.id)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Let:
    """A job to be let go, as it was just held, due at an instant of its own."""

    job: Job
    due: datetime


def _hold(connection: SyncConnection, ids: Sequence[int]) -> dict[int, Job]:
    values = {"ids": sorted(set(ids))}
    seen = [job_of(row) for row in connection.execute(_SEVERAL, values)]
    lock_lanes(connection, (job.lane for job in seen))
    # SQLite has one writer, and knows no FOR UPDATE; Core leaves it away there.
    held = connection.execute(_SEVERAL.with_for_update(), values)
    return {job.id: job for job in map(job_of, held)}


async def hold(tx: Connection, ids: Sequence[int]) -> dict[int, Job]:
    """These jobs as they stand, held until the transaction ends; finished ones are missing."""
    return await tx.run_sync(_hold, ids) if ids else {}


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


def _park_all(connection: SyncConnection, held: Sequence[Job], reason: str, now: datetime) -> None:
    for job in sorted(held, key=lambda job: job.id):
        _park(connection, job, reason, now)


async def park_all(tx: Connection, held: Sequence[Job], *, reason: str, now: datetime) -> None:
    """Set aside jobs that `hold` gave; raises `LeaseLost` for one that is parked already."""
    await tx.run_sync(_park_all, held, reason, now)


def _release(connection: SyncConnection, job: Job, due: datetime) -> bool:
    """Under the job's lane."""
    behind = connection.execute(_AHEAD, {"job": job.id, "lane": job.lane}).scalar_one()
    values = {
        "job": job.id,
        "claim": job.claims,
        "at": due,
        "to": "waiting" if behind else "ready",
    }
    if connection.execute(_RELEASE, values).rowcount != 1:
        return False
    if job.state == "parked" and job.kind is Kind.WORK:
        connection.execute(_MESSAGE_STATE, {"subject": job.subject, "to": "received"})
    elif job.state == "parked" and job.kind is Kind.DELIVER:
        connection.execute(_OUTGOING_STATE, {"subject": job.subject, "to": "pushing"})
    elif job.state == "parked" and job.kind is Kind.MAIL:
        connection.execute(_MAIL_AGAIN, {"mail": job.subject})
    return True


def _unpark(connection: SyncConnection, job_id: int, now: datetime) -> bool:
    row = connection.execute(_SHOWN, {"job": job_id}).one_or_none()
    if row is None:
        return False
    job = job_of(row)
    lock_lanes(connection, (job.lane,))
    return _release(connection, job, now)


async def unpark(tx: Connection, job_id: int, now: datetime) -> bool:
    """Make a parked job, or one that backs off, due at `now`.

    False when there is no such job, a worker holds it, or it waits behind another.
    """
    return await tx.run_sync(_unpark, job_id, now)


def _release_all(connection: SyncConnection, wanted: Sequence[Let]) -> None:
    for let in sorted(wanted, key=lambda let: let.job.id):
        if not _release(connection, let.job, let.due):
            raise LeaseLost(f"not to be let go: {let.job.id}")


async def release_all(tx: Connection, wanted: Sequence[Let]) -> None:
    """Make jobs that `hold` gave due, parked or backing off, each at its own instant.

    Raises `LeaseLost` for one that a worker holds or that waits behind another.
    """
    await tx.run_sync(_release_all, wanted)
