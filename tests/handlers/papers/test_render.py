"""The PDF itself, read back with the tools that a partner has."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pikepdf
import pytest

from handlers.licence.accounts import Account
from handlers.licence.licence import Licence
from handlers.licence.paper import view
from handlers.papers import render as rendering
from handlers.papers.render import FetchRefused, render
from tests.handlers.papers.licences import ADDRESS, GRANTED, ISSUER, NOW, entry, hostile, long


def printed(licence: Licence, verify_url: str | None = ADDRESS) -> bytes:
    return render("licence", view(licence, now=NOW, verify_url=verify_url, issuer=ISSUER))


def run(*command: str, pdf: bytes) -> str:
    """What a tool says of the PDF, which it reads from its standard input."""
    return subprocess.run(command, input=pdf, capture_output=True, check=True).stdout.decode()


def text(pdf: bytes) -> str:
    """The whole text, with every run of white space as one space."""
    return " ".join(run("pdftotext", "-layout", "-", "-", pdf=pdf).split())


def pages(pdf: bytes) -> list[str]:
    return run("pdftotext", "-layout", "-", "-", pdf=pdf).split("\f")[:-1]


def squeezed(pdf: bytes) -> str:
    """The text without white space, for what may be broken over lines."""
    return "".join(run("pdftotext", "-", "-", pdf=pdf).split())


@pytest.fixture(scope="module")
def one() -> bytes:
    return printed(GRANTED)


@pytest.fixture(scope="module")
def sixty() -> bytes:
    return printed(long(60))


def test_the_key_facts_can_be_read_off_the_paper(one: bytes) -> None:
    words = text(one)
    for fact in (
        "LE-2026-0000123",
        "Coopérative Atlas Argane",
        "001525315000035",
        "Ölmühle Rheinland GmbH",
        "LE – Licence d",
        "060 – Exportation en simple sortie",
        "309 – Casablanca Port",
        "Vente ferme",
        "FOB",
        "DE – Allemagne, NL – Pays-Bas",
        "1515.90.90.20",
        "12 000 l",
        "11 500 l",
        "10 920,5",
        "1 275 000,50 MAD",
        "FA-2026/0457",
        "V-2026-0098",
        "S. El Amrani",
        "du 17/11/2026 au 16/05/2027",
        "Sortie par Casablanca",
        "Rapatriement des recettes",
        "Apurement",
    ):
        assert fact in words
    assert ADDRESS in squeezed(one)
    assert "unmilliondeuxcentsoixante-quinzemilledirhamsmarocainsetcinquantecentimes" in (
        squeezed(one)
    )


def test_labels_stand_in_arabic_too(one: bytes) -> None:
    words = text(one)
    for label in ("رخصة التصدير", "المرسل إليه", "البضائع", "الختم الإلكتروني"):
        assert label in words


def test_imputations_stand_on_the_paper_with_their_balance() -> None:
    used = replace(GRANTED, state="partly_imputed", entries=(entry("309-IMP-7", "4000"),))
    words = text(printed(used))
    for fact in ("30906020260004512L", "309-IMP-7 · Originale", "4 000 l", "7 500 l"):
        assert fact in words


def test_sixty_lines_are_all_there_under_repeated_headings(sixty: bytes) -> None:
    sheets = pages(sixty)
    goods = [sheet for sheet in sheets if "Désignation commerciale" in sheet]
    words = text(sixty)
    assert len(goods) >= 3
    assert all(f"Lot {n} " in words for n in range(1, 61) if n % 7)
    assert words.count("1515.90.90.20") == 60


@pytest.mark.parametrize("paper", ["one", "sixty"])
def test_each_page_bears_the_reference_and_its_number(
    paper: str, request: pytest.FixtureRequest
) -> None:
    sheets = pages(request.getfixturevalue(paper))
    for number, sheet in enumerate(sheets, 1):
        foot = " ".join(sheet.rstrip().splitlines()[-1].split())
        assert "LE-2026-0000123" in foot
        assert f"Page {number}/{len(sheets)}" in foot


@pytest.mark.parametrize("paper", ["one", "sixty"])
def test_nothing_stands_outside_the_margins(paper: str, request: pytest.FixtureRequest) -> None:
    boxes = run("pdftotext", "-bbox", "-", "-", pdf=request.getfixturevalue(paper))
    edges = [float(edge) for edge in re.findall(r'xM(?:in|ax)="([0-9.]+)"', boxes)]
    assert len(edges) > 200
    assert min(edges) > 30
    assert max(edges) < 566  # 210 mm less 12 mm are 561 pt, and a word's box is wider than its ink


def test_the_file_is_sound(one: bytes, sixty: bytes, tmp_path: Path) -> None:
    for pdf in (one, sixty):
        path = tmp_path / "licence.pdf"
        path.write_bytes(pdf)
        subprocess.run(["qpdf", "--check", path], check=True, capture_output=True)


def test_every_font_is_embedded_as_a_subset(one: bytes, tmp_path: Path) -> None:
    path = tmp_path / "licence.pdf"
    path.write_bytes(one)
    listing = run("pdffonts", str(path), pdf=b"").splitlines()[2:]
    names = {line.split()[0].partition("+")[2] for line in listing}
    assert {"Noto-Sans", "Noto-Sans-Bold", "Noto-Naskh-Arabic"} <= names
    assert all(line.split()[-5:-3] == ["yes", "yes"] for line in listing)


def test_title_language_and_tags_are_set(one: bytes) -> None:
    with pikepdf.open(io.BytesIO(one)) as pdf:
        assert str(pdf.Root.Lang) == "fr"
        assert bool(pdf.Root.MarkInfo.Marked)
        assert str(pdf.docinfo.Title) == "Licence d’Exportation LE-2026-0000123"
        assert str(pdf.docinfo.CreationDate).startswith("D:20261121224000")


@pytest.mark.parametrize(
    ("state", "mark"),
    [("saved", "PROVISOIRE"), ("cancelled", "ANNULÉ"), ("granted", None)],
)
def test_the_watermark_is_on_every_page_or_on_none(state: str, mark: str | None) -> None:
    sheets = run("pdftotext", "-raw", "-", "-", pdf=printed(replace(GRANTED, state=state)))
    for sheet in sheets.split("\f")[:-1]:
        letters = "".join(sheet.split())  # turned text is read letter by letter
        found = {word for word in ("PROVISOIRE", "ANNULÉ") if word in letters}
        assert found == ({mark} if mark else set())


def test_the_accounts_stand_in_place_of_the_free_rows() -> None:
    account = Account(
        declaration="30906020260004512L",
        imputed=GRANTED.total,
        repatriated=Decimal(150_000),
        deducted=Decimal(0),
        due_on=NOW.date(),
        decision=None,
        cleared=False,
    )
    paper = view(GRANTED, now=NOW, verify_url=None, issuer=ISSUER, accounts=(account,))
    words = text(render("licence", paper))
    for fact in ("Échéance", "21/11/2026", "150 000,00", "Reste 1 125 000,50"):
        assert fact in words


def test_without_an_address_there_is_no_verification_line() -> None:
    pdf = printed(GRANTED, verify_url=None)
    assert "Vérifier sur" not in text(pdf)
    assert "http" not in text(pdf)
    assert b"/URI" not in unpacked(pdf)


def test_the_same_view_gives_the_same_bytes_in_another_process(one: bytes) -> None:
    script = (
        "import sys; from tests.handlers.papers.test_render import GRANTED, printed;"
        "sys.stdout.buffer.write(printed(GRANTED))"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONHASHSEED": "7"}
    again = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, env=environment
    )
    assert again.stdout == one


# What a partner writes stays what it is: text.

HOSTILE = (
    "</div><img src=file:///etc/passwd><style>@import url(file:///etc/passwd);</style>"
    "<link rel=attachment href=file:///etc/passwd>",
    "{{ labels.__class__ }}{% include 'frame.html' %}"
    "\"'><svg><image href=http://127.0.0.1:9/x /></svg>&lt;b&gt;",
)

_opened: list[str] | None = None


def _hear(event: str, arguments: tuple[object, ...]) -> None:
    """Note every file opened and every connection tried while a hostile paper is set."""
    if _opened is not None and event in {"open", "socket.connect", "socket.getaddrinfo"}:
        _opened.append(f"{event} {arguments[0]} {arguments[1:]}")


sys.addaudithook(_hear)


@pytest.fixture
def heard() -> Iterator[list[str]]:
    global _opened
    _opened = []
    yield _opened
    _opened = None


def unpacked(pdf: bytes) -> bytes:
    """The PDF with its streams and objects laid open."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as file:
        file.save(
            out,
            object_stream_mode=pikepdf.ObjectStreamMode.disable,
            stream_decode_level=pikepdf.StreamDecodeLevel.generalized,
        )
    return out.getvalue()


