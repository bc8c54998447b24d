"""Renders papers in a process of their own, one at a time each, killed when they take too long."""

from __future__ import annotations

import asyncio
import hashlib
import multiprocessing
import signal
from collections.abc import Sequence
from datetime import datetime, timedelta
from multiprocessing.connection import Connection as Pipe
from typing import Any

import structlog

from gateway.hub import Hub
from gateway.issuing import issued, sealed
from gateway.token import paper_address
from gateway.told import tell
from gateway.work import fail, set_aside
from handlers.papers.frame import Attachment, View
from handlers.registry import Printing
from schemas.errors import TryLater
from schemas.workflow import Dossier
from storage import dossiers, journal, papers, queue

log = structlog.get_logger(__name__)


class TooSlow(Exception):
    """The paper took longer than it may; its process was killed."""


class Stopped(Exception):
    """The hub is stopping: the paper is printed by whoever comes next."""


def _serve(pipe: Pipe) -> None:
    """The child: render what comes, for ever. Heavy imports happen here and nowhere else."""
    from handlers.papers.render import render, warm

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent says when to stop
    warm()
    while True:
        try:
            template, view, attachments = pipe.recv()
        except EOFError:
            return
        try:
            pipe.send((render(template, view, attachments), None))
        except Exception as problem:
            pipe.send((None, f"{type(problem).__name__}: {problem}"))


class Press:
    """One rendering process, started when first needed and replaced when killed."""

    def __init__(self, *, timeout: float) -> None:
        self._timeout = timeout
        self._context = multiprocessing.get_context("spawn")
        self._process: Any = None
        self._pipe: Pipe | None = None
        self._lock = asyncio.Lock()
        self._closed = False

    @property
    def process(self) -> int:
        """The number of the rendering process; raises LookupError before the first paper."""
        if self._process is None:
            raise LookupError("no paper was rendered yet")
        return int(self._process.pid)

    async def render(
        self, template: str, view: object, attachments: Sequence[Attachment] = ()
    ) -> bytes:
        """The PDF; raises `TooSlow`, `Stopped`, or `RuntimeError` with the child's words."""
        async with self._lock:
            if self._closed:
                raise Stopped
            pipe = self._running()
            pipe.send((template, view, attachments))
            if not await asyncio.to_thread(pipe.poll, self._timeout):
                self._end()
                raise TooSlow(f"{template} took more than {self._timeout:g} s")
            try:
                pdf, problem = pipe.recv()
            except (EOFError, OSError):
                self._end()
                if self._closed:
                    raise Stopped from None
                raise RuntimeError("the rendering process ended") from None
        if problem is not None:
            raise RuntimeError(problem)
        return bytes(pdf)

    def close(self) -> None:
        """Kill the process, if there is one, and start no other."""
        self._closed = True
        if self._process is not None:
            self._process.kill()  # whoever waits for its paper hears of it by the end of the pipe

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._process, self._pipe = None, None

    def _running(self) -> Pipe:
        if self._process is None or not self._process.is_alive() or self._pipe is None:
            self._end()
            ours, theirs = self._context.Pipe()
            self._process = self._context.Process(target=_serve, args=(theirs,), daemon=True)
            self._process.start()
            theirs.close()
            self._pipe = ours
        return self._pipe


