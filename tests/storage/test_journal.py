from __future__ import annotations

import asyncio
import hmac
from datetime import timedelta

import pytest

from storage import chain, journal
from storage.engine import Store
from storage.verdict import Fault, Part
from tests.storage.values import NOW, count, record


def sign(message: bytes) -> bytes:
    return hmac.digest(b"the hub's key", message, "sha256")


def check(message: bytes, signature: bytes) -> bool:
    return hmac.compare_digest(sign(message), signature)


async def append(store: Store, *subjects: str) -> None:
    async with store.write() as tx:
        await journal.append(tx, [record(subject) for subject in subjects])


async def seal(store: Store, limit: int = 1000) -> int:
    async with store.write() as tx:
        return await journal.seal(tx, sign, NOW, limit)


async def export(store: Store) -> list[str]:
    async with store.read() as connection:
        return [line async for line in journal.export(connection, sign, NOW)]


async def change_database(store: Store, statement: str) -> None:
    async with store.write() as tx:
        await tx.run_sync(lambda sync: sync.exec_driver_sql(statement).close())


async def test_records_are_listed_as_they_were_written(store: Store) -> None:
    written = record(
        "exporter/m-1",
        dossier="LE-1",
        digest="aa" * 32,
        facts={"état": "« visé »", "a": ""},
        at=NOW + timedelta(microseconds=1),
    )
    await append(store, "first")
    async with store.write() as tx:
        await journal.append(tx, [written])
        await journal.append(tx, [])
    async with store.read() as connection:
        latest, first = await journal.listing(connection)
        (own,) = await journal.listing(connection, dossier="LE-1")
        (older,) = await journal.listing(connection, before=latest.id)
    assert latest.record == written
    assert own == latest
    assert older == first
    assert (first.record.subject, first.seal) == ("first", None)


async def test_an_export_of_sealed_entries_is_whole(store: Store) -> None:
    await append(store, *(f"s-{number}" for number in range(7)))
    assert [await seal(store, limit=3) for _ in range(4)] == [3, 3, 1, 0]
    verdict = chain.verify(await export(store), check)
    assert verdict.whole, str(verdict)
    assert (verdict.entries, verdict.seals) == (7, 3)


async def test_an_empty_journal_exports_whole(store: Store) -> None:
    assert await seal(store) == 0
    assert chain.verify(await export(store), check).whole


async def test_what_is_not_sealed_yet_is_not_exported(store: Store) -> None:
    await append(store, "sealed")
    await seal(store)
    await append(store, "not yet")
    lines = await export(store)
    assert chain.verify(lines, check).entries == 1
    assert not any("not yet" in line for line in lines)


async def test_more_seals_than_a_page_are_all_exported(store: Store) -> None:
    for number in range(45):
        await append(store, f"s-{number}")
        await seal(store)
    verdict = chain.verify(await export(store), check)
    assert (verdict.whole, verdict.entries, verdict.seals) == (True, 45, 45)


async def test_an_entry_that_commits_late_goes_into_a_later_seal(postgres_url: str) -> None:
    store = await Store.open(postgres_url)
    async with store.write() as late:
        await journal.append(late, [record("late")])
        await append(store, "early")
        assert await seal(store) == 1
    assert await seal(store) == 1
    async with store.read() as connection:
        early, late_one = await journal.listing(connection)
    assert (early.record.subject, early.seal) == ("early", 1)
    assert (late_one.record.subject, late_one.seal) == ("late", 2)
    assert late_one.id < early.id
    assert chain.verify(await export(store), check).whole
    await store.close()


async def test_processes_that_seal_at_once_take_turns(store: Store) -> None:
    await append(store, *(f"s-{number}" for number in range(40)))
    sealed = await asyncio.gather(*(seal(store, limit=7) for _ in range(10)))
    assert sum(sealed) == 40
    verdict = chain.verify(await export(store), check)
    assert (verdict.whole, verdict.entries) == (True, 40)


