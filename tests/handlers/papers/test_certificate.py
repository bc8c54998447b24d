"""The inspection certificate: when it is printed, what it says; hostile text stays text."""

from __future__ import annotations

import io
import json
import subprocess
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pikepdf
import pytest

from handlers.inspection.inspection import Certificate, Inspection
from handlers.inspection.paper import CERTIFICATE, PAPERS, PREVIEW, CertificatePaper, digest, view
from handlers.inspection.standing import standing
from handlers.papers.render import render
from handlers.registry import Printing
from tests.handlers.papers.inspections import (
    ACCEPTED,
    ADDRESS,
    CERT,
    ISSUED,
    ISSUER,
    NOW,
    REVOKED_CERT,
    dossier,
    hostile,
    long,
)

ISSUED_ONE = replace(ACCEPTED, certificates=(CERT,), previewed="")
REVOKED_ONE = replace(ACCEPTED, certificates=(REVOKED_CERT,), previewed="")
SECOND = replace(CERT, number="BM-2026-1088-2", replaces=CERT.number, issued_at=NOW)
PRINTING = Printing(now=NOW, verify_url=ADDRESS, issuer_fr="G", issuer_ar="ش", settings=None)


def seen(inspection: Inspection, certificate: Certificate | None = CERT) -> CertificatePaper:
    return view(inspection, certificate, now=NOW, verify_url=ADDRESS, issuer=ISSUER)


def printed(inspection: Inspection, certificate: Certificate | None = CERT) -> bytes:
    page = view(inspection, certificate, now=NOW, verify_url=None, issuer=ISSUER)
    return render("certificate", page)


def words(pdf: bytes, *options: str) -> str:
    command = ("pdftotext", *options, "-", "-")
    return subprocess.run(command, input=pdf, capture_output=True, check=True).stdout.decode()


def there(inspection: Inspection, printing: Printing = PRINTING) -> set[str]:
    """The papers that are printed now."""
    case = dossier(inspection)
    return {name for name, paper in PAPERS.items() if paper(case, printing) is not None}


def test_what_does_not_exist_yet_is_not_printed() -> None:
    assert there(replace(ACCEPTED, previewed="")) == set()
    assert there(ACCEPTED) == {PREVIEW}
    assert there(ISSUED_ONE) == {CERTIFICATE}
    assert there(replace(ISSUED_ONE, previewed="agartisbm")) == {CERTIFICATE}


def test_a_certificate_keeps_its_bytes_until_it_changes_itself() -> None:
    kept = replace(PRINTING, kept={CERTIFICATE: ISSUED + timedelta(seconds=1)})
    assert there(ISSUED_ONE, kept) == set()
    assert there(REVOKED_ONE, kept) == {CERTIFICATE}
    assert there(replace(REVOKED_ONE, certificates=(REVOKED_CERT, SECOND)), kept) == {CERTIFICATE}
    later = replace(PRINTING, kept={CERTIFICATE: NOW})
    assert there(REVOKED_ONE, later) == set()


@pytest.mark.parametrize(
    ("certificate", "mark"), [(None, "APERÇU"), (CERT, None), (REVOKED_CERT, "RÉVOQUÉ")]
)
def test_the_watermark_says_what_may_not_be_relied_on(
    certificate: Certificate | None, mark: str | None
) -> None:
    frame = seen(ACCEPTED, certificate).frame
    assert (frame.watermark.fr if frame.watermark else None) == mark
    assert (frame.statement is not None) == (mark is None)
    letters = "".join(words(printed(ACCEPTED, certificate), "-raw").split())
    assert {one for one in ("APERÇU", "RÉVOQUÉ") if one in letters} == ({mark} if mark else set())


def test_the_agent_s_lines_are_certified_and_summed() -> None:
    page = seen(ACCEPTED)
    assert [(row.units, row.weight) for row in page.goods] == [("11", "211,2"), ("60", "96")]
    assert (page.totals.units, page.totals.weight, page.totals.surface) == ("71", "307,2", "57,6")
    assert page.totals.values == ("9\u202f900,00 EUR",)
    assert page.goods[1].pottery == "CP-2026-0457"


def test_totals_stand_apart_for_each_currency() -> None:
    dollars = replace(ACCEPTED.lines[1], currency="USD")
    mixed = replace(ACCEPTED, corrected=(ACCEPTED.lines[0], dollars))
    assert seen(mixed).totals.values == ("8\u202f640,00 EUR", "1\u202f260,00 USD")


