"""What is outstanding is counted partner by partner, along the indexes of what is open."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import insert

from storage import heaps, queue
from storage import outgoing as sending
from storage.engine import Store, SyncConnection
from storage.heaps import Flow, Heap
from storage.queue import Kind
from storage.tables import messages, outgoing
from tests.storage import test_found
from tests.storage.test_found import _analyze, _explained
from tests.storage.values import NOW, claim
from tests.storage.values import outgoing as out

MANY = 300


def _fill(connection: SyncConnection, many: int) -> None:
    numbers = range(1, many + 1)
    connection.execute(insert(messages), [test_found.received(number) for number in numbers])
    connection.execute(insert(outgoing), [test_found.sent(number) for number in numbers])


async def fill(store: Store, many: int = MANY) -> None:
    async with store.write() as tx:
        await tx.run_sync(_fill, many)


def expected(rows: list[dict[str, Any]], partner: str, at: str, *states: str) -> list[Heap]:
    """The same by reading them all."""
    made: dict[tuple[str, str, str], Heap] = {}
    for row in rows:
        if row["state"] in states:
            key = (row[partner], row["type"], row["state"])
            heap = made.get(key) or Heap(
                partner=key[0], type=key[1], state=key[2], count=0, oldest=row[at], more=False
            )
            made[key] = replace(heap, count=heap.count + 1, oldest=min(heap.oldest, row[at]))
    return sorted(made.values(), key=lambda heap: (heap.partner, heap.oldest))


async def test_each_partners_open_messages_are_counted_with_the_oldest(store: Store) -> None:
    await fill(store)
    came = [test_found.received(number) for number in range(1, MANY + 1)]
    went = [test_found.sent(number) for number in range(1, MANY + 1)]
    async with store.read() as connection:
        assert await heaps.received(connection) == expected(
            came, "sender", "received_at", "received", "parked"
        )
        assert await heaps.deliveries(connection) == expected(
            went, "receiver", "created_at", "pushing", "parked"
        )
        assert await heaps.mailboxes(connection) == expected(
            went, "receiver", "created_at", "mailbox"
        )


async def test_a_partners_count_stops_at_the_cap_and_says_so(store: Store) -> None:
    await fill(store)
    async with store.read() as connection:
        made = await heaps.mailboxes(connection, cap=5)
    assert {heap.partner for heap in made} == {"atlas", "mce", "adii"}
    for partner in ("atlas", "mce", "adii"):
        own = [heap for heap in made if heap.partner == partner]
        assert sum(heap.count for heap in own) == 5
        assert all(heap.more for heap in own)


async def test_what_is_open_is_walked_and_nothing_else(store: Store) -> None:
    await fill(store, 3_000)
    opened = (
        (heaps._MESSAGES, "ix_messages_open", "messages"),
        (heaps._DELIVERIES, "ix_outgoing_open", "outgoing"),
        (heaps._MAILBOX, "ix_outgoing_mailbox", "outgoing"),
    )
    async with store.write() as tx:
        if store.dialect == "postgresql":
            for table in ("messages", "outgoing"):
                await tx.run_sync(_analyze, table)
        for found, index, table in opened:
            for statement in (found.next, found.counted):
                values = {"partner": "atlas", "after": "", "most": 100}
                plan = await tx.run_sync(_explained, statement._core, values)
                assert "Seq Scan" not in plan, plan
                if store.dialect == "sqlite":
                    assert f"SEARCH {table} USING INDEX {index}" in plan.replace("COVERING ", ""), (
                        plan
                    )
        values = {"receiver": "atlas", "after": 0, "most": 10}
        plan = await tx.run_sync(_explained, sending._MAILBOX, values)
        assert "Seq Scan" not in plan, plan
        if store.dialect == "sqlite":
            assert "ix_outgoing_mailbox (receiver=? AND id>?)" in plan, plan
        plan = await tx.run_sync(_explained, heaps._FIRST_OF_LANE._core, {"lane": "push/a/1"})
        if store.dialect == "sqlite":
            assert "ix_jobs_lane_id" in plan, plan


async def test_deliveries_flow_back_off_lane_by_lane_and_flow_again(store: Store) -> None:
    async with store.write() as tx:
        dossiers = [f"LE-{number}" for number in range(40)]  # every one of the eight lanes
        await sending.store(
            tx, [out(f"o-{one}", receiver="mce", dossier=one, push=True) for one in dossiers]
        )

    async def flow() -> Any:
        async with store.read() as connection:
            (found,) = await heaps.breakers(connection, ["mce"], NOW)
        return found

    before = await flow()
    assert (before.flow, before.lanes, before.backing_off, before.next_try) == (
        Flow.CLOSED,
        8,
        0,
        None,
    )
    claimed = await claim(store, kinds=(Kind.DELIVER,), limit=8)
    due = NOW + timedelta(minutes=5)
    for place, job in enumerate(claimed):
        async with store.write() as tx:
            await queue.retry(tx, job, due=due + timedelta(seconds=place), error=f"refused {place}")
        found = await flow()
        assert found.flow is (Flow.OPEN if place == 7 else Flow.HALF)
        assert (found.backing_off, found.tries, found.next_try, found.error) == (
            place + 1,
            1,
            due,
            "refused 0",
        )
    async with store.read() as connection:
        (later,) = await heaps.breakers(connection, ["mce"], due + timedelta(hours=1))
        (other,) = await heaps.breakers(connection, ["adii"], NOW)
    assert later.flow is Flow.CLOSED  # their time has come
    assert (other.flow, other.lanes) == (Flow.CLOSED, 0)


async def test_the_database_has_a_size(store: Store) -> None:
    async with store.read() as connection:
        assert await heaps.size(connection) > 100_000
