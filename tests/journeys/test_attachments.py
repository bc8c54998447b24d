"""Attachments, inside the XML or beside it, through the door: one content, one verdict."""

from __future__ import annotations

import base64
import hashlib
import io
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import pikepdf
import pytest

from gateway.client import HubClient, Reply
from gateway.config import LicenceSettings
from schemas.bindings.common_1 import Attachment
from schemas.parse import parse
from tests import letters
from tests.town import Town, town

LIMIT = LicenceSettings().attachment_limit


def attached(*contents: bytes, beside: bool, name: str = "facture.pdf") -> Any:
    """An application with one invoice for each content."""
    invoices = tuple(
        letters.invoice(
            "25000.00" if number == 1 else "0.00",
            number=f"F-2026-{number:03d}",
            attachment=attachment(content, beside=beside, name=name),
        )
        for number, content in enumerate(contents, 1)
    )
    return letters.application(invoice=invoices)


def attachment(content: bytes, *, beside: bool, name: str = "facture.pdf") -> Attachment:
    bare = Attachment(file_name=name, media_type="application/pdf")
    if beside:
        return replace(bare, digest=hashlib.sha256(content).hexdigest())
    return replace(bare, content=content)


async def judged(client: HubClient, content: bytes, *, beside: bool, name: str = "a.pdf") -> Reply:
    """The outcome of an application with this attachment."""
    document = client.signed(attached(content, beside=beside, name=name))
    return await client.send(document, wait=20, parts=(content,) if beside else ())


def codes(reply: Reply) -> list[str]:
    return [error["code"] for error in reply.facts["errors"]]


def of_size(size: int) -> bytes:
    """A whole PDF of exactly so many bytes: a page whose drawing is a long comment."""
    blank = page()
    filler = size - len(blank)
    while len(blank := page(filler)) != size:
        filler += size - len(blank)
    return blank


def page(filler: int = 0) -> bytes:
    document = pikepdf.new()
    document.add_blank_page(page_size=(595, 842))
    document.pages[0].Contents = document.make_stream(b"%" + b"x" * filler)
    return saved(document, compress=False)


def saved(document: pikepdf.Pdf, *, compress: bool = True) -> bytes:
    target = io.BytesIO()
    document.save(target, compress_streams=compress, deterministic_id=True)
    return target.getvalue()


def acting(key: str, value: pikepdf.Object) -> bytes:
    """A PDF with something in its catalogue."""
    document = pikepdf.new()
    document.add_blank_page(page_size=(595, 842))
    document.Root[key] = value
    return saved(document)


def with_javascript() -> bytes:
    action = {"/S": pikepdf.Name.JavaScript, "/JS": pikepdf.String("app.alert(1)")}
    return acting("/OpenAction", pikepdf.Dictionary(action))


def with_launch() -> bytes:
    action = {"/S": pikepdf.Name.Launch, "/F": pikepdf.String("calc.exe")}
    return acting("/OpenAction", pikepdf.Dictionary(action))


def with_file_within() -> bytes:
    document = pikepdf.new()
    document.add_blank_page(page_size=(595, 842))
    document.attachments["setup.exe"] = b"MZ"
    return saved(document)


def polyglot() -> bytes:
    """A PDF that is a web page to whoever looks for one."""
    return letters.pdf() + b"<html><script>alert(1)</script></html>"


def archive() -> bytes:
    """A PDF that ends as a ZIP archive does."""
    return letters.pdf() + b"PK\x05\x06" + bytes(18)


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Town]:
    """What is judged before the store needs one engine."""
    async with town(tmp_path, f"sqlite:///{tmp_path}/hub.db") as found:
        yield found


@pytest.fixture
async def declarant(place: Town) -> HubClient:
    return await place.client("coop-atlas")


async def test_inside_and_beside_give_the_same_dossier(tmp_path: Path, database_url: str) -> None:
    contents = (letters.pdf("one"), letters.pdf("two"))
    async with town(tmp_path, database_url) as place:
        declarant = await place.client("coop-atlas")
        shown, stored = [], []
        for beside in (False, True):
            document = declarant.signed(attached(*contents, beside=beside))
            reply = await declarant.send(document, wait=20, parts=contents if beside else ())
            assert reply.facts["status"] == "accepted", reply.facts
            number = reply.facts["dossier"]["number"]
            shown.append(await declarant.look(f"/dossiers/{number}"))
            stored.append(await kept(place, number))
        assert await place.count("attachments") == 2
    for one in shown:
        for own in ("number", "opened_at", "changed_at", "history", "timeline", "documents"):
            del one[own]
        one["awaited"] = [(wait["answer"], wait["role"]) for wait in one["awaited"]]
    assert shown[0] == shown[1]
    assert stored[0] == stored[1]


async def kept(place: Town, number: str) -> str:
    """What the store keeps of a dossier, without its number and the moment of its deadline."""
    from storage import dossiers

    async with place.hub.store.read() as connection:
        found = (await dossiers.load(connection, [number]))[number]
    content = json.loads(found.content)
    assert [wait["answer"] for wait in content.pop("awaited")] == ["VisaDecision"]
    return json.dumps(content).replace(number, "")


@pytest.mark.parametrize("beside", [False, True], ids=["inside", "beside"])
async def test_the_largest_attachment_is_exact_to_the_byte(
    declarant: HubClient, beside: bool
) -> None:
    """Claim 23."""
    largest = await judged(declarant, of_size(LIMIT), beside=beside)
    assert largest.facts["status"] == "accepted", largest.facts
    assert codes(await judged(declarant, of_size(LIMIT + 1), beside=beside)) == ["PSV-620"]


