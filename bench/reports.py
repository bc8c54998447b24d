"""What a report costs with many dossiers and with few: it reads their tallies, never them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from bench.town import hub_in
from gateway import reports
from gateway.hub import Hub
from handlers.inspection import STATES
from schemas.workflow import Amounts, Cell
from storage import tallies

FEW, MANY = 1_000, 100_000
ROUNDS = 40

_BATCH = 5_000  #: dossiers in one transaction
_NOW = datetime(2026, 12, 31, tzinfo=UTC)
_SERVICES, _AGENTS, _CATEGORIES = 8, 40, ("CARPETS", "POTTERY", "LEATHER", "WOOD")


async def measure(folder: Path) -> float:
    """How much dearer the reports are over `MANY` dossiers than over `FEW`: 1 is no dearer.

    The rounds over the two stores take turns, so that what else the machine does meets both.
    """
    places = {count: folder / str(count) for count in (FEW, MANY)}
    for place in places.values():
        place.mkdir()
    async with hub_in(places[FEW]) as (small, _), hub_in(places[MANY]) as (large, _):
        await fill(small, FEW)
        await fill(large, MANY)
        costs = [(await _cost(small), await _cost(large)) for _ in range(ROUNDS)]
    return min(cost for _, cost in costs) / min(cost for cost, _ in costs)


async def fill(hub: Hub, count: int) -> None:
    """The tallies of so many dossiers, added as the hub adds them: with each change of one."""
    for start in range(0, count, _BATCH):
        changes = [
            ("inspection", dict(_tally(number)))
            for number in range(start, min(start + _BATCH, count))
        ]
        async with hub.store.write() as tx:
            await tx.run_sync(tallies.add, changes)


def _tally(number: int) -> Iterator[tuple[Cell, Amounts]]:
    """What one dossier adds; a thousand of them fill as many cells as a hundred thousand do."""
    agent = number % _AGENTS
    state = STATES[1:][number % 7].name
    done = int(state in {"closed", "archived"})
    for report, category in (("general", ""), ("category", _CATEGORIES[number % 4])):
        cell = Cell(
            report=report,
            period=f"2026-{number % 3 + 1:02}",
            service=f"S{agent % _SERVICES}",
            agent=f"agent-{agent}",
            category=category,
            state=state,
        )
        amounts = Amounts(
            dossiers=1, lines=3, value=Decimal("1250.10"), finished=done, seconds=done * 3_600
        )
        yield cell, amounts


async def _cost(hub: Hub) -> float:
    """Seconds of processor time for both reports, whole and by every column."""
    procedure = hub.registry.procedures["inspection"]
    its = procedure.reports
    if its is None:
        raise LookupError("the inspection has no reports")
    started = time.process_time()
    for name in its.titles:
        asked = reports.Asked(
            name=name, period_from="2026-01", period_until="2026-12", by=reports.COLUMNS
        )
        async with hub.store.read() as connection:
            reports.facts(await reports.gather(connection, procedure, its, asked))
    return time.process_time() - started
