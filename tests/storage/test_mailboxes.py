from __future__ import annotations

from datetime import timedelta

import pytest

from storage import mailboxes, outgoing, queue
from storage.engine import Store
from storage.mailboxes import Undelivered
from storage.queue import Kind
from tests.storage import values
from tests.storage.values import NOW, claim, count

APART = timedelta(seconds=1)


async def waiting_for_two(store: Store) -> None:
    """Twelve messages for one partner, one of them given up and one delivered; one for another."""
    async with store.write() as tx:
        await outgoing.store(
            tx,
            [
                values.outgoing(f"m-{number:02}", push=True, dossier=f"LE-{number % 3}")
                for number in range(12)
            ],
        )
        await outgoing.store(tx, [values.outgoing("other", receiver="adii", push=True)])
    first, *_ = await claim(store, kinds=[Kind.DELIVER], limit=1)
    async with store.write() as tx:
        await queue.park(tx, first, reason="410", now=NOW)
    done, *_ = await claim(store, kinds=[Kind.DELIVER], limit=1)
    async with store.write() as tx:
        await queue.finish(tx, [done])
        await outgoing.delivered(tx, done.subject, NOW)


async def test_all_that_waits_goes_into_the_mailbox_and_off_the_queue(store: Store) -> None:
    await waiting_for_two(store)
    async with store.write() as tx:
        assert await mailboxes.undelivered(tx, "exporter") == Undelivered(
            pushing=10, parked=1, mailbox=0, oldest=NOW
        )
        assert len(await mailboxes.waiting(tx, "exporter", limit=3)) == 3
        assert await mailboxes.to_mailbox(tx, "exporter") == 11
        assert await mailboxes.undelivered(tx, "exporter") == Undelivered(
            pushing=0, parked=0, mailbox=11, oldest=None
        )
        boxed = await outgoing.mailbox(tx, "exporter")
    assert len(boxed) == 11
    (left,) = await claim(store, kinds=[Kind.DELIVER])
    assert (left.lane or "").startswith("push/adii/")
    assert await count(store, "jobs") == 1


async def test_a_delivery_under_way_finds_its_job_gone(store: Store) -> None:
    async with store.write() as tx:
        await outgoing.store(tx, [values.outgoing("m-1", push=True)])
    (job,) = await claim(store, kinds=[Kind.DELIVER])
    async with store.write() as tx:
        assert await mailboxes.to_mailbox(tx, "exporter") == 1
    with pytest.raises(queue.LeaseLost):
        async with store.write() as tx:
            await queue.finish(tx, [job])


async def test_a_mailbox_is_pushed_in_its_order_and_at_its_pace(store: Store) -> None:
    await waiting_for_two(store)
    async with store.write() as tx:
        await mailboxes.to_mailbox(tx, "exporter")
        assert await mailboxes.to_push(tx, "exporter", NOW, APART) == 11
        assert await mailboxes.to_push(tx, "exporter", NOW, APART) == 0
        assert (await mailboxes.undelivered(tx, "exporter")).pushing == 11
        every = await queue.listing(tx, kind=Kind.DELIVER)
        jobs = [job for job in every if (job.lane or "").startswith("push/exporter/")]
    assert await count(store, "jobs") == 12
    by_id = sorted(jobs, key=lambda job: job.id)
    assert [job.subject for job in by_id] == sorted(job.subject for job in jobs)
    assert [job.due for job in by_id] == [NOW + place * APART for place in range(11)]
    lanes = {job.lane for job in jobs}
    assert sum(job.state == "ready" for job in jobs) == len(lanes)


async def test_a_message_without_an_address_is_left_in_the_mailbox(store: Store) -> None:
    async with store.write() as tx:
        await outgoing.store(tx, [values.outgoing("m-1", push=True), values.outgoing("m-2")])
        await outgoing.delivered(tx, 2, NOW)
        await mailboxes.leave(tx, 1)
        await mailboxes.leave(tx, 2)
        assert [one.id for one in await outgoing.mailbox(tx, "exporter")] == [1]


async def test_more_than_a_page_is_pushed_in_one_order(store: Store) -> None:
    async with store.write() as tx:
        await outgoing.store(tx, [values.outgoing(f"m-{number}") for number in range(1_100)])
        assert await mailboxes.to_push(tx, "exporter", NOW, APART) == 1_100
        (last,) = (await queue.listing(tx, kind=Kind.DELIVER, after=1_099))[-1:]
    assert last.due == NOW + 1_099 * APART
