from __future__ import annotations

import asyncio
import multiprocessing
import sqlite3
import time
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from schemas.workflow import Role
from storage import StoreUnavailable, partners
from storage.engine import Connection, Store
from storage.sqlite import SqliteStore, Thread
from tests.storage.values import NOW, count


async def add(tx: Connection, name: str) -> None:
    await partners.add(tx, name=name, role=Role.BANK, now=NOW)


def asked(connection: Any, question: str) -> Any:
    return connection.exec_driver_sql(question).scalar()


async def test_what_is_written_is_read_by_the_next_reading(store: Store) -> None:
    async with store.write() as tx:
        await add(tx, "bank")
    assert await count(store, "partners") == 1


async def test_an_exception_rolls_everything_back(store: Store) -> None:
    async def fail() -> None:
        async with store.write() as tx:
            await add(tx, "bank")
            raise KeyError("bank")

    with pytest.raises(KeyError):
        await fail()
    assert await count(store, "partners") == 0


async def test_a_cancelled_writer_leaves_nothing_and_blocks_nobody(store: Store) -> None:
    begun = asyncio.Event()

    async def dawdle() -> None:
        async with store.write() as tx:
            await add(tx, "bank")
            begun.set()
            await asyncio.sleep(60)

    task = asyncio.create_task(dawdle())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with store.write() as tx:
        await add(tx, "bank")
    assert await count(store, "partners") == 1


async def test_a_reading_is_of_one_moment(store: Store) -> None:
    async with store.read() as connection:
        before = await connection.run_sync(asked, "SELECT count(*) FROM partners")
        async with store.write() as tx:
            await add(tx, "bank")
        after = await connection.run_sync(asked, "SELECT count(*) FROM partners")
    assert (before, after) == (0, 0)
    assert await count(store, "partners") == 1


async def test_a_reading_cannot_write(store: Store) -> None:
    with pytest.raises(Exception, match=r"read-?only"):
        async with store.read() as connection:
            await add(connection, "bank")
    assert await count(store, "partners") == 0


async def test_more_readings_than_connections_take_turns(store: Store) -> None:
    async def read() -> int:
        async with store.read() as connection:
            await asyncio.sleep(0.001)
            return int(await connection.run_sync(asked, "SELECT 1"))

    assert sum(await asyncio.gather(*(read() for _ in range(60)))) == 60


async def test_a_wrong_query_is_a_bug_and_not_an_outage(store: Store) -> None:
    with pytest.raises(Exception, match="nonsense") as caught:
        async with store.read() as connection:
            await connection.run_sync(asked, "SELECT nonsense")
    assert not isinstance(caught.value, StoreUnavailable)


async def test_a_hint_wakes_a_waiting_worker_at_once(store: Store) -> None:
    await asyncio.sleep(0.3)  # PostgreSQL's listener greets once it listens
    wakeup = store.wakeup("work")
    wakeup.look()
    waiting = asyncio.create_task(wakeup.wait(30))
    await asyncio.sleep(0.05)
    begun = time.monotonic()
    store.hint("work")
    await waiting
    assert time.monotonic() - begun < 5


async def test_a_hint_that_comes_while_one_looks_is_not_lost(store: Store) -> None:
    await asyncio.sleep(0.3)
    first, second = store.wakeup("work"), store.wakeup("work")
    for wakeup in (first, second):
        wakeup.look()
    store.hint("work")
    begun = time.monotonic()
    await first.wait(30)
    await second.wait(30)
    assert time.monotonic() - begun < 5


async def test_a_hint_for_other_work_wakes_nobody(store: Store) -> None:
    await asyncio.sleep(0.3)
    wakeup = store.wakeup("render")
    wakeup.look()
    store.hint("work", "deliver")
    begun = time.monotonic()
    await wakeup.wait(0.2)
    assert time.monotonic() - begun >= 0.19


async def test_without_a_hint_a_worker_waits_its_time(store: Store) -> None:
    await asyncio.sleep(0.3)
    wakeup = store.wakeup("work")
    begun = time.monotonic()
    await wakeup.wait(0.2)
    assert time.monotonic() - begun >= 0.19


async def test_a_closed_store_is_unavailable(sqlite_url: str) -> None:
    store = await Store.open(sqlite_url)
    await store.close()
    with pytest.raises(StoreUnavailable):
        async with store.write():
            pass
    with pytest.raises(StoreUnavailable):
        async with store.read():
            pass


@pytest.mark.parametrize("url", ["mysql://host/db", "sqlite://"])
async def test_another_kind_of_address_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="sqlite:///"):
        await Store.open(url)


async def test_a_folder_that_does_not_exist_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable):
        await Store.open(f"sqlite:///{tmp_path}/missing/hub.db")


# SQLite


async def test_the_durable_pragmas_are_really_set(sqlite_url: str) -> None:
    wanted = {
        "journal_mode": ("wal", "wal"),
        "synchronous": (2, 2),  # FULL
        "foreign_keys": (1, 0),
        "wal_autocheckpoint": (4000, 0),
        "query_only": (0, 1),
        "busy_timeout": (5000, 5000),
    }
    store = await Store.open(sqlite_url)
    async with store.write() as tx, store.read() as connection:
        for pragma, (writing, reading) in wanted.items():
            assert await tx.run_sync(asked, f"PRAGMA {pragma}") == writing, pragma
            assert await connection.run_sync(asked, f"PRAGMA {pragma}") == reading, pragma
    await store.close()


async def test_a_short_lived_writer_never_checkpoints(sqlite_url: str) -> None:
    store = await Store.open(sqlite_url, checkpoint=False)
    async with store.write() as tx:
        assert await tx.run_sync(asked, "PRAGMA wal_autocheckpoint") == 0
    await store.close()


