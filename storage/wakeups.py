"""Who waits for which kind of work, and is woken when a commit may have made some."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from weakref import WeakSet


class Wakeup:
    """One waiter's memory: a hint that comes while it looks at the queue is not lost."""

    def __init__(self) -> None:
        self._hinted = asyncio.Event()

    def look(self) -> None:
        """About to look at the queue: hints from before are seen to by that."""
        self._hinted.clear()

    def hint(self) -> None:
        """There may be work."""
        self._hinted.set()

    async def wait(self, seconds: float) -> None:
        """Return on a hint since `look`, or when the time is over: hints get lost, polls do not."""
        try:
            async with asyncio.timeout(seconds):
                await self._hinted.wait()
        except TimeoutError:
            pass


class Wakeups:
    """The waiters of one process, by the kind of work they do."""

    def __init__(self) -> None:
        self._waiters: defaultdict[str, WeakSet[Wakeup]] = defaultdict(WeakSet)

    def of(self, kind: str) -> Wakeup:
        """A new waiter for a kind of work."""
        waiter = Wakeup()
        self._waiters[kind].add(waiter)
        return waiter

    def hint(self, kinds: Iterable[str] = ()) -> None:
        """Wake the waiters of these kinds, of every kind when none is named."""
        for kind in tuple(kinds) or tuple(self._waiters):
            for waiter in tuple(self._waiters[kind]):
                waiter.hint()
