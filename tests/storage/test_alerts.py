from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from storage import alerts
from storage.alerts import Alert, Cause, Observed
from storage.engine import Store
from tests.storage.values import NOW, count

CONDITION: Mapping[str, timedelta] = {"partner": timedelta()}
EVENT = {"storm": timedelta(days=1)}
LATER = NOW + timedelta(minutes=1)
OPERATOR = "samira"


def cause(name: str = "partner/adii", **changes: Any) -> Cause:
    found = Cause(
        cause=name,
        family="partner",
        subject="adii",
        level=4,
        facts={"waiting": "12", "error": "the partner answered 503"},
        count=12,
    )
    return replace(found, **changes)


async def look(
    store: Store,
    *present: Cause,
    families: Mapping[str, timedelta] = CONDITION,
    now: datetime = NOW,
) -> Observed:
    async with store.write() as tx:
        return await alerts.observe(tx, present, families, now)


async def one(store: Store) -> Alert:
    async with store.read() as connection:
        (found,) = await alerts.listing(connection)
    return found


async def test_a_cause_opens_once_and_is_refreshed_at_each_look(store: Store) -> None:
    first = await look(store, cause())
    assert [alert.cause for alert in first.opened] == ["partner/adii"]
    again = await look(store, cause(facts={"waiting": "40"}, count=40), now=LATER)
    assert again == Observed()
    found = await one(store)
    assert (found.count, found.facts, found.state) == (40, {"waiting": "40"}, "open")
    assert (found.opened_at, found.seen_at) == (NOW, LATER)
    assert await count(store, "alerts") == 1


async def test_the_same_cause_twice_in_one_look_is_one(store: Store) -> None:
    seen = await look(store, cause(count=1), cause(count=2))
    assert [alert.count for alert in seen.opened] == [2]


async def test_a_condition_that_is_gone_resolves_by_itself(store: Store) -> None:
    await look(store, cause())
    seen = await look(store, now=LATER)
    assert [(alert.state, alert.resolved_by) for alert in seen.resolved] == [("resolved", None)]
    assert await look(store, now=LATER) == Observed()
    back = await look(store, cause(), now=LATER + timedelta(minutes=1))
    assert len(back.opened) == 1
    assert await count(store, "alerts") == 2


async def test_what_was_not_looked_at_is_left_alone(store: Store) -> None:
    await look(store, cause())
    assert await look(store, families={"disk": timedelta()}, now=LATER) == Observed()
    assert (await one(store)).state == "open"


async def test_what_another_process_saw_later_is_not_ended_by_an_older_look(store: Store) -> None:
    await look(store, cause(), now=LATER)
    assert await look(store, now=NOW) == Observed()
    assert (await one(store)).state == "open"


async def test_what_happens_now_and_then_ends_after_a_quiet_day(store: Store) -> None:
    await look(store, cause(family="storm"), families=EVENT)
    assert await look(store, families=EVENT, now=NOW + timedelta(hours=23)) == Observed()
    seen = await look(store, families=EVENT, now=NOW + timedelta(hours=25))
    assert [alert.subject for alert in seen.resolved] == ["adii"]


async def test_what_gets_worse_is_told_again_and_nobodys_any_more(store: Store) -> None:
    (alert,) = (await look(store, cause(level=2))).opened
    async with store.write() as tx:
        assert await alerts.acknowledge(tx, alert.id, OPERATOR, NOW)
    assert await look(store, cause(level=2), now=LATER) == Observed()
    assert (await one(store)).acknowledged_by == OPERATOR
    seen = await look(store, cause(level=3), now=LATER)
    assert [alert.level for alert in seen.raised] == [3]
    found = await one(store)
    assert (found.state, found.acknowledged_by, found.acknowledged_at) == ("open", None, None)


async def test_what_gets_better_without_ending_is_not_told(store: Store) -> None:
    await look(store, cause(level=5))
    assert await look(store, cause(level=2), now=LATER) == Observed()
    assert (await one(store)).level == 2


