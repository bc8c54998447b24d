from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from schemas.workflow import Role
from storage import mails, messages, outgoing, queue
from storage.engine import Store
from storage.queue import Kind, LeaseLost
from tests.storage import values
from tests.storage.values import LEASE, NOW, claim, finish, put, work


async def test_a_claimed_job_is_leased_to_its_worker(store: Store) -> None:
    await put(store, work(7, about="nothing else"))
    (job,) = await claim(store, worker="worker-9")
    assert (job.kind, job.subject, job.about, job.worker) == (
        Kind.WORK,
        7,
        "nothing else",
        "worker-9",
    )
    assert (job.claims, job.attempts, job.due, job.created_at) == (1, 0, NOW + LEASE, NOW)


async def test_a_job_is_not_claimed_before_it_is_due(store: Store) -> None:
    await put(store, work(due=NOW + timedelta(microseconds=1)))
    assert await claim(store) == []
    assert len(await claim(store, now=NOW + timedelta(microseconds=1))) == 1


async def test_a_worker_claims_its_own_kinds_alone(store: Store) -> None:
    await put(store, work(1), work(2, kind=Kind.TIMER), work(3, kind=Kind.RENDER))
    found = await claim(store, kinds=(Kind.TIMER, Kind.RENDER))
    assert {job.subject for job in found} == {2, 3}


async def test_the_longest_due_come_first_among_several_kinds(store: Store) -> None:
    await put(
        store,
        work(1, due=NOW - timedelta(hours=1)),
        work(2, kind=Kind.TIMER, due=NOW - timedelta(hours=2)),
        work(3, kind=Kind.TIMER, due=NOW - timedelta(minutes=1)),
    )
    found = await claim(store, kinds=(Kind.WORK, Kind.TIMER), limit=2)
    assert {job.subject for job in found} == {1, 2}


async def test_a_leased_job_is_nobody_elses_until_the_lease_ends(store: Store) -> None:
    await put(store, work())
    await claim(store)
    assert await claim(store, now=NOW + LEASE - timedelta(microseconds=1)) == []
    (again,) = await claim(store, now=NOW + LEASE, worker="worker-2")
    assert (again.claims, again.worker) == (2, "worker-2")


async def test_a_zombie_worker_cannot_finish(store: Store) -> None:
    await put(store, work())
    (zombie,) = await claim(store)
    (heir,) = await claim(store, now=NOW + LEASE, worker="worker-2")
    with pytest.raises(LeaseLost):
        await finish(store, zombie)
    await finish(store, heir)
    assert await values.count(store, "jobs") == 0


async def test_a_finished_jobs_id_is_never_given_again(store: Store) -> None:
    await put(store, work(1))
    (zombie,) = await claim(store)
    await finish(store, zombie)
    await put(store, work(2))
    await claim(store)
    with pytest.raises(LeaseLost):
        await finish(store, zombie)


async def test_one_lost_lease_finishes_nothing_of_the_batch(store: Store) -> None:
    await put(store, work(1), work(2))
    first, second = await claim(store)
    await finish(store, second)
    with pytest.raises(LeaseLost):
        await finish(store, first, second)
    assert await values.count(store, "jobs") == 1


async def test_a_job_given_back_cannot_be_finished(store: Store) -> None:
    await put(store, work())
    (job,) = await claim(store)
    async with store.write() as tx:
        await queue.retry(tx, job, due=NOW, error="later")
    with pytest.raises(LeaseLost):
        await finish(store, job)


async def test_a_retried_job_counts_its_attempt_and_waits(store: Store) -> None:
    await put(store, work())
    (job,) = await claim(store)
    async with store.write() as tx:
        await queue.retry(tx, job, due=NOW + timedelta(hours=1), error="partner away")
    assert await claim(store) == []
    (again,) = await claim(store, now=NOW + timedelta(hours=1))
    assert (again.attempts, again.error) == (1, "partner away")


async def test_leases_are_renewed_and_the_lost_ones_named(store: Store) -> None:
    await put(store, work(1), work(2))
    kept, lost = await claim(store)
    await finish(store, lost)
    async with store.write() as tx:
        assert await queue.extend(tx, (kept, lost), NOW + LEASE, LEASE) == {kept.id}
    assert await claim(store, now=NOW + LEASE) == []
    assert len(await claim(store, now=NOW + 2 * LEASE)) == 1


async def test_a_lane_runs_one_at_a_time_and_in_order(store: Store) -> None:
    await put(store, *(work(number, "LE-1") for number in range(1, 6)))
    seen = []
    while found := await claim(store):
        (job,) = found
        assert await claim(store) == []
        seen.append(job.subject)
        await finish(store, job)
    assert seen == [1, 2, 3, 4, 5]


