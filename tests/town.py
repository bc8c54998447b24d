"""A hub in this process with its partners around it: where journeys and attacks start."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from aiohttp import web
from sqlalchemy import func, select

from gateway.client import Credentials, HubClient
from gateway.config import DatabaseSettings, DeliverySettings, HttpSettings, QueueSettings, Settings
from gateway.hub import Hub, utc_now
from gateway.private import write_private
from gateway.seal.keys import Certificate, load_certificate, load_key, new_key
from gateway.seal.sign import Signer
from gateway.serve import Running, opened
from gateway.token import token_hash
from schemas.workflow import Role
from storage import partners
from storage.tables import metadata

PARTNERS = {
    "coop-atlas": Role.DECLARANT,
    "coop-souss": Role.DECLARANT,
    "mce": Role.MINISTRY,
    "adii": Role.CUSTOMS,
    "banque-atlas": Role.BANK,
    "office-changes": Role.EXCHANGE_OFFICE,
    "artisanat-bm": Role.INSPECTION,
}


class Clock:
    """The time, and a leap that a test makes."""

    def __init__(self) -> None:
        self.leap = timedelta()

    def __call__(self) -> datetime:
        return utc_now() + self.leap


@dataclass
class Key:
    """A partner's key pair, as objects and as PEM."""

    key_pem: bytes
    cert_pem: bytes

    @property
    def certificate(self) -> Certificate:
        return load_certificate(self.cert_pem)

    @property
    def signer(self) -> Signer:
        return Signer(load_key(self.key_pem), self.certificate)


def make_key(name: str, *, days: int = 365, now: datetime | None = None) -> Key:
    """A fresh key."""
    key_pem, cert_pem = new_key(name, days, now or utc_now())
    return Key(key_pem, cert_pem)


@dataclass
class Town:
    """A running hub, its address, and every partner's key."""

    hub: Hub
    running: Running
    url: str
    keys: dict[str, Key]
    hub_certificate: Certificate
    stack: AsyncExitStack = field(repr=False)

    def credentials(self, name: str) -> Credentials:
        return Credentials(
            name=name,
            signer=self.keys[name].signer,
            token=f"token-of-{name}",
            hub_certificate=self.hub_certificate,
        )

    async def client(self, name: str, **options: Any) -> HubClient:
        """A client that is closed with the town."""
        return await self.stack.enter_async_context(
            HubClient(self.url, self.credentials(name), **options)
        )

    async def count(self, table: str) -> int:
        """Rows of a table, for tests that nothing was left behind."""
        rows = metadata.tables[table]
        async with self.hub.store.read() as connection:
            return await connection.run_sync(
                lambda sync: int(sync.execute(select(func.count()).select_from(rows)).scalar_one())
            )

    async def due(self) -> int:
        """Jobs that are due now or being done; timers set for later are not."""
        jobs = metadata.tables["jobs"]
        waits = jobs.c.worker.is_(None) & (jobs.c.due > self.hub.clock())
        later = waits & (jobs.c.kind == "timer")
        count = select(func.count()).select_from(jobs).where(~later)
        async with self.hub.store.read() as connection:
            return await connection.run_sync(lambda sync: int(sync.execute(count).scalar_one()))

    async def settled(self, seconds: float = 20) -> None:
        """Wait until no job is outstanding but timers set for later."""
        end = asyncio.get_running_loop().time() + seconds
        while await self.due():
            if asyncio.get_running_loop().time() > end:
                raise TimeoutError("jobs are still outstanding")
            await asyncio.sleep(0.02)


def settings_for(folder: Path, url: str, **sections: Any) -> Settings:
    """A sandbox's settings in a folder of its own."""
    values: dict[str, Any] = {
        "folder": folder,
        "database": DatabaseSettings(url=url),
        "http": HttpSettings(port=0),
        "queue": QueueSettings(poll=0.2),
        "delivery": DeliverySettings(allow_private=True),
        **sections,
    }
    return Settings(**values)


async def register(hub: Hub, name: str, role: Role, key: Key, *, push: str | None = None) -> None:
    """Add a partner with one certificate and the token `token-of-NAME`."""
    certificate = key.certificate
    async with hub.store.write() as tx:
        await partners.add(tx, name=name, role=role, now=utc_now(), push_url=push)
        await partners.set_token_hash(tx, name, token_hash(f"token-of-{name}"))
        await partners.add_certificate(
            tx,
            name,
            partners.StoredCertificate(
                fingerprint=certificate.fingerprint,
                pem=certificate.pem.decode(),
                not_before=certificate.not_before,
                not_after=certificate.not_after,
                added_at=utc_now(),
            ),
        )
    hub.directory.forget()


@asynccontextmanager
async def town(
    folder: Path,
    url: str,
    *,
    workers: int = 1,
    push: dict[str, str] | None = None,
    clock: Any = utc_now,
    names: Sequence[str] = tuple(PARTNERS),
    **sections: Any,
) -> AsyncIterator[Town]:
    """A hub with its door and workers running, on either engine."""
    hub_key = make_key("passavant")
    write_private(folder / "hub.key.pem", hub_key.key_pem)
    (folder / "hub.cert.pem").write_bytes(hub_key.cert_pem)
    keys = {name: make_key(name) for name in names}
    async with AsyncExitStack() as stack:
        hub = await stack.enter_async_context(
            opened(settings_for(folder, url, **sections), clock=clock)
        )
        for name in names:
            await register(hub, name, PARTNERS[name], keys[name], push=(push or {}).get(name))
        running = Running(hub)
        if workers:
            await stack.enter_async_context(running.workers(workers))
        host, port = await stack.enter_async_context(running.door())
        clients = await stack.enter_async_context(AsyncExitStack())
        yield Town(
            hub=hub,
            running=running,
            url=f"http://{host}:{port}",
            keys=keys,
            hub_certificate=hub_key.certificate,
            stack=clients,
        )


@dataclass
class Inbox:
    """A partner's push address: what arrived, and what it answers."""

    url: str
    bodies: list[bytes] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)  #: statuses to give, first ones first

    async def waited(self, count: int, seconds: float = 20) -> list[bytes]:
        """The bodies, once there are so many."""
        end = asyncio.get_running_loop().time() + seconds
        while len(self.bodies) < count:
            if asyncio.get_running_loop().time() > end:
                raise TimeoutError(f"{len(self.bodies)} of {count} arrived")
            await asyncio.sleep(0.02)
        return self.bodies


@asynccontextmanager
async def inbox(port: int = 0) -> AsyncIterator[Inbox]:
    """A real HTTP server that takes pushes."""
    arrived = Inbox(url="")

    async def take(request: web.Request) -> web.Response:
        body = await request.read()
        status = arrived.answers.pop(0) if arrived.answers else 204
        arrived.bodies.append(body)
        return web.Response(status=status)

    app = web.Application()
    app.router.add_post("/inbox", take)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        arrived.url = f"http://127.0.0.1:{runner.addresses[0][1]}/inbox"
        yield arrived
    finally:
        await runner.cleanup()