async def test_a_muted_cause_comes_and_goes_in_silence_until_its_mute_ends(store: Store) -> None:
    (alert,) = (await look(store, cause())).opened
    until = NOW + timedelta(hours=2)
    async with store.write() as tx:
        muted = await alerts.mute(tx, alert.id, until)
        assert await alerts.open_count(tx, NOW) == 0
    assert muted is not None
    assert (muted.muted(NOW), muted.muted(until)) == (True, False)
    assert await look(store, now=LATER) == Observed()  # gone, and not told
    assert await look(store, cause(), now=LATER) == Observed()  # back, and not told
    seen = await look(store, cause(), now=until)
    assert [(alert.id, alert.muted_until) for alert in seen.raised] == [(alert.id, None)]
    assert await look(store, cause(), now=until + timedelta(minutes=1)) == Observed()


async def test_a_mute_that_ends_while_the_cause_is_gone_ends_the_alert(store: Store) -> None:
    (alert,) = (await look(store, cause())).opened
    async with store.write() as tx:
        await alerts.mute(tx, alert.id, LATER)
    seen = await look(store, now=LATER + timedelta(minutes=1))
    assert [alert.state for alert in seen.resolved] == ["resolved"]


async def test_what_gets_worse_while_muted_stays_muted(store: Store) -> None:
    (alert,) = (await look(store, cause(level=2))).opened
    until = NOW + timedelta(hours=2)
    async with store.write() as tx:
        await alerts.mute(tx, alert.id, until)
    (raised,) = (await look(store, cause(level=6), now=LATER)).raised
    assert raised.muted(LATER)
    async with store.write() as tx:
        unmuted = await alerts.unmute(tx, alert.id)
        assert unmuted is not None
        assert unmuted.muted_until is None
        assert await alerts.unmute(tx, alert.id) is None


async def test_what_is_resolved_by_hand_opens_again_while_it_holds(store: Store) -> None:
    (alert,) = (await look(store, cause())).opened
    async with store.write() as tx:
        done = await alerts.resolve(tx, alert.id, OPERATOR, "they restarted", LATER)
        assert done is not None
        assert (done.state, done.resolved_by, done.note) == (
            "resolved",
            OPERATOR,
            "they restarted",
        )
        assert await alerts.resolve(tx, alert.id, OPERATOR, "again", LATER) is None
        assert await alerts.acknowledge(tx, alert.id, OPERATOR, LATER) is None
        assert await alerts.mute(tx, alert.id, LATER) is None
    (again,) = (await look(store, cause(), now=LATER)).opened
    assert again.id > alert.id


async def test_alerts_are_listed_by_state_the_latest_first_and_page_by_page(store: Store) -> None:
    await look(store, *(cause(f"partner/{number}") for number in range(5)))
    async with store.write() as tx:
        await alerts.acknowledge(tx, 2, OPERATOR, NOW)
        await alerts.resolve(tx, 3, OPERATOR, "done", NOW)
        everything = [alert.id for alert in await alerts.listing(tx)]
        opened = [alert.id for alert in await alerts.listing(tx, state="open", limit=2)]
        rest = [alert.id for alert in await alerts.listing(tx, state="open", before=opened[-1])]
        standing = [alert.id for alert in await alerts.standing(tx)]
        assert await alerts.find(tx, 4711) is None
        assert (await alerts.find(tx, 3)) is not None
        assert await alerts.open_count(tx, NOW) == 3
        assert await alerts.open_count(tx, NOW, cap=2) == 2
    assert (everything, opened, rest, standing) == (
        [5, 4, 3, 2, 1],
        [5, 4],
        [1],
        [5, 4, 2, 1],
    )


async def test_processes_that_look_at_once_open_one_alert(database_url: str) -> None:
    stores = [await Store.open(database_url) for _ in range(4)]
    try:
        seen = await asyncio.gather(*(look(store, cause()) for store in stores))
        assert sum(len(one.opened) for one in seen) == 1
        assert await count(stores[0], "alerts") == 1
    finally:
        for store in stores:
            await store.close()
