"""kill -9 at any moment under load: nothing acknowledged is lost, nothing happens twice."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

from tests.faults.oracle import Log, judge, keep_sending
from tests.faults.victim import alive, founded, victim

KILLS = 30
SENDERS = 6
SEED = 20260101


async def test_no_acknowledged_message_is_lost_or_doubled_by_kills(
    tmp_path: Path, database_url: str, unused_tcp_port: int
) -> None:
    """Claims 1, 4, 6: the oracle of the trust document, after healing and draining."""
    chance = random.Random(SEED)  # noqa: S311 (chance, no secret)
    log, stop = Log(), asyncio.Event()
    async with founded(tmp_path, database_url, unused_tcp_port) as place:
        declarant = await place.client("coop-atlas")
        senders: list[asyncio.Task[None]] = []
        for _ in range(KILLS):
            with victim(tmp_path, database_url, unused_tcp_port):
                await alive(place.url)
                if not senders:
                    senders = [
                        asyncio.create_task(keep_sending(declarant, log, stop))
                        for _ in range(SENDERS)
                    ]
                await asyncio.sleep(chance.uniform(0.05, 0.6))
        stop.set()
        await asyncio.gather(*senders)
        with victim(tmp_path, database_url, unused_tcp_port):
            await alive(place.url)
            await judge(place, declarant, log, at_least=KILLS)
