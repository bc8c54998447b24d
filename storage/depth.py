"""How much work is outstanding: what is still in the future is no load yet."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, func, literal, select, text

from storage.engine import Connection, SyncConnection
from storage.jobs import Depth, Kind
from storage.tables import JOB_STATES, jobs


def _counted(kind: Kind, state: str) -> Any:
    """The jobs that count; a timer counts from the moment it should ring."""
    found = (
        select(literal(1))
        .select_from(jobs)
        .where(jobs.c.kind == text(f"'{kind.value}'"), jobs.c.state == text(f"'{state}'"))
    )
    if kind is Kind.TIMER and state == "ready":
        return found.where(jobs.c.due <= bindparam("now"))
    return found


def _capped(kind: Kind, state: str) -> Any:
    seen = _counted(kind, state).limit(bindparam("cap")).subquery()
    return select(func.count()).select_from(seen).scalar_subquery()


@cache
def _statement() -> Select[Any]:
    """One row of capped counts and the earliest `due`, kind by kind."""
    columns = []
    for kind in Kind:
        columns += [_capped(kind, state) for state in JOB_STATES]
        oldest = _counted(kind, "ready").with_only_columns(func.min(jobs.c.due))
        columns.append(oldest.scalar_subquery())
    return select(*columns)


def _depth(connection: SyncConnection, now: datetime, cap: int) -> dict[Kind, Depth]:
    row = connection.execute(_statement(), {"cap": cap, "now": now}).one()
    each = len(JOB_STATES) + 1
    found = {}
    for place, kind in enumerate(Kind):
        ready, waiting, parked, oldest = row[place * each : (place + 1) * each]
        found[kind] = Depth(kind=kind, ready=ready, waiting=waiting, parked=parked, oldest=oldest)
    return found


async def depth(conn: Connection, now: datetime, cap: int = 2_000) -> dict[Kind, Depth]:
    """How much is outstanding at `now`, for shedding load and for the metrics.

    Each count stops at `cap`, so that a long queue does not make the question dear.
    """
    return await conn.run_sync(_depth, now, cap)
