"""Acts on jobs and replies: shown first, done once, refused with what changed meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from multidict import MultiDict

from gateway.acts import doing
from gateway.acts.act import Act, By, Impossible, NotAllowed, Overtaken, Preview, Rank
from gateway.acts.jobs import Park, Release, Retry
from gateway.acts.registry import ACTS, act_of
from gateway.acts.seen import Target
from gateway.acts.sent import Resend
from gateway.config import ConsoleSettings
from schemas.errors import Refused
from storage import acts, messages, outgoing, queue
from storage.journal import Happening
from tests import letters
from tests.poison import CAUSE, bug, drop, jobs, parked, poisoned
from tests.town import Town, inbox, town


def by(place: Town, name: str = "amina", rank: Rank = Rank.OPERATOR) -> By:
    return By(name=name, rank=rank, at=place.hub.clock(), reason="the handler is mended")


async def asked(place: Town, kind: str, *pairs: tuple[str, str]) -> Act:
    """An act as a page or a command asks for it."""
    async with place.hub.store.read() as conn:
        return await act_of(kind).from_query(MultiDict(pairs), place.hub, conn)


async def on_jobs(place: Town, kind: str, *found: queue.Job) -> Act:
    return await asked(place, kind, *(("job", str(job.id)) for job in found))


async def record_of(place: Town, subject: str) -> Happening:
    async with place.hub.store.read() as conn:
        found = await acts.last_on(conn, subject)
    assert found is not None
    return found


async def state_of(place: Town, message: int) -> str:
    async with place.hub.store.read() as conn:
        return (await messages.load(conn, [message]))[message].state


@pytest.fixture
async def place(tmp_path: Path, database_url: str) -> AsyncIterator[Town]:
    """A hub that has parked two messages by a bug that is mended since."""
    async with poisoned(tmp_path, database_url, "poison-1", "poison-2") as made:
        yield made


async def test_a_poison_message_is_released_after_its_handler_is_mended(place: Town) -> None:
    job, _ = await jobs(place, state="parked")
    act = await on_jobs(place, "release", job)
    shown = await doing.preview(place.hub, act)
    (effect,) = shown.effects
    assert effect.dry_run is not None
    assert effect.dry_run.problem is None
    assert effect.dry_run.after is not None
    assert (effect.dry_run.before, effect.dry_run.after.name) == (None, "submitted")
    assert not shown.second_person
    await doing.carry_out(place.hub, act, by(place))
    for _ in range(300):
        if await state_of(place, job.subject) != "received":
            break
        await asyncio.sleep(0.02)
    assert await state_of(place, job.subject) == "accepted"
    found = (await record_of(place, str(job.id))).record
    assert (found.kind, found.actor) == ("job released", "operator amina")
    assert found.facts["reason"] == "the handler is mended"
    assert "second" not in found.facts


async def test_of_two_operators_one_acts_and_the_other_is_told_who_did(
    tmp_path: Path, database_url: str
) -> None:
    async with poisoned(tmp_path, database_url, "poison-1") as place:
        (job,) = await jobs(place, state="parked")
        with bug("poison-1"):
            ours, theirs = [await on_jobs(place, "release", job) for _ in range(2)]
            ended = await asyncio.gather(
                doing.carry_out(place.hub, ours, by(place, "amina")),
                doing.carry_out(place.hub, theirs, by(place, "brahim")),
                return_exceptions=True,
            )
            await parked(place, 1)
    lost = [one for one in ended if isinstance(one, Overtaken)]
    won = [one for one in ended if isinstance(one, tuple)]
    assert (len(won), len(lost)) == (1, 1), ended
    (change,) = lost[0].changes
    assert change.was == "parked"
    assert change.now in {"ready", "claimed", "parked"}
    assert change.by is not None


async def test_an_act_that_is_sent_twice_is_done_once(place: Town) -> None:
    job, _ = await jobs(place, state="parked")
    park = await on_jobs(place, "release", job)
    again = act_of(park.kind).from_json(park.to_json())
    assert again == park
    async with place.hub.store.write() as tx:  # no worker may take it meanwhile
        await queue.unpark(tx, job.id, place.hub.clock() + timedelta(hours=1))
    with pytest.raises(Overtaken) as told:
        await doing.carry_out(place.hub, again, by(place))
    assert [(one.was, one.now) for one in told.value.changes] == [("parked", "ready")]


async def test_a_job_that_was_finished_meanwhile_says_what_became_of_its_message(
    place: Town,
) -> None:
    job, _ = await jobs(place, state="parked")
    act = await on_jobs(place, "release", job)
    await doing.carry_out(place.hub, act, by(place))
    for _ in range(300):
        if await state_of(place, job.subject) == "accepted":
            break
        await asyncio.sleep(0.02)
    with pytest.raises(Overtaken) as told:
        await doing.preview(place.hub, act)
    facts = [(one.fact, one.now) for one in told.value.changes]
    assert facts == [("Job", "finished"), ("Message", "accepted")]


async def test_one_target_that_moved_on_stops_the_whole_act(place: Town) -> None:
    first, second = await jobs(place, state="parked")
    act = await on_jobs(place, "release", first, second)
    one = await on_jobs(place, "retry", second)
    with bug("poison-1", "poison-2"):
        await doing.carry_out(place.hub, one, by(place, "brahim"))
        with pytest.raises(Overtaken):
            await doing.carry_out(place.hub, act, by(place))
        await parked(place, 2)
    kept = (await jobs(place, state="parked"))[0]
    assert kept == first, "the other target was left alone"


async def test_a_bulk_act_begins_so_many_targets_in_a_minute(
    tmp_path: Path, database_url: str
) -> None:
    console = ConsoleSettings(bulk_per_minute=30)
    names = ("poison-1", "poison-2", "poison-3")
    async with poisoned(tmp_path, database_url, *names, console=console) as place:
        act = await asked(place, "release", ("cause", CAUSE), ("kind", "work"))
        assert isinstance(act, Release)
        assert len(act.targets) == 3
        shown = await doing.preview(place.hub, act)
        dues = [effect.due for effect in shown.effects]
        assert shown.second_person
        with bug(*names):
            await doing.carry_out(place.hub, act, by(place))
            found = await jobs(place)
        begun = min(job.due for job in found)
        assert dues[0] is not None
        assert [due and due - dues[0] for due in dues] == [
            timedelta(seconds=2) * n for n in range(3)
        ]
        assert len({job.due for job in found}) == 3
        assert max(job.due for job in found) - begun >= timedelta(seconds=1)


async def test_an_act_makes_no_sense_on_a_job_in_another_state(place: Town) -> None:
    job, _ = await jobs(place, state="parked")
    with pytest.raises(Impossible, match="parked already"):
        await doing.preview(place.hub, await on_jobs(place, "park", job))
    with pytest.raises(Impossible, match="any more"):
        await asked(place, "release", ("cause", "another"), ("kind", "work"))
    with pytest.raises(Impossible, match="no kind"):
        await asked(place, "release", ("cause", CAUSE), ("kind", "mad"))
    with pytest.raises(Refused):
        await asked(place, "retry", ("job", "4711"))
    for nothing in ((), (("job", "x"),), (("job", "-1"),), (("job", "9" * 30),)):
        with pytest.raises(Impossible):
            await asked(place, "retry", *nothing)
    with pytest.raises(Impossible, match="no act"):
        act_of("destroy")


async def test_a_parked_job_holds_up_its_lane_until_somebody_releases_it(
    tmp_path: Path, database_url: str
) -> None:
    async with poisoned(tmp_path, database_url, "poison-1") as place:
        (job,) = await jobs(place, state="parked")
        with bug("poison-1"):
            await doing.carry_out(place.hub, await on_jobs(place, "retry", job), by(place))
            (job,) = await parked(place, 1)
        released = await on_jobs(place, "release", job)
        await doing.carry_out(place.hub, released, by(place))
        await place.settled()
        assert await state_of(place, job.subject) == "accepted"


async def test_a_job_is_parked_by_hand_and_a_timer_for_later_is_not_rung(place: Town) -> None:
    await drop(place, "coop-souss", "good")
    for job in await jobs(place, state="parked"):
        await doing.carry_out(place.hub, await on_jobs(place, "release", job), by(place))
    await place.settled()
    timers = [job for job in await jobs(place) if job.kind is queue.Kind.TIMER]
    assert timers
    with pytest.raises(Impossible, match="set for later"):
        await doing.preview(place.hub, await on_jobs(place, "retry", timers[0]))
    park = await on_jobs(place, "park", timers[0])
    await doing.carry_out(place.hub, park, by(place))
    (found,) = await jobs(place, state="parked")
    assert (found.id, found.error) == (timers[0].id, "the handler is mended")
    assert (await record_of(place, str(found.id))).record.kind == "job parked"


async def test_a_rank_below_what_an_act_needs_does_nothing(place: Town) -> None:
    job, _ = await jobs(place, state="parked")
    act = await on_jobs(place, "release", job)
    for way in (doing.carry_out, doing.propose):
        with pytest.raises(NotAllowed):
            await way(place.hub, act, by(place, rank=Rank.VIEWER))
    assert await jobs(place, state="parked") == [job, _]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "null",
        '{"targets": [{"id": 1, "kind": "mad", "subject": 1, "seen": ""}]}',
        '{"targets": [{"id": -1, "kind": "work", "subject": 1, "seen": ""}]}',
        '{"targets": [{"id": 99999999999999999999, "kind": "work", "subject": 1, "seen": ""}]}',
        '{"targets": [{"id": "1", "kind": "work", "subject": 1, "seen": ""}]}',
    ],
)
def test_what_no_page_wrote_is_no_act(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Retry.from_json(text)


def test_an_act_takes_five_hundred_targets_each_once() -> None:
    many = tuple(Target(id=n, kind="work", subject=n, seen="") for n in range(501))
    assert Park(targets=many[:500]).subject == "#0, #1, #2, #3, #4, … (500)"
    for wrong in (many, ()):
        with pytest.raises(Impossible, match="between 1 and 500"):
            Park(targets=wrong)
    with pytest.raises(ValueError, match="twice"):
        Park(targets=(many[0], many[0]))


def test_every_act_has_a_word_and_a_title() -> None:
    assert {"retry", "release", "park", "resend"} <= ACTS.keys()
    assert all(act.kind == kind and act.title for kind, act in ACTS.items())


async def sent_to(place: Town, receiver: str) -> list[outgoing.Notice]:
    async with place.hub.store.read() as conn:
        found = await outgoing.mailbox(conn, receiver, limit=200)
        ids = [one.id for one in found] or list(range(1, 20))
        loaded = await outgoing.load(conn, ids)
    return [one for one in loaded.values() if one.receiver == receiver]


async def test_a_reply_is_pushed_again_with_the_very_same_bytes(
    tmp_path: Path, database_url: str
) -> None:
    async with (
        inbox() as door,
        town(tmp_path, database_url, push={"coop-atlas": door.url}) as place,
    ):
        partner = await place.client("coop-atlas")
        await partner.send(partner.signed(letters.application()))
        (body, *_) = await door.waited(1)
        await place.settled()
        (reply, *_) = await sent_to(place, "coop-atlas")
        act = await asked(place, "resend", ("sent", str(reply.id)))
        shown = await doing.preview(place.hub, act)
        assert [(one.to, one.how) for one in shown.effects[0].sends] == [("coop-atlas", "push")]
        many = len(door.bodies)
        await doing.carry_out(place.hub, act, by(place))
        again = (await door.waited(many + 1))[-1]
        await place.settled()
        assert again == body
        found = (await record_of(place, reply.instance)).record
        assert (found.kind, found.facts["how"]) == ("reply resent", "push")
        assert reply.delivered_at is not None
        assert found.facts["delivered"] == reply.delivered_at.isoformat(timespec="seconds")
        with pytest.raises(Overtaken) as told:  # the same act once more: it was done already
            await doing.carry_out(place.hub, act, by(place, "brahim"))
        assert told.value.changes[0].by == "operator amina: reply resent"
        assert len(door.bodies) == many + 1


async def test_a_fetched_reply_lies_in_the_mailbox_again(tmp_path: Path, sqlite_url: str) -> None:
    async with town(tmp_path, sqlite_url) as place:
        partner = await place.client("coop-atlas")
        await partner.send(partner.signed(letters.application()))
        await place.settled()
        (reply,) = await sent_to(place, "coop-atlas")
        with pytest.raises(Impossible, match="in the mailbox already"):
            await doing.preview(place.hub, await asked(place, "resend", ("sent", str(reply.id))))
        async with place.hub.store.write() as tx:
            await outgoing.acknowledge(tx, "coop-atlas", reply.instance, place.hub.clock())
        act = await asked(place, "resend", ("sent", str(reply.id)))
        await doing.carry_out(place.hub, act, by(place))
        async with place.hub.store.read() as conn:
            (back,) = await outgoing.mailbox(conn, "coop-atlas")
        assert (back.id, back.delivered_at) == (reply.id, None)
        assert isinstance(act, Resend)


async def test_a_preview_says_how_many_targets_it_does_not_show(
    tmp_path: Path, sqlite_url: str
) -> None:
    async with town(tmp_path, sqlite_url, workers=0) as place:
        for number in range(23):
            await drop(place, "coop-atlas", f"m-{number}")
        found = await jobs(place)
        shown: Preview = await doing.preview(place.hub, await on_jobs(place, "park", *found))
    assert (len(shown.effects), shown.more, shown.second_person) == (20, 3, False)
