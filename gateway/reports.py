"""What is asked of a report, and what the tallies answer: never a look at the dossiers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, get_args

from gateway.directory import Known
from gateway.filters import Query, one_of, only, unreadable
from handlers.days import today
from handlers.papers import figures
from handlers.registry import Procedure, Registry, Reports
from schemas.errors import Code, refused
from schemas.workflow import Amounts, Cell
from storage import tallies
from storage.engine import Connection
from storage.tallies import Column

#: The report in which each dossier counts once, and the one in which it counts in each category.
GENERAL, CATEGORY = "general", "category"

COLUMNS: tuple[Column, ...] = get_args(Column)
_SECONDS_A_DAY = 86_400
_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A report as it was asked for: months of filing, both included, and what it is kept to."""

    name: str
    period_from: str
    period_until: str
    by: tuple[Column, ...]
    service: str | None = None
    agent: str | None = None
    category: str | None = None
    state: str | None = None

    def kept(self) -> dict[str, str | None]:
        """What narrows the report."""
        return {
            "service": self.service,
            "agent": self.agent,
            "category": self.category,
            "state": self.state,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A report's answer: rows in the order of its columns, everything together, and two parts."""

    procedure: Procedure
    reports: Reports
    asked: Asked
    rows: tuple[tuple[Cell, Amounts], ...]
    whole: Amounts
    states: tuple[tuple[str, Amounts], ...]
    categories: tuple[tuple[str, Amounts], ...]

    @property
    def title(self) -> tuple[str, str]:
        """In French and Arabic."""
        return self.reports.titles[self.asked.name]

    @property
    def closed(self) -> int:
        """Dossiers in whose states nothing is left to do."""
        done = self.reports.done
        return sum(amounts.dossiers for state, amounts in self.states if state in done)

    def named(self, column: Column, value: str) -> str:
        """What a cell's value is called in French."""
        if column == "state":
            state = self.procedure.state(value)
            return value if state is None else state.fr
        return figures.meaning(self.reports.categories, value) if column == "category" else value


def days(amounts: Amounts) -> Decimal | None:
    """The mean delay in days, to a tenth; None while nothing is finished."""
    if not amounts.finished:
        return None
    mean = Decimal(amounts.seconds) / amounts.finished / _SECONDS_A_DAY
    return mean.quantize(Decimal("0.1"))


def found(registry: Registry, known: Known, name: str) -> tuple[Procedure, Reports]:
    """The procedure whose report this is; the same 404 for none, and for whom it is not."""
    for procedure in registry.procedures.values():
        reports = procedure.reports
        if reports is not None and name in reports.titles and known.role in reports.readers:
            return procedure, reports
    raise refused(Code.NOT_FOUND)


def read(query: Query, procedure: Procedure, name: str, now: datetime) -> Asked:
    """What is asked; this year to this month by default. Raises `Refused` by the name."""
    names = ["period_from", "period_until", "service", "agent", "state", "by"]
    columns = tuple(column for column in COLUMNS if name == CATEGORY or column != "category")
    if name == CATEGORY:
        names.append("category")
    only(query, names)
    month = f"{today(now):%Y-%m}"
    start = one_of(query, "period_from", _month) or f"{month[:4]}-01"
    until = one_of(query, "period_until", _month) or max(month, start)
    if until < start:
        raise unreadable("period_until", until)
    return Asked(
        name=name,
        period_from=start,
        period_until=until,
        by=one_of(query, "by", lambda text: _columns(text, columns))
        or (("category",) if name == CATEGORY else ("state",)),
        service=one_of(query, "service", _word),
        agent=one_of(query, "agent", _word),
        category=one_of(query, "category", _word),
        state=one_of(query, "state", lambda text: text if procedure.state(text) else None),
    )


def _month(text: str) -> str | None:
    return text if _MONTH.fullmatch(text) else None


def _word(text: str) -> str | None:
    return text.strip() or None


def _columns(text: str, known: tuple[Column, ...]) -> tuple[Column, ...] | None:
    """Columns in the order asked for, each once."""
    named = tuple(dict.fromkeys(text.split(",")))
    columns = tuple(column for name in named for column in known if column == name)
    return columns if len(columns) == len(named) else None


async def gather(
    connection: Connection, procedure: Procedure, reports: Reports, asked: Asked
) -> Report:
    """The report, from its tallies.

    Key figures count each dossier once; only one category's dossiers are counted by category.
    """

    async def summed(name: str, *by: Column) -> list[tuple[Cell, Amounts]]:
        return await tallies.read(
            connection,
            procedure.name,
            name,
            asked.period_from,
            asked.period_until,
            by=by,
            **asked.kept(),
        )

    once = GENERAL if asked.category is None else CATEGORY
    whole = await summed(once)
    return Report(
        procedure=procedure,
        reports=reports,
        asked=asked,
        rows=tuple(await summed(asked.name, *asked.by)),
        whole=whole[0][1] if whole else Amounts(),
        states=_in_order(await summed(once, "state"), procedure),
        categories=tuple(
            (cell.category, amounts) for cell, amounts in await summed(CATEGORY, "category")
        ),
    )


def _in_order(
    rows: Sequence[tuple[Cell, Amounts]], procedure: Procedure
) -> tuple[tuple[str, Amounts], ...]:
    """The states in the procedure's order."""
    known = {cell.state: amounts for cell, amounts in rows}
    return tuple(
        (state.name, known[state.name]) for state in procedure.states if state.name in known
    )


def facts(report: Report) -> dict[str, Any]:
    """The report for programs: decimals as text, delays in seconds."""
    asked, (title_fr, title_ar) = report.asked, report.title
    return {
        "report": asked.name,
        "title_fr": title_fr,
        "title_ar": title_ar,
        "period_from": asked.period_from,
        "period_until": asked.period_until,
        "kept_to": {name: value for name, value in asked.kept().items() if value is not None},
        "by": list(asked.by),
        "indicators": {
            "filed": report.whole.dossiers,
            "open": report.whole.dossiers - report.closed,
            "closed": report.closed,
            **_sums(report.whole),
        },
        "states": [
            {"state": name, "fr": report.named("state", name), **_sums(amounts)}
            for name, amounts in report.states
        ],
        "categories": [
            {"category": name, "fr": report.named("category", name), **_sums(amounts)}
            for name, amounts in report.categories
        ],
        "rows": [
            {**{column: getattr(cell, column) for column in asked.by}, **_sums(amounts)}
            for cell, amounts in report.rows
        ],
    }


def _sums(amounts: Amounts) -> dict[str, Any]:
    return {
        "dossiers": amounts.dossiers,
        "lines": amounts.lines,
        "value": format(amounts.value, "f"),
        "finished": amounts.finished,
        "mean_seconds": amounts.seconds // amounts.finished if amounts.finished else None,
    }


def cells(report: Report) -> list[tuple[str | int | Decimal | None, ...]]:
    """The rows as a table has them: columns named, then dossiers, lines, value and mean days."""
    by = report.asked.by
    return [
        (
            *(report.named(column, getattr(cell, column)) for column in by),
            amounts.dossiers,
            amounts.lines,
            amounts.value,
            amounts.finished,
            days(amounts),
        )
        for cell, amounts in report.rows
    ]


#: The figures after the columns of a table, by the names of their labels.
SUMS = ("dossiers", "lines", "goods_value", "finished", "delay")

#: The columns, by the names of their labels.
LABELS_OF: dict[str, str] = {
    "period": "month",
    "service": "service",
    "agent": "agent",
    "category": "category",
    "state": "state",
}
