"""The third hop: push the stored bytes to a partner, the same ones on every try.

Deliveries of one dossier to one partner keep their order. A partner that is down holds up only its
own lanes: their first jobs back off, for days, and the rest wait behind them and drain in order.
"""

from __future__ import annotations

import asyncio
from datetime import datetime

import aiohttp
import structlog

from gateway.addresses import Forbidden, judge_url
from gateway.hub import Hub
from gateway.work import backoff, fail
from storage import StoreUnavailable, journal, mailboxes, outgoing, partners, queue

#: Answers that may mend by themselves; any other 4xx says that this message is unwelcome.
_PASSING = frozenset({401, 403, 404, 407, 408, 409, 421, 425, 429})
_UNWELCOME_TRIES = 5
NO_ADDRESS = "the partner has no push address"

log = structlog.get_logger(__name__)


class Courier:
    """One loop that claims deliveries and pushes them side by side."""

    def __init__(self, hub: Hub, http: aiohttp.ClientSession, *, name: str) -> None:
        self._hub = hub
        self._http = http
        self._name = name

    async def turn(self) -> int:
        """Claim and push one batch; returns how many jobs were claimed."""
        settings, now = self._hub.settings, self._hub.clock()
        async with self._hub.store.write() as tx:
            jobs = await queue.claim(
                tx,
                kinds=(queue.Kind.DELIVER,),
                worker=self._name,
                now=now,
                lease=settings.queue.lease,
                limit=settings.queue.batch,
            )
        if not jobs:
            return 0
        async with self._hub.store.read() as connection:
            loaded = await outgoing.load(connection, [job.subject for job in jobs])
        await asyncio.gather(*(self._deliver(job, loaded[job.subject]) for job in jobs))
        return len(jobs)

    async def _deliver(self, job: queue.Job, message: outgoing.Stored) -> None:
        try:
            problem, lasting = await self._push(message)
            now = self._hub.clock()
            if problem == NO_ADDRESS:
                await self._left(job, message, now)
            elif problem is None:
                await self._delivered(job, message, now)
            else:
                await self._not_delivered(job, message, problem, lasting, now)
        except queue.LeaseLost:
            log.info("lease_lost", job=job.id)
        except StoreUnavailable as unavailable:
            log.error("delivery_not_recorded", job=job.id, problem=str(unavailable))
        except Exception as bug:
            await fail(self._hub, job, repr(bug), self._hub.clock())

    async def _push(self, message: outgoing.Stored) -> tuple[str | None, bool]:
        """What went wrong, if anything, and whether trying again is unlikely to mend it."""
        partner = (await self._hub.directory.look()).get(message.receiver)
        if partner is None or partner.push_url is None:
            return NO_ADDRESS, False
        if partner.suspended:
            return "the partner is suspended", False
        try:
            judge_url(partner.push_url, self._hub.settings.delivery)
            async with self._http.post(
                partner.push_url,
                data=message.content,
                headers={"Content-Type": "application/xml", "X-Message-Id": message.instance},
                allow_redirects=False,
            ) as answer:
                if 200 <= answer.status < 300:
                    return None, False
                lasting = 400 <= answer.status < 500 and answer.status not in _PASSING
                return f"the partner answered {answer.status}", lasting
        except Forbidden as forbidden:
            return str(forbidden), True
        except (aiohttp.ClientError, TimeoutError, OSError) as problem:
            return f"{type(problem).__name__}: {problem}", False

    async def _left(self, job: queue.Job, message: outgoing.Stored, now: datetime) -> None:
        """Whose address was taken away fetches the message from its mailbox.

        The directory may be a moment old: who was given an address meanwhile gets a push.
        """
        self._hub.directory.forget()
        async with self._hub.store.write() as tx:
            partner = await partners.get(tx, message.receiver)
            if partner is not None and partner.push_url is not None:
                await queue.postpone(tx, job, due=now, reason=NO_ADDRESS)
                return
            await queue.finish(tx, [job])
            await mailboxes.leave(tx, message.id)
            await journal.append(tx, [_record("reply left in the mailbox", message, now)])

    async def _delivered(self, job: queue.Job, message: outgoing.Stored, now: datetime) -> None:
        async with self._hub.store.write() as tx:
            await queue.finish(tx, [job])
            await outgoing.delivered(tx, message.id, now)
            await journal.append(tx, [_record("reply delivered", message, now, how="push")])
        self._hub.metrics.delivered.labels(message.receiver, "delivered").inc()
        self._hub.store.hint("seal")

    async def _not_delivered(
        self,
        job: queue.Job,
        message: outgoing.Stored,
        problem: str,
        lasting: bool,
        now: datetime,
    ) -> None:
        settings = self._hub.settings.delivery
        self._hub.metrics.delivered.labels(message.receiver, "failed").inc()
        log.warning(
            "delivery_failed", partner=message.receiver, message=message.instance, problem=problem
        )
        too_late = now - message.created_at > settings.patience
        give_up = too_late or (lasting and job.attempts + 1 >= _UNWELCOME_TRIES)
        async with self._hub.store.write() as tx:
            await outgoing.attempted(tx, message.id, problem, now)
            if give_up:
                await queue.park(tx, job, reason=problem, now=now)
                await journal.append(
                    tx, [_record("delivery parked", message, now, problem=problem)]
                )
            else:
                delay = backoff(job.attempts, settings.first_delay, settings.longest_delay)
                await queue.retry(tx, job, due=now + delay, error=problem)


def _record(kind: str, message: outgoing.Stored, now: datetime, **facts: str) -> journal.Record:
    return journal.Record(
        at=now,
        kind=kind,
        subject=message.instance,
        dossier=message.dossier,
        actor=message.receiver,
        digest=None,
        facts={"type": message.type, **facts},
    )
