"""Processes are seen while they live, and what they hold is found by the end of its lease."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from storage import journal, processes, progress, queue
from storage.engine import Store
from storage.processes import Process
from storage.progress import Raced
from storage.queue import Kind
from tests.storage.values import LEASE, NOW, claim, put, record, work

PROCESS = Process(
    name="hub/1",
    host="hub",
    pid=1,
    version="0.1",
    loops={"work": NOW, "seal": NOW - timedelta(seconds=1)},
    started_at=NOW - timedelta(hours=1),
    seen_at=NOW,
)


async def test_a_process_is_seen_as_it_last_said_and_gone_when_it_ends(store: Store) -> None:
    other = replace(PROCESS, name="hub/2", pid=2)
    later = replace(PROCESS, seen_at=NOW + timedelta(seconds=3), loops={"work": NOW})
    async with store.write() as tx:
        for one in (other, PROCESS, later):
            await processes.beat(tx, one)
    async with store.read() as connection:
        assert await processes.alive(connection) == [later, other]
    async with store.write() as tx:
        await processes.gone(tx, "hub/1")
    async with store.read() as connection:
        assert await processes.alive(connection) == [other]


async def test_a_process_silent_for_a_day_is_forgotten(store: Store) -> None:
    silent = replace(PROCESS, name="hub/2", seen_at=NOW - timedelta(hours=25))
    async with store.write() as tx:
        await processes.beat(tx, PROCESS)
        await processes.beat(tx, silent)
        await processes.prune(tx, NOW)
        assert await processes.alive(tx) == [PROCESS]


async def test_leases_are_what_workers_hold_now(store: Store) -> None:
    await put(store, work(1), work(2), work(3), work(4, kind=Kind.MAIL))
    first = await claim(store, limit=1, worker="hub/1/worker/0")
    mail = await claim(store, limit=1, kinds=(Kind.MAIL,), now=NOW + timedelta(seconds=1))
    (failed,) = await claim(store, limit=1)
    async with store.write() as tx:  # backs off: nobody holds it
        await queue.retry(tx, failed, due=NOW + timedelta(seconds=9), error="no")
    async with store.read() as connection:
        held = await processes.leases(connection, NOW, LEASE + timedelta(seconds=1))
        assert held == [*first, *mail]
        assert await processes.leases(connection, NOW, LEASE, cap=1) == first
        assert await processes.leases(connection, NOW + LEASE * 2, LEASE) == []


async def _sealed(store: Store, *subjects: str) -> None:
    async with store.write() as tx:
        await journal.append(tx, [record(subject) for subject in subjects])
        await journal.seal(tx, lambda _: b"signed", NOW)


async def test_each_seal_is_read_once_and_whoever_comes_second_keeps_nothing(
    store: Store,
) -> None:
    await _sealed(store, "a", "b")
    await _sealed(store, "c")
    async with store.read() as connection:
        first = await progress.unread(connection, "census")
        again = await progress.unread(connection, "census")
    assert first == again
    assert first is not None
    assert [one.record.subject for one in first.entries] == ["a", "b"]
    async with store.write() as tx:
        await progress.advance(tx, "census", first, NOW)
    for _ in range(2):
        with pytest.raises(Raced):
            async with store.write() as tx:
                await progress.advance(tx, "census", first, NOW)
    async with store.read() as connection:
        second = await progress.unread(connection, "census")
        other = await progress.unread(connection, "another")
    assert other == first
    assert second is not None
    assert [one.record.subject for one in second.entries] == ["c"]
    async with store.write() as tx:
        await progress.advance(tx, "census", second, NOW)
    async with store.read() as connection:
        assert await progress.unread(connection, "census") is None
        assert await progress.reached(connection, "census") == 2
