"""A running hub: door, workers, deliveries, printer and sealer in one process."""

from __future__ import annotations

import asyncio
import signal
import ssl
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime

import structlog

from gateway.bell import Bell
from gateway.census import NAME as CENSUS
from gateway.census import Census
from gateway.config import Settings
from gateway.deadlines import HeaderDeadlines, listening
from gateway.deliver import Courier
from gateway.directory import Directory
from gateway.heartbeat import Heart
from gateway.http import application
from gateway.hub import Hub, utc_now
from gateway.intake import Intake
from gateway.loops import repeat
from gateway.notify import Crier
from gateway.outside import session
from gateway.post import Postman
from gateway.receive import Reception
from gateway.rendering import Printer
from gateway.seal.keys import load_certificate, load_key
from gateway.seal.sign import Signer
from gateway.seal.statement import Stamp
from gateway.timers import Clockwork
from gateway.verifying import KIND as VERIFY
from gateway.verifying import Verifier
from gateway.watch import Watch
from gateway.work import Worker
from schemas.validate import prepare
from storage import journal
from storage.engine import Store
from storage.queue import Kind

SWITCH_SECONDS = 0.001  #: a thread's turn at the interpreter; Python's own is five times that
SEAL_FULL = 1000  #: journal entries in one seal at most

log = structlog.get_logger(__name__)


def load_seal(settings: Settings) -> tuple[Signer, Stamp]:
    """The hub's key, loaded once; raises `FileNotFoundError` when `init` was not run."""
    key = load_key(settings.path(settings.hub.key).read_bytes())
    certificate = load_certificate(settings.path(settings.hub.certificate).read_bytes())
    return Signer(key, certificate), Stamp(key)


@asynccontextmanager
async def opened(
    settings: Settings, *, clock: Callable[[], datetime] = utc_now
) -> AsyncIterator[Hub]:
    """A hub with its database open and migrated, and nothing running yet."""
    signer, stamp = load_seal(settings)
    store = await Store.open(settings.database_url)
    try:
        await store.migrate()
        yield Hub(
            settings=settings,
            store=store,
            signer=signer,
            stamp=stamp,
            directory=Directory(store),
            clock=clock,
        )
    finally:
        await store.close()


class Running:
    """The loops of one process; leaving the block stops them in order, nothing half done."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.bell = Bell()
        self.intake = Intake(hub.store, limit=hub.settings.http.intake_limit)
        self.reception = Reception(hub, self.intake)
        self._stopping = asyncio.Event()
        self.heart = Heart(hub, self.reception.repeats)
        self._name = self.heart.name

    @asynccontextmanager
    async def door(
        self, *, host: str | None = None, port: int | None = None
    ) -> AsyncIterator[tuple[str, int]]:
        """The HTTP side: yields host and port once messages can be sent."""
        settings = self.hub.settings.http
        deadlines = HeaderDeadlines(settings.header_timeout)
        app = application(self.hub, self.reception, self.bell, deadlines)
        await asyncio.to_thread(prepare)  # the first message must not wait for the schemas
        committing = asyncio.create_task(self.intake.run())
        try:
            async with (
                self.heart.wanted(),
                listening(
                    app,
                    deadlines,
                    host=settings.host if host is None else host,
                    port=settings.port if port is None else port,
                    tls=await self._tls(),
                ) as address,
            ):
                yield address
        finally:
            self.intake.stop()
            await committing

    @asynccontextmanager
    async def workers(self, count: int) -> AsyncIterator[None]:
        """The loops behind the door: work, deliver, notify, mail, ring, print, seal, watch."""
        hub = self.hub
        printers: list[Printer] = []
        async with self.heart.wanted(), session(hub.settings.delivery) as http:
            loops: list[tuple[str, Callable[[], Awaitable[int]]]] = [
                (Kind.DELIVER, Courier(hub, http, name=f"{self._name}/deliver").turn),
                (Kind.NOTIFY, Crier(hub, http, name=f"{self._name}/notify").turn),
                (Kind.MAIL, Postman(hub, name=f"{self._name}/mail").turn),
                (Kind.TIMER, Clockwork(hub, self.bell, name=f"{self._name}/timer").turn),
                ("seal", self._seal),
                (CENSUS, Census(hub).turn),
                (VERIFY, Verifier(hub, self._stopping.is_set).turn),
                ("watch", Watch(hub).turn),
            ]
            for number in range(count):
                worker = Worker(hub, self.bell, name=f"{self._name}/worker/{number}")
                loops.append((Kind.WORK, worker.turn))
            for number in range(hub.settings.papers.processes):
                printer = Printer(hub, name=f"{self._name}/print/{number}")
                printers.append(printer)
                loops.append((Kind.RENDER, printer.turn))
            tasks = [asyncio.create_task(self._loop(kind, turn)) for kind, turn in loops]
            try:
                yield
            finally:
                self._stopping.set()
                for printer in printers:
                    printer.close()
                hub.store.hint()
                await asyncio.gather(*tasks)

    async def _tls(self) -> ssl.SSLContext | None:
        """HTTPS when configured; the partners' own certificates let them read without a token.

        A partner that is added later reads by token until the next start.
        """
        settings = self.hub.settings
        http = settings.http
        if http.tls_certificate is None or http.tls_key is None:
            return None
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(settings.path(http.tls_certificate), settings.path(http.tls_key))
        everyone = await self.hub.directory.look()
        pinned = [pin.certificate.pem.decode() for pin in everyone.pins()]
        if pinned:
            context.load_verify_locations(cadata="\n".join(pinned))
            context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
            context.verify_mode = ssl.CERT_OPTIONAL
        return context

    async def _loop(self, kind: str, turn: Callable[[], Awaitable[int]]) -> None:
        label = self.heart.joins(kind)

        async def noted() -> int:
            taken = await turn()
            self.heart.turned(label)
            return taken

        await repeat(
            noted,
            name=kind,
            wakeup=self.hub.store.wakeup(kind),
            poll=self.hub.settings.queue.poll,
            stopping=self._stopping,
        )

    async def _seal(self) -> int:
        """Chain new journal entries, a moment after they were written."""
        async with self.hub.store.write() as tx:
            sealed = await journal.seal(tx, self.hub.stamp.sign, self.hub.clock())
        if 0 < sealed < SEAL_FULL:  # let a busy hub gather more entries under one seal
            await asyncio.sleep(self.hub.settings.queue.poll)
        return sealed


def take_short_turns() -> None:
    """Let the door answer between two steps of the workers' threads, not after five of them."""
    sys.setswitchinterval(SWITCH_SECONDS)


async def serve(
    settings: Settings,
    *,
    host: str | None,
    port: int | None,
    workers: int,
    ready: Callable[[str], None],
) -> None:
    """Run until SIGTERM or SIGINT: `workers` of 0 keeps the door alone, a `port` of -1 no door."""
    take_short_turns()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with AsyncExitStack() as stack:
        hub = await stack.enter_async_context(opened(settings))
        running = Running(hub)
        if workers:
            await stack.enter_async_context(running.workers(workers))
        if port == -1:
            ready("passavant works the queue")
        else:
            address = await stack.enter_async_context(running.door(host=host, port=port))
            scheme = "https" if settings.http.tls_key else "http"
            ready(f"passavant listens on {scheme}://{address[0]}:{address[1]}")
        await stop.wait()
