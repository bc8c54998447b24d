"""An attachment is judged by its content: whole, a PDF, and quiet."""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Callable

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Pdf

from handlers.pdf import Fault, fault
from schemas.errors import Code
from tests.handlers.dossiers import pdf


def made(change: Callable[[Pdf], object], *, packed: bool = False) -> bytes:
    """A PDF of one page after a change; `packed` hides its objects in object streams."""
    with pikepdf.new() as document:
        document.add_blank_page(page_size=(200, 200))
        change(document)
        out = io.BytesIO()
        mode = pikepdf.ObjectStreamMode.generate if packed else pikepdf.ObjectStreamMode.disable
        document.save(out, object_stream_mode=mode)
        return out.getvalue()


def script(document: Pdf) -> None:
    document.Root.OpenAction = Dictionary(S=Name.JavaScript, JS="app.alert(1)")


def script_in_names(document: Pdf) -> None:
    action = document.make_indirect(Dictionary(S=Name.JavaScript, JS="app.alert(1)"))
    document.Root.Names = Dictionary(JavaScript=Dictionary(Names=Array(["a", action])))


def launch(document: Pdf) -> None:
    action = Dictionary(S=Name.Launch, F="calc.exe")
    link = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([0, 0, 9, 9]), A=action)
    document.pages[0].obj.Annots = Array([link])


def embedded(document: Pdf) -> None:
    document.attachments["a.exe"] = b"MZ"


def visit_on_opening(document: Pdf) -> None:
    document.Root.OpenAction = Dictionary(S=Name.URI, URI="https://example.org")


def act_on_closing(document: Pdf) -> None:
    document.Root.AA = Dictionary(WC=Dictionary(S=Name.Named, N=Name.Print))


def form(document: Pdf) -> None:
    document.Root.AcroForm = Dictionary(Fields=Array([]), XFA=document.make_stream(b"<xdp/>"))


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(
    "change",
    [script, script_in_names, launch, embedded, visit_on_opening, act_on_closing, form],
)
def test_what_acts_is_refused_wherever_it_hides(
    change: Callable[[Pdf], object], packed: bool
) -> None:
    found = fault(made(change, packed=packed))
    assert found is not None
    assert found.code is Code.ATTACHMENT_ACTIVE
    assert found.found.startswith("/")


def test_a_name_written_with_escapes_is_the_same_name() -> None:
    hidden = made(script).replace(b"/JavaScript", b"/#4aavaScript").replace(b"/JS", b"/J#53")
    content = rebuilt(hidden)
    assert b"/JS" not in content
    assert fault(content) == Fault(code=Code.ATTACHMENT_ACTIVE, found="/OpenAction")
    assert fault(content.replace(b"/OpenAction", b"/OpenActiox")) == Fault(
        code=Code.ATTACHMENT_ACTIVE, found="/JS"
    )


def rebuilt(content: bytes) -> bytes:
    """The same bytes with a cross-reference table that fits them again."""
    body = content[: content.rindex(b"xref\n", 0, content.rindex(b"startxref"))]
    size = len(re.findall(rb"\d+ 0 obj", body)) + 1
    rows = [b"0000000000 65535 f \n"]
    for number in range(1, size):
        match = re.search(rb"(?<!\d)%d 0 obj" % number, body)
        assert match is not None
        rows.append(b"%010d 00000 n \n" % match.start())
    trailer = re.search(rb"trailer\s*(<<.*>>)\s*startxref", content, re.DOTALL)
    assert trailer is not None
    table = b"xref\n0 %d\n" % size + b"".join(rows) + b"trailer " + trailer[1]
    return body + table + b"\nstartxref\n%d\n%%%%EOF\n" % len(body)


def opens_at_a_page(document: Pdf) -> None:
    document.Root.OpenAction = Array([document.pages[0].obj, Name.Fit])


def speaks_of_scripts(document: Pdf) -> None:
    document.docinfo["/Title"] = "How /JavaScript and (/Launch ) look"
    link = Dictionary(S=Name.URI, URI="https://example.org/JS")
    note = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([0, 0, 9, 9]), A=link)
    document.pages[0].obj.Annots = Array([note])


@pytest.mark.parametrize("change", [lambda _: None, opens_at_a_page, speaks_of_scripts])
@pytest.mark.parametrize("packed", [False, True])
def test_a_quiet_pdf_passes(change: Callable[[Pdf], object], packed: bool) -> None:
    assert fault(made(change, packed=packed)) is None


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello",
        b"PK\x03\x04" + pdf(),
        b"<html>" + pdf(),
        pdf() + b"<script>alert(1)</script>",
        pdf()[:-40],
        pdf() + b"PK\x05\x06" + bytes(16) + b"\x06\x00%%EOF\n",
    ],
)
def test_what_is_no_pdf_from_end_to_end_is_refused(content: bytes) -> None:
    assert fault(content) == Fault(code=Code.ATTACHMENT_NOT_PDF)


def test_a_broken_pdf_is_unreadable() -> None:
    broken = pdf().replace(b"startxref\n", b"startxref\n9")
    assert fault(broken) == Fault(code=Code.ATTACHMENT_UNREADABLE)


def test_a_pdf_that_asks_for_a_password_is_unreadable() -> None:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf())) as document:
        document.save(out, encryption=pikepdf.Encryption(user="secret", owner="secret"))
    assert fault(out.getvalue()) == Fault(code=Code.ATTACHMENT_UNREADABLE)


@pytest.mark.parametrize(("megabytes", "refused"), [(1, False), (100, True)])
def test_a_pdf_that_unfolds_beyond_measure_is_refused(megabytes: int, refused: bool) -> None:
    expected = Fault(code=Code.ATTACHMENT_UNREADABLE) if refused else None
    assert fault(unfolding(megabytes)) == expected


def unfolding(megabytes: int) -> bytes:
    """A small PDF with a number and a null apart, in an object stream that is mostly blanks."""
    packer = zlib.compressobj(9)
    blanks = b" " * 1_000_000
    stream = packer.compress(b"5 0 6 2 1 null")
    stream += b"".join(packer.compress(blanks) for _ in range(megabytes)) + packer.flush()
    out = bytearray(b"%PDF-1.5\n")
    places: list[int] = []
    for number, body in enumerate(
        [
            b"<</Type/Catalog/Pages 2 0 R/X 5 0 R>>",
            b"<</Type/Pages/Kids[]/Count 0>>",
            b"<</Type/ObjStm/N 2/First 8/Filter/FlateDecode/Length %d>>stream\n%b\nendstream"
            % (len(stream), stream),
        ],
        start=1,
    ):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    rows = [(0, 0, 65535), *((1, place, 0) for place in (*places, len(out))), (2, 3, 0), (2, 3, 1)]
    table = b"".join(
        kind.to_bytes(1) + place.to_bytes(4) + index.to_bytes(2) for kind, place, index in rows
    )
    here = len(out)
    out += b"4 0 obj\n<</Type/XRef/Size 7/W[1 4 2]/Root 1 0 R/Length %d>>stream\n" % len(table)
    out += table + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % here
    return bytes(out)