def test_the_code_states_number_holder_day_and_each_line_s_pieces_and_weight() -> None:
    stated = seen(ACCEPTED).frame.statement
    assert stated is not None
    assert (stated.kind, stated.number, stated.holder) == (
        "CERTIFICATE",
        CERT.number,
        ACCEPTED.exporter.ice,
    )
    assert stated.issued_on == ISSUED.date()
    assert [(one.code, one.quantity, one.unit, one.weight) for one in stated.lines] == [
        (line.code, Decimal(line.units), "H87", line.weight) for line in ACCEPTED.goods
    ]


def test_the_key_facts_can_be_read_off_the_paper() -> None:
    text = " ".join(words(printed(ACCEPTED, SECOND), "-layout").split())
    for fact in (
        "BM-2026-1088-2",
        "Remplace le certificat n°",
        "BM-2026-1088-1",
        "Coopérative Zerbia de la Tassaout",
        "ART-BM-02218",
        "Tapis & Terres d'Oc SAS",
        "Aérienne",
        "Supérieure",
        "Certificat de poterie CP-2026-0457",
        "Facture commerciale",
        "14/11/2026 Conforme agartisbm",
        "شهادة التفتيش",
        "البضائع المفتشة",
    ):
        assert fact in text


def test_thirty_lines_are_all_there_and_each_page_bears_the_number() -> None:
    sheets = words(printed(long(30)), "-layout").split("\f")[:-1]
    text = " ".join(" ".join(sheets).split())
    assert len(sheets) >= 3
    assert all(f"Lot {n} " in text for n in range(1, 31) if n % 7)
    for number, sheet in enumerate(sheets, 1):
        foot = " ".join(sheet.rstrip().splitlines()[-1].split())
        assert CERT.number in foot
        assert f"Page {number}/{len(sheets)}" in foot


@pytest.mark.parametrize(
    "text",
    [
        "</div><img src=file:///etc/passwd><style>@import url(file:///etc/passwd);</style>",
        "{{ labels.__class__ }}{% include 'frame.html' %}<svg><image href=http://127.0.0.1:9/x />",
    ],
)
def test_hostile_text_in_every_field_stays_text(text: str) -> None:
    harmed = replace(CERT, agent=text, replaces=text)
    pdf = printed(hostile(text), harmed)
    assert "".join(words(pdf).split()).count("".join(text.split())) >= 15
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as file:
        file.save(out, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    for thing in (b"/EmbeddedFile", b"/Subtype /Image", b"/URI", b"/JavaScript", b"root:"):
        assert thing not in out.getvalue()


def test_the_digest_knows_what_the_certificate_says_and_nothing_beside_it() -> None:
    beside = replace(ISSUED_ONE, assignee="agartisanat3", closed_at=NOW)
    assert digest(beside, CERT) == digest(ISSUED_ONE, CERT)
    fewer = replace(ISSUED_ONE, corrected=ISSUED_ONE.corrected[:1])
    assert digest(fewer, CERT) != digest(ISSUED_ONE, CERT)
    assert seen(ISSUED_ONE).frame.digest == digest(ISSUED_ONE, CERT)


@pytest.mark.parametrize(
    ("inspection", "name", "good", "number"),
    [
        (ACCEPTED, "not-issued", False, ACCEPTED.number),
        (ISSUED_ONE, "in-force", True, CERT.number),
        (REVOKED_ONE, "revoked", False, CERT.number),
        (
            replace(ISSUED_ONE, certificates=(REVOKED_CERT, SECOND)),
            "in-force",
            True,
            SECOND.number,
        ),
    ],
)
def test_whoever_holds_it_learns_how_it_stands(
    inspection: Inspection, name: str, good: bool, number: str
) -> None:
    found = standing(dossier(inspection, state="closed"), NOW.date())
    assert (found.verdict.name, found.verdict.good, found.number) == (name, good, number)
    replaced = len(inspection.certificates) > 1
    assert [(one.number, one.replaced_by) for one in found.earlier] == (
        [(CERT.number, SECOND.number)] if replaced else []
    )


def test_what_is_said_in_public_names_no_person_and_no_goods() -> None:
    found = str(standing(dossier(ISSUED_ONE), NOW.date()))
    said = json.loads(ISSUED_ONE.content())
    for secret in (said["exporter"]["name"], said["exporter"]["ice"], "agartisbm", "Tapis"):
        assert secret not in found
