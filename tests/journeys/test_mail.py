"""A decision of the ministry reaches the exporter's mailbox, from bytes in to the mail out."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp

from gateway.config import MailSettings
from schemas.bindings.visa_decision_1 import Decision
from tests import letters
from tests.gateway.relay import Relay, relay
from tests.town import Town, town


def mail_to(box: Relay) -> MailSettings:
    """A relay of the house."""
    return MailSettings(
        server="127.0.0.1", port=box.port, security="none", sender="guichet@hub.example"
    )


async def decided(place: Town, visa: Any, **changes: Any) -> str:
    """A licence that the ministry has answered; returns its number."""
    declarant, ministry = await place.client("coop-atlas"), await place.client("mce")
    reply = await declarant.send(declarant.signed(letters.application(**changes)), wait=20)
    number = str(reply.facts["dossier"]["number"])
    signed = ministry.signed(visa, dossier=number)
    for _ in range(2):  # a message that comes twice is one notice
        answer = await ministry.send(signed, wait=20)
        assert answer.facts["status"] == "accepted", answer.facts
    return number


async def test_a_visa_is_mailed_once_with_the_page_that_proves_it(
    tmp_path: Path, database_url: str
) -> None:
    async with relay() as box, town(tmp_path, database_url, mail=mail_to(box)) as place:
        number = await decided(place, letters.visa())
        async with asyncio.timeout(20):
            await box.taken.wait()
        (message,) = box.mails
        assert box.recipients == [letters.exporter().email]
        assert number in message["Subject"]
        part = message.get_body(("plain",))
        assert part is not None
        text = str(part.get_content())
        assert "V-2026-0042" in text
        assert "تم التأشير على رخصة التصدير" in text
        (line,) = [line for line in text.splitlines() if line.startswith("Page publique")]
        path = line.rpartition("/verify/")[2]
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{place.url}/verify/{path}") as page,
        ):
            assert (page.status, number in await page.text()) == (200, True)


async def test_what_a_ministry_or_an_exporter_writes_stays_words(
    tmp_path: Path, sqlite_url: str
) -> None:
    hostile = "</p><script>alert(1)</script>\u202e Bcc: victim@y.example {visa}"
    visa = replace(letters.visa(Decision.REJECTED), reason=hostile)
    exporter = replace(letters.exporter(), name='Coop "A" <b@y.example>, Bcc: c@y.example')
    async with relay() as box, town(tmp_path, sqlite_url, mail=mail_to(box)) as place:
        await decided(place, visa, exporter=exporter)
        async with asyncio.timeout(20):
            await box.taken.wait()
        (message,) = box.mails
        assert box.recipients == [exporter.email]
        assert "Bcc" not in message
        part = message.get_body(("html",))
        assert part is not None
        page = str(part.get_content())
        assert "<script" not in page
        assert "\u202e" not in page
        assert "{visa}" in page
        assert "c@y.example" in page  # as a word


async def test_without_a_server_nothing_is_written_for_one(tmp_path: Path, sqlite_url: str) -> None:
    async with town(tmp_path, sqlite_url) as place:
        await decided(place, letters.visa())
        assert await place.count("mails") == 0
