"""Verifications of the journal: one at a time, told of, ended, or given up."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from storage import verifications, watching
from storage.engine import Store
from storage.verifications import Verification
from tests.storage.values import NOW

LATER = NOW + timedelta(minutes=10)


async def begin(store: Store, who: str = "amina") -> int | None:
    async with store.write() as tx:
        return await verifications.begin(tx, who, NOW)


async def latest(store: Store) -> Verification:
    async with store.read() as conn:
        return (await verifications.latest(conn, 1))[0]


async def test_a_verification_goes_from_asked_for_to_its_verdict(store: Store) -> None:
    number = await begin(store)
    assert number is not None
    asked = await latest(store)
    assert (asked.id, asked.asked_by, asked.begun_at) == (number, "amina", NOW)
    assert (asked.running, asked.told_at, asked.faults, asked.whole) == (True, None, None, False)
    async with store.write() as tx:
        assert await verifications.take(tx, number, NOW)
        assert await verifications.progress(tx, number, seals=3, entries=40, now=LATER)
    told = await latest(store)
    assert (told.seals, told.entries, told.told_at) == (3, 40, LATER)
    async with store.write() as tx:
        assert await verifications.end(tx, number, seals=5, entries=60, faults=(), now=LATER)
        assert not await verifications.progress(tx, number, seals=9, entries=9, now=LATER)
        assert not await verifications.end(tx, number, seals=9, entries=9, faults=None, now=LATER)
    ended = await latest(store)
    assert (ended.running, ended.whole, ended.faults) == (False, True, ())
    assert (ended.seals, ended.entries, ended.ended_at) == (5, 60, LATER)


async def test_only_one_is_under_way(store: Store) -> None:
    found = await asyncio.gather(*(begin(store, f"operator-{n}") for n in range(8)))
    (number,) = [one for one in found if one is not None]
    async with store.write() as tx:
        await verifications.end(tx, number, seals=0, entries=0, faults=(), now=NOW)
    following = await begin(store)
    assert following is not None
    assert following > number


async def test_only_one_process_takes_it_up(store: Store) -> None:
    number = await begin(store)
    assert number is not None

    async def take() -> bool:
        async with store.write() as tx:
            return await verifications.take(tx, number, NOW)

    assert sorted(await asyncio.gather(*(take() for _ in range(5)))) == [False] * 4 + [True]


async def test_faults_are_kept_a_line_each(store: Store) -> None:
    number = await begin(store)
    assert number is not None
    async with store.write() as tx:
        faults = ("entry 3 was\nedited", "entry 4 was deleted")
        await verifications.end(tx, number, seals=1, entries=2, faults=faults, now=NOW)
        verdict = await watching.verified(tx)
    ended = await latest(store)
    assert ended.faults == ("entry 3 was edited", "entry 4 was deleted")
    assert not ended.whole
    assert verdict == (number, NOW, ended.faults)


async def test_one_that_is_told_of_is_not_given_up(store: Store) -> None:
    number = await begin(store)
    assert number is not None
    async with store.write() as tx:
        assert await verifications.take(tx, number, LATER)
        gone = {"silent_since": LATER - timedelta(seconds=1), "now": LATER}
        assert not await verifications.give_up(tx, number, **gone)
    assert (await latest(store)).running


async def test_one_that_is_silent_ends_without_a_verdict(store: Store) -> None:
    """What stood before it still stands: a dead process proves nothing."""
    first = await begin(store)
    assert first is not None
    async with store.write() as tx:
        await verifications.end(tx, first, seals=1, entries=2, faults=("broken",), now=NOW)
        second = await verifications.begin(tx, "amina", NOW)
        assert second is not None
        assert await verifications.give_up(tx, second, silent_since=LATER, now=LATER)
        assert not await verifications.give_up(tx, second, silent_since=LATER, now=LATER)
        assert await watching.verified(tx) == (first, NOW, ("broken",))
    ended = await latest(store)
    assert (ended.running, ended.faults, ended.whole) == (False, None, False)
