"""A process says now and then that it lives, what its loops did, and how often messages came again.

Whoever watches sees a process that died by its silence; one that ended as it should is gone.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from importlib.metadata import PackageNotFoundError, version

import structlog

from gateway.hub import Hub
from storage import StoreUnavailable, processes, traffic
from storage.processes import Process
from storage.traffic import Count, Passed, Span

SECONDS = 3.0  #: from one sign of life to the next
#: After what time without a sign a process is shown as silent.
SILENT = timedelta(seconds=15)
_PRUNED = timedelta(hours=1)

log = structlog.get_logger(__name__)


class Repeats:
    """How often known messages came again since this was last written down."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[datetime, str, str]] = Counter()

    def count(self, now: datetime, partner: str, type: str) -> None:
        """One more."""
        self._counts[Span.MINUTE.beginning(now), partner, type] += 1

    def take(self) -> list[Count]:
        """What was counted, and begin again."""
        taken, self._counts = self._counts, Counter()
        return [
            Count(at=at, kind=Passed.REPEATED, partner=partner, type=type, count=count)
            for (at, partner, type), count in taken.items()
        ]

    def put_back(self, counts: list[Count]) -> None:
        """What could not be written down counts on."""
        for one in counts:
            self._counts[one.at, one.partner, one.type] += one.count


class Heart:
    """The signs of life of one process, while one of its parts wants them."""

    def __init__(self, hub: Hub, repeats: Repeats) -> None:
        self.name = f"{socket.gethostname()}/{os.getpid()}"
        self._hub = hub
        self._repeats = repeats
        self._loops: dict[str, datetime] = {}
        self._started = hub.clock()
        self._pruned = self._started - _PRUNED
        self._parts = 0
        self._stopping = asyncio.Event()
        self._beating: asyncio.Task[None] | None = None

    def joins(self, kind: str) -> str:
        """The name of one more loop: the second of a kind is `kind 2`."""
        same = sum(name.partition(" ")[0] == kind for name in self._loops)
        label = f"{kind} {same + 1}" if same else kind
        self._loops[label] = self._hub.clock()
        return label

    def turned(self, label: str) -> None:
        """A loop took a turn."""
        self._loops[label] = self._hub.clock()

    @asynccontextmanager
    async def wanted(self) -> AsyncIterator[None]:
        """Beat while in this block; the last part to leave takes the process from the list."""
        self._parts += 1
        if self._parts == 1:
            self._stopping.clear()
            self._beating = asyncio.create_task(self._beat_on(), name="heartbeat")
        try:
            yield
        finally:
            self._parts -= 1
            if not self._parts and self._beating is not None:
                self._stopping.set()
                await self._beating

    async def _beat_on(self) -> None:
        while not self._stopping.is_set():
            await self._try(ending=False)
            try:
                async with asyncio.timeout(SECONDS):
                    await self._stopping.wait()
            except TimeoutError:
                continue
        await self._try(ending=True)

    async def _try(self, *, ending: bool) -> None:
        try:
            await self.beat(ending=ending)
        except StoreUnavailable as problem:
            log.error("heartbeat_not_written", problem=str(problem))
        except Exception as bug:
            log.error("heartbeat_failed", error=type(bug).__name__)

    async def beat(self, *, ending: bool = False) -> None:
        """One sign of life, with the repeats since the last one; the last one ends the process."""
        now = self._hub.clock()
        repeats = self._repeats.take()
        try:
            async with self._hub.store.write() as tx:
                await traffic.count(tx, repeats)
                if ending:
                    await processes.gone(tx, self.name)
                else:
                    await processes.beat(tx, self._process(now))
                if now - self._pruned >= _PRUNED:
                    await processes.prune(tx, now)
                    await traffic.prune(tx, now)
        except BaseException:
            self._repeats.put_back(repeats)
            raise
        self._pruned = now if now - self._pruned >= _PRUNED else self._pruned

    def _process(self, now: datetime) -> Process:
        return Process(
            name=self.name,
            host=socket.gethostname(),
            pid=os.getpid(),
            version=_version(),
            loops=dict(self._loops),
            started_at=self._started,
            seen_at=now,
        )


def _version() -> str:
    try:
        return version("passavant")
    except PackageNotFoundError:  # run from its sources
        return "—"
