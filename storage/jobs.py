"""A job and the steps every transaction takes with jobs: put in line, taken off, next one let go.

These steps run inside `Connection.run_sync`; `storage.queue` is what the other rooms use.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from hashlib import blake2b
from typing import Any

from sqlalchemy import (
    bindparam,
    case,
    delete,
    exists,
    func,
    insert,
    literal,
    select,
    text,
    tuple_,
    update,
)

from storage.engine import SyncConnection
from storage.statement import Statement
from storage.tables import jobs


class Kind(StrEnum):
    """What a job asks for; a worker claims the kinds it knows."""

    WORK = "work"
    DELIVER = "deliver"
    TIMER = "timer"
    RENDER = "render"
    MAIL = "mail"
    NOTIFY = "notify"


class LeaseLost(Exception):
    """A job is no longer this worker's; its transaction must not be committed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewJob:
    """A job to be done from `due` on; `lane` None means in no order.

    `subject` is the row it is about: a message for `work`, an outgoing message for `deliver`, for
    the other kinds what their worker expects. `about` says what a number cannot, in one line.
    """

    kind: Kind
    lane: str | None
    subject: int
    due: datetime
    about: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job as it stands; while it is claimed, `due` is the end of the lease.

    `claims` counts every claim and is what the fence compares; `attempts` counts the failures.
    """

    id: int
    kind: Kind
    lane: str | None
    subject: int
    about: str
    state: str
    due: datetime
    worker: str | None
    claims: int
    attempts: int
    error: str | None
    created_at: datetime


_names = tuple(field.name for field in fields(Job))
#: The columns of a job, in the order in which `job_of` reads them.
columns = tuple(jobs.c[name] for name in _names)


def job_of(row: Sequence[Any]) -> Job:
    """A row of `columns` as a job."""
    values = dict(zip(_names, row, strict=True))
    values["kind"] = Kind(values["kind"])
    return Job(**values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Depth:
    """How much of one kind is outstanding; each count stops at the cap it was asked with."""

    kind: Kind
    ready: int
    waiting: int
    parked: int
    oldest: datetime | None  #: the earliest `due` among the ready ones


#: The jobs of these `(id, claims)`: the fence that a lost lease does not pass.
mine = tuple_(jobs.c.id, jobs.c.claims).in_(bindparam("mine", expanding=True))
_in_lane = jobs.alias("in_lane")
_ahead = exists(select(literal(1)).where(_in_lane.c.lane == bindparam("lane")))

_ENQUEUE = Statement(
    insert(jobs).values(
        kind=bindparam("kind"),
        lane=bindparam("lane"),
        subject=bindparam("subject"),
        about=bindparam("about"),
        state=case((_ahead, text("'waiting'")), else_=text("'ready'")),
        due=bindparam("due"),
        claims=text("0"),
        attempts=text("0"),
        created_at=bindparam("created_at"),
    )
)
# One row at a time for SQLite, whose driver adds up; all at once for PostgreSQL, which answers.
_FINISH = Statement(
    delete(jobs).where(
        jobs.c.id == bindparam("job"),
        jobs.c.claims == bindparam("claim"),
        jobs.c.worker.is_not(None),
    )
)
_FINISH_ALL = delete(jobs).where(mine, jobs.c.worker.is_not(None)).returning(jobs.c.id)
_PROMOTE = Statement(
    update(jobs)
    .where(
        jobs.c.id
        == select(func.min(_in_lane.c.id))
        .where(_in_lane.c.lane == bindparam("of_lane"))
        .scalar_subquery(),
        jobs.c.state == text("'waiting'"),
    )
    .values(state=text("'ready'"))
)
# Sorted by key: transactions that need several lanes meet in one order and never deadlock.
_LOCK_LANES = text(
    "SELECT pg_advisory_xact_lock(wanted) FROM"
    " (SELECT unnest(CAST(:lanes AS bigint[])) AS wanted ORDER BY 1) AS sorted"
)


def _lane_key(lane: str) -> int:
    return int.from_bytes(blake2b(lane.encode(), digest_size=8).digest(), signed=True)


def lock_lanes(connection: SyncConnection, lanes: Iterable[str | None]) -> None:
    """Hold these lanes until the end of the transaction, so that no promotion is lost.

    Without it, a job enqueued while its lane's last one is being finished would see that one, wait
    behind it, and be seen by nobody. SQLite has one writer and needs no lock.
    """
    named = {lane for lane in lanes if lane is not None}
    if named and connection.dialect.name == "postgresql":
        connection.execute(_LOCK_LANES, {"lanes": sorted(_lane_key(lane) for lane in named)})


def put(connection: SyncConnection, batch: Sequence[NewJob], now: datetime) -> None:
    """Enqueue inside `run_sync`, under lanes that are locked already."""
    if not batch:
        return
    _ENQUEUE.many(
        connection,
        [
            {
                "kind": job.kind.value,
                "lane": job.lane,
                "subject": job.subject,
                "about": job.about,
                "due": job.due,
                "created_at": now,
            }
            for job in batch
        ],
    )


def take_off(connection: SyncConnection, batch: Sequence[Job]) -> None:
    """Delete finished jobs inside `run_sync`, under locked lanes; raises `LeaseLost`."""
    if not batch:
        return
    if connection.dialect.name == "postgresql":
        ours = [(job.id, job.claims) for job in batch]
        gone = len(connection.execute(_FINISH_ALL, {"mine": ours}).all())
    else:
        gone = _FINISH.many(connection, [{"job": job.id, "claim": job.claims} for job in batch])
    if gone != len(batch):
        raise LeaseLost(f"one of {sorted(job.id for job in batch)} is no longer ours")


def promote(connection: SyncConnection, lanes: Iterable[str | None]) -> None:
    """Make the first job of each lane ready, inside `run_sync`, under locked lanes."""
    named = sorted({lane for lane in lanes if lane is not None})
    if named:
        _PROMOTE.many(connection, [{"of_lane": lane} for lane in named])
