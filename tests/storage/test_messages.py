from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from storage import journal, messages, queue
from storage.engine import Store
from storage.messages import Attachment
from tests.storage import values
from tests.storage.values import NOW, claim, count, received


async def test_an_accepted_message_has_its_row_its_job_and_its_journal_entry(store: Store) -> None:
    async with store.write() as tx:
        (accepted,) = await messages.accept(tx, [received(dossier="LE-1")])
    async with store.read() as connection:
        message = await messages.find(connection, "exporter", "m-1")
        (job,) = await queue.listing(connection)
        (happened,) = await journal.listing(connection)
    sent = received()
    assert accepted.fresh
    assert message == messages.Message(
        id=accepted.message_id,
        sender="exporter",
        instance="m-1",
        type="LicenceApplication",
        version="1.0",
        dossier="LE-1",
        digest=sent.digest,
        state="received",
        received_at=NOW,
        finished_at=None,
        receipt=sent.receipt,
        content=sent.content,
    )
    assert (job.kind, job.lane, job.subject) == ("work", "LE-1", accepted.message_id)
    assert happened.record.subject == "exporter/m-1"
    assert happened.record.digest == sent.digest


async def test_a_message_without_a_dossier_has_a_lane_of_its_own(store: Store) -> None:
    async with store.write() as tx:
        (accepted,) = await messages.accept(tx, [received()])
    assert [job.lane for job in await claim(store)] == [f"message/{accepted.message_id}"]


async def test_the_same_message_again_gets_the_first_receipt_and_no_effect(store: Store) -> None:
    async with store.write() as tx:
        (first,) = await messages.accept(tx, [received()])
    async with store.write() as tx:
        (again,) = await messages.accept(tx, [received(receipt=b"another receipt")])
    assert again == replace(first, fresh=False)
    for table in ("messages", "message_bodies", "jobs", "journal"):
        assert await count(store, table) == 1


async def test_same_id_with_other_content_answers_the_first_digest(store: Store) -> None:
    async with store.write() as tx:
        (first,) = await messages.accept(tx, [received()])
        (other,) = await messages.accept(tx, [received(digest="0" * 64, content=b"<other/>")])
        kept = await messages.find(tx, "exporter", "m-1")
    assert (other.fresh, other.digest) == (False, first.digest)
    assert kept is not None
    assert kept.content == b"<m-1/>"


async def test_the_same_id_from_two_senders_is_two_messages(store: Store) -> None:
    async with store.write() as tx:
        found = await messages.accept(tx, [received(), received(sender="bank")])
    assert [accepted.fresh for accepted in found] == [True, True]


async def test_two_equal_keys_in_one_batch_make_one_message(store: Store) -> None:
    batch = [received("b"), received("a"), received("b", receipt=b"second"), received("b")]
    async with store.write() as tx:
        found = await messages.accept(tx, batch)
    assert [accepted.fresh for accepted in found] == [True, True, False, False]
    assert found[0].message_id == found[2].message_id == found[3].message_id
    assert {accepted.receipt for accepted in found[2:]} == {b"receipt of b"}
    assert await count(store, "messages") == 2


async def test_a_batch_is_put_to_work_in_its_own_order(store: Store) -> None:
    batch = [received(instance, dossier="LE-1") for instance in ("z", "a", "m")]
    async with store.write() as tx:
        found = await messages.accept(tx, batch)
    async with store.read() as connection:
        jobs = await queue.listing(connection)
    assert [job.subject for job in jobs] == [accepted.message_id for accepted in found]


async def test_five_hundred_simultaneous_duplicates_make_one_row(store: Store) -> None:
    async def send(number: int) -> messages.Accepted:
        async with store.write() as tx:
            (found,) = await messages.accept(tx, [received(receipt=f"receipt {number}".encode())])
        return found

    found = await asyncio.gather(*(send(number) for number in range(500)))
    assert sum(accepted.fresh for accepted in found) == 1
    assert len({(accepted.message_id, accepted.receipt) for accepted in found}) == 1
    assert await count(store, "messages") == 1
    assert await count(store, "jobs") == 1


async def test_batches_of_the_same_messages_in_other_orders_do_not_deadlock(store: Store) -> None:
    keys = [f"m-{number}" for number in range(12)]

    async def send(turn: int) -> int:
        batch = [received(key, dossier="LE-1") for key in keys[turn:] + keys[:turn]]
        async with store.write() as tx:
            return sum(accepted.fresh for accepted in await messages.accept(tx, batch))

    assert sum(await asyncio.gather(*(send(turn) for turn in range(12)))) == 12


async def test_nothing_of_a_rolled_back_batch_is_kept(store: Store) -> None:
    async def accept_and_fail() -> None:
        async with store.write() as tx:
            await messages.accept(tx, [received()])
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await accept_and_fail()
    for table in ("messages", "message_bodies", "jobs", "journal"):
        assert await count(store, table) == 0


async def test_attachments_come_back_each_once_whatever_their_bytes(store: Store) -> None:
    parts = tuple(
        Attachment(digest=digest, media_type="application/pdf", content=content)
        for digest, content in (("b" * 64, b"%PDF \x00\xff"), ("a" * 64, b""), ("b" * 64, b""))
    )
    async with store.write() as tx:
        one, two = await messages.accept(tx, [received("one", attachments=parts), received("two")])
    async with store.read() as connection:
        found = await messages.attachments(connection, one.message_id)
        assert await messages.attachments(connection, two.message_id) == ()
        assert await messages.attachments_of(connection, []) == {}
    assert [part.digest for part in found] == ["a" * 64, "b" * 64]


async def test_messages_are_loaded_by_their_ids(store: Store) -> None:
    async with store.write() as tx:
        accepted = await messages.accept(tx, [received(f"m-{n}") for n in range(3)])
    ids = [found.message_id for found in accepted]
    async with store.read() as connection:
        loaded = await messages.load(connection, [ids[2], ids[0], 10**9])
        assert await messages.load(connection, []) == {}
    assert {key: message.instance for key, message in loaded.items()} == {
        ids[0]: "m-0",
        ids[2]: "m-2",
    }


async def test_messages_are_listed_latest_first_by_sender_and_by_dossier(store: Store) -> None:
    async with store.write() as tx:
        await messages.accept(tx, [received(f"m-{n}") for n in range(3)])
        await messages.accept(tx, [received("m-3", sender="bank", dossier="LE-1")])
    async with store.read() as connection:
        first = await messages.listing(connection, limit=2)
        rest = await messages.listing(connection, before=first[-1].id)
        own = await messages.listing(connection, sender="exporter")
        of_dossier = await messages.listing(connection, dossier="LE-1")
    assert [message.instance for message in first + rest] == ["m-3", "m-2", "m-1", "m-0"]
    assert [message.instance for message in own] == ["m-2", "m-1", "m-0"]
    assert [message.instance for message in of_dossier] == ["m-3"]


async def test_a_naive_instant_is_refused(store: Store) -> None:
    with pytest.raises(Exception, match="no time zone"):
        async with store.write() as tx:
            await messages.accept(tx, [received(received_at=values.NOW.replace(tzinfo=None))])
    assert await count(store, "messages") == 0