async def test_a_locked_database_is_unavailable_and_recovers(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.sqlite.BUSY_SECONDS", 0.05)
    store = await Store.open(sqlite_url)
    other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnavailable, match="locked"):
        async with store.write() as tx:
            await add(tx, "bank")
    other.execute("COMMIT")
    other.close()
    async with store.write() as tx:
        await add(tx, "bank")
    assert await count(store, "partners") == 1
    await store.close()


async def test_a_full_disk_is_unavailable_and_recovers(sqlite_url: str) -> None:
    store = await Store.open(sqlite_url)
    async with store.write() as tx:
        pages = await tx.run_sync(asked, "PRAGMA page_count")
        await tx.run_sync(asked, f"PRAGMA max_page_count = {pages}")

    async def fill() -> None:
        async with store.write() as tx:
            for number in range(2000):
                await add(tx, f"bank-{number}")

    with pytest.raises(StoreUnavailable, match="full"):
        await fill()
    assert await count(store, "partners") == 0
    async with store.write() as tx:
        await tx.run_sync(asked, "PRAGMA max_page_count = 1000000")
        await add(tx, "bank")
    assert await count(store, "partners") == 1
    await store.close()


async def test_a_failed_commit_is_no_commit(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(thread: Thread) -> None:
        error = sqlite3.OperationalError("disk I/O error")
        error.sqlite_errorcode = sqlite3.SQLITE_IOERR_FSYNC
        raise error

    store = await Store.open(sqlite_url)
    with monkeypatch.context() as broken:
        broken.setattr(Thread, "_committed", fail)
        with pytest.raises(StoreUnavailable, match="disk I/O error"):
            async with store.write() as tx:
                await add(tx, "bank")
    assert await count(store, "partners") == 0
    async with store.write() as tx:
        await add(tx, "bank")
    assert await count(store, "partners") == 1
    await store.close()


def _hold_the_lock(path: str, held: Event, seconds: float) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    connection.execute(
        "INSERT INTO partners (name, role, created_at)"
        " VALUES ('other', 'bank', '2026-03-02T09:30:00.000000Z')"
    )
    held.set()
    time.sleep(seconds)
    connection.execute("COMMIT")


async def test_writers_of_two_processes_wait_for_one_another(sqlite_url: str) -> None:
    store = await Store.open(sqlite_url)
    context = multiprocessing.get_context("spawn")
    held = context.Event()
    path = sqlite_url.removeprefix("sqlite:///")
    other = context.Process(target=_hold_the_lock, args=(path, held, 0.5))
    other.start()
    assert await asyncio.to_thread(held.wait, 30)
    async with store.write() as tx:
        await add(tx, "bank")
    await asyncio.to_thread(other.join, 30)
    async with store.read() as connection:
        assert [found.name for found in await partners.all(connection)] == ["bank", "other"]
    await store.close()


async def test_two_stores_write_one_file_in_turns(sqlite_url: str) -> None:
    serving = await Store.open(sqlite_url)
    beside = await Store.open(sqlite_url, checkpoint=False)

    async def write(store: Store, name: str) -> None:
        async with store.write() as tx:
            await add(tx, name)

    await asyncio.gather(
        *(write(serving, f"s-{number}") for number in range(20)),
        *(write(beside, f"b-{number}") for number in range(20)),
    )
    await beside.close()
    assert await count(serving, "partners") == 40
    assert isinstance(serving, SqliteStore)
    await serving.close()


# PostgreSQL


async def _kill_sessions(url: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    await connection.close()


async def test_a_killed_connection_is_unavailable_and_the_next_one_works(
    postgres_url: str,
) -> None:
    store = await Store.open(postgres_url)

    async def lose_connection() -> None:
        async with store.write() as tx:
            await add(tx, "bank")
            await _kill_sessions(postgres_url)
            await add(tx, "second")

    with pytest.raises(StoreUnavailable):
        await lose_connection()
    assert await count(store, "partners") == 0
    await store.close()


async def test_a_connection_killed_before_its_commit_is_unavailable(postgres_url: str) -> None:
    store = await Store.open(postgres_url)

    async def lose_connection() -> None:
        async with store.write() as tx:
            await add(tx, "bank")
            await _kill_sessions(postgres_url)

    with pytest.raises(StoreUnavailable):
        await lose_connection()
    assert await count(store, "partners") == 0
    await store.close()


async def test_connections_killed_while_idle_cost_one_refusal_at_most(postgres_url: str) -> None:
    store = await Store.open(postgres_url)
    await asyncio.gather(*(count(store, "partners") for _ in range(5)))
    await _kill_sessions(postgres_url)
    refused = 0
    for _ in range(6):
        try:
            await count(store, "partners")
        except StoreUnavailable:
            refused += 1
    assert refused <= 1
    await store.close()


async def test_a_server_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable):
        await Store.open(f"postgresql://postgres@/hub?host={tmp_path}")


async def test_a_hint_reaches_the_other_processes_and_survives_a_lost_listener(
    postgres_url: str,
) -> None:
    here, there = await Store.open(postgres_url), await Store.open(postgres_url)
    for _ in range(2):
        await asyncio.sleep(0.5)
        wakeup = there.wakeup("deliver")
        wakeup.look()
        waiting = asyncio.create_task(wakeup.wait(30))
        begun = time.monotonic()
        here.hint("work")
        await waiting
        assert time.monotonic() - begun < 10
        await _kill_sessions(postgres_url)
        await asyncio.sleep(1.5)  # the listeners come back
    await here.close()
    await there.close()
