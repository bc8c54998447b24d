"""A hub on which messages were parked by a bug that is mended since."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

from gateway.config import DeliverySettings, QueueSettings
from gateway.decide import Case, Decided, decide
from gateway.hub import Hub
from handlers.registry import Reader
from storage import queue
from storage.queue import Job
from tests import letters
from tests.town import Town, town

CAUSE = "ZeroDivisionError: division of the quantity by no units"


@contextmanager
def bug(*instances: str, words: str = CAUSE) -> Iterator[None]:
    """A handler with a bug, which shows with these messages alone; jobs back off for no time."""

    def choke(hub: Hub, case: Case, now: datetime, read: Reader) -> Decided:
        if case.message.instance in instances:
            raise ZeroDivisionError(words.removeprefix("ZeroDivisionError: "))
        return decide(hub, case, now, read)

    with (
        patch("gateway.work.decide", choke),
        patch("gateway.work.backoff", lambda *_: timedelta(milliseconds=10)),
    ):
        yield


async def drop(place: Town, sender: str, instance: str, body: object = None) -> None:
    """Send a message of which no outcome is awaited."""
    partner = await place.client(sender)
    reply = await partner.send(partner.signed(body or letters.application(), instance=instance))
    assert reply.received, reply.facts


async def jobs(place: Town, **wanted: Any) -> list[Job]:
    """Outstanding jobs."""
    async with place.hub.store.read() as conn:
        return await queue.listing(conn, **wanted)


async def parked(place: Town, count: int) -> list[Job]:
    """The parked jobs, once there are so many."""
    for _ in range(500):
        if len(found := await jobs(place, state="parked")) >= count:
            return found
        await asyncio.sleep(0.02)
    raise TimeoutError(f"fewer than {count} are parked")


@asynccontextmanager
async def poisoned(
    folder: Path, url: str, *instances: str, words: str = CAUSE, **options: Any
) -> AsyncIterator[Town]:
    """A running hub that has parked these messages of coop-atlas, and would now handle them."""
    sections = {
        "queue": QueueSettings(poll=0.05, attempts=2),
        "delivery": DeliverySettings(allow_private=True),
    }
    async with town(folder, url, **{**sections, **options}) as place:
        with bug(*instances, words=words):
            for instance in instances:
                await drop(place, "coop-atlas", instance)
            await parked(place, len(instances))
        yield place
