"""Claim 38: a sealed PDF shows any change."""

from __future__ import annotations

import io
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pikepdf
import pytest
from pyhanko.pdf_utils.generic import TextStringObject
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from gateway.seal.keys import load_certificate, load_key, new_key
from gateway.seal.pades import BrokenSeal, Sealer, check_seal
from handlers.papers.frame import SEAL_BOX

NOW = datetime(2026, 11, 21, 22, 40, tzinfo=UTC)
KEY_PEM, CERTIFICATE_PEM = new_key("passavant", 30, NOW - timedelta(days=1))
SEALER = Sealer(load_key(KEY_PEM), load_certificate(CERTIFICATE_PEM))
CERTIFICATE = load_certificate(CERTIFICATE_PEM)


def bare() -> bytes:
    """A PDF of one empty A4 page that carries a file."""
    out = io.BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=(595, 842))
        pdf.attachments["source.xml"] = b"<a/>"
        pdf.save(out)
    return out.getvalue()


@pytest.fixture(scope="module")
def sealed() -> bytes:
    return SEALER.seal(bare(), reason="Licence LE-2026-0000123", now=NOW)


def test_a_seal_holds_and_says_when_and_over_what_it_was_put(sealed: bytes) -> None:
    found = check_seal(sealed, CERTIFICATE, NOW)
    assert (found.reason, found.at) == ("Licence LE-2026-0000123", NOW)
    assert found.attachments == {"source.xml": b"<a/>"}


def test_other_tools_find_the_seal_sound(sealed: bytes, tmp_path: Path) -> None:
    path = tmp_path / "sealed.pdf"
    path.write_bytes(sealed)
    said = subprocess.run(["pdfsig", "-nocert", path], capture_output=True, check=True, text=True)
    for words in (
        "Signature is Valid",
        "Total document signed",
        "ETSI.CAdES.detached",
        "SHA-256",
        "CN=passavant",
    ):
        assert words in said.stdout
    subprocess.run(["qpdf", "--check", path], capture_output=True, check=True)


def test_the_seal_stands_in_its_box_and_certifies(sealed: bytes) -> None:
    with pikepdf.open(io.BytesIO(sealed)) as pdf:
        (field,) = pdf.Root.AcroForm.Fields
        left, bottom, right, top = (float(edge) / 72 * 25.4 for edge in field.Rect)
        assert left == pytest.approx(SEAL_BOX.left, abs=0.3)
        assert bottom == pytest.approx(SEAL_BOX.bottom, abs=0.3)
        assert right - left == pytest.approx(SEAL_BOX.width, abs=0.4)
        assert top - bottom == pytest.approx(SEAL_BOX.height, abs=0.4)
        assert pdf.Root.Perms.DocMDP.objgen == field.V.objgen
        assert field.V.Reference[0].TransformParams.P == 1
        assert "/Font" not in field.AP.N.get("/Resources", {})


def test_no_byte_of_a_sealed_paper_can_be_changed(sealed: bytes) -> None:
    places = range(7, len(sealed), len(sealed) // 80)
    start, end = (sealed.index(b"/Contents <"), sealed.index(b">", sealed.index(b"/Contents <")))
    held = []
    for place in places:
        altered = bytearray(sealed)
        altered[place] ^= 0x01
        try:
            check_seal(bytes(altered), CERTIFICATE, NOW)
        except BrokenSeal:
            continue
        held.append(place)
    # Between the brackets of the signature itself, filling may change: it says nothing.
    assert [place for place in held if not start < place < end] == []


@pytest.mark.parametrize("extra", [b"\n", b"% nothing\n", b"\n1 0 obj\n<<>>\nendobj\n"])
def test_nothing_can_be_added(sealed: bytes, extra: bytes) -> None:
    with pytest.raises(BrokenSeal):
        check_seal(sealed + extra, CERTIFICATE, NOW)


def test_a_revision_after_the_seal_is_seen(sealed: bytes) -> None:
    writer = IncrementalPdfFileWriter(io.BytesIO(sealed))
    writer.root["/Lang"] = TextStringObject("en")
    writer.update_root()  # type: ignore[no-untyped-call]  # the library's types are partial
    out = io.BytesIO()
    writer.write(out)  # type: ignore[no-untyped-call]
    assert out.getvalue().startswith(sealed)
    with pytest.raises(BrokenSeal, match="added"):
        check_seal(out.getvalue(), CERTIFICATE, NOW)


def test_a_paper_without_its_seal_is_none_of_ours(sealed: bytes) -> None:
    with pytest.raises(BrokenSeal, match="no seal"):
        check_seal(bare(), CERTIFICATE, NOW)
    with pytest.raises(BrokenSeal, match="no seal"):
        check_seal(sealed[: len(bare())], CERTIFICATE, NOW)


def test_another_key_s_seal_is_not_the_hub_s(sealed: bytes) -> None:
    key, pem = new_key("passavant", 30, NOW - timedelta(days=1))
    theirs = Sealer(load_key(key), load_certificate(pem)).seal(bare(), reason="x", now=NOW)
    with pytest.raises(BrokenSeal, match="somebody else"):
        check_seal(theirs, CERTIFICATE, NOW)
    with pytest.raises(BrokenSeal, match="somebody else"):
        check_seal(sealed, load_certificate(pem), NOW)


def test_a_seal_outside_its_certificate_s_time_or_from_the_future_is_refused() -> None:
    for at in (NOW - timedelta(days=60), NOW + timedelta(days=60)):
        with pytest.raises(BrokenSeal, match="not in force"):
            check_seal(SEALER.seal(bare(), reason="x", now=at), CERTIFICATE, NOW)
    later = SEALER.seal(bare(), reason="x", now=NOW + timedelta(days=3))
    with pytest.raises(BrokenSeal, match="still to come"):
        check_seal(later, CERTIFICATE, NOW)


def test_a_seal_holds_after_its_certificate_has_ended(sealed: bytes) -> None:
    assert check_seal(sealed, CERTIFICATE, NOW + timedelta(days=400)).at == NOW


@pytest.mark.parametrize("junk", [b"", b"%PDF-1.7", b"%PDF-1.7\n" + b"\0" * 500, b"<a/>"])
def test_what_is_no_paper_is_refused(junk: bytes) -> None:
    with pytest.raises(BrokenSeal):
        check_seal(junk, CERTIFICATE, NOW)
