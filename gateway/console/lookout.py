"""What the page Now shows, read once for everybody who watches, whatever their language."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from aiohttp import web

from gateway.config import Settings
from gateway.console.charts import Chart, chart
from gateway.directory import Partners
from gateway.heartbeat import SILENT
from gateway.hub import Hub
from storage import heaps, processes, queue, traffic
from storage.engine import Connection
from storage.heaps import Breaker, Heap
from storage.processes import Process
from storage.traffic import Passed, Span

AGE = 1.0  #: seconds that a reading serves for
CHARTS_AGE = 20.0  #: the same for the charts
LEASES = 50  #: leases that are shown at most


@dataclass(frozen=True, slots=True, kw_only=True)
class Flowing:
    """Deliveries to one partner; `state` is a breaker's word, or `held` where none may be tried."""

    breaker: Breaker
    state: str
    why: str  #: of what is held: suspended, or without an address


@dataclass(frozen=True, slots=True, kw_only=True)
class Disk:
    """A file system: what it is asked about, its size and what is left, in bytes."""

    name: str
    total: int
    free: int

    @property
    def tone(self) -> str:
        """Whether somebody should see to it."""
        part = self.free / self.total if self.total else 0
        return "bad" if part < 0.05 else "warn" if part < 0.15 else "good"


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The hub at one moment."""

    at: datetime
    minute: Mapping[Passed, int]  #: what passed in the last full minute
    hour: Mapping[Passed, int]  #: in the last sixty minutes
    depth: Mapping[queue.Kind, queue.Depth]
    received: Sequence[Heap]
    deliveries: Sequence[Heap]
    mailboxes: Sequence[Heap]
    flows: Sequence[Flowing]
    processes: Sequence[Process]
    leases: Sequence[queue.Job]
    disks: Sequence[Disk]
    database: int  #: bytes
    log: int  #: bytes of SQLite's write-ahead log

    def silent(self, process: Process) -> bool:
        """Whether a process has said nothing for too long."""
        return self.at - process.seen_at > SILENT

    @property
    def parked(self) -> int:
        """Jobs that wait for an operator."""
        return sum(depth.parked for depth in self.depth.values())

    @property
    def troubled(self) -> list[Flowing]:
        """Partners to whom deliveries back off or are held."""
        return [flow for flow in self.flows if flow.state != "closed"]


class Lookout:
    """Reads the hub for the page Now, at most once a second."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._lock = asyncio.Lock()
        self._seen: tuple[float, Snapshot] | None = None
        self._drawn: tuple[float, tuple[Chart, ...]] | None = None
        self.ending = asyncio.Event()

    async def look(self) -> Snapshot:
        """The hub as it is now, or was a second ago."""
        loop = asyncio.get_running_loop()
        async with self._lock:
            if self._seen is None or loop.time() - self._seen[0] > AGE:
                self._seen = (loop.time(), await _snapshot(self._hub))
            return self._seen[1]

    async def charts(self) -> tuple[Chart, ...]:
        """The last hour, day and week."""
        loop = asyncio.get_running_loop()
        async with self._lock:
            if self._drawn is None or loop.time() - self._drawn[0] > CHARTS_AGE:
                async with self._hub.store.read() as connection:
                    drawn = await _charts(connection, self._hub.clock())
                self._drawn = (loop.time(), drawn)
            return self._drawn[1]

    async def end(self, _app: web.Application) -> None:
        """The hub stops: so do those who watch."""
        self.ending.set()


async def _charts(connection: Connection, now: datetime) -> tuple[Chart, ...]:
    spans = (("hour", Span.MINUTE, 60), ("day", Span.QUARTER, 96), ("week", Span.HOUR, 168))
    drawn = []
    for name, span, slots in spans:
        points = await traffic.series(connection, span, now - span.length * (slots - 1))
        drawn.append(chart(name, points, span, now, slots))
    return tuple(drawn)


async def _snapshot(hub: Hub) -> Snapshot:
    now = hub.clock()
    partners = await hub.directory.look()
    async with hub.store.read() as connection:
        points = await traffic.series(connection, Span.MINUTE, now - timedelta(minutes=60))
        deliveries = await heaps.deliveries(connection)
        receivers = sorted({heap.partner for heap in deliveries if heap.state == "pushing"})
        breakers = await heaps.breakers(connection, receivers, now)
        last = Span.MINUTE.beginning(now) - timedelta(minutes=1)
        return Snapshot(
            at=now,
            minute=next((point.counts for point in points if point.at == last), {}),
            hour=_sum([point.counts for point in points]),
            depth=await queue.depth(connection, now),
            received=await heaps.received(connection),
            deliveries=deliveries,
            mailboxes=await heaps.mailboxes(connection),
            flows=[_flowing(breaker, partners) for breaker in breakers],
            processes=await processes.alive(connection),
            leases=await processes.leases(connection, now, hub.settings.queue.lease, cap=LEASES),
            disks=await asyncio.to_thread(_disks, hub.settings),
            database=await heaps.size(connection),
            log=await asyncio.to_thread(_log_size, hub.settings),
        )


def _sum(counts: Sequence[Mapping[Passed, int]]) -> dict[Passed, int]:
    return {kind: sum(one.get(kind, 0) for one in counts) for kind in Passed}


def _flowing(breaker: Breaker, partners: Partners) -> Flowing:
    known = partners.get(breaker.partner)
    if known is None or known.push_url is None:
        return Flowing(breaker=breaker, state="held", why="address")
    if known.suspended:
        return Flowing(breaker=breaker, state="held", why="suspended")
    return Flowing(breaker=breaker, state=breaker.flow.value, why="")


def _database_file(settings: Settings) -> Path | None:
    url = settings.database_url
    return Path(url.removeprefix("sqlite:///")) if url.startswith("sqlite:///") else None


def _disks(settings: Settings) -> list[Disk]:
    file = _database_file(settings)
    places = {"settings": settings.folder.resolve()}
    if file is not None:
        places = {"database": file.parent, **places}
    found: dict[int, Disk] = {}
    for name, place in places.items():
        usage = shutil.disk_usage(place)
        found.setdefault(place.stat().st_dev, Disk(name=name, total=usage.total, free=usage.free))
    return list(found.values())


def _log_size(settings: Settings) -> int:
    file = _database_file(settings)
    log = None if file is None else file.with_name(f"{file.name}-wal")
    return log.stat().st_size if log is not None and log.exists() else 0