@pytest.mark.parametrize("beside", [False, True], ids=["inside", "beside"])
@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda: b"<html>facture</html>", "PSV-621"),
        (lambda: b"\x89PNG\r\n\x1a\n" + bytes(64), "PSV-621"),
        (polyglot, "PSV-621"),
        (archive, "PSV-621"),
        (lambda: b"GIF89a" + letters.pdf(), "PSV-621"),
        (with_javascript, "PSV-622"),
        (with_launch, "PSV-622"),
        (with_file_within, "PSV-622"),
        (lambda: b"%PDF-1.7\nnothing\n%%EOF", "PSV-624"),
        (lambda: letters.pdf()[:300] + b"\n%%EOF\n", "PSV-624"),
    ],
    ids=[
        "page", "picture", "polyglot", "archive", "behind-a-picture", "javascript", "launch",
        "file-within", "hollow", "cut",
    ],
)  # fmt: skip
async def test_what_is_no_quiet_pdf_is_refused_by_its_content(
    place: Town, declarant: HubClient, make: Callable[[], bytes], code: str, beside: bool
) -> None:
    """Claim 35: whatever its name and media type say, and nobody else ever sees it."""
    reply = await judged(declarant, make(), beside=beside)
    assert codes(reply) == [code]
    (error,) = reply.facts["errors"]
    assert "Invoice[1]" in error["xpath"]
    assert await place.count("dossiers") == 0
    ministry = await place.client("mce")
    assert await ministry.mailbox() == []


async def test_content_that_is_no_base64_is_refused(place: Town, declarant: HubClient) -> None:
    good = base64.b64encode(letters.pdf()).decode()
    for spoiled in (good[:-3] + "*==", good[:101], "=" + good, "JVBERi0é"):
        root = parse(declarant.signed(attached(letters.pdf(), beside=False)))
        root.remove(root[-1])
        content = next(root.iter("{*}Content"))
        content.text = spoiled
        document = place.keys["coop-atlas"].signer.sign(root, place.hub.clock())
        reply = await declarant.send(document)
        assert (reply.status, codes(reply)) == (400, ["PSV-501"]), spoiled[:10]
    assert await place.count("messages") == 0


async def test_a_part_that_the_xml_does_not_name_is_refused(
    place: Town, declarant: HubClient
) -> None:
    document = declarant.signed(attached(letters.pdf("one"), beside=True))
    for parts in (
        (letters.pdf("one"), letters.pdf("a stowaway")),
        (letters.pdf("one")[:-1] + b" ",),  # one byte is another, and so is the digest
        (),
    ):
        reply = await declarant.send(document, parts=parts)
        assert (reply.status, codes(reply)) == (400, ["PSV-107"])
    named_nowhere = declarant.signed(letters.application())
    reply = await declarant.send(named_nowhere, parts=(letters.pdf("one"),))
    assert codes(reply) == ["PSV-107"]
    assert await place.count("messages") == await place.count("attachments") == 0
    again = await declarant.send(document, parts=(letters.pdf("one"),))
    assert again.status == 202


async def test_the_same_part_sent_twice_is_kept_once(place: Town, declarant: HubClient) -> None:
    content = letters.pdf("one")
    document = declarant.signed(attached(content, content, beside=True))
    reply = await declarant.send(document, wait=20, parts=(content, content))
    assert reply.facts["status"] == "accepted", reply.facts
    assert await place.count("attachments") == 1


async def test_a_multipart_within_a_part_is_refused(place: Town, declarant: HubClient) -> None:
    content = letters.pdf("one")
    within = aiohttp.MultipartWriter("related")
    within.append(content, {"Content-Type": "application/pdf"})
    around = aiohttp.MultipartWriter("related")
    around.append(
        declarant.signed(attached(content, beside=True)), {"Content-Type": "application/xml"}
    )
    around.append(within)
    async with declarant.http.post(f"{declarant.url}/messages", data=around) as answer:
        facts = declarant.read(await answer.read())
    assert [error["code"] for error in facts["errors"]] == ["PSV-107"]
    assert await place.count("messages") == 0


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/cron.d/x.pdf", "..\\x.pdf", "/etc/passwd", "C:x.pdf", "a\nb.pdf", "a\tb.pdf",
        "", " ", "x" * 121, 'a".pdf', "a|b", "<x>",
    ],
)  # fmt: skip
async def test_a_name_that_could_be_a_path_is_refused(declarant: HubClient, name: str) -> None:
    reply = await judged(declarant, letters.pdf(), beside=False, name=name)
    assert (reply.status, codes(reply)) == (400, ["PSV-501"])


async def test_a_nul_in_a_name_is_no_xml_at_all(place: Town, declarant: HubClient) -> None:
    document = declarant.signed(attached(letters.pdf(), beside=False, name="a_NUL_b.pdf"))
    for nul in (b"\0", b"&#0;"):
        reply = await declarant.send(document.replace(b"_NUL_", nul))
        assert (reply.status, codes(reply)) == (400, ["PSV-201"])
    assert await place.count("messages") == 0


async def test_names_of_parts_are_of_no_account(place: Town, declarant: HubClient) -> None:
    """Only the digest in the signed XML says which file it is: the headers are nobody's word."""
    content = letters.pdf("one")
    parts = aiohttp.MultipartWriter("related")
    parts.append(
        declarant.signed(attached(content, beside=True)), {"Content-Type": "application/xml"}
    )
    headers = {
        "Content-Type": "text/html",
        "Content-ID": "<../../etc/passwd>",
        "Content-Disposition": 'attachment; filename="../../x.html"',
    }
    parts.append(content, headers)
    async with declarant.http.post(
        f"{declarant.url}/messages", data=parts, headers={"Prefer": "wait=20"}
    ) as answer:
        facts = declarant.read(await answer.read())
    assert facts["status"] == "accepted", facts
    assert await place.count("attachments") == 1
