from __future__ import annotations

from datetime import timedelta

from storage import messages, outgoing, queue
from storage.engine import Store
from storage.outgoing import LANES_PER_PARTNER, lane_of
from storage.queue import Kind
from tests.storage import values
from tests.storage.values import NOW, claim


async def store_all(store: Store, *batch: outgoing.Outgoing) -> None:
    async with store.write() as tx:
        await outgoing.store(tx, batch)


async def test_a_message_waits_in_the_mailbox_until_acknowledged(store: Store) -> None:
    await store_all(store, values.outgoing("a"), values.outgoing("b"), values.outgoing("c"))
    async with store.write() as tx:
        assert await outgoing.acknowledge(tx, "exporter", "b", NOW)
    async with store.read() as connection:
        waiting = await outgoing.mailbox(connection, "exporter")
        rest = await outgoing.mailbox(connection, "exporter", after=waiting[0].id, limit=1)
        nothing = await outgoing.mailbox(connection, "ministry")
        taken = await outgoing.get(connection, "exporter", "b")
    assert [notice.instance for notice in waiting] == ["a", "c"]
    assert [notice.instance for notice in rest] == ["c"]
    assert nothing == []
    assert taken is not None
    assert (taken.state, taken.delivered_at) == ("delivered", NOW)
    assert taken.content == b"<signed>b</signed>"


async def test_acknowledging_again_changes_nothing(store: Store) -> None:
    await store_all(store, values.outgoing())
    for at in (NOW, NOW + timedelta(days=1)):
        async with store.write() as tx:
            assert await outgoing.acknowledge(tx, "exporter", "hub-1", at)
    async with store.read() as connection:
        found = await outgoing.get(connection, "exporter", "hub-1")
    assert found is not None
    assert found.delivered_at == NOW


async def test_nobody_acknowledges_or_reads_anothers_message(store: Store) -> None:
    await store_all(store, values.outgoing())
    async with store.write() as tx:
        assert not await outgoing.acknowledge(tx, "ministry", "hub-1", NOW)
        assert not await outgoing.acknowledge(tx, "exporter", "hub-2", NOW)
        assert await outgoing.get(tx, "ministry", "hub-1") is None


async def test_a_pushed_message_has_its_delivery_job_in_its_dossiers_lane(store: Store) -> None:
    sent = values.outgoing(push=True, dossier="LE-1", receiver="ministry")
    await store_all(store, sent, values.outgoing("hub-2"))
    (job,) = await claim(store, kinds=[Kind.DELIVER])
    async with store.read() as connection:
        found = (await outgoing.load(connection, [job.subject]))[job.subject]
        assert await outgoing.load(connection, []) == {}
    assert job.lane == lane_of(sent)
    assert (found.instance, found.state, found.content) == ("hub-1", "pushing", sent.content)


def test_lanes_are_the_same_in_every_process_and_spread_over_eight() -> None:
    assert lane_of(values.outgoing(dossier="LE-2026-000001")) == "push/exporter/1"
    lanes = {lane_of(values.outgoing(f"hub-{number}")) for number in range(200)}
    assert len(lanes) == LANES_PER_PARTNER


async def test_deliveries_of_one_dossier_stay_in_order(store: Store) -> None:
    await store_all(
        store, *(values.outgoing(f"hub-{n}", push=True, dossier="LE-1") for n in range(3))
    )
    order = []
    while jobs := await claim(store, kinds=[Kind.DELIVER]):
        (job,) = jobs
        async with store.write() as tx:
            order.append((await outgoing.load(tx, [job.subject]))[job.subject].instance)
            await outgoing.delivered(tx, job.subject, NOW)
            await queue.finish(tx, [job])
    assert order == ["hub-0", "hub-1", "hub-2"]


async def test_a_failed_push_is_counted_and_the_arrival_kept(store: Store) -> None:
    await store_all(store, values.outgoing(push=True))
    (job,) = await claim(store, kinds=[Kind.DELIVER])
    later = NOW + timedelta(minutes=5)
    async with store.write() as tx:
        await outgoing.attempted(tx, job.subject, "connection refused", NOW)
        await outgoing.delivered(tx, job.subject, NOW)
        await outgoing.delivered(tx, job.subject, later)
    async with store.read() as connection:
        found = await outgoing.get(connection, "exporter", "hub-1")
    assert found is not None
    assert (found.attempts, found.last_error) == (2, "connection refused")
    assert (found.state, found.delivered_at) == ("delivered", NOW)


async def test_every_failed_push_is_remembered_with_its_instant_and_reason(store: Store) -> None:
    await store_all(store, values.outgoing("a", push=True), values.outgoing("b", push=True))
    async with store.write() as tx:
        for minute in range(3):
            at = NOW + timedelta(minutes=minute)
            await outgoing.attempted(tx, 1, f"no answer, {minute}", at)
        await outgoing.attempted(tx, 2, "another's", NOW)
    async with store.read() as connection:
        found = await outgoing.attempts_of(connection, 1, limit=2)
    assert [(one.at, one.problem) for one in found] == [
        (NOW + timedelta(minutes=2), "no answer, 2"),
        (NOW + timedelta(minutes=1), "no answer, 1"),
    ]


async def test_replies_to_a_message_come_in_the_order_of_storing(store: Store) -> None:
    async with store.write() as tx:
        (accepted,) = await messages.accept(tx, [values.received()])
    answers = accepted.message_id
    await store_all(
        store,
        values.outgoing("z", answers=answers, stage="outcome"),
        values.outgoing("a", answers=answers, receiver="ministry", dossier="LE-1"),
        values.outgoing("other"),
    )
    async with store.read() as connection:
        found = await outgoing.replies_to(connection, answers)
        of_dossier = await outgoing.of_dossier(connection, "LE-1")
    assert [(reply.instance, reply.stage) for reply in found] == [("z", "outcome"), ("a", None)]
    assert [notice.instance for notice in of_dossier] == ["a"]


async def test_a_sent_message_is_found_by_its_identifier_alone(store: Store) -> None:
    await store_all(store, values.outgoing("a", dossier="LE-1"), values.outgoing("b", push=True))
    async with store.read() as connection:
        found = await connection.run_sync(outgoing.find_sent, "a")
        assert await connection.run_sync(outgoing.find_sent, "c") is None
        assert found == await outgoing.get(connection, "exporter", "a")
    assert found is not None
    assert (found.content, found.created_at) == (b"<signed>a</signed>", NOW)
