"""Tallies: what the dossiers of a procedure add up to, cell by cell, for its reports.

Each change of a dossier adds the difference it makes; no report ever reads the dossiers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Context
from typing import Any, Literal, get_args

from sqlalchemy import bindparam, func, select
from sqlalchemy.dialects import postgresql, sqlite

from schemas.workflow import Amounts, Cell
from storage.columns import plus, total
from storage.engine import Connection, SyncConnection
from storage.statement import Statement
from storage.tables import tallies

#: What the rows of a report may be told apart by.
Column = Literal["period", "service", "agent", "category", "state"]

_keys = tuple(column.name for column in tallies.primary_key)
_counts = ("dossiers", "lines", "finished", "seconds")
_EXACT = Context(prec=100)
NOTHING = Amounts()


def _upsert(found: postgresql.Insert | sqlite.Insert) -> Any:
    new = found.excluded
    sums: dict[str, Any] = {name: tallies.c[name] + new[name] for name in _counts}
    sums["value"] = plus(tallies.c.value, new.value)
    return found.on_conflict_do_update(index_elements=_keys, set_=sums)


_ADD = {
    "sqlite": Statement(_upsert(sqlite.insert(tallies)), *tallies.c.keys()),
    "postgresql": Statement(_upsert(postgresql.insert(tallies)), *tallies.c.keys()),
}
_WORKLOAD = Statement(
    select(tallies.c.agent, tallies.c.state, func.sum(tallies.c.dossiers))
    .where(tallies.c.report == bindparam("report"), tallies.c.service == bindparam("service"))
    .group_by(tallies.c.agent, tallies.c.state)
)


def sum_of(one: Amounts, other: Amounts, sign: int = 1) -> Amounts:
    """Two amounts together, or, with a sign of -1, what the first is more than the other."""
    return Amounts(
        dossiers=one.dossiers + sign * other.dossiers,
        lines=one.lines + sign * other.lines,
        value=_EXACT.add(one.value, _EXACT.multiply(other.value, sign)),
        finished=one.finished + sign * other.finished,
        seconds=one.seconds + sign * other.seconds,
    )


def difference(
    after: Mapping[Cell, Amounts], before: Mapping[Cell, Amounts]
) -> dict[Cell, Amounts]:
    """What must be added to the cells of `before` to come to those of `after`; no empty ones."""
    cells = {
        cell: sum_of(after.get(cell, NOTHING), before.get(cell, NOTHING), -1)
        for cell in (*after, *before)
    }
    return {cell: amounts for cell, amounts in cells.items() if amounts != NOTHING}


def add(connection: SyncConnection, made: Iterable[tuple[str, Mapping[Cell, Amounts]]]) -> None:
    """Add what changes of dossiers, given with their procedures, make; inside `run_sync`.

    The rows are written in the order of their keys: two transactions never wait for each other.
    """
    sums: defaultdict[tuple[str, ...], Amounts] = defaultdict(Amounts)
    for procedure, tally in made:
        for cell, amounts in tally.items():
            key = _key(procedure, cell)
            sums[key] = sum_of(sums[key], amounts)
    rows = [
        {
            **dict(zip(_keys, key, strict=True)),
            **{name: getattr(amounts, name) for name in (*_counts, "value")},
        }
        for key, amounts in sorted(sums.items(), key=lambda item: item[0])
        if amounts != NOTHING
    ]
    if rows:
        _ADD[connection.dialect.name].many(connection, rows)


def _key(procedure: str, cell: Cell) -> tuple[str, ...]:
    return tuple(procedure if name == "procedure" else getattr(cell, name) for name in _keys)


async def read(  # noqa: PLR0913 (what a report is asked)
    conn: Connection,
    procedure: str,
    report: str,
    period_from: str,
    period_until: str,
    *,
    by: Sequence[Column] = (),
    service: str | None = None,
    agent: str | None = None,
    category: str | None = None,
    state: str | None = None,
) -> list[tuple[Cell, Amounts]]:
    """A report's cells from month to month, both included, summed over all columns but `by`.

    `by` names columns of a cell, which order the rows; the others are empty in them. None asks for
    every value of a column, an empty text for the cells without one. What comes to nothing is left
    out.
    """
    asked = {"service": service, "agent": agent, "category": category, "state": state}
    kept = {
        "procedure": procedure,
        "report": report,
        **{name: value for name, value in asked.items() if value is not None},
    }
    columns = [tallies.c[name] for name in by]
    sums = [func.sum(tallies.c[name]).label(name) for name in _counts]
    query = (
        select(*columns, *sums, total(tallies.c.value).label("value"))
        .where(*(tallies.c[name] == value for name, value in kept.items()))
        .where(tallies.c.period.between(period_from, period_until))
        .group_by(*columns)
        .having(func.count() > 0)  # without columns, SQL answers one row even of nothing
        .order_by(*columns)
    )
    rows = await conn.run_sync(lambda sync: sync.execute(query).all())
    found = [_cell(report, by, row._mapping) for row in rows]
    return [(cell, amounts) for cell, amounts in found if amounts != NOTHING]


def _cell(report: str, by: Sequence[Column], row: Mapping[Any, Any]) -> tuple[Cell, Amounts]:
    empty = dict.fromkeys(get_args(Column), "")
    cell = Cell(report=report, **{**empty, **{name: row[name] for name in by}})
    counts = {name: int(row[name]) for name in _counts}  # PostgreSQL adds to NUMERIC
    return cell, Amounts(value=row["value"], **counts)


def workload(connection: SyncConnection, report: str, service: str) -> list[tuple[str, str, int]]:
    """How many dossiers of a service a report counts by agent and state; inside `run_sync`."""
    rows = _WORKLOAD.rows(connection, {"report": report, "service": service})
    return [(agent, state, int(dossiers)) for agent, state, dossiers in rows]
