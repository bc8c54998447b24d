"""The journal verified by the hub itself: whole, broken, left behind, stopped."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from gateway import verifying
from gateway.verifying import PATIENCE, Verifier
from storage import chain, journal, journal_search, verifications
from storage.journal_search import View, Wanted
from storage.verifications import Verification
from tests.storage.values import record
from tests.town import Clock, Town, town


@pytest.fixture
async def quiet(tmp_path: Path, database_url: str) -> AsyncIterator[tuple[Town, Clock]]:
    """A hub whose loops stand still, with three seals over twelve entries."""
    clock = Clock()
    async with town(tmp_path, database_url, workers=0, clock=clock) as place:
        for number in range(3):
            async with place.hub.store.write() as tx:
                await journal.append(tx, [record(f"s-{number}-{part}") for part in range(4)])
                await journal.seal(tx, place.hub.stamp.sign, clock())
        yield place, clock


def not_stopping() -> bool:
    return False


async def begin(place: Town) -> int | None:
    return await verifying.begin(place.hub, "amina", place.hub.clock())


async def latest(place: Town) -> Verification:
    async with place.hub.store.read() as conn:
        return (await verifications.latest(conn, 1))[0]


async def verified(place: Town) -> Verification:
    assert await begin(place) is not None
    assert await Verifier(place.hub, not_stopping).turn() == 1
    return await latest(place)


async def spoil(place: Town, statement: str) -> None:
    async with place.hub.store.write() as tx:
        await tx.run_sync(lambda sync: sync.exec_driver_sql(statement).close())


async def test_a_whole_journal_is_found_whole(quiet: tuple[Town, Clock]) -> None:
    place, _ = quiet
    found = await verified(place)
    assert (found.whole, found.seals, found.entries, found.asked_by) == (True, 3, 12, "amina")
    async with place.hub.store.read() as conn:
        lines = [line async for line in journal.export(conn, place.hub.stamp.sign, found.begun_at)]
        page = await journal_search.search(conn, Wanted(view=View.ACTS))
        ended = await journal_search.search(conn, Wanted(kind="journal verified"))
    verdict = chain.verify(lines, verifying.signed_by(place.hub_certificate))
    assert (verdict.seals, verdict.entries) == (found.seals, found.entries)
    (begun,) = page.rows
    assert (begun.record.kind, begun.record.subject) == (
        "journal verification begun",
        str(found.id),
    )
    assert ended.rows[0].record.facts == {"asked_by": "amina", "verdict": str(verdict)}


async def test_each_faulty_entry_is_named_the_verdicts_own_first(
    quiet: tuple[Town, Clock],
) -> None:
    place, _ = quiet
    await spoil(place, "UPDATE journal SET actor = 'nobody' WHERE id IN (6, 11)")
    await spoil(place, "DELETE FROM journal WHERE id = 9")
    found = await verified(place)
    assert not found.whole
    assert (found.seals, found.entries) == (1, 4)
    assert found.faults == ("entry 6 was edited", "entry 9 was deleted", "entry 11 was edited")


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("DELETE FROM seals WHERE number = 2", "seal 2 was deleted"),
        ("UPDATE seals SET hash = previous", "seal 1 was edited"),
        ("DELETE FROM seals WHERE number > 1", "entry at position 13 was cut off"),
    ],
)
async def test_a_faulty_seal_is_named(
    quiet: tuple[Town, Clock], statement: str, fault: str
) -> None:
    place, _ = quiet
    await spoil(place, statement)
    found = await verified(place)
    assert found.faults is not None
    assert found.faults[0] == fault


async def test_a_second_one_waits_until_the_first_has_ended(quiet: tuple[Town, Clock]) -> None:
    place, _ = quiet
    assert await begin(place) is not None
    assert await begin(place) is None
    assert await Verifier(place.hub, not_stopping).turn() == 1
    assert await Verifier(place.hub, not_stopping).turn() == 0
    assert await begin(place) is not None


async def test_one_that_a_dead_process_left_ends_without_a_verdict(
    quiet: tuple[Town, Clock],
) -> None:
    place, clock = quiet
    number = await begin(place)
    assert number is not None
    async with place.hub.store.write() as tx:
        await verifications.take(tx, number, clock())
    verifier = Verifier(place.hub, not_stopping)
    assert await verifier.turn() == 0
    assert (await latest(place)).running
    clock.leap += PATIENCE + timedelta(seconds=1)
    assert await verifier.turn() == 0
    left = await latest(place)
    assert (left.running, left.faults) == (False, None)
    assert await begin(place) is not None


async def test_one_that_nobody_took_up_makes_room_for_another(quiet: tuple[Town, Clock]) -> None:
    place, clock = quiet
    first = await begin(place)
    clock.leap += PATIENCE + timedelta(seconds=1)
    second = await begin(place)
    assert None not in (first, second)
    assert first != second


async def test_a_hub_that_stops_does_not_wait_for_it(quiet: tuple[Town, Clock]) -> None:
    place, _ = quiet
    assert await begin(place) is not None
    await Verifier(place.hub, lambda: True).turn()
    left = await latest(place)
    assert (left.running, left.faults, left.whole) == (False, None, False)


async def test_a_store_that_fails_midway_ends_it_without_a_verdict(
    quiet: tuple[Town, Clock], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("a bug")

    place, _ = quiet
    monkeypatch.setattr("gateway.verifying.chain.verify", broken)
    assert (await verified(place)).faults is None


async def test_a_running_hub_carries_it_out_by_itself(tmp_path: Path, sqlite_url: str) -> None:
    async with town(tmp_path, sqlite_url) as place:
        async with place.hub.store.write() as tx:
            await journal.append(tx, [record("first")])
        place.hub.store.hint("seal")
        await begin(place)
        for _ in range(200):
            if not (await latest(place)).running:
                break
            await asyncio.sleep(0.05)
        assert (await latest(place)).whole
