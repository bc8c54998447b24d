"""A paper from the hub to whoever holds it: what it carries, and that it holds without the hub."""

from __future__ import annotations

import asyncio
import hashlib
import io
import shutil
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path

import pikepdf
import pytest
import zxingcpp
from PIL import Image

from gateway.commands.paper import BrokenPaper, check_paper
from gateway.hub import utc_now
from gateway.issuing import issued, sealed
from gateway.seal.keys import Certificate, load_certificate, new_key
from gateway.seal.qr import read_payload
from gateway.seal.sign import Signer
from gateway.token import paper_address
from handlers.licence.paper import view
from handlers.papers.frame import Attachment
from handlers.papers.render import render
from schemas.bindings.licence_application_1 import Function
from storage import papers
from storage.papers import Origin
from tests import letters
from tests.handlers.papers.licences import GRANTED, ISSUER, long
from tests.town import Town, town


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """A granted licence as the hub printed it, and what the tests hold against it."""

    pdf: bytes
    blank: bytes
    address: str
    origin: Origin
    signer: Signer

    @property
    def certificate(self) -> Certificate:
        return self.signer.certificate


async def _print(folder: Path, url: str) -> Printed:
    async with town(folder, url) as place:
        number = await _granted(place)
        declarant = await place.client("coop-atlas")
        pdf = await declarant.download(f"/dossiers/{number}/documents/licence.pdf", wait=90)
        blank = await declarant.download(f"/dossiers/{number}/documents/blank.pdf", wait=90)
        async with place.hub.store.read() as connection:
            origin = await papers.origin(connection, number, ("LicenceApplication",))
        assert origin is not None
        return Printed(
            pdf=pdf,
            blank=blank,
            address=paper_address(place.hub, number),
            origin=origin,
            signer=place.hub.signer,
        )


async def _granted(place: Town) -> str:
    declarant, ministry = await place.client("coop-atlas"), await place.client("mce")
    application = letters.application(Function.SUBMIT)
    reply = await declarant.send(declarant.signed(application), wait=20)
    number = str(reply.facts["dossier"]["number"])
    await ministry.send(ministry.signed(letters.visa(), dossier=number), wait=20)
    return number


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Printed:
    folder = tmp_path_factory.mktemp("paper")
    shutil.copy(sqlite_template, folder / "hub.db")
    return asyncio.run(_print(folder, f"sqlite:///{folder}/hub.db"))


def made(printed: Printed, origin: Origin | None, *swapped: Attachment) -> bytes:
    """A paper of this hub's with this origin, and these files in place of its own."""
    now = utc_now()
    paper, within = issued(
        view(GRANTED, now=now, verify_url=None, issuer=ISSUER), origin, printed.signer
    )
    names = {one.name for one in swapped}
    files = (*(one for one in within if one.name not in names), *swapped)
    return sealed(render("licence", paper, files), paper.frame, printed.signer, now)


def refusal(pdf: bytes, certificate: Certificate) -> str:
    with pytest.raises(BrokenPaper) as found:
        check_paper(pdf, certificate, utc_now())
    return str(found.value)


def codes(pdf: bytes) -> set[str]:
    """The texts of the QR codes in a picture of the first page, as a scanner sees them."""
    command = ("pdftoppm", "-r", "300", "-f", "1", "-l", "1", "-singlefile", "-png", "-")
    picture = subprocess.run(command, input=pdf, capture_output=True, check=True).stdout
    image = Image.open(io.BytesIO(picture)).convert("L")
    return {found.text for found in zxingcpp.read_barcodes(image)}


def test_a_paper_holds_with_nothing_but_the_hub_s_certificate(printed: Printed) -> None:
    found = check_paper(printed.pdf, printed.certificate, utc_now())
    said = " ".join(found.sentences)
    assert "LE-20" in said
    assert "coop-atlas" in said
    assert "outcome to it: accepted" in said
    assert "Line 1: " in said


def test_pdfsig_and_qpdf_agree(printed: Printed, tmp_path: Path) -> None:
    path = tmp_path / "licence.pdf"
    path.write_bytes(printed.pdf)
    said = subprocess.run(["pdfsig", "-nocert", path], capture_output=True, check=True, text=True)
    assert "Signature is Valid" in said.stdout
    assert "Total document signed" in said.stdout
    subprocess.run(["qpdf", "--check", path], capture_output=True, check=True)


