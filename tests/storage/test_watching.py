from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from storage import journal, mails, outgoing, queue, watching
from storage.console_tables import verifications
from storage.engine import Store, SyncConnection
from storage.queue import Kind, NewJob
from tests.storage import values
from tests.storage.values import NOW, claim, put

LATER = NOW + timedelta(minutes=7)


async def sent(store: Store, *instances: str, **changes: Any) -> None:
    async with store.write() as tx:
        batch = [values.outgoing(one, push=True, **changes) for one in instances]
        await outgoing.store(tx, batch)


async def failed(store: Store, error: str, now: Any = NOW) -> None:
    """One turn of a courier whose every push fails."""
    for job in await claim(store, kinds=[Kind.DELIVER], now=now):
        async with store.write() as tx:
            await outgoing.attempted(tx, job.subject, error, now)
            await queue.retry(tx, job, due=now, error=error)


async def test_a_partner_fails_since_the_first_push_of_what_waits_first(store: Store) -> None:
    await sent(store, *(f"m-{number}" for number in range(20)))
    await sent(store, "other", receiver="adii")
    await failed(store, "the partner answered 503")
    await failed(store, "the partner answered 502", LATER)
    async with store.read() as connection:
        found = await watching.failing(connection)
    assert [(one.partner, one.since, one.waiting, one.error) for one in found] == [
        ("adii", NOW, 1, "the partner answered 502"),
        ("exporter", NOW, 20, "the partner answered 502"),
    ]


async def test_what_was_never_tried_does_not_fail(store: Store) -> None:
    await sent(store, "m-1")
    async with store.read() as connection:
        assert await watching.failing(connection) == []


async def test_what_waits_is_counted_no_further_than_the_cap(
    store: Store, monkeypatch: Any
) -> None:
    monkeypatch.setattr(watching, "CAP", 3)
    await sent(store, *(f"m-{number}" for number in range(5)))
    async with store.write() as tx:
        await outgoing.store(tx, [values.outgoing(f"box-{number}") for number in range(2)])
        assert await watching.waiting(tx, "exporter") == (3, 2)
        assert await watching.waiting(tx, "nobody") == (0, 0)


async def test_parked_jobs_tell_their_last_line_and_whose_they_are(store: Store) -> None:
    await put(store, values.work(7), NewJob(kind=Kind.MAIL, lane=None, subject=1, due=NOW))
    await sent(store, "m-1", receiver="adii")
    async with store.write() as tx:
        await tx.run_sync(mails.write, [values.mail()])
    errors = {
        Kind.WORK: "PSV-901\nTraceback (most recent call last):\n  …\nKeyError: 'line'\n",
        Kind.DELIVER: "the partner answered 410",
        Kind.MAIL: "550 no such mailbox",
    }
    for kind, error in errors.items():
        (job,) = await claim(store, kinds=[kind])
        async with store.write() as tx:
            await queue.park(tx, job, reason=error, now=LATER)
    async with store.read() as connection:
        (work,) = await watching.parked(connection, Kind.WORK)
        (delivery,) = await watching.parked(connection, Kind.DELIVER)
        (mail,) = await watching.parked(connection, Kind.MAIL)
        assert await watching.parked(connection, Kind.TIMER) == []
    assert (work.subject, work.at, work.error, work.about) == (7, LATER, "KeyError: 'line'", None)
    assert (delivery.about, delivery.error) == ("adii", "the partner answered 410")
    assert (mail.about, mail.error) == ("failed", "550 no such mailbox")


async def test_the_oldest_job_is_the_one_due_longest_and_not_the_one_at_work(
    store: Store,
) -> None:
    async with store.read() as connection:
        assert await watching.oldest(connection, Kind.WORK) is None
    await put(store, values.work(1), values.work(2, due=LATER))
    async with store.read() as connection:
        assert await watching.oldest(connection, Kind.WORK) == NOW
    await claim(store, limit=1)
    async with store.read() as connection:
        found = await watching.oldest(connection, Kind.WORK)
    assert found == NOW + values.LEASE


async def test_refusals_of_a_partner_are_read_the_latest_first(store: Store) -> None:
    records = [
        values.record(
            f"exporter/m-{number}",
            kind="message refused",
            facts={"type": "LicenceApplication", "codes": "PSV-501 PSV-603"},
        )
        for number in range(4)
    ]
    others = [values.record("exporter/m-9"), values.record("x", kind="message refused", actor="x")]
    async with store.write() as tx:
        await journal.append(tx, [*records, *others])
        first = await watching.refusals(tx, "exporter", limit=3)
        rest = await watching.refusals(tx, "exporter", before=first[-1].id)
    assert [one.subject for one in (*first, *rest)] == [
        "exporter/m-3",
        "exporter/m-2",
        "exporter/m-1",
        "exporter/m-0",
    ]
    assert (first[0].codes, first[0].type) == (("PSV-501", "PSV-603"), "LicenceApplication")


def _verification(connection: SyncConnection, ended: datetime, faults: str) -> None:
    row = {"begun_at": NOW, "ended_at": ended, "asked_by": "hub", "seals": 1, "entries": 1}
    connection.execute(insert(verifications), {**row, "faults": faults})


async def test_the_latest_ended_verification_tells_its_faults(store: Store) -> None:
    async with store.write() as tx:
        assert await watching.verified(tx) is None
        for ended, faults in ((NOW, ""), (LATER, "entry 3 was edited\nentry 4 is missing")):
            await tx.run_sync(_verification, ended, faults)
            found = await watching.verified(tx)
            assert found is not None
            assert found[1] == ended
            assert found[2] == tuple(filter(None, faults.split("\n")))


STATEMENTS: list[tuple[Any, dict[str, Any]]] = [
    (watching._BACKING_OFF, {}),
    (watching._WAITING, {"partner": "x", "cap": 1}),
    (watching._IN_MAILBOX, {"partner": "x", "cap": 1}),
    (watching._OLDEST, {"kind": "work"}),
    (watching._latest_refusals, {"partner": "x", "before": 9, "most": 1}),
    *((watching._parked_statement("sqlite", kind), {}) for kind in Kind),
]


@pytest.mark.parametrize(("statement", "given"), STATEMENTS)
async def test_every_look_walks_an_index(
    sqlite_url: str, statement: Any, given: dict[str, Any]
) -> None:
    store = await Store.open(sqlite_url)
    try:
        async with store.read() as connection:
            plan = await connection.run_sync(_plan, statement, given)
    finally:
        await store.close()
    assert "SEARCH" in plan
    for word in ("SCAN journal", "SCAN jobs", "SCAN outgoing", "TEMP B-TREE"):
        assert word not in plan, plan


def _plan(connection: Any, statement: Any, given: dict[str, Any]) -> str:
    compiled = statement.compile(dialect=connection.dialect)
    values = compiled.construct_params(given)
    rows = connection.exec_driver_sql(
        f"EXPLAIN QUERY PLAN {compiled}", tuple(values[name] for name in compiled.positiontup)
    )
    return "\n".join(row[3] for row in rows)
