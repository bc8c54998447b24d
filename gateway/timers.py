"""What happens by itself: timers that ring, one by one, through the same commit as a message.

A timer is a job that becomes due. Its handler looks at the dossier as it stands then; when there is
nothing to do any more, the job is simply finished.
"""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from datetime import datetime

import structlog

from gateway import consequences
from gateway.bell import Bell
from gateway.consequences import Cause
from gateway.directory import Partners
from gateway.hub import Hub
from gateway.reading import LedgerReader
from gateway.work import fail, made, set_aside
from handlers.registry import Reader, Ring
from schemas.errors import TryLater
from schemas.workflow import After, Dossier
from storage import StoreUnavailable, dossiers, queue, work

log = structlog.get_logger(__name__)


class Unmoved(Exception):
    """A timer's finding has no move in the dossier's state: the table lacks a line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """A timer that rings: its job, and what it is about."""

    job: queue.Job
    number: str
    timer: str
    about: str

    @classmethod
    def of(cls, job: queue.Job) -> Rung:
        """Read from the job's one line."""
        number, timer, about = job.about.split("|", 2)
        return cls(job=job, number=number, timer=timer, about=about)


class Clockwork:
    """One loop over the timers that have become due."""

    def __init__(self, hub: Hub, bell: Bell, *, name: str) -> None:
        self._hub = hub
        self._bell = bell
        self._name = name

    async def turn(self) -> int:
        """Claim and ring what is due; returns how many timers that were."""
        settings, store, now = self._hub.settings.queue, self._hub.store, self._hub.clock()
        async with store.write() as tx:
            claimed = await queue.claim(
                tx,
                kinds=(queue.Kind.TIMER,),
                worker=self._name,
                now=now,
                lease=settings.lease,
                limit=settings.batch,
            )
        for rung in map(Rung.of, claimed):
            try:
                await self._ring(rung, now)
            except StoreUnavailable:
                raise
            except TryLater as later:
                await set_aside(store, rung.job, later.code.label, now + later.after)
            except queue.LeaseLost:
                log.info("lease_lost", job=rung.job.id)
            except dossiers.Stale as problem:  # a message was quicker: look again
                await fail(self._hub, rung.job, f"Stale: {problem}", now)
            except Exception:
                await fail(self._hub, rung.job, traceback.format_exc(), now)
        return len(claimed)

    async def _ring(self, rung: Rung, now: datetime) -> None:
        partners = await self._hub.directory.look()
        async with self._hub.store.read() as connection:
            dossier = (await dossiers.load(connection, [rung.number]))[rung.number]
            done = await connection.run_sync(
                lambda sync: ring(self._hub, rung, dossier, partners, LedgerReader(sync), now)
            )
        async with self._hub.store.write() as tx:
            await work.commit_work(tx, [done], now)
        self._bell.ring(tuple(dict.fromkeys(sent.receiver for sent in done.outgoing)))
        self._hub.store.hint(*made([done]))


def ring(
    hub: Hub, rung: Rung, dossier: Dossier, partners: Partners, read: Reader, now: datetime
) -> work.Done:
    """What a timer leads to. Raises `TryLater`, `Unmoved`; anything else is a bug."""
    procedure = hub.registry.procedures[dossier.procedure]
    settings = getattr(hub.settings, procedure.name)
    decision = hub.registry.rings[rung.timer, procedure.name](
        dossier, Ring(about=rung.about, now=now, settings=settings, read=read)
    )
    if decision.finding is None:
        return work.Done(job=rung.job, message_id=None, state="accepted", change=None)
    to = procedure.state(procedure.moves.get((dossier.state, After(rung.timer), decision.finding)))
    if to is None:
        raise Unmoved(f"{dossier.number}: {dossier.state}, {rung.timer}, {decision.finding}")
    cause = Cause(
        hub=hub,
        partners=partners,
        procedure=procedure,
        dossier=dossier,
        number=dossier.number,
        event=rung.timer,
        sender=hub.name,
        instance=f"timer-{rung.job.id}",
        message_id=None,
        now=now,
    )
    change = consequences.change(cause, decision, to, dossier.number)
    sent = tuple(consequences.replies(cause, decision, dossier.number))
    return work.Done(
        job=rung.job,
        message_id=None,
        state="accepted",
        change=change,
        outgoing=sent,
        journal=tuple(consequences.recorded(cause, change, sent)),
        jobs=consequences.jobs(cause, decision, change),
        mails=tuple(consequences.letters(cause, decision.replies, dossier.number)),
    )