def test_the_codes_are_read_off_a_picture_and_hold_without_the_hub(printed: Printed) -> None:
    read = codes(printed.pdf)
    assert printed.address in read
    (offline,) = read - {printed.address}
    payload = read_payload(offline, printed.certificate)
    asked = letters.application().licence
    assert asked.exporter is not None
    assert payload.statement.holder == asked.exporter.ice
    assert payload.statement.lines[0].code == asked.goods_line[0].commodity_code
    assert payload.source == hashlib.sha256(printed.origin.message).hexdigest()


def test_the_code_of_sixty_lines_is_read_too(printed: Printed) -> None:
    now = utc_now()
    paper = view(long(60), now=now, verify_url=printed.address, issuer=ISSUER)
    whole, within = issued(paper, printed.origin, printed.signer)
    pdf = sealed(render("licence", whole, within), whole.frame, printed.signer, now)
    (offline,) = codes(pdf) - {printed.address}
    assert read_payload(offline, printed.certificate).count == 60
    assert check_paper(pdf, printed.certificate, now).sentences[-1].startswith("Line 60: ")


def test_the_source_and_the_outcome_are_the_stored_bytes(printed: Printed) -> None:
    with pikepdf.open(io.BytesIO(printed.pdf)) as pdf:
        found = {
            name: (str(one.obj.AFRelationship), one.get_file().read_bytes())
            for name, one in pdf.attachments.items()
        }
    assert found["source.xml"] == ("/Source", printed.origin.message)
    assert found["outcome.xml"] == ("/Supplement", printed.origin.outcome)
    assert found["code.txt"][0] == "/Data"


def test_a_changed_byte_or_another_hub_is_noticed(printed: Printed) -> None:
    altered = bytearray(printed.pdf)
    altered[len(altered) // 3] ^= 1
    assert "altered" in refusal(bytes(altered), printed.certificate)
    other = load_certificate(new_key("passavant", 30, utc_now())[1])
    assert "somebody else" in refusal(printed.pdf, other)


def test_a_paper_whose_seal_was_taken_off_is_noticed(printed: Printed) -> None:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(printed.pdf)) as pdf:
        del pdf.Root.AcroForm, pdf.Root.Perms, pdf.pages[0].obj.Annots
        pdf.save(out)
    assert "no seal" in refusal(out.getvalue(), printed.certificate)


def test_an_exchanged_file_is_noticed_even_under_a_good_seal(printed: Printed) -> None:
    def file(name: str, content: bytes) -> Attachment:
        return Attachment(name=name, relationship="Source", description="", content=content)

    good = made(printed, printed.origin)
    assert check_paper(good, printed.certificate, utc_now())
    foreign = made(printed, printed.origin, file("source.xml", printed.origin.outcome))
    assert "is not the message" in refusal(foreign, printed.certificate)
    unsigned = made(printed, printed.origin, file("outcome.xml", printed.origin.message))
    assert "cannot be read" in refusal(unsigned, printed.certificate)
    # A line break changes the bytes, and not the content that was signed.
    respaced = made(printed, printed.origin, file("source.xml", printed.origin.message + b"\n"))
    assert "the code names" in refusal(respaced, printed.certificate)
    code = made(printed, None, file("code.txt", b"PSV1:000\n"))
    assert "signature does not hold" in refusal(code, printed.certificate)


def test_lines_that_the_code_was_not_signed_over_are_noticed(printed: Printed) -> None:
    with pikepdf.open(io.BytesIO(made(printed, None))) as pdf:
        text = pdf.attachments["code.txt"].get_file().read_bytes()
    more = text.replace(b":11500:", b":99500:")
    assert more != text
    file = Attachment(name="code.txt", relationship="Data", description="", content=more)
    assert "not those in the code" in refusal(made(printed, None, file), printed.certificate)


def test_a_paper_that_may_not_be_relied_on_has_no_offline_code(printed: Printed) -> None:
    now = utc_now()
    paper = view(
        replace(GRANTED, state="suspended"), now=now, verify_url=printed.address, issuer=ISSUER
    )
    whole, within = issued(paper, printed.origin, printed.signer)
    pdf = sealed(render("licence", whole, within), whole.frame, printed.signer, now)
    assert codes(pdf) == {printed.address}
    said = check_paper(pdf, printed.certificate, now).sentences
    assert said[-1] == "It bears no code: what it says holds only while the hub says so."


def test_the_blank_form_says_nothing_of_the_dossier(printed: Printed) -> None:
    text = subprocess.run(
        ["pdftotext", "-", "-"], input=printed.blank, capture_output=True, check=True
    ).stdout.decode()
    assert "SPÉCIMEN" in "".join(text.split())
    assert "LE-20" not in text
    assert "no seal" in refusal(printed.blank, printed.certificate)
    with pikepdf.open(io.BytesIO(printed.blank)) as pdf:
        assert not list(pdf.attachments)