@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_text_in_every_field_stays_text(words: str, heard: list[str]) -> None:
    pdf = printed(hostile(words), verify_url=None)
    assert not [event for event in heard if "passwd" in event or event.startswith("socket")]
    assert squeezed(pdf).count("".join(words.split())) >= 15
    content = unpacked(pdf)
    for thing in (b"/EmbeddedFile", b"/Filespec", b"/Subtype /Image", b"/URI", b"/JavaScript"):
        assert thing not in content
    assert b"root:" not in content


# Should a template ever refer to something, no paper comes of it.

REFERENCES = (
    '<img src="file:///etc/passwd">',
    '<img src="http://127.0.0.1:9/x.png">',
    '<img src="data:image/png;base64,iVBORw0KGgo=">',
    '<link rel="stylesheet" href="file:///etc/passwd">',
    '<link rel="attachment" href="file:///etc/passwd">',
    '<a rel="attachment" href="file:///etc/passwd">x</a>',
    '<object data="file:///etc/passwd"></object>',
    '<embed src="file:///etc/passwd">',
    '<svg><image href="file:///etc/passwd"/></svg>',
    "<p style='background: url(file:///etc/passwd)'>x</p>",
    "<p style='list-style: url(file:///etc/passwd); display: list-item'>x</p>",
    "<style>@import url(file:///etc/passwd);</style>",
    "<style>@font-face { font-family: x; src: url(file:///etc/passwd) }</style>",
    '<style>@font-face { font-family: x; src: local("Noto Sans Regular") }</style>',
)


