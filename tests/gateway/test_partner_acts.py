"""Acts on partners: shown before they are done, done once, and as the command does them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from multidict import MultiDict

from gateway.acts import doing
from gateway.acts.act import Act, By, Carried, Impossible, NotAllowed, Overtaken, Preview, Rank
from gateway.acts.partner import Resume, Rotate, Suspend, SuspendCertificate
from gateway.acts.push import MoveOn, PushAgain, SetPush
from gateway.acts.registry import act_of
from gateway.config import DeliverySettings
from gateway.hub import Hub
from gateway.ping import pinged
from gateway.serve import Running
from schemas.errors import Refused
from storage import journal, mailboxes, outgoing, partners, queue
from storage.partners import Partner
from storage.queue import Kind
from tests.gateway.house import Clock, certify, house, park_all, partner, sent
from tests.town import inbox, make_key

NOBODY = "http://127.0.0.1:9/inbox"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def hub(tmp_path: Path, database_url: str, clock: Clock) -> AsyncIterator[Hub]:
    async with house(tmp_path, database_url, clock) as opened:
        await partner(opened, "adii", make_key("adii", days=300, now=clock.now), push=NOBODY)
        yield opened


def by(hub: Hub, rank: Rank = Rank.ADMINISTRATOR) -> By:
    return By(name="samira", rank=rank, at=hub.clock(), reason="they asked for it")


async def asked(hub: Hub, kind: str, **query: str) -> Act:
    """The act as the console's address asks for it, and as its form brings it back."""
    async with hub.store.read() as connection:
        act = await act_of(kind).from_query(MultiDict(query), hub, connection)
    return act_of(kind).from_json(act.to_json())


async def shown(hub: Hub, act: Act) -> dict[str, tuple[str, str]]:
    (effect,) = (await doing.preview(hub, act)).effects
    return {change.fact: (change.was, change.now) for change in effect.changes}


async def as_it_is(hub: Hub, name: str = "adii") -> Partner:
    async with hub.store.read() as connection:
        found = await partners.get(connection, name)
    assert found is not None
    return found


async def last_entry(hub: Hub) -> journal.Record:
    async with hub.store.read() as connection:
        first, *_ = await journal.listing(connection)
    return first.record


async def test_a_partner_is_suspended_once_and_resumed_with_the_reason_kept(hub: Hub) -> None:
    act = await asked(hub, "suspend", partner="adii")
    assert await shown(hub, act) == {"State": ("active", "suspended")}
    assert (await as_it_is(hub)).suspended_at is None
    await doing.carry_out(hub, act, by(hub, Rank.OPERATOR))
    assert (await as_it_is(hub)).suspension_reason == "they asked for it"
    entry = await last_entry(hub)
    assert (entry.kind, entry.actor, entry.subject) == (
        "partner suspended",
        "operator samira",
        "adii",
    )
    with pytest.raises(Overtaken):
        await doing.carry_out(hub, act, by(hub))
    await doing.carry_out(hub, await asked(hub, "resume", partner="adii"), by(hub))
    assert (await as_it_is(hub)).suspended_at is None
    with pytest.raises(Overtaken):
        await doing.preview(hub, Resume(partner="adii"))
    assert not Suspend(partner="adii").second_person(hub)


async def test_what_names_no_partner_is_refused(hub: Hub) -> None:
    for kind in ("suspend", "resume", "move-on", "set-push", "push-again", "rotate"):
        with pytest.raises(Refused):
            await asked(hub, kind, partner="nobody")
        with pytest.raises(Impossible):
            await asked(hub, kind)


async def test_a_certificate_is_added_by_two_people_and_both_are_believed(
    hub: Hub, clock: Clock
) -> None:
    new = make_key("adii", days=700, now=clock.now)
    act = await asked(hub, "rotate", partner="adii", certificate=new.cert_pem.decode())
    preview: Preview = await doing.preview(hub, act)
    assert preview.second_person
    assert ("SHA-256 fingerprint", new.certificate.fingerprint) in preview.effects[0].facts
    with pytest.raises(NotAllowed):
        await doing.carry_out(hub, act, by(hub, Rank.OPERATOR))
    performed = await doing.perform(hub, act, by(hub))
    assert performed.proposal is not None
    assert len((await as_it_is(hub)).certificates) == 1
    second = By(name="omar", rank=Rank.ADMINISTRATOR, at=hub.clock(), reason="compared")
    await doing.approve(hub, performed.proposal, second)
    assert [one.suspended_at for one in (await as_it_is(hub)).certificates] == [None, None]
    entry = await last_entry(hub)
    assert entry.facts["second"] == "omar"
    assert entry.facts["fingerprint"] == new.certificate.fingerprint


