"""Counts add up in each span, and are kept as long as their span is."""

from __future__ import annotations

from datetime import timedelta

from storage import traffic
from storage.engine import Store
from storage.traffic import Count, Passed, Span
from tests.storage.test_found import _explained
from tests.storage.values import NOW, count

MINUTE = NOW.replace(second=0, microsecond=0)


def passed(
    minutes: int = 0,
    kind: Passed = Passed.ACCEPTED,
    *,
    partner: str = "atlas",
    type: str = "LicenceApplication",
) -> Count:
    return Count(at=NOW + timedelta(minutes=minutes), kind=kind, partner=partner, type=type)


async def counted(store: Store, *counts: Count) -> None:
    async with store.write() as tx:
        await traffic.count(tx, counts)


async def test_what_passed_adds_up_in_every_span(store: Store) -> None:
    await counted(store, passed(), passed(1), passed(1), passed(1, Passed.REJECTED))
    await counted(store, passed(1, partner="mce"), passed(70))
    async with store.read() as connection:
        minutes = await traffic.series(connection, Span.MINUTE, NOW)
        quarters = await traffic.series(connection, Span.QUARTER, NOW)
        hours = await traffic.series(connection, Span.HOUR, NOW)
        own = await traffic.series(connection, Span.MINUTE, NOW, partner="mce")
        until = await traffic.series(connection, Span.MINUTE, NOW, MINUTE + timedelta(minutes=1))
    assert [(point.at, point.counts) for point in minutes] == [
        (MINUTE, {Passed.ACCEPTED: 1}),
        (MINUTE + timedelta(minutes=1), {Passed.ACCEPTED: 3, Passed.REJECTED: 1}),
        (MINUTE + timedelta(minutes=70), {Passed.ACCEPTED: 1}),
    ]
    assert [(point.at.minute, point.counts) for point in quarters] == [
        (30, {Passed.ACCEPTED: 4, Passed.REJECTED: 1}),
        (30, {Passed.ACCEPTED: 1}),
    ]
    assert [(p.at.hour, p.counts.get(Passed.ACCEPTED)) for p in hours] == [(9, 4), (10, 1)]
    assert [point.counts for point in own] == [{Passed.ACCEPTED: 1}]
    assert [point.at for point in until] == [MINUTE]


async def test_traffic_is_told_by_partner_and_by_type(store: Store) -> None:
    await counted(
        store,
        passed(),
        passed(2, partner="mce", type="VisaDecision"),
        passed(3, Passed.DELIVERED, type="Acknowledgement"),
    )
    async with store.read() as connection:
        partners = await traffic.by_partner(connection, Span.MINUTE, NOW)
        types = await traffic.by_type(connection, Span.MINUTE, NOW)
        own = await traffic.by_type(connection, Span.MINUTE, NOW, partner="atlas")
        later = await traffic.by_partner(connection, Span.MINUTE, NOW + timedelta(minutes=1))
    assert partners == {
        "atlas": {Passed.ACCEPTED: 1, Passed.DELIVERED: 1},
        "mce": {Passed.ACCEPTED: 1},
    }
    assert types == {
        "Acknowledgement": {Passed.DELIVERED: 1},
        "LicenceApplication": {Passed.ACCEPTED: 1},
        "VisaDecision": {Passed.ACCEPTED: 1},
    }
    assert set(own) == {"Acknowledgement", "LicenceApplication"}
    assert later == {"atlas": {Passed.DELIVERED: 1}, "mce": {Passed.ACCEPTED: 1}}


async def test_counts_are_forgotten_when_their_span_is_over(store: Store) -> None:
    await counted(store, passed())
    for days, kept in ((2, 3), (4, 2), (16, 1), (401, 0)):
        async with store.write() as tx:
            await traffic.prune(tx, NOW + timedelta(days=days))
        assert await count(store, "traffic") == kept, days


async def test_rows_grow_with_time_and_partners_and_never_with_messages(store: Store) -> None:
    await counted(store, *(passed() for _ in range(1_000)))
    rows = await count(store, "traffic")
    for _ in range(3):
        await counted(store, *(passed() for _ in range(1_000)))
    assert rows == await count(store, "traffic") == 3
    values = {"span": "minute", "since": NOW, "until": NOW + timedelta(days=1)}
    async with store.read() as connection:
        plan = await connection.run_sync(_explained, traffic._SERIES._core, values)
    if store.dialect == "sqlite":
        assert "(span=? AND at>? AND at<?)" in plan, plan


def test_a_span_begins_where_the_clock_says() -> None:
    assert Span.MINUTE.beginning(NOW) == MINUTE
    assert Span.QUARTER.beginning(NOW + timedelta(minutes=14)) == MINUTE
    assert Span.HOUR.beginning(NOW) == MINUTE.replace(minute=0)
