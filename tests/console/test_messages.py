"""Messages are found and shown with their way, and nothing that a sender wrote is ever obeyed."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from typing_extensions import override

from gateway.config import DeliverySettings
from gateway.console import document
from gateway.console.signed import examined
from gateway.hub import utc_now
from gateway.seal.verify import Pin
from schemas.envelope import Header, compose
from schemas.parse import parse
from schemas.workflow import Role
from storage import entries, messages, partners
from tests import letters
from tests.console import hostile
from tests.console.visitors import Visitor, visitor
from tests.storage.values import NOW
from tests.town import Town, make_key, town

SLOW = DeliverySettings(allow_private=True, first_delay=timedelta(minutes=9))


@pytest.fixture
async def place(tmp_path: Path, sqlite_url: str) -> AsyncIterator[Town]:
    """A hub whose ministry is never there."""
    push = {"mce": "http://127.0.0.1:9/inbox"}
    async with town(tmp_path, sqlite_url, push=push, delivery=SLOW) as found:
        yield found


class Reading(HTMLParser):
    """The elements of a page: what a browser would make of it."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.links: list[str] = []
        self.wrong: list[str] = []
        self.text = ""
        self.feed(page)

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "a":
            self.links.append(given.get("href") or "")
        handlers = [name for name in given if name.startswith("on") or name == "style"]
        foreign = tag in {"iframe", "base", "style", "object"} or given.get("id") == "owned"
        inline = tag == "script" and not (given.get("src") or "").startswith("/console/static/")
        leads_out = any(
            re.match(r"\s*(javascript|data):", given.get(name) or "", re.IGNORECASE)
            for name in ("href", "src", "action")
        )
        if handlers or foreign or inline or leads_out:
            self.wrong.append(f"{tag} {given}")

    @override
    def handle_data(self, data: str) -> None:
        self.text += data


async def read(who: Visitor, path: str, status: int = 200) -> Reading:
    answer = await who.get(path)
    assert answer.status == status, path
    found = Reading(await answer.text())
    assert found.wrong == []
    return found


def asked(**fields: Any) -> str:
    return "/messages?" + urlencode(fields)


async def filed(place: Town, body: object | None = None, name: str = "coop-atlas") -> int:
    """The row id of a message that was handled."""
    client = await place.client(name)
    signed = client.signed(letters.application() if body is None else body)
    reply = await client.send(signed, wait=20)
    assert reply.status == 200, reply.facts
    async with place.hub.store.read() as connection:
        (found,) = await messages.listing(connection, sender=name, limit=1)
    return found.id


async def fetched(who: Visitor, path: str) -> tuple[bytes, Any]:
    """A file, with its headers."""
    async with who.http.get(who.address(path)) as answer:
        assert answer.status == 200, path
        return await answer.read(), answer.headers


async def until(place: Town, table: str, count: int = 1) -> None:
    for _ in range(200):
        if await place.count(table) >= count:
            return
        await asyncio.sleep(0.05)
    raise TimeoutError(f"{table} has {await place.count(table)} rows")


async def test_a_message_is_found_by_what_an_operator_knows_of_it(place: Town) -> None:
    row = await filed(place)
    await until(place, "traffic")
    async with place.hub.store.read() as connection:
        message = (await messages.load(connection, [row]))[row]
    who = await visitor(place, "viewer")
    here = f"/console/messages/received/{row}"
    for fields in (
        {},
        {"id": message.instance},
        {"partner": "coop-atlas", "type": "LicenceApplication"},
        {"dossier": message.dossier, "state": "accepted"},
        {"q": letters.exporter().name.upper()},
        {"q": letters.exporter().name[:6] + "*"},
        {"from": "2020-01-01", "until": "2099-01-01"},
    ):
        assert here in (await read(who, asked(**fields))).links, fields
    for nothing in ({"q": "nulle part"}, {"until": "2020-01-01"}, {"code": "PSV-601"}):
        assert here not in (await read(who, asked(**nothing))).links, nothing
    sent = await read(who, asked(**{"in": "sent", "partner": "mce"}))
    assert any(link.startswith("/console/messages/sent/") for link in sent.links)