@pytest.fixture
def templates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of templates of this test's own."""
    monkeypatch.setattr(rendering, "TEMPLATES", tmp_path)
    monkeypatch.setattr(rendering, "_styles", {})
    (tmp_path / "frame.css").write_text("p { color: red }", encoding="utf-8")
    (tmp_path / "rogue.css").write_text("", encoding="utf-8")
    memories = (rendering._environment, rendering._fonts)
    for memory in memories:
        memory.cache_clear()
    yield tmp_path
    for memory in memories:
        memory.cache_clear()


@pytest.mark.parametrize("reference", REFERENCES)
def test_a_template_that_refers_outside_gives_no_paper(
    reference: str, templates: Path, heard: list[str]
) -> None:
    (templates / "rogue.html").write_text(f"<body>{reference}</body>", encoding="utf-8")
    paper = view(GRANTED, now=NOW, verify_url=None, issuer=ISSUER)
    with pytest.raises(FetchRefused):
        render("rogue", paper)
    assert not [event for event in heard if "passwd" in event or event.startswith("socket")]


def test_a_stylesheet_that_refers_outside_gives_no_paper(templates: Path) -> None:
    (templates / "rogue.html").write_text("<p>x</p>", encoding="utf-8")
    (templates / "rogue.css").write_text(
        "p { background: url(file:///etc/passwd) }", encoding="utf-8"
    )
    with pytest.raises(FetchRefused):
        render("rogue", view(GRANTED, now=NOW, verify_url=None, issuer=ISSUER))
