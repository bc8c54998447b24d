"""Asks a push address whether it is there: OPTIONS, judged as pushes are, following nothing.

No message is sent and nothing is signed: whatever answers, even with 405, can be reached.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from gateway.acts.act import By, Impossible, NotAllowed, Rank
from gateway.acts.partner import found
from gateway.addresses import Forbidden, judge_address, judge_url
from gateway.config import DeliverySettings
from gateway.hub import Hub
from gateway.outside import session
from storage import journal

_LONGEST = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Ping:
    """What came of it; `problem` is empty when something answered."""

    url: str
    problem: str = ""
    status: int | None = None
    milliseconds: int | None = None
    address: str | None = None  #: the network address that answered
    tls: str | None = None  #: protocol and cipher
    certificate_until: datetime | None = None  #: of the server's certificate


async def pinged(hub: Hub, name: str, by: By) -> Ping:
    """Ping a partner's address, and write that down. Raises `Impossible`, `NotAllowed`,
    `Refused(NOT_FOUND)`.
    """
    if by.rank < Rank.OPERATOR:
        raise NotAllowed(Rank.OPERATOR)
    async with hub.store.read() as connection:
        partner = await found(connection, name)
    if not partner.push_url:
        raise Impossible("The partner has no push address.")
    result = await ping(hub, partner.push_url)
    facts = {"url": result.url, "result": result.problem or str(result.status)}
    if by.reason:
        facts["reason"] = by.reason
    record = journal.Record(
        at=by.at,
        kind="partner pinged",
        subject=name,
        dossier=None,
        actor=by.actor,
        digest=None,
        facts=facts,
    )
    async with hub.store.write() as tx:
        await journal.append(tx, [record])
    hub.store.hint("seal")
    return result


async def ping(hub: Hub, url: str) -> Ping:
    """Ask an address; whatever goes wrong is told, not raised."""
    settings = hub.settings.delivery
    facts: dict[str, Any] = {"url": url}
    try:
        judge_url(url, settings)
        async with asyncio.timeout(settings.timeout):
            facts |= await _reached(url, settings)
            facts |= await _answered(url, settings)
    except Forbidden as forbidden:
        facts["problem"] = str(forbidden)
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as problem:
        words = ": ".join(filter(None, (type(problem).__name__, str(problem))))
        facts["problem"] = words[:_LONGEST]
    return Ping(**facts)


async def _reached(url: str, settings: DeliverySettings) -> dict[str, Any]:
    """The first network address of the name, once it is judged, and how it encrypts."""
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    for *_, sockaddr in found:
        judge_address(str(sockaddr[0]), settings)
    host = str(found[0][4][0])
    context = ssl.create_default_context() if parts.scheme == "https" else None
    name = parts.hostname if context else None
    _, writer = await asyncio.open_connection(host, port, ssl=context, server_hostname=name)
    try:
        tls = writer.get_extra_info("ssl_object")
        return {"address": host, **({} if tls is None else _encrypted(tls))}
    finally:
        writer.close()


def _encrypted(tls: ssl.SSLObject) -> dict[str, Any]:
    cipher = tls.cipher()
    facts: dict[str, Any] = {
        "tls": " ".join(filter(None, (tls.version(), cipher[0] if cipher else None)))
    }
    until = (tls.getpeercert() or {}).get("notAfter")
    if isinstance(until, str):
        facts["certificate_until"] = datetime.fromtimestamp(ssl.cert_time_to_seconds(until), UTC)
    return facts


async def _answered(url: str, settings: DeliverySettings) -> dict[str, Any]:
    """What it says to OPTIONS, and how soon."""
    began = time.perf_counter()
    async with session(settings) as http, http.options(url, allow_redirects=False) as answer:
        passed = time.perf_counter() - began
        return {"status": answer.status, "milliseconds": round(passed * 1000)}
