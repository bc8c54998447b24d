"""kill -9 at any moment under load: nothing acknowledged is lost, nothing happens twice."""

from __future__ import annotations

import asyncio
import multiprocessing
import random
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path

import aiohttp
import pytest
from sqlalchemy import text

from gateway.client import HubClient
from gateway.config import HttpSettings, QueueSettings
from gateway.hub import utc_now
from gateway.private import write_private
from gateway.seal.statement import holds
from gateway.serve import opened, serve
from schemas.envelope import read_header
from schemas.parse import parse
from storage import chain, journal
from tests import letters
from tests.town import PARTNERS, Town, make_key, register, settings_for

KILLS = 30
SENDERS = 6
SEED = 20260101

_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload(["gateway.serve", "gateway.rendering", "handlers.registry"])


def _run(folder: str, url: str, port: int) -> None:
    """The victim: a real hub in a process of its own."""
    settings = settings_for(
        Path(folder),
        url,
        http=HttpSettings(port=port),
        queue=QueueSettings(poll=0.1, lease="PT1S"),
    )
    asyncio.run(serve(settings, host=None, port=port, workers=1, ready=lambda line: None))


@dataclass
class Log:
    """What the clients know: sent, definitely received, with which receipt."""

    sent: dict[str, bytes] = field(default_factory=dict)
    received: dict[str, bytes] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)


async def _keep_sending(client: HubClient, log: Log, stop: asyncio.Event) -> None:
    """One message after another, each once: an answer that does not come is not asked for again."""
    while not stop.is_set():
        document = client.signed(letters.application())
        instance = read_header(parse(document)).instance
        log.sent[instance] = document
        try:
            async with client.http.post(
                f"{client.url}/messages",
                data=document,
                headers={"Content-Type": "application/xml"},
                timeout=aiohttp.ClientTimeout(total=5),
            ) as answer:
                body = await answer.read()
        except (aiohttp.ClientError, TimeoutError, OSError):
            await asyncio.sleep(0.02)
            continue
        if answer.status == 202:
            assert client.read(body)["status"] == "received"
            log.received[instance] = body
        elif answer.status not in {429, 503}:
            log.refused.add(instance)


@contextmanager
def _victim(folder: Path, url: str, port: int) -> Iterator[BaseProcess]:
    process = _forks.Process(target=_run, args=(str(folder), url, port), daemon=True)
    process.start()
    try:
        yield process
    finally:
        process.kill()
        process.join()


async def _alive(url: str) -> None:
    end = time.monotonic() + 30
    async with aiohttp.ClientSession() as http:
        while True:
            try:
                async with http.get(f"{url}/readyz") as answer:
                    if answer.status == 200:
                        return
            except aiohttp.ClientError:
                pass
            if time.monotonic() > end:
                raise TimeoutError("the hub did not come back")
            await asyncio.sleep(0.02)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/hub.db"
    url: str = request.getfixturevalue("postgres_url")
    return url


async def test_no_acknowledged_message_is_lost_or_doubled_by_kills(
    tmp_path: Path, database_url: str, unused_tcp_port: int
) -> None:
    """Claims 1, 4, 6: the oracle of the trust document, after healing and draining."""
    hub_key = make_key("passavant")
    write_private(tmp_path / "hub.key.pem", hub_key.key_pem)
    (tmp_path / "hub.cert.pem").write_bytes(hub_key.cert_pem)
    keys = {name: make_key(name) for name in PARTNERS}
    settings = settings_for(tmp_path, database_url)
    async with opened(settings) as hub:
        for name, role in PARTNERS.items():
            await register(hub, name, role, keys[name])
    url, chance = f"http://127.0.0.1:{unused_tcp_port}", random.Random(SEED)  # noqa: S311 (chance, no secret)
    log, stop = Log(), asyncio.Event()
    async with opened(settings) as hub, AsyncExitStack() as stack:
        place = Town(
            hub=hub,
            running=None,  # type: ignore[arg-type]  # it runs in the victim's process
            url=url,
            keys=keys,
            hub_certificate=hub_key.certificate,
            stack=stack,
        )
        declarant = await place.client("coop-atlas")
        senders: list[asyncio.Task[None]] = []
        for _ in range(KILLS):
            with _victim(tmp_path, database_url, unused_tcp_port):
                await _alive(url)
                if not senders:
                    senders = [
                        asyncio.create_task(_keep_sending(declarant, log, stop))
                        for _ in range(SENDERS)
                    ]
                await asyncio.sleep(chance.uniform(0.05, 0.6))
        stop.set()
        await asyncio.gather(*senders)
        with _victim(tmp_path, database_url, unused_tcp_port):
            await _alive(url)
            await place.settled(60)
            await _judge(place, declarant, log)


async def _judge(place: Town, declarant: HubClient, log: Log) -> None:
    async with place.hub.store.read() as connection:
        rows = await connection.run_sync(
            lambda sync: sync.execute(
                text(
                    "SELECT m.instance, count(h.id) FROM messages m"
                    " LEFT JOIN history h ON h.message_id = m.id GROUP BY m.instance"
                )
            ).all()
        )
    effects = {str(instance): int(count) for instance, count in rows}
    assert len(log.received) > KILLS, "the kills left no time for any work"
    assert set(log.received) <= set(effects), "an acknowledged message was lost"
    assert set(effects) <= set(log.sent), "an effect that nobody asked for"
    assert not set(effects) & log.refused
    assert set(effects.values()) == {1}, "an effect happened twice, or not at all"
    assert await place.count("dossiers") == len(effects)
    outcomes, requests = await _replies(place)
    assert (outcomes, requests) == (len(effects), len(effects))
    for instance, document in list(log.sent.items())[:50]:
        again = await declarant.send(document)
        assert again.document == log.received.get(instance, again.document)
    await place.settled(60)
    await _verify_journal(place, len(log.received))


async def _replies(place: Town) -> tuple[int, int]:
    async with place.hub.store.read() as connection:
        rows = await connection.run_sync(
            lambda sync: sync.execute(
                text("SELECT type, count(*) FROM outgoing GROUP BY type")
            ).all()
        )
    found = {str(name): int(count) for name, count in rows}
    return found["Acknowledgement"], found["VisaRequest"]


async def _verify_journal(place: Town, at_least: int) -> None:
    async with place.hub.store.write() as tx:
        while await journal.seal(tx, place.hub.stamp.sign, utc_now()):
            pass
    async with place.hub.store.read() as connection:
        lines = [line async for line in journal.export(connection, place.hub.stamp.sign, utc_now())]
    verdict = chain.verify(
        lines, lambda statement, signature: holds(place.hub_certificate, statement, signature)
    )
    assert verdict.whole, str(verdict)
    accepted = [line for line in lines if '"message accepted"' in line]
    assert len(accepted) >= at_least
