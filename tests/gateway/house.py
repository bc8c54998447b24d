"""A hub that nobody serves, with a clock that a test moves: what watching it finds."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from gateway.config import AlertSettings
from gateway.hub import Hub
from gateway.private import write_private
from gateway.serve import opened
from gateway.watch import Watch
from schemas.workflow import Role
from storage import alerts, outgoing, partners, queue
from storage.alerts import Alert
from storage.queue import Job, Kind
from tests.town import Key, make_key, settings_for


class Clock:
    """A clock that stands until a test moves it."""

    def __init__(self) -> None:
        # A minute on: keys made by the real clock are valid already.
        self.now = datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=1)

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **time: float) -> datetime:
        self.now += timedelta(**time)
        return self.now


@asynccontextmanager
async def house(folder: Path, url: str, clock: Clock, **sections: Any) -> AsyncIterator[Hub]:
    """A hub in this folder; by itself its disk is never low."""
    if not (folder / "hub.key.pem").exists():
        key = make_key("passavant")
        write_private(folder / "hub.key.pem", key.key_pem)
        (folder / "hub.cert.pem").write_bytes(key.cert_pem)
    quiet = AlertSettings(disk_low=0, disk_urgent=0)
    settings = settings_for(folder, url, **{"alerts": quiet, **sections})
    async with opened(settings, clock=clock) as hub:
        hub.directory._age = 0  # read the partners at each look
        yield hub


async def partner(
    hub: Hub, name: str, *keys: Key, role: Role = Role.CUSTOMS, push: str | None = None
) -> None:
    """A partner with these certificates."""
    async with hub.store.write() as tx:
        await partners.add(tx, name=name, role=role, now=hub.clock(), push_url=push)
    for key in keys:
        await certify(hub, name, key)


async def certify(hub: Hub, name: str, key: Key) -> str:
    """One more certificate of a partner; its fingerprint."""
    certificate = key.certificate
    stored = partners.StoredCertificate(
        fingerprint=certificate.fingerprint,
        pem=certificate.pem.decode(),
        not_before=certificate.not_before,
        not_after=certificate.not_after,
        added_at=hub.clock(),
    )
    async with hub.store.write() as tx:
        await partners.add_certificate(tx, name, stored)
    return certificate.fingerprint


def message(hub: Hub, instance: str, receiver: str, **changes: Any) -> outgoing.Outgoing:
    """Something for a partner, to be pushed."""
    values = {
        "instance": instance,
        "receiver": receiver,
        "type": "Acknowledgement",
        "dossier": None,
        "answers": None,
        "stage": None,
        "content": b"<signed/>",
        "push": True,
        "created_at": hub.clock(),
        **changes,
    }
    return outgoing.Outgoing(**values)


async def sent(hub: Hub, receiver: str, many: int, **changes: Any) -> None:
    """So many messages on their way to a partner."""
    batch = [message(hub, f"{receiver}-{number}", receiver, **changes) for number in range(many)]
    async with hub.store.write() as tx:
        await outgoing.store(tx, batch)


async def claimed(hub: Hub, kind: Kind, limit: int = 50) -> list[Job]:
    async with hub.store.write() as tx:
        return await queue.claim(
            tx,
            kinds=[kind],
            worker="test",
            now=hub.clock(),
            lease=timedelta(seconds=30),
            limit=limit,
        )


async def pushes_fail(hub: Hub, error: str) -> None:
    """Whatever is due is tried once, and fails."""
    for job in await claimed(hub, Kind.DELIVER):
        async with hub.store.write() as tx:
            await outgoing.attempted(tx, job.subject, error, hub.clock())
            await queue.retry(tx, job, due=hub.clock(), error=error)


async def park_all(hub: Hub, kind: Kind, *errors: str) -> None:
    """Whatever is due is parked, with these errors in turn."""
    jobs = await claimed(hub, kind)
    for place, job in enumerate(jobs):
        async with hub.store.write() as tx:
            await queue.park(tx, job, reason=errors[place % len(errors)], now=hub.clock())


async def standing(hub: Hub) -> dict[str, Alert]:
    """What a look finds, by cause."""
    await Watch(hub).look()
    async with hub.store.read() as connection:
        return {alert.cause: alert for alert in await alerts.standing(connection)}
