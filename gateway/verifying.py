"""The journal verified while the hub runs: asked for at the console, carried out by one process.

The verdict is that of `passavant journal verify`: the same verifier over the same lines. It reads
a few hundred entries at a time, each time in a reading of its own, and rests as long as it worked,
so that neither the writer nor the event loop waits for it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import aclosing
from datetime import datetime, timedelta

import structlog

from gateway.hub import Hub
from gateway.seal.keys import Certificate
from gateway.seal.statement import holds
from storage import chain, journal, verifications
from storage.chain import Check
from storage.engine import Connection
from storage.verdict import Part, Verdict
from storage.verifications import Verification

KIND = "verify"  #: of the loop and of its hints
PATIENCE = timedelta(minutes=3)  #: one that is silent for longer was left behind
TELL_SECONDS = 2.0
NAMED = 50  #: faulty entries named at most, after the one where the record stops being proven
LONGEST_REST = 0.25  #: seconds

_SEAL = '{"seal":'  #: how the line of a seal begins

log = structlog.get_logger(__name__)


class _Stopping(Exception):
    """The hub is going down: this verification is not carried to its end."""


def signed_by(certificate: Certificate) -> Check:
    """Whether a statement was signed with this certificate's key."""
    return lambda statement, signature: holds(certificate, statement, signature)


async def begin(hub: Hub, operator: str, now: datetime) -> int | None:
    """Ask for a verification; its number, or None while another is under way."""
    async with hub.store.write() as tx:
        for one in await verifications.latest(tx, 1):
            await _given_up(tx, one, now)
        number = await verifications.begin(tx, operator, now)
        if number is not None:
            await _record(tx, "journal verification begun", number, f"operator {operator}", now)
    hub.store.hint(KIND, "seal")
    return number


async def _given_up(tx: Connection, one: Verification, now: datetime) -> bool:
    return one.running and await verifications.give_up(
        tx, one.id, silent_since=now - PATIENCE, now=now
    )


async def _record(
    tx: Connection, kind: str, number: int, actor: str, now: datetime, **facts: str
) -> None:
    record = journal.Record(
        at=now, kind=kind, subject=str(number), dossier=None, actor=actor, digest=None, facts=facts
    )
    await journal.append(tx, [record])


class Verifier:
    """The loop that carries out what was asked for."""

    def __init__(self, hub: Hub, stopping: Callable[[], bool]) -> None:
        self._hub = hub
        self._stopping = stopping

    async def turn(self) -> int:
        """Carry out the verification that waits, if there is one; how many."""
        async with self._hub.store.read() as conn:
            waiting = next(iter(await verifications.latest(conn, 1)), None)
        if waiting is None or not waiting.running:
            return 0
        now = self._hub.clock()
        async with self._hub.store.write() as tx:
            if waiting.told_at is not None:
                await _given_up(tx, waiting, now)
                return 0
            mine = await verifications.take(tx, waiting.id, now)
        if mine:
            await self._carry_out(waiting)
        return 1

    async def _carry_out(self, one: Verification) -> None:
        reading = _Reading(self._hub, one.id, self._stopping)
        try:
            verdict = await reading.verdict()
            faults = () if verdict.whole else await reading.faults(verdict)
        except _Stopping:
            await self._end(one, reading.seals, reading.entries, None)
        except Exception:
            log.exception("verification_failed", number=one.id)
            await self._end(one, reading.seals, reading.entries, None)
        else:
            await self._end(one, verdict.seals, verdict.entries, faults, str(verdict))

    async def _end(
        self,
        one: Verification,
        seals: int,
        entries: int,
        faults: tuple[str, ...] | None,
        verdict: str = "not carried to its end",
    ) -> None:
        now = self._hub.clock()
        async with self._hub.store.write() as tx:
            if await verifications.end(
                tx, one.id, seals=seals, entries=entries, faults=faults, now=now
            ):
                facts = {"verdict": verdict, "asked_by": one.asked_by}
                await _record(tx, "journal verified", one.id, self._hub.name, now, **facts)
        self._hub.store.hint("seal", "watch")


class _Reading:
    """The lines of the journal on their way from the event loop to the verifier's thread."""

    def __init__(self, hub: Hub, number: int, stopping: Callable[[], bool]) -> None:
        self.seals = self.entries = 0
        self._hub, self._number, self._stopping = hub, number, stopping
        self._told = self._handed = time.monotonic()

    def _pages(self) -> AsyncGenerator[list[str], None]:
        return journal.export_by_turns(self._hub.store, self._hub.stamp.sign, self._hub.clock())

    async def verdict(self) -> Verdict:
        """What the verifier says."""
        loop = asyncio.get_running_loop()
        check = signed_by(self._hub.signer.certificate)
        async with aclosing(self._pages()) as pages:
            return await asyncio.to_thread(lambda: chain.verify(self._lines(pages, loop), check))

    async def faults(self, verdict: Verdict) -> tuple[str, ...]:
        """The fault that the verifier names, then each entry that its seal does not bear out."""
        found = dict.fromkeys([_said(verdict)])
        async with aclosing(self._pages()) as pages:
            while len(found) <= NAMED and (page := await self._next(pages)) is not None:
                for fault, entry in await asyncio.to_thread(lambda: [*chain.differences(page)]):
                    found[f"{Part.ENTRY} {entry} was {fault}"] = None
        return tuple(found)[: NAMED + 1]

    def _lines(
        self, pages: AsyncIterator[list[str]], loop: asyncio.AbstractEventLoop
    ) -> Iterator[str]:
        """On the verifier's thread: one page after another, each fetched by the event loop."""
        while page := asyncio.run_coroutine_threadsafe(self._next(pages), loop).result():
            yield from page
            if page[-1].startswith(_SEAL):
                self.seals += 1
                self.entries += len(page) - 1

    async def _next(self, pages: AsyncIterator[list[str]]) -> list[str] | None:
        if self._stopping():
            raise _Stopping
        now = time.monotonic()
        await asyncio.sleep(min(now - self._handed, LONGEST_REST))
        if now - self._told > TELL_SECONDS:
            await self._tell()
            self._told = now
        page = await anext(pages, None)
        self._handed = time.monotonic()
        return page

    async def _tell(self) -> None:
        async with self._hub.store.write() as tx:
            await verifications.progress(
                tx,
                self._number,
                seals=self.seals,
                entries=self.entries,
                now=self._hub.clock(),
            )


def _said(verdict: Verdict) -> str:
    """The verdict's fault in the words of a verification: `entry 3 was edited`."""
    what = str(verdict.part)
    if verdict.part is Part.SEAL and verdict.seal is not None:
        what = f"{what} {verdict.seal}"
    elif verdict.part is Part.ENTRY and verdict.entry is not None:
        what = f"{what} {verdict.entry}"
    elif verdict.part is Part.ENTRY:
        what = f"{what} at position {verdict.position}"
    return f"{what} was {verdict.fault}"
