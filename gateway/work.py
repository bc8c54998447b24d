"""The second hop: claim a message, let its handler decide, sign the replies, commit it all at once.

A batch of jobs shares its statements and its commit. When one of them lost its lease or met a
dossier that moved meanwhile, the batch is tried again one by one, so that only that one waits.
"""

from __future__ import annotations

import random
import traceback
from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog

from gateway.bell import Bell
from gateway.decide import Case, Decided, decide
from gateway.hub import Hub
from gateway.reading import LedgerReader
from schemas.errors import Code, TryLater
from storage import StoreUnavailable, dossiers, messages, queue, work
from storage.engine import Store

log = structlog.get_logger(__name__)


class Worker:
    """One loop over the queue; any number of them, in any number of processes."""

    def __init__(self, hub: Hub, bell: Bell, *, name: str) -> None:
        self._hub = hub
        self._bell = bell
        self._name = name

    async def turn(self) -> int:
        """Claim and carry out one batch; returns how many jobs were claimed."""
        settings, store, now = self._hub.settings.queue, self._hub.store, self._hub.clock()
        async with store.write() as tx:
            jobs = await queue.claim(
                tx,
                kinds=(queue.Kind.WORK,),
                worker=self._name,
                now=now,
                lease=settings.lease,
                limit=settings.batch,
            )
        if not jobs:
            return 0
        await self._commit(await self._decide(await self._load(jobs), now), now)
        return len(jobs)

    async def _load(self, jobs: Sequence[queue.Job]) -> list[Case]:
        """Each job with its message and dossier, in four reads for the whole batch."""
        partners = await self._hub.directory.look()
        async with self._hub.store.read() as connection:
            loaded = await messages.load(connection, [job.subject for job in jobs])
            numbers = {m.dossier for m in loaded.values() if m.dossier is not None}
            found = await dossiers.load(connection, sorted(numbers)) if numbers else {}
            parts = await messages.attachments_of(connection, sorted(loaded))
            return [
                Case(
                    job=job,
                    message=message,
                    dossier=found.get(message.dossier) if message.dossier else None,
                    partners=partners,
                    parts={part.digest: part.content for part in parts.get(message.id, ())},
                )
                for job in jobs
                if (message := loaded[job.subject])
            ]

    async def _decide(self, cases: Sequence[Case], now: datetime) -> list[Decided]:
        """The decisions with their signed replies; a job that failed is set aside at once."""

        def attempt(read: LedgerReader) -> list[Decided | TryLater | str]:
            return [_attempt(self._hub, case, now, read) for case in cases]

        async with self._hub.store.read() as connection:
            results = await connection.run_sync(lambda sync: attempt(LedgerReader(sync)))
        decided = []
        for case, result in zip(cases, results, strict=True):
            if isinstance(result, Decided):
                decided.append(result)
            elif isinstance(result, TryLater):
                due = now + result.after
                await set_aside(self._hub.store, case.job, result.code.label, due)
            else:
                await fail(self._hub, case.job, result, now)
        return decided

    async def _commit(self, done: Sequence[Decided], now: datetime) -> None:
        if not done:
            return
        try:
            async with self._hub.store.write() as tx:
                await work.commit_work(tx, [one.done for one in done], now)
        except StoreUnavailable:
            raise
        except Exception as problem:
            if len(done) > 1:
                for one in done:
                    await self._commit([one], now)
            else:
                await self._give_back(done[0].done.job, problem, now)
            return
        for one in done:
            self._bell.ring(one.wakes)
            self._hub.metrics.worked.labels(one.type, one.done.state).inc()
        self._hub.store.hint(*made([one.done for one in done]))

    async def _give_back(self, job: queue.Job, problem: Exception, now: datetime) -> None:
        """What one message could not be committed for: somebody was quicker, or a bug."""
        match problem:
            case queue.LeaseLost():
                log.info("lease_lost", job=job.id)
            case dossiers.Overtaken():
                due = now + backoff(0, timedelta(seconds=0.5), timedelta(seconds=0.5))
                await set_aside(self._hub.store, job, f"Overtaken: {problem}", due)
            case dossiers.Stale():  # decided on what has moved since: decide again, not for ever
                await fail(self._hub, job, f"Stale: {problem}", now)
            case _:
                await fail(self._hub, job, "".join(traceback.format_exception(problem)), now)


def made(done: Sequence[work.Done]) -> set[str]:
    """The kinds of work that a commit has left behind."""
    kinds = {"seal"}
    if any(outgoing.push for one in done for outgoing in one.outgoing):
        kinds.add(queue.Kind.DELIVER)
    kinds |= {job.kind for one in done for job in one.jobs}
    if any(one.mails for one in done):
        kinds.add(queue.Kind.MAIL)
    return kinds


def _attempt(hub: Hub, case: Case, now: datetime, read: LedgerReader) -> Decided | TryLater | str:
    """One decision, or why there is none: a traceback for a bug."""
    kept = None
    try:
        decided = decide(hub, case, now, read)
    except TryLater as later:
        return later
    except Exception:
        return traceback.format_exc()
    else:
        change = decided.done.change
        kept = None if change is None else change.serial
        return decided
    finally:
        read.settle(kept)


async def set_aside(store: Store, job: queue.Job, reason: str, due: datetime) -> None:
    """Give the job back for a later try; somebody else's lease is left alone."""
    try:
        async with store.write() as tx:
            await queue.postpone(tx, job, due=due, reason=reason)
    except queue.LeaseLost:
        log.info("lease_lost", job=job.id)


async def fail(hub: Hub, job: queue.Job, error: str, now: datetime) -> None:
    """A bug: back off, then park with the traceback; the dossier waits, nobody else notices."""
    # The traceback may quote the message: it stays in the queue, where operators are let in.
    kind_of_error = error.strip().rpartition("\n")[2].partition(":")[0]
    log.error("job_failed", job=job.id, kind=job.kind, attempts=job.attempts, error=kind_of_error)
    try:
        if job.attempts + 1 < hub.settings.queue.attempts:
            due = now + backoff(job.attempts, timedelta(seconds=1), timedelta(minutes=5))
            async with hub.store.write() as tx:
                await queue.retry(tx, job, due=due, error=error)
        else:
            async with hub.store.write() as tx:
                await queue.park(tx, job, reason=f"{Code.INTERNAL.label}\n{error}", now=now)
    except queue.LeaseLost:
        log.info("lease_lost", job=job.id)


def backoff(attempts: int, first: timedelta, longest: timedelta) -> timedelta:
    """Full jitter: somewhere between nothing and the doubled delay, capped."""
    doublings: int = 2 ** min(attempts, 20)
    ceiling = min(longest, first * doublings)
    jitter: float = random.uniform(0.1, 1)  # noqa: S311 (jitter, not a secret)
    return ceiling * jitter
