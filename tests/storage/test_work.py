from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from storage import dossiers, journal, messages, outgoing, queue, work
from storage.console_tables import message_codes
from storage.dossiers import Stale
from storage.engine import Store
from storage.queue import Job, Kind, LeaseLost
from tests.storage import values
from tests.storage.values import LEASE, NOW, claim, count


async def arrive(store: Store, *instances: str, dossier: str | None = None) -> list[Job]:
    async with store.write() as tx:
        await messages.accept(tx, [values.received(one, dossier=dossier) for one in instances])
    return await claim(store)


def outcome(job: Job, number: str) -> work.Done:
    return values.done(
        job,
        message_id=job.subject,
        change=values.change(number, message_id=job.subject, entries=(values.entry(number),)),
        outgoing=(
            values.outgoing(f"ack-{job.subject}", answers=job.subject, stage="outcome"),
            values.outgoing(f"visa-{job.subject}", receiver="ministry", dossier=number, push=True),
        ),
        journal=(values.record(number, kind="dossier moved", dossier=number),),
        jobs=(
            queue.NewJob(kind=Kind.RENDER, lane=None, subject=job.subject, due=NOW, about=number),
        ),
        mails=(values.mail(f"mail-{job.subject}", dossier=number),),
    )


async def test_everything_that_follows_from_a_batch_is_committed_at_once(store: Store) -> None:
    jobs = await arrive(store, "m-1", "m-2", "m-3")
    batch = [outcome(job, f"LE-{job.subject}") for job in jobs]
    later = NOW + timedelta(seconds=1)
    async with store.write() as tx:
        await work.commit_work(tx, batch, later)
    async with store.read() as connection:
        loaded = await messages.load(connection, [job.subject for job in jobs])
        found = await dossiers.load(connection, [f"LE-{job.subject}" for job in jobs])
        waiting = await outgoing.mailbox(connection, "exporter")
        left = await queue.listing(connection)
        written = await journal.listing(connection)
    assert {(one.state, one.finished_at) for one in loaded.values()} == {("accepted", later)}
    assert {one.dossier for one in loaded.values()} == set(found)
    assert all(len(one.entries) == 1 for one in found.values())
    assert [notice.answers for notice in waiting] == [job.subject for job in jobs]
    kinds = (Kind.DELIVER, Kind.MAIL, Kind.RENDER)
    assert sorted(job.kind for job in left) == [kind for kind in kinds for _ in jobs]
    assert {job.about for job in left if job.kind is Kind.RENDER} == set(found)
    assert [one.record.kind for one in written].count("dossier moved") == 3


async def test_a_refused_message_changes_no_dossier(store: Store) -> None:
    (job,) = await arrive(store, "m-1", dossier="LE-9")
    refused = values.done(
        job,
        message_id=job.subject,
        state="refused",
        outgoing=(values.outgoing(answers=job.subject),),
    )
    async with store.write() as tx:
        await work.commit_work(tx, [refused], NOW)
        message = (await messages.load(tx, [job.subject]))[job.subject]
    assert (message.state, message.dossier) == ("refused", "LE-9")
    assert await count(store, "dossiers") == 0


async def test_a_refused_message_is_kept_under_each_of_its_codes(store: Store) -> None:
    first, second = await arrive(store, "m-1", "m-2")
    refused = ("PSV-601", "PSV-605", "PSV-601")
    async with store.write() as tx:
        batch = [
            values.done(first, message_id=first.subject, state="refused", codes=refused),
            values.done(second, message_id=second.subject),
        ]
        await work.commit_work(tx, batch, NOW)
    async with store.read() as connection:
        found = await connection.run_sync(
            lambda sync: sync.execute(select(message_codes).order_by("code")).all()
        )
    assert [tuple(row) for row in found] == [("PSV-601", first.subject), ("PSV-605", first.subject)]


async def test_a_zombie_worker_commits_nothing(store: Store) -> None:
    (job,) = await arrive(store, "m-1")
    (heir,) = await claim(store, now=NOW + LEASE, worker="worker-2")
    with pytest.raises(LeaseLost):
        async with store.write() as tx:
            await work.commit_work(tx, [outcome(job, "LE-1")], NOW)
    for table in ("dossiers", "outgoing", "history", "entries"):
        assert await count(store, table) == 0
    async with store.write() as tx:
        await work.commit_work(tx, [outcome(heir, "LE-1")], NOW)
    assert await count(store, "dossiers") == 1


async def test_a_stale_change_undoes_the_whole_batch_and_keeps_the_jobs(store: Store) -> None:
    jobs = await arrive(store, "m-1", "m-2")
    batch = [outcome(jobs[0], "LE-1"), outcome(jobs[1], "LE-1")]
    with pytest.raises(Stale):
        async with store.write() as tx:
            await work.commit_work(tx, batch, NOW)
    assert await count(store, "outgoing") == 0
    assert await count(store, "jobs") == 2
    for done in (outcome(jobs[0], "LE-1"), outcome(jobs[1], "LE-2")):
        async with store.write() as tx:
            await work.commit_work(tx, [done], NOW)
    assert await count(store, "dossiers") == 2


async def test_the_next_message_of_the_dossier_goes_on(store: Store) -> None:
    (job,) = await arrive(store, "m-1", "m-2", dossier="LE-1")
    async with store.write() as tx:
        await work.commit_work(tx, [values.done(job, message_id=job.subject)], NOW)
    (following,) = await claim(store)
    async with store.read() as connection:
        loaded = await messages.load(connection, [following.subject])
    assert loaded[following.subject].instance == "m-2"


async def test_a_timers_work_needs_no_message(store: Store) -> None:
    await values.put(store, values.work(kind=Kind.TIMER))
    (job,) = await claim(store, kinds=[Kind.TIMER])
    async with store.write() as tx:
        await work.commit_work(tx, [values.done(job, change=values.change())], NOW)
    assert await count(store, "dossiers") == 1
    assert await count(store, "jobs") == 0
