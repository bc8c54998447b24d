from __future__ import annotations

import asyncio
import time

from gateway.bell import Bell


async def test_a_ring_wakes_everyone_who_waits_for_the_key() -> None:
    bell = Bell()
    waiting = [asyncio.create_task(bell.wait("mce", 5)) for _ in range(3)]
    await asyncio.sleep(0)
    started = time.monotonic()
    bell.ring(["mce"])
    await asyncio.gather(*waiting)
    assert time.monotonic() - started < 1


async def test_another_key_wakes_nobody() -> None:
    bell = Bell()
    waiting = asyncio.create_task(bell.wait("mce", 0.1))
    await asyncio.sleep(0)
    bell.ring(["adii"])
    assert not waiting.done()
    await waiting


async def test_who_gave_up_is_forgotten() -> None:
    bell = Bell()
    await bell.wait("mce", 0.01)
    assert not bell._waiting
