"""Everything bad at the door gets a signed rejection with its code, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import gzip
import io
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import aiohttp
import pytest
from lxml import etree

from gateway.client import HubClient
from gateway.hub import utc_now
from gateway.seal.verify import Pin, verify
from gateway.verdict import read_outcome
from schemas.envelope import SBDH, Header, compose
from schemas.parse import parse
from schemas.validate import validate
from tests import letters
from tests.town import PARTNERS, Key, Town, make_key, register

XML = {"Content-Type": "application/xml"}


async def post(
    place: Town, body: bytes, headers: dict[str, str] | None = None
) -> tuple[int, bytes]:
    async with (
        aiohttp.ClientSession() as http,
        http.post(
            f"{place.url}/messages",
            data=io.BytesIO(body),
            headers=XML if headers is None else headers,
        ) as answer,
    ):
        return answer.status, await answer.read()


async def rejected(
    place: Town, body: bytes, code: str, status: int, headers: dict[str, str] | None = None
) -> dict[str, object]:
    """The oracle: signed rejection, that code, no row of state, and the next good one served."""
    found, document = await post(place, body, headers)
    pin = Pin(certificate=place.hub_certificate, suspended=False)
    verify(parse(document), [pin], "passavant", utc_now())
    assert validate(parse(document)) == []
    facts = read_outcome(document)
    assert facts["stage"] == "receipt"
    assert facts["status"] == "rejected"
    assert [error["code"] for error in facts["errors"]] == [code], facts["errors"]
    assert found == status
    for error in facts["errors"]:
        assert error["text"]["fr"]
        assert error["text"]["en"]
    for table in ("messages", "dossiers", "outgoing", "jobs"):
        assert await place.count(table) == 0
    declarant = await place.client("coop-atlas")
    assert (await declarant.send(declarant.signed(letters.application()))).status == 202
    return facts


def header(place: Town, **changes: object) -> Header:
    values: dict[str, object] = {
        "sender": "coop-atlas",
        "receiver": "passavant",
        "type": "LicenceApplication",
        "version": "1.0",
        "instance": "attack-1",
        "created": utc_now(),
    }
    return Header(**{**values, **changes})  # type: ignore[arg-type]  # wrong on purpose


def signed(
    place: Town, body: object | None = None, *, by: Key | None = None, **changes: object
) -> bytes:
    document = compose(header(place, **changes), body or letters.application())
    return (by or place.keys["coop-atlas"]).signer.sign_canonical(document, utc_now())


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"hello", "PSV-201"),
        (b"<a><b></a>", "PSV-201"),
        (b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', "PSV-202"),
        (b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "PSV-202"),
        ('<?xml version="1.0" encoding="UTF-16"?><a/>'.encode("utf-16"), "PSV-203"),
        (b'<?xml version="1.0" encoding="ISO-8859-1"?><a>\xe9</a>', "PSV-203"),
        (b"<a>" * 1_000 + b"</a>" * 1_000, "PSV-204"),
        (b"<a>" + b"<b/>" * 300_000 + b"</a>", "PSV-205"),
        (f'<!-- hidden --><StandardBusinessDocument xmlns="{SBDH}"/>'.encode(), "PSV-208"),
        (f'<?php evil ?><StandardBusinessDocument xmlns="{SBDH}"/>'.encode(), "PSV-208"),
        (b"<Invoice/>", "PSV-209"),
        (f'<StandardBusinessDocument xmlns="{SBDH}"/>'.encode(), "PSV-301"),
    ],
    ids=[
        "text", "not-well-formed", "entity", "external-dtd", "utf-16", "latin-1", "deep", "wide",
        "comment", "instruction", "unknown-root", "unsigned",
    ],
)  # fmt: skip
async def test_what_is_no_message_is_refused(place: Town, body: bytes, code: str) -> None:
    """Claims 22, 23, 30."""
    started = time.process_time()
    await rejected(place, body, code, 401 if code == "PSV-301" else 400)
    assert time.process_time() - started < 5


async def test_an_empty_body_is_refused(place: Town) -> None:
    await rejected(place, b"", "PSV-108", 400)


async def test_a_body_over_the_limit_is_refused(place: Town) -> None:
    limit = place.hub.settings.http.body_limit
    await rejected(place, b" " * (limit + 1), "PSV-101", 413)


async def test_another_media_type_is_refused(place: Town) -> None:
    await rejected(place, b"{}", "PSV-102", 415, {"Content-Type": "application/json"})


async def test_a_compressed_body_is_refused_unread(place: Town) -> None:
    bomb = gzip.compress(b"<a>" + b" " * 50_000_000 + b"</a>")
    await rejected(place, bomb, "PSV-103", 415, {**XML, "Content-Encoding": "gzip"})


async def test_a_broken_multipart_is_refused(place: Town) -> None:
    headers = {"Content-Type": "multipart/related; boundary=x"}
    await rejected(place, b"no boundary here", "PSV-107", 400, headers)


async def test_a_slow_body_is_cut_at_the_deadline(place: Town) -> None:
    """Claim 34."""

    async def drip() -> object:
        for _ in range(40):
            yield b"<"
            await asyncio.sleep(0.1)

    async with aiohttp.ClientSession() as http:
        started = time.monotonic()
        async with http.post(f"{place.url}/messages", data=drip(), headers=XML) as answer:
            assert answer.status == 408
            facts = read_outcome(await answer.read())
        assert time.monotonic() - started < 3
    assert [error["code"] for error in facts["errors"]] == ["PSV-104"]


async def test_slow_headers_are_cut_at_the_deadline(place: Town) -> None:
    """Claim 34."""
    host, port = place.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"POST /messages HTTP/1.1\r\nHost: hub\r\n")
    await writer.drain()
    assert await asyncio.wait_for(reader.read(), 5) == b""
    writer.close()


async def test_a_contradictory_length_is_refused_by_the_server(place: Town) -> None:
    host, port = place.url.removeprefix("http://").split(":")
    for headers in (
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        b"Content-Length: 5\r\nContent-Length: 6\r\n",
    ):
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(b"POST /messages HTTP/1.1\r\nHost: hub\r\n" + headers + b"\r\n0\r\n\r\n")
        await writer.drain()
        assert b" 400 " in await asyncio.wait_for(reader.readline(), 5)
        writer.close()
    assert await place.count("messages") == 0


async def unknown_sender(place: Town) -> tuple[bytes, str, int]:
    return signed(place, sender="nobody"), "PSV-315", 401


async def sender_that_is_no_name(place: Town) -> tuple[bytes, str, int]:
    return signed(place, sender='<script>"&', instance="\u202e ../../etc"), "PSV-315", 401


async def signed_by_another(place: Town) -> tuple[bytes, str, int]:
    return signed(place, by=place.keys["coop-souss"]), "PSV-311", 401


async def changed_after_signing(place: Town) -> tuple[bytes, str, int]:
    return signed(place).replace(b"25000.00", b"35000.00"), "PSV-310", 401


async def signed_twice(place: Town) -> tuple[bytes, str, int]:
    document = signed(place)
    start = document.index(b"<ds:Signature")
    end = document.index(b"</ds:Signature>") + len(b"</ds:Signature>")
    return document[:end] + document[start:end] + document[end:], "PSV-302", 401


async def wrapped(place: Town) -> tuple[bytes, str, int]:
    """The signed document hidden inside an unsigned one that would be read."""
    inner = signed(place)
    forged = parse(signed(place))
    forged[1].append(parse(inner))
    return etree.tostring(forged), "PSV-302", 401


async def expired(place: Town) -> tuple[bytes, str, int]:
    old = make_key("coop-old", days=1, now=utc_now() - timedelta(days=3))
    await register(place.hub, "coop-old", PARTNERS["coop-atlas"], old)
    return signed(place, sender="coop-old", by=old), "PSV-312", 401


async def not_yet_valid(place: Town) -> tuple[bytes, str, int]:
    early = make_key("coop-new", now=utc_now() + timedelta(days=3))
    await register(place.hub, "coop-new", PARTNERS["coop-atlas"], early)
    return signed(place, sender="coop-new", by=early), "PSV-313", 401


async def certificate_suspended(place: Town) -> tuple[bytes, str, int]:
    key = make_key("coop-lost")
    await register(place.hub, "coop-lost", PARTNERS["coop-atlas"], key)
    from storage import partners

    async with place.hub.store.write() as tx:
        await partners.suspend_certificate(tx, key.certificate.fingerprint, utc_now())
    place.hub.directory.forget()
    return signed(place, sender="coop-lost", by=key), "PSV-314", 401


async def partner_suspended(place: Town) -> tuple[bytes, str, int]:
    key = make_key("coop-gone")
    await register(place.hub, "coop-gone", PARTNERS["coop-atlas"], key)
    from storage import partners

    async with place.hub.store.write() as tx:
        await partners.suspend(tx, "coop-gone", "unpaid", utc_now())
    place.hub.directory.forget()
    return signed(place, sender="coop-gone", by=key), "PSV-403", 403


async def wrong_role(place: Town) -> tuple[bytes, str, int]:
    body = signed(place, letters.visa(), type="VisaDecision", dossier="LE-2026-0000001")
    return body, "PSV-401", 403


async def wrong_receiver(place: Town) -> tuple[bytes, str, int]:
    return signed(place, receiver="elsewhere"), "PSV-505", 400


async def unknown_type(place: Town) -> tuple[bytes, str, int]:
    return signed(place, type="Nonsense"), "PSV-502", 400


async def unknown_version(place: Town) -> tuple[bytes, str, int]:
    return signed(place, version="9.0"), "PSV-503", 400


async def type_of_another(place: Town) -> tuple[bytes, str, int]:
    return signed(place, letters.status_query()), "PSV-504", 400


async def no_dossier(place: Town) -> tuple[bytes, str, int]:
    return signed(place, letters.status_query(), type="StatusQuery"), "PSV-506", 400


async def unknown_dossier(place: Town) -> tuple[bytes, str, int]:
    body = signed(place, letters.status_query(), type="StatusQuery", dossier="LE-2026-0099999")
    return body, "PSV-402", 403


async def too_old(place: Town) -> tuple[bytes, str, int]:
    return signed(place, created=utc_now() - timedelta(days=91)), "PSV-405", 409


async def from_the_future(place: Town) -> tuple[bytes, str, int]:
    return signed(place, created=utc_now() + timedelta(days=3)), "PSV-405", 409


async def signed_in_the_future(place: Town) -> tuple[bytes, str, int]:
    root = parse(signed(place))
    root.remove(root[-1])
    ahead = utc_now() + timedelta(days=2)
    return place.keys["coop-atlas"].signer.sign(root, ahead), "PSV-316", 401


async def against_the_schema(place: Town) -> tuple[bytes, str, int]:
    body = replace(letters.application(), licence=letters.licence(currency="euros"))
    return signed(place, body), "PSV-501", 400


Attack = Callable[[Town], Awaitable[tuple[bytes, str, int]]]


@pytest.mark.parametrize(
    "attack",
    [
        unknown_sender, sender_that_is_no_name,
        signed_by_another, changed_after_signing, signed_twice, wrapped, expired,
        not_yet_valid, certificate_suspended, partner_suspended, wrong_role, wrong_receiver,
        unknown_type, unknown_version, type_of_another, no_dossier, unknown_dossier, too_old,
        from_the_future, signed_in_the_future, against_the_schema,
    ],
    ids=lambda attack: attack.__name__,
)  # fmt: skip
async def test_a_message_that_may_not_pass_is_refused(place: Town, attack: Attack) -> None:
    """Claims 5, 25, 27, 29, 33."""
    body, code, status = await attack(place)
    await rejected(place, body, code, status)


async def test_schema_errors_come_all_at_once_with_place_line_and_value(place: Town) -> None:
    wrong = letters.licence(currency="euros", destination_country=("DEU",), incoterm="f")
    body = signed(place, replace(letters.application(), licence=wrong))
    _, document = await post(place, body)
    errors = read_outcome(document)["errors"]
    assert len(errors) == 3
    assert {error["value"] for error in errors} == {"euros", "DEU", "f"}
    assert all(error["line"] and error["xpath"] for error in errors)


async def test_another_declarants_dossier_does_not_exist(place: Town) -> None:
    """Claim 42."""
    owner, other = await place.client("coop-atlas"), await place.client("coop-souss")
    reply = await owner.send(owner.signed(letters.application()), wait=20)
    number = reply.facts["dossier"]["number"]
    theirs = await other.send(other.signed(letters.status_query(), dossier=number))
    missing = await other.send(other.signed(letters.status_query(), dossier="LE-2026-0999999"))
    for refused in (theirs, missing):
        assert refused.status == 403
        assert [error["code"] for error in refused.facts["errors"]] == ["PSV-402"]
    for path in (f"/dossiers/{number}", "/dossiers/LE-2026-0999999"):
        assert await read_status(other, path) == 404
        assert await read_status(other, path + "/history") == 404
        assert await read_status(other, path + "/documents/licence.pdf") == 404


async def test_what_is_not_there_is_answered_by_its_code(place: Town) -> None:
    declarant = await place.client("coop-atlas")
    for path in (
        "/nowhere", "/messages/none", "/messages/none/receipt", "/messages/none/outcome",
        "/mailbox/none", "/dossiers/LE-2026-0999999", "/verify/none", "/../../etc/passwd",
    ):  # fmt: skip
        async with declarant.http.get(declarant.url + path) as answer:
            assert answer.status == 404, path
            if answer.content_type == "application/problem+json":
                assert (await answer.json())["code"] == "PSV-407"
            else:
                assert path == "/verify/none"


async def test_reading_needs_a_token(place: Town) -> None:
    async with aiohttp.ClientSession() as http:
        for path in ("/mailbox", "/dossiers", "/messages/x"):
            for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic x"}):
                async with http.get(place.url + path, headers=headers) as answer:
                    assert answer.status == 401
                    assert (await answer.json())["code"] == "PSV-406"


async def test_a_refusal_of_a_known_partner_is_journaled_once(place: Town) -> None:
    before = await place.count("journal")
    await post(place, signed(place, by=place.keys["coop-souss"]))
    await post(place, b"not even XML")
    assert await place.count("journal") == before + 1


async def read_status(client: HubClient, path: str) -> int:
    async with client.http.get(client.url + path) as answer:
        return answer.status