async def test_the_overlap_is_ended_with_the_newest_kept(hub: Hub, clock: Clock) -> None:
    clock.pass_by(days=1)
    newest = await certify(hub, "adii", make_key("adii", days=700, now=clock.now))
    act = await asked(hub, "rotate", partner="adii", suspend_old="yes")
    assert (await shown(hub, act))["Certificate"] == ("current", "suspended")
    await doing.carry_out(hub, act, by(hub))
    held = (await as_it_is(hub)).certificates
    assert [one.fingerprint for one in held if one.suspended_at is None] == [newest]


async def test_a_rotation_that_others_overtook_is_not_done(hub: Hub, clock: Clock) -> None:
    new = make_key("adii", days=700, now=clock.now)
    act = await asked(hub, "rotate", partner="adii", certificate=new.cert_pem.decode())
    await certify(hub, "adii", make_key("adii", days=500, now=clock.now))
    with pytest.raises(Overtaken, match="Certificates in force"):
        await doing.carry_out(hub, act, by(hub))
    assert len((await as_it_is(hub)).certificates) == 2


async def test_a_certificate_that_is_none_or_anothers_is_refused(hub: Hub, clock: Clock) -> None:
    for pem in ("", "nonsense", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"):
        with pytest.raises(Impossible):
            await asked(hub, "rotate", partner="adii", certificate=pem)
    mine = (await as_it_is(hub)).certificates[0].pem
    with pytest.raises(Impossible, match="already"):
        await doing.preview(hub, await asked(hub, "rotate", partner="adii", certificate=mine))
    await partner(hub, "mce", make_key("mce", now=clock.now))
    act = await asked(hub, "rotate", partner="mce", certificate=mine)
    with pytest.raises(Impossible, match="Another partner"):
        await doing.carry_out(hub, act, by(hub))


async def test_one_certificate_is_suspended_and_the_caution_says_when_it_was_the_last(
    hub: Hub,
) -> None:
    (only,) = (await as_it_is(hub)).certificates
    act = await asked(
        hub, "suspend-certificate", partner="adii", fingerprint=only.fingerprint.upper()
    )
    preview = await doing.preview(hub, act)
    assert any("No other certificate" in caution for caution in preview.cautions)
    assert act.second_person(hub)
    await doing.carry_out(hub, act, by(hub))
    assert (await as_it_is(hub)).certificates[0].suspended_at is not None
    with pytest.raises(Overtaken):
        await doing.carry_out(hub, act, by(hub))
    unknown = SuspendCertificate(partner="adii", seen=(), fingerprint="ab" * 32)
    with pytest.raises(Impossible):
        await doing.preview(hub, unknown)


async def test_moving_on_frees_the_queue_and_loses_nothing(hub: Hub, clock: Clock) -> None:
    since = clock.now
    await sent(hub, "adii", 30)
    await park_all(hub, Kind.DELIVER, "the partner answered 410")
    clock.pass_by(hours=3)
    act = await asked(hub, "move-on", partner="adii")
    preview = await doing.preview(hub, act)
    (effect,) = preview.effects
    changes = {change.fact: (change.was, change.now) for change in effect.changes}
    assert changes["Push address"] == (NOBODY, "—")
    assert changes["In the mailbox"] == ("0", "30")
    assert int(changes["Being pushed"][0]) + int(changes["Parked"][0]) == 30
    assert ("Oldest from", since.isoformat(timespec="seconds")) in effect.facts
    (done,) = await doing.carry_out(hub, act, by(hub, Rank.OPERATOR))
    assert done.facts["messages"] == "30"
    assert (await as_it_is(hub)).push_url is None
    async with hub.store.read() as connection:
        assert len(await outgoing.mailbox(connection, "adii")) == 30
        assert await queue.listing(connection, kind=Kind.DELIVER) == []
    with pytest.raises(Overtaken):
        await doing.carry_out(hub, act, by(hub))
    with pytest.raises(Impossible):
        await doing.preview(hub, MoveOn(partner="adii", was=""))


async def test_a_partner_that_is_back_gets_its_mailbox_in_order(hub: Hub) -> None:
    await sent(hub, "adii", 12, push=False, dossier="LE-2026-0000001")
    async with inbox() as box:
        act = await asked(hub, "push-again", partner="adii", url=box.url)
        preview = await doing.preview(hub, act)
        assert ("Messages a minute", "60") in preview.effects[0].facts
        await doing.carry_out(hub, act, by(hub))
        assert (await as_it_is(hub)).push_url == box.url
        async with hub.store.read() as connection:
            jobs = await queue.listing(connection, kind=Kind.DELIVER)
        assert [job.subject for job in jobs] == list(range(1, 13))
        assert [job.due - jobs[0].due for job in jobs] == [timedelta(seconds=n) for n in range(12)]


async def test_an_address_that_may_not_be_called_is_no_push_address(
    tmp_path: Path, sqlite_url: str, clock: Clock
) -> None:
    async with house(tmp_path, sqlite_url, clock, delivery=DeliverySettings()) as strict:
        await partner(strict, "adii", make_key("adii"))
        for url in ("http://adii.example/inbox", "https://127.0.0.1/inbox", "ftp://x", "nonsense"):
            with pytest.raises(Impossible, match="Nothing may be pushed there"):
                await doing.preview(strict, SetPush(partner="adii", was="", url=url))
            with pytest.raises(Impossible, match="Nothing may be pushed there"):
                await doing.preview(strict, PushAgain(partner="adii", was="", url=url))


async def test_another_address_is_set_unless_somebody_was_quicker(hub: Hub) -> None:
    act = await asked(hub, "set-push", partner="adii", url="http://127.0.0.1:8/new")
    assert (await shown(hub, act))["Push address"] == (NOBODY, "http://127.0.0.1:8/new")
    await doing.carry_out(hub, act, by(hub))
    assert (await as_it_is(hub)).push_url == "http://127.0.0.1:8/new"
    with pytest.raises(Overtaken):
        await doing.carry_out(hub, act, by(hub))
    with pytest.raises(Impossible):
        await doing.preview(
            hub, await asked(hub, "set-push", partner="adii", url="http://127.0.0.1:8/new")
        )


async def test_what_loses_its_address_while_it_waits_is_left_in_the_mailbox(hub: Hub) -> None:
    await sent(hub, "adii", 3)
    done: tuple[Carried, ...] = await doing.carry_out(
        hub, await asked(hub, "set-push", partner="adii", url=""), by(hub)
    )
    assert done[0].facts == {"was": NOBODY, "now": ""}
    running = Running(hub)
    async with running.workers(0):
        for _ in range(400):
            if await boxed(hub) == 3:
                break
            await asyncio.sleep(0.05)
    assert await boxed(hub) == 3


async def boxed(hub: Hub) -> int:
    async with hub.store.read() as connection:
        return (await mailboxes.undelivered(connection, "adii")).mailbox


async def test_a_ping_tells_who_answered_and_is_written_down(hub: Hub) -> None:
    async with inbox() as box:
        await doing.carry_out(
            hub, await asked(hub, "set-push", partner="adii", url=box.url), by(hub)
        )
        found = await pinged(hub, "adii", by(hub))
        assert (found.problem, found.address, found.tls) == ("", "127.0.0.1", None)
        assert found.status in {200, 405}
        assert found.milliseconds is not None
        assert box.bodies == []
    assert (await last_entry(hub)).kind == "partner pinged"
    gone = await pinged(hub, "adii", by(hub))
    assert "Connect" in gone.problem
    with pytest.raises(NotAllowed):
        await pinged(hub, "adii", by(hub, Rank.VIEWER))


def test_a_rotation_keeps_what_was_seen() -> None:
    act = Rotate(partner="adii", seen=("ab", "cd"), certificate="", suspend_old=True)
    assert Rotate.from_json(act.to_json()) == act
