"""A loop over the queue: turn after turn, waiting when there is nothing, surviving what fails."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from storage import StoreUnavailable
from storage.wakeups import Wakeup

log = structlog.get_logger(__name__)


async def repeat(
    turn: Callable[[], Awaitable[int]],
    *,
    name: str,
    wakeup: Wakeup,
    poll: float,
    stopping: asyncio.Event,
) -> None:
    """Take turns until told to stop; a turn that has begun is finished.

    `turn` says how many jobs it took; after none, a hint or `poll` seconds bring the next one. A
    turn that fails costs one `poll` and a line of log: its jobs come back when their leases end,
    and the loop itself never dies of them.
    """
    while not stopping.is_set():
        wakeup.look()
        try:
            if not await turn():
                await wakeup.wait(poll)
        except StoreUnavailable as problem:
            log.error("store_unavailable", loop=name, problem=str(problem))
            await _pause(stopping, poll)
        except Exception as bug:
            log.error("turn_failed", loop=name, error=type(bug).__name__)
            await _pause(stopping, poll)


async def _pause(stopping: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stopping.wait()
    except TimeoutError:
        pass