async def test_an_entry_edited_in_the_database_is_named(store: Store) -> None:
    await append(store, *(f"s-{number}" for number in range(6)))
    await seal(store, limit=4)
    await seal(store)
    await change_database(store, "UPDATE journal SET actor = 'nobody' WHERE id = 3")
    verdict = chain.verify(await export(store), check)
    assert (verdict.fault, verdict.part, verdict.entry) == (Fault.EDITED, Part.ENTRY, 3)


async def test_an_entry_deleted_from_the_database_is_named(store: Store) -> None:
    await append(store, *(f"s-{number}" for number in range(6)))
    await seal(store)
    await change_database(store, "DELETE FROM journal WHERE id = 6")
    verdict = chain.verify(await export(store), check)
    assert (verdict.fault, verdict.entry) == (Fault.DELETED, 6)


@pytest.mark.parametrize("number", [1, 2, 3])
async def test_a_seal_deleted_from_the_database_is_named(store: Store, number: int) -> None:
    for subject in ("a", "b", "c"):
        await append(store, subject)
        await seal(store)
    await change_database(store, f"DELETE FROM seals WHERE number = {number}")  # noqa: S608
    verdict = chain.verify(await export(store), check)
    assert (verdict.fault, verdict.part, verdict.seal) == (Fault.DELETED, Part.SEAL, number)
    assert (verdict.entry, verdict.position) == (number, number)
    assert await count(store, "journal") == 3


async def test_two_last_seals_deleted_from_the_database_are_missed(store: Store) -> None:
    for subject in ("a", "b", "c"):
        await append(store, subject)
        await seal(store)
    await change_database(store, "DELETE FROM seals WHERE number > 1")
    verdict = chain.verify(await export(store), check)
    assert (verdict.fault, verdict.entries) == (Fault.CUT_OFF, 1)


async def test_an_export_by_turns_is_the_same_export(store: Store) -> None:
    for number, many in enumerate((1, 30, 3, 1, 1)):
        await append(store, *(f"s-{number}-{place}" for place in range(many)))
        await seal(store)
    turns = [lines async for lines in journal.export_by_turns(store, sign, NOW)]
    assert [line for lines in turns for line in lines] == await export(store)
    assert [len(lines) for lines in turns] == [1, 2, 31, 4, 2, 2, 1]


async def test_an_export_by_turns_takes_in_what_is_sealed_meanwhile(store: Store) -> None:
    await append(store, "first")
    await seal(store)
    lines: list[str] = []
    async for turn in journal.export_by_turns(store, sign, NOW):
        lines += turn
        if len(lines) == 3:
            await append(store, "second")
            await seal(store)
    verdict = chain.verify(lines, check)
    assert (verdict.whole, verdict.entries, verdict.seals) == (True, 2, 2)


async def test_an_export_by_turns_misses_the_last_seals_too(store: Store) -> None:
    for subject in ("a", "b", "c"):
        await append(store, subject)
        await seal(store)
    await change_database(store, "DELETE FROM seals WHERE number > 1")
    turns = [lines async for lines in journal.export_by_turns(store, sign, NOW)]
    verdict = chain.verify([line for lines in turns for line in lines], check)
    assert verdict.fault is Fault.CUT_OFF


async def test_each_entry_that_differs_from_its_seal_is_named(store: Store) -> None:
    await append(store, *(f"s-{number}" for number in range(8)))
    await seal(store)
    await change_database(store, "UPDATE journal SET subject = 'other' WHERE id IN (2, 5)")
    await change_database(store, "DELETE FROM journal WHERE id = 7")
    await append(store, "added")
    await change_database(store, "UPDATE journal SET seal = 1 WHERE id = 9")
    turns = [lines async for lines in journal.export_by_turns(store, sign, NOW)]
    assert [one for lines in turns for one in chain.differences(lines)] == [
        (Fault.EDITED, 2),
        (Fault.EDITED, 5),
        (Fault.DELETED, 7),
        (Fault.INSERTED, 9),
    ]
