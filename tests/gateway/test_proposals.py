"""Acts that take two people: proposed by one, agreed to by another, in time, or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from multidict import MultiDict

from gateway.acts import doing
from gateway.acts.act import Act, By, Impossible, NotAllowed, Overtaken, Rank
from gateway.acts.registry import act_of
from schemas.errors import Refused
from storage import acts, proposals
from tests.poison import CAUSE, bug, jobs, parked, poisoned
from tests.town import Town


@pytest.fixture
async def place(tmp_path: Path, database_url: str) -> AsyncIterator[Town]:
    async with poisoned(tmp_path, database_url, "poison-1", "poison-2") as made:
        yield made


def by(place: Town, name: str, rank: Rank = Rank.OPERATOR, reason: str = "mended") -> By:
    return By(name=name, rank=rank, at=place.hub.clock(), reason=reason)


async def bulk(place: Town) -> Act:
    async with place.hub.store.read() as conn:
        query = MultiDict([("cause", CAUSE), ("kind", "work")])
        return await act_of("release").from_query(query, place.hub, conn)


async def proposed(place: Town) -> int:
    done = await doing.perform(place.hub, await bulk(place), by(place, "amina"))
    assert done.carried == ()
    assert done.proposal is not None
    return done.proposal


async def found(place: Town, number: int) -> proposals.Proposal:
    async with place.hub.store.read() as conn:
        one = await proposals.find(conn, number)
    assert one is not None
    return one


async def test_a_bulk_release_waits_for_a_second_person_and_names_both(place: Town) -> None:
    targets = await jobs(place, state="parked")
    number = await proposed(place)
    assert await jobs(place, state="parked") == targets, "nothing is done yet"
    with bug():
        done = await doing.approve(place.hub, number, by(place, "brahim", reason=""))
    assert len(done) == 2
    assert (await found(place, number)).state == "done"
    async with place.hub.store.read() as conn:
        record = await acts.last_on(conn, str(targets[1].id))
    assert record is not None
    assert record.record.actor == "operator amina"
    assert record.record.facts["second"] == "brahim"
    assert record.record.facts["reason"] == "mended"


async def test_nobody_is_his_own_second_person(place: Town) -> None:
    number = await proposed(place)
    with pytest.raises(Impossible, match="somebody else must decide"):
        await doing.approve(place.hub, number, by(place, "amina", Rank.ADMINISTRATOR))
    assert (await found(place, number)).state == "open"
    assert len(await jobs(place, state="parked")) == 2


async def test_a_lower_rank_agrees_to_nothing(place: Town) -> None:
    number = await proposed(place)
    for way in (doing.approve, doing.reject):
        with pytest.raises(NotAllowed):
            await way(place.hub, number, by(place, "brahim", Rank.VIEWER))
    assert (await found(place, number)).state == "open"


async def test_what_waited_too_long_is_not_done_any_more(place: Town) -> None:
    number = await proposed(place)
    late = replace(by(place, "brahim"), at=place.hub.clock() + place.hub.settings.console.approval)
    with pytest.raises(Overtaken) as told:
        await doing.approve(place.hub, number, late)
    assert [one.now for one in told.value.changes] == ["expired"]
    assert (await found(place, number)).state == "expired"
    assert len(await jobs(place, state="parked")) == 2


async def test_of_two_who_agree_at_once_one_does_it(place: Town) -> None:
    number = await proposed(place)
    with bug("poison-1", "poison-2"):
        ended = await asyncio.gather(
            doing.approve(place.hub, number, by(place, "brahim")),
            doing.approve(place.hub, number, by(place, "chama")),
            return_exceptions=True,
        )
        await parked(place, 2)
    lost = [one for one in ended if isinstance(one, Overtaken)]
    assert (len(lost), len([one for one in ended if isinstance(one, tuple)])) == (1, 1), ended
    (change,) = lost[0].changes
    assert (change.was, change.now) == ("open", "done")
    assert change.by == f"operator {(await found(place, number)).decided_by}"


async def test_an_approval_whose_target_moved_on_ends_as_overtaken(place: Town) -> None:
    number = await proposed(place)
    job, other = await jobs(place, state="parked")
    async with place.hub.store.read() as conn:
        query = MultiDict([("job", str(job.id))])
        retry = await act_of("retry").from_query(query, place.hub, conn)
    with bug("poison-1", "poison-2"):
        await doing.carry_out(place.hub, retry, by(place, "chama"))
        await parked(place, 2)
        with pytest.raises(Overtaken):
            await doing.approve(place.hub, number, by(place, "brahim"))
    ended = await found(place, number)
    assert (ended.state, ended.decided_by) == ("overtaken", "brahim")
    assert f"#{job.id}:" in (ended.remark or "")
    assert "chama" in (ended.remark or "")
    assert other in await jobs(place, state="parked"), "the other target was left alone"
    with pytest.raises(Overtaken):
        await doing.approve(place.hub, number, by(place, "brahim"))


async def test_a_proposal_is_rejected_by_another_and_withdrawn_by_its_own(place: Town) -> None:
    number = await proposed(place)
    with pytest.raises(Impossible, match="only who proposed it"):
        await doing.withdraw(place.hub, number, by(place, "brahim"))
    with pytest.raises(Impossible, match="somebody else"):
        await doing.reject(place.hub, number, by(place, "amina"))
    await doing.reject(place.hub, number, by(place, "brahim", reason="not at night"))
    ended = await found(place, number)
    assert (ended.state, ended.decided_by, ended.remark) == ("rejected", "brahim", "not at night")
    again = await proposed(place)
    assert again != number
    await doing.withdraw(place.hub, again, by(place, "amina", reason="sorry"))
    assert (await found(place, again)).state == "withdrawn"
    for way in (doing.approve, doing.reject):
        with pytest.raises(Overtaken):
            await way(place.hub, again, by(place, "brahim"))
    async with place.hub.store.read() as conn:
        kinds = [one.record.kind for one in await acts.latest(conn)]
    assert kinds == ["proposal withdrawn", "act proposed", "proposal rejected", "act proposed"]


async def test_proposing_the_same_twice_is_one_proposal(place: Town) -> None:
    number = await proposed(place)
    assert await proposed(place) == number
    with pytest.raises(Overtaken) as told:
        await doing.propose(place.hub, await bulk(place), by(place, "brahim"))
    assert told.value.changes[0].by == "operator amina"


async def test_there_is_nothing_to_agree_to(place: Town) -> None:
    with pytest.raises(Refused):
        await doing.approve(place.hub, 4711, by(place, "brahim"))
