from __future__ import annotations

import asyncio
from itertools import count as counting
from itertools import islice

import pytest

from schemas.workflow import Serial
from storage import dossiers, serials
from storage.dossiers import Change, Stale
from storage.engine import Store
from tests.storage.values import change, count


def opening(number: int, series: str = "BM", year: int = 2026) -> Change:
    serial = Serial(series=series, year=year, number=number)
    return change(serial.reference, procedure="inspection", to_state="new", serial=serial)


async def apply(store: Store, *changes: Change) -> None:
    async with store.write() as tx:
        await dossiers.apply(tx, changes)


async def last(store: Store, series: str = "BM", year: int = 2026) -> int:
    async with store.read() as connection:
        return await connection.run_sync(serials.last, series, year)


async def test_sixteen_workers_open_two_hundred_dossiers_without_gap_or_double(
    store: Store,
) -> None:
    asked = iter(range(200))
    lost = counting()

    async def work() -> None:
        # Batches of three, as a worker's are: the last batch is shorter.
        while wanted := len(list(islice(asked, 3))):
            while not await attempt(wanted):
                next(lost)

    async def attempt(wanted: int) -> bool:
        first = await last(store) + 1
        await asyncio.sleep(0)  # others read the same
        try:
            await apply(store, *(opening(first + i) for i in reversed(range(wanted))))
        except Stale:
            return False
        return True

    await asyncio.gather(*(work() for _ in range(16)))
    numbers = [f"BM-2026-{number}" for number in range(1, 201)]
    async with store.read() as connection:
        assert sorted(await dossiers.load(connection, numbers)) == sorted(numbers)
    assert await count(store, "dossiers") == await last(store) == 200
    assert next(lost) > 0  # or nothing was tried


async def test_series_and_years_count_by_themselves(store: Store) -> None:
    await apply(store, opening(1), opening(1, "BF"), opening(1, year=2027), opening(2))
    found = [await last(store), await last(store, "BF"), await last(store, year=2027)]
    assert found == [2, 1, 1]
    assert await last(store, "BX") == 0


@pytest.mark.parametrize("numbers", [(2,), (1, 3), (0,), (1, 1)])
async def test_a_first_batch_that_leaves_a_gap_or_doubles_is_stale(
    store: Store, numbers: tuple[int, ...]
) -> None:
    with pytest.raises(Stale):
        await apply(store, *(opening(number) for number in numbers))
    assert await count(store, "dossiers") == await last(store) == 0


@pytest.mark.parametrize("number", [1, 2, 4])
async def test_only_the_next_number_opens_a_dossier(store: Store, number: int) -> None:
    await apply(store, opening(1), opening(2))
    with pytest.raises(Stale):
        await apply(store, opening(number))
    assert await last(store) == 2
    await apply(store, opening(3))


async def test_an_opening_that_fails_gives_its_number_back(store: Store) -> None:
    await apply(store, change("LE-1"))
    with pytest.raises(Stale):
        await apply(store, opening(1), change("LE-1"))
    assert await last(store) == 0
    await apply(store, opening(1))
