"""Claim 45: what a hub writes into its logs names events, never a payload, a token or a key."""

from __future__ import annotations

import asyncio
import json
import os
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from gateway import decide as deciding
from gateway import logs
from gateway import work as working
from gateway.logs import place_of_failure
from storage import messages
from tests import letters
from tests.attacks.test_door import post
from tests.attacks.test_edges import RELATED, parted
from tests.faults.victim import alive, founded, victim
from tests.town import Town

LOG = "hub.log"
SECRET = "Zaytouna-4711"  # stands in every payload, header and body below


def talkative(folder: Path) -> None:
    """A hub that logs as it does in service, into a file, and whose every part fails now and then.

    The failures quote what they were given, as libraries do.
    """
    written = os.open(folder / LOG, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
    os.dup2(written, 1)
    os.dup2(written, 2)
    logs.configure()
    decide, accept = deciding.decide, messages.accept

    def choking(hub: Any, case: Any, *rest: Any) -> Any:
        if case.message.instance.startswith("choke"):
            raise ValueError(f"cannot read {case.message.content!r}")
        return decide(hub, case, *rest)

    async def refusing(tx: Any, batch: Any) -> Any:
        if any(received.instance.startswith("breaks") for received in batch):
            raise ValueError(f"cannot write {batch!r}")
        return await accept(tx, batch)

    working.decide = choking  # type: ignore[attr-defined,assignment]  # the name it calls
    messages.accept = refusing


async def provoke(place: Town) -> None:
    """Everything a hub has something to say about, with the secret in all of it."""
    declarant = await place.client("coop-atlas", tries=1)
    secret = replace(letters.exporter(), name=SECRET)
    good = letters.application(exporter=secret)
    wrong = letters.application(exporter=secret, incoterm=SECRET)
    await declarant.send(declarant.signed(good), wait=10)
    await post(place, declarant.signed(wrong))
    await post(place, declarant.signed(good).replace(b"25000.00", b"35000.00"))
    await post(place, f"<{SECRET}".encode())
    await post(place, parted(second=f"{SECRET}\r\n".encode()), RELATED)
    await post(place, SECRET.encode(), {"Content-Type": f"text/{SECRET}"})
    for name in ("choke", "breaks"):
        await post(place, declarant.signed(good, instance=name))
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {SECRET}"}) as stranger:
        for path in ("/mailbox", f"/dossiers?before={SECRET}", f"/verify/{SECRET}"):
            await stranger.get(place.url + path)
    await raw(place, f"GET /mailbox HTTP/1.1\r\nAuthorization Bearer {SECRET}\r\n\r\n".encode())
    await raw(place, f"{SECRET} / HTTP/9\r\n\r\n".encode())


async def raw(place: Town, request: bytes) -> None:
    host, port = place.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(request)
    await asyncio.wait_for(reader.read(), 15)
    writer.close()


def keys(place: Town, folder: Path) -> set[str]:
    """Every line of every private key, and every token."""
    private = [key.key_pem for key in place.keys.values()]
    private.append((folder / "hub.key.pem").read_bytes())
    lines = {line for pem in private for line in pem.decode().splitlines()}
    return lines | {f"token-of-{name}" for name in place.keys}


async def test_logs_hold_no_payload_no_token_and_no_key(
    tmp_path: Path, database_url: str, unused_tcp_port: int
) -> None:
    async with founded(tmp_path, database_url, unused_tcp_port) as place:
        with victim(tmp_path, database_url, unused_tcp_port, spoil=talkative):
            await alive(place.url)
            await provoke(place)
            written = logged(tmp_path, "job_failed")
        told = {json.loads(line)["event"] for line in written.splitlines()}
        assert {"message_refused", "intake_failed", "request_failed", "job_failed"} <= told
        for secret in {SECRET, "Huile d'argan", *keys(place, tmp_path)}:
            assert secret not in written, secret


def logged(folder: Path, last: str) -> str:
    """What the hub wrote, once it wrote of the last event."""
    for _ in range(500):
        written = (folder / LOG).read_text()
        if last in written:
            return written
        time.sleep(0.02)
    raise TimeoutError(last)


def test_an_exception_is_logged_by_its_kind_and_place_and_not_in_its_words() -> None:
    with pytest.raises(ValueError, match=SECRET) as caught:
        int(SECRET)
    event = place_of_failure(None, "error", {"event": "x", "exc_info": caught.value})
    assert event["error"] == "ValueError"
    assert "test_secrets.py" in event["exception"]
    assert SECRET not in str(event)
