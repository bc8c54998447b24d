"""The queue as an operator looks at it, and many jobs set aside or let go at once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from storage import acts, journal, mails, messages, outgoing, outstanding, parking, queue, subjects
from storage.engine import Store, SyncConnection
from storage.queue import Job, Kind, LeaseLost, NewJob
from tests.storage.values import NOW, claim, mail, put, received, record, work
from tests.storage.values import outgoing as sent

BUG = "PSV-901\nTraceback (most recent call last):\n  File …\nValueError: no units"


async def jobs_of(store: Store, **wanted: Any) -> list[Job]:
    async with store.read() as conn:
        return await outstanding.listing(conn, **wanted)


async def park_claimed(store: Store, error: str, **claimed: Any) -> list[Job]:
    jobs = await claim(store, **claimed)
    async with store.write() as tx:
        for job in jobs:
            await queue.park(tx, job, reason=error, now=NOW)
    return jobs


async def test_pages_go_both_ways(store: Store) -> None:
    await put(store, *(work(number) for number in range(1, 8)))
    every = [job.id for job in await jobs_of(store)]
    async with store.read() as conn:
        second = await outstanding.listing(conn, after=every[2], limit=3)
        first = await outstanding.preceding(conn, second[0].id, limit=2)
        none = await outstanding.preceding(conn, every[0])
    assert [job.id for job in second] == every[3:6]
    assert [job.id for job in first] == every[1:3]
    assert none == []


async def test_a_job_is_shown_with_those_around_it_in_its_lane(store: Store) -> None:
    await put(store, *(work(number, "LE-1") for number in range(1, 6)), work(9, "LE-2"))
    laned = await jobs_of(store, lane="LE-1")
    async with store.read() as conn:
        line = await outstanding.line_of(conn, laned[2], near=1)
        first = await outstanding.first_of_lane(conn, "LE-1")
        nobody = await outstanding.first_of_lane(conn, "LE-3")
    assert [job.id for job in line.ahead] == [laned[1].id]
    assert [job.id for job in line.behind] == [laned[3].id]
    assert (line.more_ahead, line.more_behind) == (True, True)
    assert first == laned[0]
    assert nobody is None


async def test_parked_jobs_are_grouped_by_the_last_line_of_their_errors(store: Store) -> None:
    await put(store, *(work(number) for number in range(1, 4)))
    await park_claimed(store, BUG)
    await put(store, work(4), NewJob(kind=Kind.TIMER, lane=None, subject=0, due=NOW))
    await park_claimed(store, "x" * 5_000 + "\n" + "y" * 700, kinds=(Kind.WORK,))
    await park_claimed(store, BUG, kinds=(Kind.TIMER,))
    async with store.read() as conn:
        parked = await outstanding.parked(conn)
        of_timers = await outstanding.parked(conn, Kind.TIMER)
    found = [(cause.kind, cause.line, cause.count) for cause in outstanding.causes(parked)]
    assert found == [
        (Kind.WORK, "ValueError: no units", 3),
        (Kind.WORK, "y" * 300, 1),
        (Kind.TIMER, "ValueError: no units", 1),
    ]
    assert len(of_timers) == 1


async def test_a_partners_jobs_are_its_messages_and_the_deliveries_to_it(store: Store) -> None:
    await _of_partners(store)
    async with store.read() as conn:
        found = await outstanding.of_partner(conn, "exporter")
        waiting = await outstanding.of_partner(conn, "exporter", state="waiting")
        parked = await outstanding.of_partner(conn, "exporter", kind=Kind.DELIVER, state="parked")
        nobody = await outstanding.of_partner(conn, "nobody")
        about = await subjects.subjects(conn, found)
    names = [about[job.id].name for job in found]
    assert names == ["m-1", "m-2", "m-3", "to-1", "to-2"]
    assert [about[job.id].name for job in waiting] == ["m-3"]
    assert [about[job.id].name for job in parked] == ["to-1"]
    assert nobody == []


async def _of_partners(store: Store) -> None:
    """Three messages of `exporter`, one of another, two deliveries to it, one of them parked."""
    async with store.write() as tx:
        batch = [
            received("m-1"),
            received("m-2", dossier="LE-1"),
            received("m-3", dossier="LE-1"),
            received("m-4", sender="another"),
        ]
        await messages.accept(tx, batch)
        await outgoing.store(tx, [sent("to-1", push=True, dossier="LE-1")])
    await park_claimed(store, "410 Gone", kinds=(Kind.DELIVER,))
    async with store.write() as tx:
        await outgoing.store(tx, [sent("to-2", push=True), sent("to-9", receiver="b", push=True)])


async def test_a_partners_messages_are_found_by_the_index_of_open_ones(sqlite_url: str) -> None:
    """On SQLite alone: PostgreSQL plans by figures, and an empty table has none."""

    def explain(sync: SyncConnection) -> str:
        compiled = outstanding._WORK_OF.compile(dialect=sync.dialect)
        names = compiled.positiontup or []
        values = tuple({"partner": "p", "most": 5}.get(name, "work") for name in names)
        rows = sync.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}", values)
        return " ".join(str(row[-1]) for row in rows)

    store = await Store.open(sqlite_url)
    async with store.read() as conn:
        plan = await conn.run_sync(explain)
    await store.close()
    assert "ix_messages_open" in plan
    assert "ix_jobs_lane_id" in plan
    assert "SCAN jobs" not in plan


async def test_subjects_say_what_jobs_of_every_kind_are_about(store: Store) -> None:
    async with store.write() as tx:
        await messages.accept(tx, [received("m-1", dossier="LE-1")])
        await outgoing.store(tx, [sent("to-1", push=True, answers=1)])
        await mails.store(tx, [mail()])
    timer = NewJob(kind=Kind.TIMER, lane=None, subject=0, due=NOW, about="LE-1|validity|")
    paper = NewJob(kind=Kind.RENDER, lane="paper/LE-1", subject=1, due=NOW, about="LE-1")
    await put(store, timer, paper)
    jobs = await jobs_of(store)
    async with store.read() as conn:
        about = await subjects.subjects(conn, jobs)
        state = await subjects.state_of(conn, Kind.WORK, jobs[0].subject)
        missing = await subjects.state_of(conn, Kind.WORK, 4711)
    told = {job.kind: about[job.id] for job in jobs}
    assert (told[Kind.WORK].partner, told[Kind.WORK].dossier) == ("exporter", "LE-1")
    assert (told[Kind.DELIVER].name, told[Kind.DELIVER].message) == ("to-1", 1)
    assert told[Kind.MAIL].partner == "export@atlas.example"
    assert (told[Kind.TIMER].type, told[Kind.TIMER].dossier) == ("validity", "LE-1")
    assert told[Kind.RENDER].dossier == "LE-1"
    assert (state, missing) == ("received", None)


async def test_many_parked_jobs_are_let_go_each_at_its_own_instant(store: Store) -> None:
    await put(store, work(1, "LE-1"), work(2, "LE-2"), work(3, "LE-2"))
    parked = await park_claimed(store, BUG)
    async with store.write() as tx:
        held = await parking.hold(tx, [*(job.id for job in parked), 4711])
        dues = [NOW, NOW + timedelta(minutes=1)]
        lets = [parking.Let(job=j, due=d) for j, d in zip(held.values(), dues, strict=True)]
        await parking.release_all(tx, lets)
    states = [(job.subject, job.state, job.due) for job in await jobs_of(store)]
    assert states == [(1, "ready", dues[0]), (2, "ready", dues[1]), (3, "waiting", NOW)]
    assert [job.subject for job in await claim(store)] == [1]


async def let_go(store: Store, *ids: int) -> None:
    async with store.write() as tx:
        held = await parking.hold(tx, ids)
        await parking.release_all(tx, [parking.Let(job=job, due=NOW) for job in held.values()])


async def test_one_that_cannot_be_let_go_lets_none_go(store: Store) -> None:
    await put(store, work(1), work(2))
    (first,) = await park_claimed(store, BUG, limit=1)
    (second,) = await claim(store)
    with pytest.raises(LeaseLost):
        await let_go(store, first.id, second.id)
    assert (await jobs_of(store))[0].state == "parked"


async def test_many_jobs_are_parked_at_once_and_not_twice(store: Store) -> None:
    await put(store, work(1), work(2))
    async with store.write() as tx:
        held = await parking.hold(tx, [job.id for job in await outstanding.listing(tx)])
        await parking.park_all(tx, list(held.values()), reason="by hand", now=NOW)
    assert {job.error for job in await jobs_of(store, state="parked")} == {"by hand"}
    with pytest.raises(LeaseLost):
        async with store.write() as tx:
            await parking.park_all(tx, list(held.values()), reason="again", now=NOW)


async def test_operators_acts_are_found_among_other_entries(store: Store) -> None:
    async with store.write() as tx:
        await journal.append(
            tx,
            [
                record("7", actor="operator amina", kind="job parked"),
                record("7"),
                record("8", actor="operator brahim", kind="job parked"),
                record("7", actor="operator brahim", kind="job released"),
                record("9", actor="operatorial"),
            ],
        )
    async with store.read() as conn:
        every = await acts.latest(conn)
        amina = await acts.latest(conn, actor="operator amina")
        last = await acts.last_on(conn, "7")
        page = await acts.latest(conn, before=every[0].id, limit=1)
        nothing = await acts.last_on(conn, "9")
    assert [one.record.kind for one in every] == ["job released", "job parked", "job parked"]
    assert [one.record.subject for one in amina] == ["7"]
    assert last is not None
    assert last.record.actor == "operator brahim"
    assert page == every[1:2]
    assert nothing is None