class Printer:
    """One loop that claims papers to render and stores them."""

    def __init__(self, hub: Hub, *, name: str) -> None:
        self._hub = hub
        self._name = name
        self._press = Press(timeout=hub.settings.papers.timeout)
        self._forms: dict[str, bytes] = {}

    def close(self) -> None:
        """End the rendering process."""
        self._press.close()

    async def turn(self) -> int:
        """Claim and render one paper; returns how many there were."""
        settings, now = self._hub.settings, self._hub.clock()
        async with self._hub.store.write() as tx:
            jobs = await queue.claim(
                tx,
                kinds=(queue.Kind.RENDER,),
                worker=self._name,
                now=now,
                lease=settings.queue.lease + timedelta(seconds=settings.papers.timeout),
                limit=1,
            )
        if not jobs:
            return 0
        try:
            await self._print(jobs[0], now)
        except (TooSlow, RuntimeError) as problem:
            await fail(self._hub, jobs[0], str(problem), now)
        except Stopped:
            await set_aside(self._hub.store, jobs[0], "the hub stopped", now)
        except TryLater as later:
            await set_aside(self._hub.store, jobs[0], later.code.label, now + later.after)
        except queue.LeaseLost:
            log.info("lease_lost", job=jobs[0].id)
        return 1

    async def _print(self, job: queue.Job, now: datetime) -> None:
        """Every paper the dossier's procedure has, from the dossier as it stands now."""
        hub = self._hub
        partners = await hub.directory.look()
        async with hub.store.read() as connection:
            dossier = (await dossiers.load(connection, [job.about]))[job.about]
            kept = await papers.list(connection, dossier.number)
        # A job before this one may have printed this state already.
        shown = dossier.revision in {leaf.version for leaf in kept}
        printed = {} if shown else await self._printed(dossier, kept, now)
        async with hub.store.write() as tx:
            await queue.finish(tx, [job])
            for name, pdf in printed.items():
                paper = papers.Paper(
                    dossier=dossier.number,
                    name=name,
                    version=dossier.revision,
                    state="current",
                    media_type="application/pdf",
                    digest=hashlib.sha256(pdf).hexdigest(),
                    created_at=now,
                    content=pdf,
                )
                if await papers.put(tx, paper):
                    await journal.append(tx, [_rendered(hub, dossier, paper)])
                    await tell(tx, hub, partners, dossier, paper)
        hub.store.hint(queue.Kind.DELIVER, queue.Kind.MAIL, "seal")

    async def _printed(
        self, dossier: Dossier, leaves: Sequence[papers.Leaf], now: datetime
    ) -> dict[str, bytes]:
        """The dossier's papers by name, but for those with nothing new on them."""
        hub = self._hub
        kept = {leaf.name: leaf.created_at for leaf in leaves if leaf.state == "current"}
        printing = Printing(
            now=now,
            verify_url=paper_address(hub, dossier.number),
            issuer_fr=hub.settings.papers.issuer_fr,
            issuer_ar=hub.settings.papers.issuer_ar,
            settings=getattr(hub.settings, dossier.procedure),
            kept=kept,
        )
        printed = {}
        for name, paper in hub.registry.procedures[dossier.procedure].papers.items():
            page = paper(dossier, printing)
            if page is None:
                continue
            template, view = page
            if not view.frame.specimen:
                printed[name] = await self._issue(dossier.number, template, view, now)
            elif name not in kept:
                printed[name] = await self._form(f"{dossier.procedure}/{name}", template, view)
        return printed

    async def _issue(self, number: str, template: str, view: View, now: datetime) -> bytes:
        """A paper of the dossier's own: with its origin inside, and sealed by the hub."""
        hub = self._hub
        async with hub.store.read() as connection:
            origin = await papers.origin(connection, number, view.frame.sources)
        whole, within = issued(view, origin, hub.signer)
        pdf = await self._press.render(template, whole, within)
        return await asyncio.to_thread(sealed, pdf, view.frame, hub.signer, now)

    async def _form(self, key: str, template: str, view: View) -> bytes:
        """A blank form, which is the same for every dossier: rendered once."""
        if key not in self._forms:
            self._forms[key] = await self._press.render(template, view)
        return self._forms[key]


def _rendered(hub: Hub, dossier: Dossier, paper: papers.Paper) -> journal.Record:
    return journal.Record(
        at=paper.created_at,
        kind="paper rendered",
        subject=paper.name,
        dossier=dossier.number,
        actor=hub.name,
        digest=paper.digest,
        facts={"state": dossier.state, "version": str(dossier.version)},
    )
