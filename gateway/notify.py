"""Tells an address of one's own choice about alerts: signed JSON, the same bytes on every try.

Each request bears `Passavant-Timestamp` (seconds since 1970, of this try) and
`Passavant-Signature`: `v1=` and the HMAC-SHA256, in hexadecimal, of the timestamp, a full stop and
the body (RFC 2104). Who listens compares the signature and refuses an old timestamp.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from datetime import datetime

import aiohttp
import structlog

from gateway.addresses import Forbidden, judge_url
from gateway.config import Settings
from gateway.hub import Hub
from gateway.work import backoff, fail
from storage import StoreUnavailable, journal, queue
from storage.queue import Job, Kind

log = structlog.get_logger(__name__)


class NoSecret(Exception):
    """The file with the secret that signs notices is not there, or is empty."""


def secret(settings: Settings) -> bytes:
    """The secret that signs; raises `NoSecret`."""
    file = settings.alerts.webhook_secret_file
    if file is None:
        raise NoSecret("there is no alerts.webhook_secret_file in the settings")
    try:
        found = settings.path(file).read_bytes().strip()
    except OSError as problem:
        raise NoSecret(f"the secret cannot be read: {problem}") from problem
    if not found:
        raise NoSecret(f"{file} is empty")
    return found


def signature(key: bytes, timestamp: str, body: bytes) -> str:
    """The header that proves who speaks, and when."""
    signed = hmac.new(key, timestamp.encode() + b"." + body, hashlib.sha256)
    return f"v1={signed.hexdigest()}"


class Crier:
    """One loop that claims notices and sends them."""

    def __init__(self, hub: Hub, http: aiohttp.ClientSession, *, name: str) -> None:
        self._hub = hub
        self._http = http
        self._name = name

    async def turn(self) -> int:
        """Claim and send one batch; returns how many. Without an address they wait."""
        settings, now = self._hub.settings, self._hub.clock()
        if not settings.alerts.webhook_url:
            return 0
        async with self._hub.store.write() as tx:
            jobs = await queue.claim(
                tx,
                kinds=(Kind.NOTIFY,),
                worker=self._name,
                now=now,
                lease=settings.queue.lease,
                limit=settings.queue.batch,
            )
        await asyncio.gather(*(self._cry(job) for job in jobs))
        return len(jobs)

    async def _cry(self, job: Job) -> None:
        try:
            problem = await self._send(job)
            await self._record(job, problem, self._hub.clock())
        except queue.LeaseLost:
            log.info("lease_lost", job=job.id)
        except StoreUnavailable as unavailable:
            log.error("notice_not_recorded", job=job.id, problem=str(unavailable))
        except Exception as bug:
            await fail(self._hub, job, repr(bug), self._hub.clock())

    async def _send(self, job: Job) -> str | None:
        """What went wrong, if anything."""
        settings, body = self._hub.settings, job.about.encode()
        url = settings.alerts.webhook_url
        timestamp = str(int(self._hub.clock().timestamp()))
        try:
            judge_url(url, settings.delivery)
            async with self._http.post(
                url,
                data=body,
                headers={
                    "Content-Type": "application/json; charset=utf-8",
                    "Passavant-Notice": str(job.id),
                    "Passavant-Timestamp": timestamp,
                    "Passavant-Signature": signature(secret(settings), timestamp, body),
                },
                allow_redirects=False,
            ) as answer:
                if 200 <= answer.status < 300:
                    return None
                return f"the webhook answered {answer.status}"
        except (Forbidden, NoSecret) as wrong:
            return str(wrong)
        except (aiohttp.ClientError, TimeoutError, OSError) as problem:
            return f"{type(problem).__name__}: {problem}"

    async def _record(self, job: Job, problem: str | None, now: datetime) -> None:
        settings = self._hub.settings.delivery
        if problem is None:
            async with self._hub.store.write() as tx:
                await queue.finish(tx, [job])
            return
        log.warning("notice_failed", job=job.id, alert=job.subject, problem=problem)
        async with self._hub.store.write() as tx:
            if now - job.created_at > settings.patience:
                await queue.park(tx, job, reason=problem, now=now)
                await journal.append(tx, [_parked(self._hub, job, problem, now)])
            else:
                delay = backoff(job.attempts, settings.first_delay, settings.longest_delay)
                await queue.retry(tx, job, due=now + delay, error=problem)


def _parked(hub: Hub, job: Job, problem: str, now: datetime) -> journal.Record:
    return journal.Record(
        at=now,
        kind="notice parked",
        subject=f"alert {job.subject}",
        dossier=None,
        actor=hub.name,
        digest=None,
        facts={"problem": problem},
    )
