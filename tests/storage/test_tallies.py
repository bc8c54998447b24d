from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from schemas.workflow import Amounts, Cell
from storage import dossiers, tallies
from storage.engine import Store
from tests.storage.values import change

RUG = Cell(
    report="general", period="2026-03", service="BM", agent="m.alami", category="", state="closed"
)
ONE = Amounts(dossiers=1, lines=3, value=Decimal("1250.10"))


def counted(number: str, tally: Mapping[Cell, Amounts], **changes: Any) -> dossiers.Change:
    return change(number, procedure="inspection", to_state="new", tally=tally, **changes)


async def apply(store: Store, *changes: dossiers.Change) -> None:
    async with store.write() as tx:
        await dossiers.apply(tx, changes)


async def read(store: Store, **asked: Any) -> list[tuple[Cell, Amounts]]:
    wanted = {"report": "general", "period_from": "2026-01", "period_until": "2026-12", **asked}
    async with store.read() as connection:
        return await tallies.read(connection, "inspection", **wanted)


def total(*amounts: Amounts) -> Amounts:
    found = Amounts()
    for one in amounts:
        found = tallies.sum_of(found, one)
    return found


async def test_what_two_batches_make_is_added_up(store: Store) -> None:
    await apply(store, counted("BM-1", {RUG: ONE}), counted("BM-2", {RUG: ONE}))
    await apply(store, counted("BM-1", {RUG: Amounts(finished=1, seconds=3600)}, revision=1))
    ((cell, amounts),) = await read(store, by=("agent", "state"))
    assert cell == replace(RUG, period="", service="")
    assert amounts == Amounts(
        dossiers=2, lines=6, value=Decimal("2500.20"), finished=1, seconds=3600
    )


async def test_a_dossier_that_goes_on_leaves_its_cell_empty_and_unseen(store: Store) -> None:
    await apply(store, counted("BM-1", {RUG: ONE}))
    archived = replace(RUG, state="archived")
    moved = tallies.difference({archived: ONE}, {RUG: ONE})
    await apply(store, counted("BM-1", moved, revision=1))
    assert await read(store, by=("state",)) == [
        (replace(archived, period="", service="", agent=""), ONE)
    ]


async def test_a_report_is_asked_by_months_columns_and_values(store: Store) -> None:
    april = replace(RUG, period="2026-04", agent="s.idrissi")
    other = replace(RUG, report="category", category="tapis")
    fes = replace(RUG, service="BF", agent="")
    await apply(store, counted("BM-1", {RUG: ONE, april: ONE, other: ONE, fes: ONE}))
    assert [cell.period for cell, _ in await read(store, by=("period",))] == ["2026-03", "2026-04"]
    march = await read(store, period_until="2026-03", by=("service", "agent"))
    assert [(cell.service, cell.agent) for cell, _ in march] == [("BF", ""), ("BM", "m.alami")]
    ((_, all_of_it),) = await read(store)
    assert all_of_it == total(ONE, ONE, ONE)
    ((_, unassigned),) = await read(store, agent="")
    assert unassigned == ONE
    ((cell, _),) = await read(store, report="category", by=("category",), service="BM")
    assert cell.category == "tapis"
    assert await read(store, state="archived") == []
    assert await read(store, period_from="2026-05") == []


async def test_values_beyond_what_a_machine_number_holds_stay_exact(store: Store) -> None:
    most = Amounts(value=Decimal("999999999999999999999999.999"))
    await apply(store, counted("BM-0", {RUG: Amounts(value=Decimal("0.001"))}))
    for number in range(1, 13):
        await apply(store, counted(f"BM-{number}", {RUG: most}))
    ((_, amounts),) = await read(store)
    assert amounts.value == Decimal("11999999999999999999999999.989")


async def test_workers_that_count_in_the_same_cells_neither_lose_nor_lock_each_other(
    store: Store,
) -> None:
    cells = [replace(RUG, agent=f"agent-{number}") for number in range(6)]

    async def work(worker: int) -> None:
        for turn in range(10):
            order = cells if worker % 2 else cells[::-1]
            await apply(store, counted(f"BM-{worker}-{turn}", dict.fromkeys(order, ONE)))

    await asyncio.gather(*(work(worker) for worker in range(8)))
    found = await read(store, by=("agent",))
    assert [amounts for _, amounts in found] == [total(*[ONE] * 80)] * len(cells)


amounts = st.builds(
    Amounts,
    dossiers=st.integers(-5, 5),
    value=st.decimals(min_value=-(10**15), max_value=10**15, places=3),
)
counts = st.dictionaries(st.sampled_from([replace(RUG, state=s) for s in "abc"]), amounts)


@given(before=counts, after=counts)
def test_a_difference_added_to_what_stood_gives_what_stands(
    before: dict[Cell, Amounts], after: dict[Cell, Amounts]
) -> None:
    made = tallies.difference(after, before)
    assert Amounts() not in made.values()
    for cell in {*before, *after}:
        stood = before.get(cell, Amounts())
        assert tallies.sum_of(stood, made.get(cell, Amounts())) == after.get(cell, Amounts())