async def test_two_lanes_run_in_parallel(store: Store) -> None:
    await put(store, work(1, "LE-1"), work(2, "LE-1"), work(3, "LE-2"), work(4))
    assert [job.subject for job in await claim(store)] == [1, 3, 4]


async def test_a_lanes_head_that_backs_off_holds_the_lane(store: Store) -> None:
    await put(store, work(1, "LE-1"), work(2, "LE-1"))
    (head,) = await claim(store)
    async with store.write() as tx:
        await queue.retry(tx, head, due=NOW + timedelta(hours=1), error="not yet")
    assert await claim(store, now=NOW + timedelta(minutes=59)) == []
    (head,) = await claim(store, now=NOW + timedelta(hours=1))
    assert head.subject == 1


async def test_a_parked_message_blocks_its_own_lane_only(store: Store) -> None:
    await put(store, work(1, "LE-1"), work(2, "LE-1"), work(3, "LE-2"))
    poison, _ = await claim(store)
    async with store.write() as tx:
        await queue.park(tx, poison, reason="a bug", now=NOW)
    await put(store, work(4, "LE-1"), work(5, "LE-3"))
    assert [job.subject for job in await claim(store)] == [5]
    async with store.write() as tx:
        assert await queue.unpark(tx, poison.id, NOW)
    (released,) = await claim(store)
    assert (released.subject, released.error) == (1, "a bug")
    await finish(store, released)
    assert [job.subject for job in await claim(store)] == [2]


async def test_a_delivery_lane_goes_on_after_a_parked_one(store: Store) -> None:
    lane = "push/ministry/3"
    await put(store, *(work(number, lane, kind=Kind.DELIVER) for number in (1, 2, 3)))
    (dead,) = await claim(store, kinds=[Kind.DELIVER])
    async with store.write() as tx:
        await queue.park(tx, dead, reason="410 Gone", now=NOW)
    assert [job.subject for job in await claim(store, kinds=[Kind.DELIVER])] == [2]
    async with store.write() as tx:
        assert await queue.unpark(tx, dead.id, NOW)
    assert [job.subject for job in await claim(store, kinds=[Kind.DELIVER])] == [1]


async def test_an_unparked_job_waits_for_those_before_it(store: Store) -> None:
    await put(store, work(1, "LE-1"), work(2, "LE-1"))
    (head,) = await claim(store)
    async with store.read() as connection:
        (behind,) = await queue.listing(connection, state="waiting")
    async with store.write() as tx:
        await queue.park(tx, behind, reason="by hand", now=NOW)
        assert await queue.unpark(tx, behind.id, NOW)
    assert await claim(store) == []
    await finish(store, head)
    assert [job.subject for job in await claim(store)] == [2]


async def test_an_operator_parks_a_job_under_its_workers_hands(store: Store) -> None:
    await put(store, work())
    (job,) = await claim(store)
    async with store.write() as tx:
        await queue.park(tx, job, reason="stop", now=NOW)
    with pytest.raises(LeaseLost):
        await finish(store, job)
    with pytest.raises(LeaseLost):
        async with store.write() as tx:
            await queue.park(tx, job, reason="again", now=NOW)


async def test_unpark_leaves_leased_and_unknown_jobs_alone(store: Store) -> None:
    await put(store, work())
    (job,) = await claim(store)
    async with store.write() as tx:
        assert not await queue.unpark(tx, job.id, NOW)
        assert not await queue.unpark(tx, job.id + 1, NOW)


async def test_unpark_brings_a_backed_off_job_forward(store: Store) -> None:
    await put(store, work())
    (job,) = await claim(store)
    async with store.write() as tx:
        await queue.retry(tx, job, due=NOW + timedelta(days=2), error="away")
        assert await queue.unpark(tx, job.id, NOW)
    assert len(await claim(store)) == 1


async def test_parking_and_releasing_mark_the_message_and_the_reply(store: Store) -> None:
    async with store.write() as tx:
        (accepted,) = await messages.accept(tx, [values.received()])
        await outgoing.store(tx, [values.outgoing(push=True)])
    jobs = await claim(store, kinds=(Kind.WORK, Kind.DELIVER))
    async with store.write() as tx:
        for job in jobs:
            await queue.park(tx, job, reason="a bug", now=NOW)
        message = (await messages.load(tx, [accepted.message_id]))[accepted.message_id]
        reply = await outgoing.get(tx, "exporter", "hub-1")
        assert (message.state, reply and reply.state) == ("parked", "parked")
        for job in jobs:
            await queue.unpark(tx, job.id, NOW)
        message = (await messages.load(tx, [accepted.message_id]))[accepted.message_id]
        reply = await outgoing.get(tx, "exporter", "hub-1")
        assert (message.state, reply and reply.state) == ("received", "pushing")