async def test_an_id_finds_what_was_received_sent_and_turned_away(place: Town) -> None:
    client = await place.client("coop-souss")
    for _ in range(2):
        refused = await client.send(client.signed(letters.visa(), instance="same-id-1"))
        assert refused.status == 403
    assert (await client.send(client.signed(letters.application(), instance="same-id-1"))).received
    page = await read(await visitor(place, "viewer"), asked(id="same-id-1"))
    assert page.text.count("coop-souss/same-id-1") == 2
    assert "PSV-401" in page.text
    assert any(link.startswith("/console/messages/received/") for link in page.links)
    rejected = await read(await visitor(place, "viewer"), asked(**{"in": "rejected"}))
    assert rejected.text.count("coop-souss/same-id-1") == 2


async def test_pages_of_results_follow_one_another_without_gap(
    place: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [await filed(place) for _ in range(5)]
    monkeypatch.setattr("gateway.console.messages.PAGE", 2)
    who = await visitor(place, "viewer")
    seen: list[int] = []
    path: str | None = asked(partner="coop-atlas")
    while path is not None:
        page = await read(who, path)
        found = [re.fullmatch(r"/console/messages/received/(\d+)", link) for link in page.links]
        seen += [int(match.group(1)) for match in found if match]
        path = next(
            (link for link in page.links if "before=" in link and "lang=" not in link), None
        )
    assert seen == rows[::-1]


@pytest.mark.parametrize(
    "fields",
    [
        {"in": "nowhere"},
        {"state": "no such state"},
        {"code": "601"},
        {"from": "yesterday"},
        {"until": "2026-02-30"},
        {"until": "9999-12-31"},
        {"before": "-1"},
        {"before": "9" * 30},
        {"q": "a" * 201},
        {"id": "a\0b"},
    ],
    ids=str,
)
async def test_a_field_that_cannot_be_read_shows_the_form_again(
    place: Town, fields: dict[str, str]
) -> None:
    page = await read(await visitor(place, "viewer"), asked(**fields), status=400)
    assert "cannot be read" in page.text


async def test_one_message_is_shown_with_its_way_and_its_replies(place: Town) -> None:
    row = await filed(place)
    await until(place, "seals")
    await until(place, "attempts")
    who = await visitor(place, "viewer")
    page = await read(who, f"/messages/received/{row}")
    for words in (
        "Received, verified and stored",
        "Sealed in the journal",
        "Handled and accepted",
        "The dossier moved",
        "VisaRequest",
        "Backing off",
        "It verifies now",
        "ecdsa-sha256",
        "CN=coop-atlas",
    ):
        assert words in page.text, words
    replies = [link for link in page.links if link.startswith("/console/messages/sent/")]
    assert len(replies) == 2
    for link in replies:
        sent = await read(who, link.removeprefix("/console"))
        assert f"/console/messages/received/{row}" in sent.links
        assert "It verifies now" in sent.text
    short = await who.get(f"/messages/{row}")
    assert (short.status, short.headers["Location"]) == (308, f"/console/messages/received/{row}")


async def test_errors_are_told_in_the_readers_language(place: Town) -> None:
    row = await filed(place, hostile.refused_licence(), "coop-souss")
    french = await visitor(place, "viewer", "amina", language="fr")
    english = await visitor(place, "viewer", "joan")
    async with place.hub.store.read() as connection:
        (message,) = (await messages.load(connection, [row])).values()
    assert message.state == "refused"
    told = await read(english, f"/messages/received/{row}")
    dit = await read(french, f"/messages/received/{row}")
    assert "PSV-" in told.text
    assert "Handled and refused" in told.text
    assert told.text != dit.text
    code = re.search(r"PSV-6\d\d", told.text)
    assert code is not None
    assert (
        f"/console/messages/received/{row}"
        in (await read(english, asked(code=code.group(), state="refused"))).links
    )


async def test_nothing_that_a_sender_wrote_is_obeyed(place: Town) -> None:
    row = await filed(place, hostile.licence(), "coop-souss")
    await until(place, "traffic")
    async with place.hub.store.write() as tx:
        await partners.add(
            tx, name=hostile.PARTNER, role=Role.DECLARANT, now=utc_now(), push_url=None
        )
    place.hub.directory.forget()
    for language in ("en", "fr", "ar"):
        who = await visitor(place, "viewer", f"viewer-{language}", language=language)
        page = await read(who, f"/messages/received/{row}")
        assert hostile.SCRIPTS[0] in page.text
        assert "{{ 7*7 }}" in page.text
        for link in page.links:
            if link.startswith("/console/messages/sent/"):
                await read(who, link.removeprefix("/console"))
        for text in (*hostile.SCRIPTS, hostile.PARTNER):
            await read(who, asked(q=text, partner=text, dossier=text))
            await read(who, asked(id=text, type=text))
            await read(who, "/messages?" + f"state={quote(text)}", status=400)


async def test_what_is_stored_can_be_downloaded_and_is_never_opened(place: Town) -> None:
    row = await filed(place, hostile.licence(), "coop-souss")
    async with place.hub.store.read() as connection:
        (message,) = (await messages.load(connection, [row])).values()
    who = await visitor(place, "viewer")
    files = document.files(message.content, {})
    assert len(files) == 2
    expected = {"message": message.content, "receipt": message.receipt}
    for what, content in expected.items():
        assert (await fetched(who, f"/messages/received/{row}/{what}"))[0] == content
    for number, file in enumerate(files):
        content, headers = await fetched(who, f"/messages/received/{row}/files/{number}")
        assert content == file.content
        assert headers["Content-Type"] == "application/octet-stream"
        name = headers["Content-Disposition"]
        assert re.fullmatch(r'attachment; filename="[A-Za-z0-9._-]+"', name)
        assert headers["Content-Security-Policy"] == "sandbox"
    assert b"Acknowledgement" in (await fetched(who, f"/messages/received/{row}/outcome"))[0]
    for wrong in (
        f"/messages/received/{row}/files/2",
        f"/messages/received/{row}/files/x",
        "/messages/received/999999",
        "/messages/received/x",
        "/messages/received/" + "9" * 25,
        "/messages/sent/999999",
        "/messages/sent/999999/message",
        "/messages/999999/x",
    ):
        assert (await who.get(wrong)).status == 404, wrong


async def test_a_message_that_waits_says_so(tmp_path: Path, sqlite_url: str) -> None:
    async with town(tmp_path, sqlite_url, workers=0) as idle:
        client = await idle.client("coop-atlas")
        assert (await client.send(client.signed(letters.application()))).status == 202
        page = await read(await visitor(idle, "viewer"), "/messages/received/1")
    assert "Not handled yet" in page.text
    assert "Ready" in page.text
    assert "not yet under a seal" in page.text


async def test_the_journals_entry_is_found_among_many_by_its_instant(place: Town) -> None:
    rows = [await filed(place) for _ in range(3)]
    async with place.hub.store.read() as connection:
        for message in (await messages.load(connection, rows)).values():
            subject = f"{message.sender}/{message.instance}"
            at = message.received_at
            entry = await entries.about(connection, "message accepted", subject, at)
            assert entry is not None
            assert entry.at == at
            assert await entries.about(connection, "message refused", subject, at) is None


def test_long_contents_are_left_out_and_their_length_told() -> None:
    signed = _signed(make_key("coop-atlas"), hostile.licence())
    laid = document.pretty(signed, lambda size: f"[{size} left out]")
    assert laid is not None
    assert re.search(r"\[\d{2,} left out\]", laid)
    assert "<script" not in laid
    assert document.pretty(b"<no", str) is None


def _signed(key: Any, body: object) -> bytes:
    header = Header(
        sender="coop-atlas",
        receiver="passavant",
        type=type(body).__name__,
        version="1.0",
        instance="i-1",
        created=NOW,
    )
    return bytes(key.signer.sign(parse(compose(header, body)), NOW))


def test_a_signature_that_does_not_hold_says_why_and_whose_it_is() -> None:
    key, other = make_key("coop-atlas"), make_key("coop-atlas")
    pin = Pin(certificate=key.certificate, suspended=False)
    now = utc_now()
    document_ = _signed(key, letters.application())
    foreign = examined(document_, [Pin(certificate=other.certificate, suspended=False)], "a", now)
    assert foreign.problem is not None
    assert foreign.certificate is None
    assert foreign.fingerprint == key.certificate.fingerprint
    off = examined(document_, [replace(pin, suspended=True)], "a", now)
    assert off.problem is not None
    assert off.suspended
    assert examined(b"<no", [pin], "a", now).problem is not None
