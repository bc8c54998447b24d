"""Claim 21: a hub with one safeguard taken out must not pass, or the oracle proves nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from gateway.client import HubClient
from tests import letters
from tests.faults.controls import spoils
from tests.faults.oracle import Log, judge, keep_sending, send_once
from tests.faults.victim import Spoil, alive, founded, victim
from tests.town import Town

KILLS = 2
SENDERS = 4


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/hub.db"


@asynccontextmanager
async def sending(declarant: HubClient, log: Log) -> AsyncIterator[None]:
    """A few clients that send as fast as they are answered."""
    stop = asyncio.Event()
    senders = [asyncio.create_task(keep_sending(declarant, log, stop)) for _ in range(SENDERS)]
    yield
    stop.set()
    await asyncio.gather(*senders)


async def test_a_receipt_before_the_commit_is_noticed(
    tmp_path: Path, url: str, unused_tcp_port: int
) -> None:
    log, spoil = Log(), spoils.receipts_before_the_commit
    async with founded(tmp_path, url, unused_tcp_port) as place:
        declarant = await place.client("coop-atlas")
        for _ in range(KILLS):
            with victim(tmp_path, url, unused_tcp_port, spoil=spoil) as process:
                await alive(place.url)
                async with sending(declarant, log):
                    await asyncio.sleep(0.5)
                    process.kill()
        with victim(tmp_path, url, unused_tcp_port):
            await alive(place.url)
            with pytest.raises(AssertionError, match="an acknowledged message was lost"):
                await judge(place, declarant, log, at_least=KILLS)


async def test_a_dropped_unique_index_is_noticed(
    tmp_path: Path, url: str, unused_tcp_port: int
) -> None:
    log = Log()
    async with founded(tmp_path, url, unused_tcp_port) as place:
        async with place.hub.store.write() as tx:
            await tx.run_sync(spoils.without_the_unique_index)
        declarant = await place.client("coop-atlas")
        with victim(tmp_path, url, unused_tcp_port, spoil=spoils.ids_unguarded):
            await alive(place.url)
            for _ in range(4):
                await send_once(declarant, log, declarant.signed(letters.application()))
            with pytest.raises(AssertionError, match="another receipt"):
                await judge(place, declarant, log, at_least=3)


@asynccontextmanager
async def crowded(
    folder: Path, url: str, port: int, spoil: Spoil
) -> AsyncIterator[tuple[Town, HubClient, Log]]:
    """Two hubs over one store whose leases end at once, so that each takes the other's jobs."""
    log = Log()
    async with founded(folder, url, port) as place:
        declarant = await place.client("coop-atlas")
        with (
            victim(folder, url, port, workers=2, spoil=spoil, lease=0.001),
            victim(folder, url, -1, workers=2, spoil=spoil, lease=0.001),
        ):
            await alive(place.url)
            async with sending(declarant, log):
                await asyncio.sleep(2)
            yield place, declarant, log


async def test_a_lease_that_nobody_checks_is_noticed(
    tmp_path: Path, url: str, unused_tcp_port: int
) -> None:
    async with crowded(tmp_path, url, unused_tcp_port, spoils.leases_unchecked) as town:
        with pytest.raises(AssertionError, match="an effect happened twice"):
            await judge(*town, at_least=KILLS)


async def test_the_check_of_the_lease_alone_keeps_effects_single(
    tmp_path: Path, url: str, unused_tcp_port: int
) -> None:
    """Claims 4 and 10: the same crowd, the same numbers by chance, and the fence left in."""
    async with crowded(tmp_path, url, unused_tcp_port, spoils.numbers_by_chance) as town:
        await judge(*town, at_least=KILLS)