async def test_listing_filters_and_pages(store: Store) -> None:
    await put(store, *(work(n, "LE-1" if n % 2 else None) for n in range(1, 9)))
    await put(store, work(9, kind=Kind.TIMER))
    async with store.read() as connection:
        every = await queue.listing(connection)
        assert [job.subject for job in every] == list(range(1, 10))
        rest = await queue.listing(connection, after=every[5].id, limit=2)
        assert [job.subject for job in rest] == [7, 8]
        waiting = await queue.listing(connection, state="waiting")
        assert [job.subject for job in waiting] == [3, 5, 7]
        assert [j.subject for j in await queue.listing(connection, kind=Kind.TIMER)] == [9]
        laned = await queue.listing(connection, lane="LE-1", state="ready")
        assert [job.subject for job in laned] == [1]
        assert await queue.find(connection, every[8].id) == every[8]
        assert await queue.find(connection, 10**6) is None


async def test_depth_counts_each_kind_and_stops_at_its_cap(store: Store) -> None:
    await put(store, *(work(n, "LE-1") for n in range(5)))
    tomorrow = NOW + timedelta(days=1)
    await put(store, *(work(n, kind=Kind.TIMER, due=tomorrow) for n in (6, 7)))
    async with store.read() as connection:
        depth = await queue.depth(connection, NOW)
        capped = await queue.depth(connection, NOW, cap=2)
        due = await queue.depth(connection, tomorrow)
    found = depth[Kind.WORK]
    assert (found.ready, found.waiting, found.parked, found.oldest) == (1, 4, 0, NOW)
    assert capped[Kind.WORK].waiting == 2
    assert (depth[Kind.TIMER].ready, depth[Kind.TIMER].oldest) == (0, None)  # no load yet
    assert (due[Kind.TIMER].ready, due[Kind.TIMER].oldest) == (2, tomorrow)
    assert depth[Kind.RENDER].oldest is None


async def test_many_claimers_share_the_queue_without_overlap(store: Store) -> None:
    await put(store, *(work(number) for number in range(60)))
    found = await asyncio.gather(
        *(claim(store, limit=7, worker=f"worker-{number}") for number in range(12))
    )
    subjects = [job.subject for jobs in found for job in jobs]
    assert sorted(subjects) == sorted(set(subjects))
    assert len(subjects) == 60


async def test_no_promotion_is_lost_between_enqueueing_and_finishing(store: Store) -> None:
    """Jobs join lanes while their heads are being finished; every one of them is worked."""
    lanes = [f"LE-{number}" for number in range(4)]
    seen: list[int] = []

    async def enqueue(start: int) -> None:
        for number in range(start, start + 20):
            await put(store, work(number, lanes[number % 4]))

    async def drain(worker: str) -> None:
        idle = 0
        while idle < 50:
            jobs = await claim(store, limit=2, worker=worker)
            idle = 0 if jobs else idle + 1
            if jobs:
                seen.extend(job.subject for job in jobs)
                await finish(store, *jobs)
            else:
                await asyncio.sleep(0.01)

    await asyncio.gather(enqueue(0), enqueue(20), drain("a"), drain("b"), drain("c"))
    assert sorted(seen) == list(range(40))
    assert await values.count(store, "jobs") == 0


def test_roles_and_kinds_are_those_of_the_tables() -> None:
    from storage import tables

    assert tuple(Kind) == tables.JOB_KINDS
    assert tuple(Role) == tables.ROLES


async def test_a_postponed_job_has_not_failed(store: Store) -> None:
    await put(store, work())
    (job,) = await claim(store)
    async with store.write() as tx:
        await queue.postpone(tx, job, due=NOW, reason="nobody to answer")
    (again,) = await claim(store)
    assert (again.attempts, again.error) == (0, "nobody to answer")
    async with store.write() as tx:
        await queue.retry(tx, again, due=NOW, error="a bug")
    (third,) = await claim(store)
    assert third.attempts == 1
    with pytest.raises(LeaseLost):
        async with store.write() as tx:
            await queue.postpone(tx, job, due=NOW, reason="long lost")


async def test_a_mail_that_was_being_sent_when_it_was_parked_is_doubtful(store: Store) -> None:
    async with store.write() as tx:
        jobs = await tx.run_sync(mails.write, [values.mail("a"), values.mail("b")])
        await queue.enqueue(tx, jobs, NOW)
    first, second = await claim(store, kinds=[Kind.MAIL])
    async with store.write() as tx:
        assert await mails.begin(tx, first.subject)
        await queue.park(tx, first, reason="a bug", now=NOW)
        await queue.park(tx, second, reason="a bug", now=NOW)
    async with store.write() as tx:
        found = [await mails.load(tx, job.subject) for job in (first, second)]
        assert [mail.state for mail in found if mail] == ["doubtful", "failed"]
        assert await queue.unpark(tx, first.id, NOW)
        again = await mails.load(tx, first.subject)
    assert again is not None
    assert again.state == "queued"
