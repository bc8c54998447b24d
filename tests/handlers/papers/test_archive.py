"""The structure of PDF/A-3a (ISO 19005-3), laid open with pikepdf; with and without the seal."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pikepdf
import pytest

from gateway.seal.keys import load_certificate, load_key, new_key
from gateway.seal.pades import Sealer
from handlers.licence.paper import blank, view
from handlers.papers.frame import Attachment
from handlers.papers.render import render
from tests.handlers.papers.licences import ADDRESS, GRANTED, ISSUER, NOW

FILES = tuple(
    Attachment(name=name, relationship=relationship, description=name, content=name.encode())
    for name, relationship in (("source.xml", "Source"), ("outcome.xml", "Supplement"))
)


def _plain() -> bytes:
    paper = view(GRANTED, now=NOW, verify_url=ADDRESS, issuer=ISSUER)
    paper = replace(paper, frame=replace(paper.frame, offline="PSV1:TEST"))
    return render("licence", paper, FILES)


def _sealed(pdf: bytes) -> bytes:
    key, pem = new_key("passavant", 30, NOW - timedelta(days=1))
    return Sealer(load_key(key), load_certificate(pem)).seal(pdf, reason="x", now=NOW)


@pytest.fixture(scope="module", params=["plain", "sealed", "blank"])
def paper(request: pytest.FixtureRequest) -> Iterator[pikepdf.Pdf]:
    if request.param == "blank":
        pdf = render("licence", blank(now=NOW, issuer=ISSUER))
    else:
        pdf = _plain() if request.param == "plain" else _sealed(_plain())
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        yield opened


def test_it_says_that_it_is_pdf_a_3a(paper: pikepdf.Pdf) -> None:
    assert "/Filter" not in paper.Root.Metadata or paper.Root.Metadata.read_bytes()
    with paper.open_metadata() as metadata:
        assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("3", "A")
        assert metadata["dc:title"] == str(paper.docinfo.Title)
    assert paper.pdf_version == "1.7"
    assert not paper.is_encrypted
    assert len(paper.trailer.ID) == 2


def test_its_colours_are_those_of_an_embedded_profile(paper: pikepdf.Pdf) -> None:
    (intent,) = paper.Root.OutputIntents
    assert intent.S == "/GTS_PDFA1"
    assert intent.DestOutputProfile.N == 3
    assert len(intent.DestOutputProfile.read_bytes()) > 1_000


def test_it_is_tagged_and_says_its_language(paper: pikepdf.Pdf) -> None:
    assert bool(paper.Root.MarkInfo.Marked)
    assert str(paper.Root.Lang) == "fr"
    tags = {str(thing.S) for thing in _dictionaries(paper) if thing.get("/Type") == "/StructElem"}
    assert {"/Document", "/Table", "/TR", "/TH", "/TD"} <= tags
    for thing in _dictionaries(paper):
        if thing.get("/Type") == "/StructElem" and thing.S == "/Figure":
            assert str(thing.Alt)


def test_every_font_is_embedded_and_maps_to_unicode(paper: pikepdf.Pdf) -> None:
    fonts = [thing for thing in _dictionaries(paper) if thing.get("/Type") == "/Font"]
    described = [font for font in fonts if "/FontDescriptor" in font]
    assert len(described) >= 2
    for font in described:
        assert {"/FontFile", "/FontFile2", "/FontFile3"} & set(font.FontDescriptor.keys())
    assert all("/ToUnicode" in font for font in fonts if font.Subtype == "/Type0")
    assert all("/DescendantFonts" in font or "/FontDescriptor" in font for font in fonts)


def test_nothing_in_it_acts_or_lies_outside(paper: pikepdf.Pdf) -> None:
    for thing in _dictionaries(paper):
        assert not {"/JS", "/JavaScript", "/AA", "/OpenAction", "/XFA", "/Launch"} & set(thing)
        assert thing.get("/S") not in {"/JavaScript", "/Launch", "/SubmitForm", "/GoToR"}
        assert thing.get("/Interpolate", False) != pikepdf.Object.parse(b"true")
    for page in paper.pages:
        for annotation in page.obj.get("/Annots", []):
            assert int(annotation.F) & 0b111 == 0b100  # printed, neither hidden nor invisible


def test_each_file_within_says_what_it_is_to_the_paper(paper: pikepdf.Pdf) -> None:
    names = {} if "/AF" not in paper.Root else {str(one.UF): one for one in paper.Root.AF}
    assert set(names) == set(paper.attachments)
    for one in FILES:
        if one.name in names:
            assert names[one.name].AFRelationship == f"/{one.relationship}"
            assert names[one.name].EF.F.read_bytes() == one.content
            assert names[one.name].EF.F.Subtype in {"/application/xml", "/text/xml"}
            assert str(names[one.name].Desc)


def test_the_same_view_and_files_give_the_same_bytes() -> None:
    assert _plain() == _plain()


def _dictionaries(pdf: pikepdf.Pdf) -> Iterator[pikepdf.Object]:
    for thing in pdf.objects:
        if isinstance(thing, pikepdf.Dictionary):
            yield thing
        elif isinstance(thing, pikepdf.Stream):
            yield thing.stream_dict
