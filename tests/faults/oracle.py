"""What must hold after any fault, once healed and drained: the clients' log against the store."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import aiohttp
from sqlalchemy import text

from gateway.client import HubClient
from gateway.hub import utc_now
from gateway.seal.statement import holds
from schemas.envelope import read_header
from schemas.parse import parse
from storage import chain, journal
from tests import letters
from tests.town import Town


@dataclass
class Log:
    """What the clients know: sent, definitely received, with which receipt, told to wait."""

    sent: dict[str, bytes] = field(default_factory=dict)
    received: dict[str, bytes] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
    put_off: dict[str, bytes] = field(default_factory=dict)


async def keep_sending(client: HubClient, log: Log, stop: asyncio.Event) -> None:
    """One message after another, each once: an answer that does not come is not asked for again."""
    while not stop.is_set():
        await send_once(client, log, client.signed(letters.application()))


async def send_once(client: HubClient, log: Log, document: bytes) -> None:
    """Post one message, and log what is known of it before and after."""
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
        return
    if answer.status in {200, 202}:
        assert client.read(body)["status"] == "received"
        log.received[instance] = body
    elif answer.status in {429, 503}:
        log.put_off[instance] = body
        await asyncio.sleep(0.02)
    else:
        log.refused.add(instance)


async def judge(
    place: Town, declarant: HubClient, log: Log, *, at_least: int, patience: float = 60
) -> None:
    """The oracle of the trust document; `patience` in seconds is for the draining."""
    await place.settled(patience)
    effects = await _effects(place)
    assert len(log.received) > at_least, "the faults left no time for any work"
    assert set(log.received) <= set(effects), "an acknowledged message was lost"
    assert set(effects) <= set(log.sent), "an effect that nobody asked for"
    assert not set(effects) & log.refused
    assert set(effects.values()) == {1}, "an effect happened twice, or not at all"
    assert await place.count("dossiers") == len(effects)
    assert await _replies(place) == (len(effects), len(effects)), "a reply too many, or too few"
    for instance, document in list(log.sent.items())[:50]:
        again = await declarant.send(document)
        first = log.received.get(instance, again.document)
        assert again.document == first, "a repeat was answered with another receipt"
    await place.settled(patience)
    await _verify_journal(place, len(log.received))


async def _effects(place: Town) -> dict[str, int]:
    """How many moves each kept message made."""
    async with place.hub.store.read() as connection:
        rows = await connection.run_sync(
            lambda sync: sync.execute(
                text(
                    "SELECT m.instance, count(h.id) FROM messages m"
                    " LEFT JOIN history h ON h.message_id = m.id GROUP BY m.instance"
                )
            ).all()
        )
    return {str(instance): int(count) for instance, count in rows}


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
