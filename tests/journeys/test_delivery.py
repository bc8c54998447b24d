"""Replies reach their receivers: pushed, pulled, late, in order, the same bytes on every try."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from gateway.config import DeliverySettings
from gateway.decide import Case, Decided, decide
from gateway.hub import Hub
from handlers.registry import Reader
from schemas.envelope import read_header
from schemas.parse import parse
from storage import mailboxes, partners
from tests import letters
from tests.town import Town, inbox, town

QUICK = DeliverySettings(
    allow_private=True,
    first_delay=timedelta(milliseconds=50),
    longest_delay=timedelta(milliseconds=200),
)


async def file_one(place: Town, name: str = "coop-atlas", instance: str = "") -> None:
    declarant = await place.client(name)
    document = declarant.signed(letters.application(), instance=instance)
    assert (await declarant.send(document)).status == 202


async def test_a_push_is_tried_again_with_identical_bytes(
    tmp_path: Path, database_url: str
) -> None:
    """Claim 9."""
    async with inbox() as ministry:
        ministry.answers = [500, 503]
        async with town(
            tmp_path, database_url, push={"mce": ministry.url}, delivery=QUICK
        ) as place:
            await file_one(place)
            bodies = await ministry.waited(3)
            await place.settled()
    assert len(set(bodies)) == 1
    assert read_header(parse(bodies[0])).type == "VisaRequest"


async def test_a_ministry_that_comes_back_gets_everything(
    tmp_path: Path, database_url: str
) -> None:
    async with inbox() as first:
        url, port = first.url, int(first.url.split(":")[2].split("/")[0])
    async with town(tmp_path, database_url, push={"mce": url}, delivery=QUICK) as place:
        for _ in range(5):
            await file_one(place)
        customs = await place.client("coop-atlas")
        assert len(await customs.mailbox(wait=5)) >= 1
        async with inbox(port) as back:
            bodies = await back.waited(5)
            await place.settled()
    assert len(set(bodies)) == 5


async def test_a_dead_partner_does_not_slow_another(tmp_path: Path, database_url: str) -> None:
    """Claim 16."""
    push = {"mce": "http://127.0.0.1:9/inbox"}
    async with (
        inbox() as customs,
        town(
            tmp_path, database_url, push={**push, "coop-atlas": customs.url}, delivery=QUICK
        ) as place,
    ):
        for _ in range(10):
            await file_one(place)
        outcomes = await customs.waited(10, seconds=15)
    assert {read_header(parse(body)).type for body in outcomes} == {"Acknowledgement"}


async def test_an_address_given_by_another_process_a_moment_ago_is_pushed_to(
    tmp_path: Path, database_url: str
) -> None:
    async with inbox() as ministry, town(tmp_path, database_url, delivery=QUICK) as place:
        await file_one(place)
        assert len(await (await place.client("mce")).mailbox(wait=10)) == 1
        await place.hub.directory.look()
        place.hub.directory._age = 3600  # what this process knows of partners grows old
        async with place.hub.store.write() as tx:
            await partners.set_push_url(tx, "mce", ministry.url)
            assert await mailboxes.to_push(tx, "mce", place.hub.clock(), timedelta()) == 1
        place.hub.store.hint("deliver")
        assert len(await ministry.waited(1)) == 1


async def test_mail_stays_until_it_is_acknowledged(place: Town) -> None:
    await file_one(place)
    ministry = await place.client("mce")
    (waiting,) = await ministry.mailbox(wait=10)
    first, second = await ministry.fetch(waiting["id"]), await ministry.fetch(waiting["id"])
    assert first.document == second.document
    await ministry.acknowledge(waiting["id"])
    await ministry.acknowledge(waiting["id"])
    assert await ministry.mailbox() == []


async def test_long_polling_returns_as_soon_as_there_is_mail(place: Town) -> None:
    ministry = await place.client("mce")
    waiting = asyncio.create_task(ministry.mailbox(wait=20))
    await asyncio.sleep(0.2)
    await file_one(place)
    assert len(await asyncio.wait_for(waiting, 10)) == 1


async def test_a_poison_message_blocks_nobody_else(
    place: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Claim 15."""

    def choke(hub: Hub, case: Case, now: datetime, read: Reader) -> Decided:
        if case.message.instance == "poison":
            raise ZeroDivisionError("a bug of ours")
        return decide(hub, case, now, read)

    monkeypatch.setattr("gateway.work.decide", choke)
    monkeypatch.setattr("gateway.work.backoff", lambda *_: timedelta(milliseconds=20))
    await file_one(place, instance="poison")
    for _ in range(5):
        await file_one(place)
    jobs: list[str] = []
    for _ in range(400):
        jobs = await parked(place)
        if jobs and await place.count("dossiers") == 5:
            break
        await asyncio.sleep(0.05)
    assert await place.count("dossiers") == 5
    assert len(jobs) == 1
    assert "ZeroDivisionError" in jobs[0]
    declarant = await place.client("coop-atlas")
    assert (await declarant.look("/messages/poison"))["state"] in {"received", "parked"}


async def parked(place: Town) -> list[str]:
    """The errors of the parked jobs."""
    from storage import queue

    async with place.hub.store.read() as connection:
        return [job.error or "" for job in await queue.listing(connection, state="parked")]


async def test_an_unwelcome_push_is_parked_and_the_next_one_goes_on(
    tmp_path: Path, database_url: str
) -> None:
    async with inbox() as ministry:
        ministry.answers = [400] * 5
        async with town(
            tmp_path, database_url, push={"mce": ministry.url}, delivery=QUICK
        ) as place:
            await file_one(place)
            await ministry.waited(5)
            errors: list[str] = []
            for _ in range(100):
                if errors := await parked(place):
                    break
                await asyncio.sleep(0.05)
            assert errors == ["the partner answered 400"]
            await file_one(place)
            assert len(await ministry.waited(6)) == 6
