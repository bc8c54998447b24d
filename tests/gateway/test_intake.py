"""Arrivals are committed in groups, and every arrival gets its own answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest

from gateway.intake import Intake, Overloaded
from storage import StoreUnavailable, messages
from storage.engine import Store

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def received(instance: str, content: bytes = b"<a/>", digest: str = "d") -> messages.Received:
    return messages.Received(
        sender="coop",
        instance=instance,
        type="LicenceApplication",
        version="1.0",
        dossier=None,
        digest=digest,
        content=content,
        receipt=f"receipt of {instance} {digest}".encode(),
        received_at=NOW,
    )


@asynccontextmanager
async def running(store: Store, limit: int = 1000) -> AsyncIterator[Intake]:
    intake = Intake(store, limit=limit)
    task = asyncio.create_task(intake.run())
    try:
        yield intake
    finally:
        intake.stop()
        await task


async def test_each_arrival_is_answered_after_its_commit(store: Store) -> None:
    async with running(store) as intake:
        answers = await asyncio.gather(*(intake.message(received(f"m{n}")) for n in range(200)))
    assert all(answer.fresh for answer in answers)
    assert len({answer.message_id for answer in answers}) == 200


async def test_the_first_of_equals_wins_whatever_group_it_came_in(store: Store) -> None:
    async with running(store) as intake:
        answers = await asyncio.gather(
            *(intake.message(received("same", digest=f"d{n}")) for n in range(100))
        )
    assert sum(answer.fresh for answer in answers) == 1
    assert len({answer.receipt for answer in answers}) == 1


async def test_one_bad_arrival_does_not_take_the_others_with_it(store: Store) -> None:
    bad = received("bad")
    object.__setattr__(bad, "content", object())  # no database takes this
    async with running(store) as intake:
        results = await asyncio.gather(
            intake.message(received("a")),
            intake.message(bad),
            intake.message(received("b")),
            return_exceptions=True,
        )
    assert isinstance(results[0], messages.Accepted)
    assert isinstance(results[1], Exception)
    assert isinstance(results[2], messages.Accepted)


async def test_more_arrivals_than_promised_are_turned_away(store: Store) -> None:
    """Claim 17."""
    intake = Intake(store, limit=2)
    waiting = [asyncio.create_task(intake.message(received(f"m{n}"))) for n in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(Overloaded):
        await intake.message(received("too many"))
    task = asyncio.create_task(intake.run())
    intake.stop()
    await task
    assert all(answer.fresh for answer in await asyncio.gather(*waiting))


class _Failing:
    """A store whose disk is full."""

    full = True

    def write(self) -> object:
        @asynccontextmanager
        async def full() -> AsyncIterator[object]:
            if self.full:
                raise StoreUnavailable("database or disk is full")
            yield object()

        return full()

    def hint(self) -> None:
        """Nobody to tell."""


async def test_a_full_disk_is_said_and_nothing_is_acknowledged() -> None:
    """Claim 12."""
    async with running(_Failing()) as intake:  # type: ignore[arg-type]  # the part that is used
        with pytest.raises(StoreUnavailable):
            await intake.message(received("lost"))
