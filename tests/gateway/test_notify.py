"""An alert reaches a webhook over a real HTTP server: signed, the same bytes on every try."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from gateway.config import AlertSettings, DeliverySettings
from gateway.hub import Hub
from gateway.notify import Crier
from gateway.outside import session
from gateway.watch import Watch
from storage import journal, queue
from storage.queue import Kind
from tests.gateway.house import Clock, house, partner
from tests.town import make_key

SECRET = b"a secret of thirty-two characters"


@dataclass
class Listener:
    """A server that hears of alerts; `answers` are statuses to give first, before 204."""

    url: str = ""
    bodies: list[bytes] = field(default_factory=list)
    headers: list[Any] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)


@asynccontextmanager
async def listening() -> AsyncIterator[Listener]:
    found = Listener()

    async def hear(request: web.Request) -> web.Response:
        found.bodies.append(await request.read())
        found.headers.append(request.headers)
        status = found.answers.pop(0) if found.answers else 204
        headers = {"Location": f"{found.url}/elsewhere"} if 300 <= status < 400 else None
        return web.Response(status=status, headers=headers)

    app = web.Application()
    app.router.add_route("*", "/{anything:.*}", hear)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        found.url = f"http://127.0.0.1:{runner.addresses[0][1]}/alerts"
        yield found
    finally:
        await runner.cleanup()


@asynccontextmanager
async def watched(
    folder: Path, url: str, clock: Clock, webhook: str, **delivery: Any
) -> AsyncIterator[tuple[Hub, Crier]]:
    """A hub with one alert, and who tells of it."""
    (folder / "secret").write_bytes(SECRET + b"\n")
    alerts = AlertSettings(
        disk_low=0, disk_urgent=0, webhook_url=webhook, webhook_secret_file=Path("secret")
    )
    options = {"allow_private": True, "timeout": 5, **delivery}
    settings = DeliverySettings(**options)
    async with (
        house(folder, url, clock, alerts=alerts, delivery=settings) as hub,
        session(settings) as http,
    ):
        await partner(hub, "adii", make_key("adii", days=5, now=clock.now))
        await Watch(hub).look()
        yield hub, Crier(hub, http, name="crier")


@pytest.fixture
def clock() -> Clock:
    return Clock()


async def jobs(hub: Hub) -> list[queue.Job]:
    async with hub.store.read() as connection:
        found: list[queue.Job] = await queue.listing(connection, kind=Kind.NOTIFY)
    return found


async def test_an_alert_is_posted_as_signed_json_with_its_texts(
    tmp_path: Path, database_url: str, clock: Clock
) -> None:
    async with listening() as ear, watched(tmp_path, database_url, clock, ear.url) as (hub, crier):
        assert await crier.turn() == 1
        assert await crier.turn() == 0
        assert await jobs(hub) == []
        told = json.loads(ear.bodies[0])
        assert (told["event"], told["family"], told["subject"]) == ("opened", "certificate", "adii")
        assert (told["level"], told["severity"], told["state"]) == (4, "warning", "open")
        assert told["texts"]["fr"]["title"] == "Le certificat de adii expire dans 5 jours"
        assert set(told["texts"]) == {"fr", "ar", "en"}
        assert told["link"].endswith(f"/console/alerts/{told['alert']}")
        headers = ear.headers[0]
        stamp = headers["Passavant-Timestamp"]
        signed = hmac.new(SECRET, stamp.encode() + b"." + ear.bodies[0], hashlib.sha256)
        assert headers["Passavant-Signature"] == f"v1={signed.hexdigest()}"
        assert int(stamp) == int(clock.now.timestamp())


async def test_a_notice_that_fails_is_sent_again_with_the_same_bytes(
    tmp_path: Path, sqlite_url: str, clock: Clock
) -> None:
    async with listening() as ear, watched(tmp_path, sqlite_url, clock, ear.url) as (hub, crier):
        ear.answers = [503, 500]
        for _ in range(3):
            assert await crier.turn() == 1
            clock.pass_by(minutes=16)
        assert await jobs(hub) == []
        assert len(ear.bodies) == 3
        assert len(set(ear.bodies)) == 1
        assert len({headers["Passavant-Signature"] for headers in ear.headers}) == 3
        assert len({headers["Passavant-Notice"] for headers in ear.headers}) == 1


async def test_a_redirect_is_not_followed(tmp_path: Path, sqlite_url: str, clock: Clock) -> None:
    async with listening() as ear, watched(tmp_path, sqlite_url, clock, ear.url) as (hub, crier):
        ear.answers = [307]
        await crier.turn()
        assert len(ear.bodies) == 1
        (job,) = await jobs(hub)
        assert job.error == "the webhook answered 307"


async def test_a_notice_is_parked_when_the_patience_ends_and_that_is_an_alert(
    tmp_path: Path, sqlite_url: str, clock: Clock
) -> None:
    async with listening() as ear:
        url = ear.url
    patience = timedelta(hours=1)
    async with watched(tmp_path, sqlite_url, clock, url, patience=patience) as (hub, crier):
        await crier.turn()
        (job,) = await jobs(hub)
        assert (job.state, job.attempts) == ("ready", 1)
        clock.pass_by(hours=2)
        await crier.turn()
        (job,) = await jobs(hub)
        assert job.state == "parked"
        async with hub.store.read() as connection:
            (entry,) = await journal.listing(connection)
        assert (entry.record.kind, entry.record.subject) == ("notice parked", "alert 1")
        observed = await Watch(hub).look()
        assert [alert.family for alert in observed.opened] == ["notices-parked"]


async def test_an_address_inside_is_not_called(
    tmp_path: Path, sqlite_url: str, clock: Clock
) -> None:
    async with (
        listening() as ear,
        watched(tmp_path, sqlite_url, clock, ear.url, allow_private=False) as (hub, crier),
    ):
        await crier.turn()
        assert ear.bodies == []
        (job,) = await jobs(hub)
        assert "must be https" in (job.error or "")


async def test_without_its_secret_a_notice_waits_unsigned_by_nobody(
    tmp_path: Path, sqlite_url: str, clock: Clock
) -> None:
    async with listening() as ear, watched(tmp_path, sqlite_url, clock, ear.url) as (hub, crier):
        (tmp_path / "secret").unlink()
        await crier.turn()
        assert ear.bodies == []
        (job,) = await jobs(hub)
        assert "the secret cannot be read" in (job.error or "")
        (tmp_path / "secret").write_bytes(b" \n")
        clock.pass_by(minutes=16)
        await crier.turn()
        (job,) = await jobs(hub)
        assert (job.error or "").endswith("is empty")


def test_a_webhook_without_a_secret_is_no_setting() -> None:
    with pytest.raises(ValueError, match="webhook_secret_file"):
        AlertSettings(webhook_url="https://watch.example")
