"""Serials: the numbers of a series in a year, given one after another without gaps or doubles."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite

from schemas.workflow import Serial
from storage.engine import SyncConnection
from storage.statement import Statement
from storage.tables import serials

_LAST = Statement(
    select(serials.c.last).where(
        serials.c.series == bindparam("series"), serials.c.year == bindparam("year")
    )
)
_BEGIN = {
    "sqlite": Statement(sqlite.insert(serials).on_conflict_do_nothing(), *serials.c.keys()),
    "postgresql": Statement(postgresql.insert(serials).on_conflict_do_nothing(), *serials.c.keys()),
}
_ADVANCE = Statement(
    update(serials)
    .where(
        serials.c.series == bindparam("of_series"),
        serials.c.year == bindparam("of_year"),
        serials.c.last == bindparam("before"),
    )
    .values(last=bindparam("to_last"))
)


def last(connection: SyncConnection, series: str, year: int) -> int:
    """The last number given in a series and year, 0 before the first; inside `run_sync`."""
    row = _LAST.first(connection, {"series": series, "year": year})
    return 0 if row is None else int(row[0])


def take(connection: SyncConnection, wanted: Sequence[Serial]) -> bool:
    """Give these numbers away; False when they are not exactly the next ones of their series.

    The series are taken in one order everywhere, so that two transactions never wait for each
    other.
    """
    by_series: defaultdict[tuple[str, int], list[int]] = defaultdict(list)
    for serial in wanted:
        by_series[serial.series, serial.year].append(serial.number)
    return all(_advance(connection, *key, sorted(by_series[key])) for key in sorted(by_series))


def _advance(connection: SyncConnection, series: str, year: int, numbers: Sequence[int]) -> bool:
    first, final = numbers[0], numbers[-1]
    if list(numbers) != list(range(first, final + 1)):
        return False
    if first == 1:
        begin = {"series": series, "year": year, "last": final}
        return _BEGIN[connection.dialect.name].count(connection, begin) == 1
    values = {"of_series": series, "of_year": year, "before": first - 1, "to_last": final}
    return _ADVANCE.count(connection, values) == 1
