"""The hub's processes, each saying now and then that it lives, and what their workers hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, select, text
from sqlalchemy.dialects import postgresql, sqlite

from storage.columns import Instant, instant_text
from storage.console_tables import processes
from storage.engine import Connection, SyncConnection
from storage.jobs import Job, Kind
from storage.statement import Statement
from storage.tables import jobs

#: After what time without a sign a process is forgotten.
FORGOTTEN = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """A process as it last said of itself; `loops` says when each loop last took a turn."""

    name: str
    host: str
    pid: int
    version: str
    loops: Mapping[str, datetime]
    started_at: datetime
    seen_at: datetime


def _upsert(found: postgresql.Insert | sqlite.Insert) -> Any:
    new = {column.name: found.excluded[column.name] for column in processes.c}
    return found.on_conflict_do_update(index_elements=("name",), set_=new)


_BEAT = {
    "sqlite": Statement(_upsert(sqlite.insert(processes)), *processes.c.keys()),
    "postgresql": Statement(_upsert(postgresql.insert(processes)), *processes.c.keys()),
}
_GONE = Statement(delete(processes).where(processes.c.name == bindparam("of")))
_PRUNE = Statement(delete(processes).where(processes.c.seen_at < bindparam("o", type_=Instant)))
_ALL = Statement(select(processes).order_by(processes.c.name))


def write(connection: SyncConnection, process: Process) -> None:
    """Say that a process lives, inside `run_sync`."""
    row = {name: getattr(process, name) for name in Process.__dataclass_fields__}
    row["loops"] = {name: instant_text(at) for name, at in process.loops.items()}
    _BEAT[connection.dialect.name].many(connection, [row])


async def beat(tx: Connection, process: Process) -> None:
    """Say that a process lives, and what its loops did."""
    await tx.run_sync(write, process)


async def gone(tx: Connection, name: str) -> None:
    """A process ended as it should."""
    await tx.run_sync(_GONE.count, {"of": name})


async def prune(tx: Connection, now: datetime) -> None:
    """Forget the processes that have been silent for a day."""
    await tx.run_sync(_PRUNE.count, {"o": now - FORGOTTEN})


def _alive(connection: SyncConnection) -> list[Process]:
    names = tuple(Process.__dataclass_fields__)
    found = []
    for row in _ALL.rows(connection, {}):
        values = dict(zip(names, row, strict=True))
        loops = values.pop("loops")
        at = {name: datetime.fromisoformat(told).astimezone(UTC) for name, told in loops.items()}
        found.append(Process(**values, loops=at))
    return found


async def alive(conn: Connection) -> list[Process]:
    """Every process that said something within a day, by name; see when each did last."""
    return await conn.run_sync(_alive)


_names = tuple(Job.__dataclass_fields__)
# A lease is a `due` that was pushed ahead: jobs held now are due within one lease from now.
_LEASED = Statement(
    select(*(jobs.c[name] for name in _names))
    .where(
        jobs.c.kind == bindparam("kind"),
        jobs.c.due > bindparam("now", type_=Instant),
        jobs.c.due <= bindparam("until", type_=Instant),
        text("state = 'ready'"),
        jobs.c.worker.is_not(None),
    )
    .order_by(jobs.c.due, jobs.c.id)
    .limit(bindparam("most"))
)


def _leases(connection: SyncConnection, now: datetime, lease: timedelta, cap: int) -> list[Job]:
    values = {"now": now, "until": now + lease, "most": cap}
    found = []
    for kind in Kind:
        for row in _LEASED.rows(connection, {**values, "kind": kind.value}):
            job = dict(zip(_names, row, strict=True))
            found.append(Job(**{**job, "kind": Kind(job["kind"])}))
    return sorted(found, key=lambda job: (job.due, job.id))[:cap]


async def leases(conn: Connection, now: datetime, lease: timedelta, *, cap: int = 100) -> list[Job]:
    """The jobs that workers hold now, those whose lease ends first; `cap` of them at most."""
    return await conn.run_sync(_leases, now, lease, cap)
