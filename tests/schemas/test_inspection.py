"""The messages of the inspection: what their schemas let pass, and samples that tell one story."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import pikepdf
import pytest
from stdnum.ma import ice

from schemas.bindings.common_1 import CraftDocument, CraftLine
from schemas.codelists import codelist
from schemas.envelope import read_header
from schemas.parse import parse
from tests.schemas.samples import VALID, name
from tests.schemas.test_life import changed, text, value

TODAY = date(2026, 11, 21)
SUBMITTED = "InspectionApplication/valid-submit-carpets-and-pottery"
SENT = "ComplementRequest/valid-send"
#: The message types of the inspection.
INSPECTION = {
    *("Archiving", "Assignment", "CertificateIssue", "CertificateNotice", "CertificateRevocation"),
    *("ComplementReply", "ComplementRequest", "GoodsCorrection", "InspectionAmendment"),
    *("InspectionApplication", "InspectionDecision", "InspectionWithdrawal"),
    *("PhysicalInspectionOrder", "PhysicalInspectionResult", "TakingCharge"),
}
#: The messages that carry an exporter's whole request.
REQUESTS = [
    name(path)
    for path in VALID
    if path.parent.name in ("InspectionApplication", "InspectionAmendment")
]


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        (SUBMITTED, "<c:TransportMode>4<", "<c:TransportMode>0<"),
        (SUBMITTED, "<c:ExitPoint>SALE<", "<c:ExitPoint>Salé<"),
        (SUBMITTED, "<c:Units>12<", "<c:Units>12.5<"),
        (SUBMITTED, "<c:Units>12<", "<c:Units>012<"),
        (SUBMITTED, "<c:Units>12<", "<c:Units>1000000000<"),
        (SUBMITTED, "<c:Surface>57.60<", "<c:Surface>0.00<"),
        (SUBMITTED, "<c:Weight>230.4<", "<c:Weight>2.304e2<"),
        (SUBMITTED, "<c:Value>8640.00<", "<c:Value>-8640.00<"),
        (SUBMITTED, "<c:LegalForm>COOP<", "<c:LegalForm>coop<"),
        (SUBMITTED, "<c:Mobile>+212 6 00 00 00 11<", "<c:Mobile>+212 poste 11<"),
        (SUBMITTED, "<c:TaxIdentifier>40218853<", "<c:TaxIdentifier>٤٠٢١٨٨٥٣<"),
        (SENT, "<Agent>agent-bm-1<", "<Agent><"),
        (SENT, "<Deadline>2026-11-20T17:00:00Z<", "<Deadline>2026-11-20T17:00:00<"),
        ("ComplementRequest/valid-change", "ComplementNumber>1<", "ComplementNumber>0<"),
        ("CertificateRevocation/valid-to-be-replaced", ">true<", ">yes<"),
        ("CertificateNotice/valid-issued", "<QrPayload>PSV1.", "<QrPayload>PSV1 "),
        ("CertificateNotice/valid-issued", "<Service>BM<", "<Service>B<"),
    ],
)
def test_value_out_of_its_bounds_is_refused(name: str, old: str, new: str) -> None:
    assert changed(name, old, new)


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        (SUBMITTED, "<c:Units>12<", "<c:Units>999999999<"),
        (SUBMITTED, "<c:Mobile>+212 6 00 00 00 11<", "<c:Mobile>(+212) 660-606-000<"),
        (SUBMITTED, "<c:Surface>57.60<", "<c:Surface>0.000001<"),
        (SENT, "<Deadline>2026-11-20T17:00:00Z</Deadline>", ""),
    ],
)
def test_value_at_its_bounds_passes(name: str, old: str, new: str) -> None:
    assert changed(name, old, new) == []


def test_draft_may_leave_out_everything() -> None:
    draft = text("InspectionApplication/valid-save-draft")
    content = draft[draft.index("<Inspection>") : draft.index("</Inspection>")]
    assert changed("InspectionApplication/valid-save-draft", content, "<Inspection>") == []


def test_every_message_but_a_first_one_names_the_same_dossier() -> None:
    for path in VALID:
        if path.parent.name in INSPECTION:
            number = read_header(parse(path.read_bytes())).dossier
            first = path.parent.name == "InspectionApplication" and "saved-draft" not in path.stem
            assert number == (None if first else "BM-2026-1088"), name(path)


@pytest.mark.parametrize("sample", REQUESTS)
def test_codes_of_a_request_are_in_their_lists(sample: str) -> None:
    asked = value(sample).inspection
    used = [
        ("legal-forms", asked.exporter.legal_form),
        ("commercial-register-centres", asked.exporter.register_centre),
        ("registration-places", asked.exporter.registration_place),
        ("countries", asked.consignee.country),
        ("transport-modes", asked.transport_mode),
        ("exit-points", asked.exit_point),
        ("customs-offices", asked.customs_office),
        *[("inspection-document-types", document.type_value) for document in asked.document],
        *[use for line in asked.goods_line for use in codes(line)],
    ]
    for listed, code in used:
        assert code is None or codelist(listed).holds(code, TODAY), f"{listed}: {code}"
    assert ice.is_valid(asked.exporter.ice)


def codes(line: CraftLine) -> list[tuple[str, str | None]]:
    """The lists and codes that a line of goods uses."""
    return [
        ("subheadings", line.commodity_code[:6]),
        ("craft-categories", line.category),
        ("craft-products", line.product),
        ("carpet-qualities", line.quality),
        ("currencies", line.currency),
    ]


@pytest.mark.parametrize("sample", REQUESTS)
def test_carpets_have_quality_and_surface_and_pottery_its_certificate(sample: str) -> None:
    for line in value(sample).inspection.goods_line:
        carpet, pottery = line.category == "CARPETS", line.category == "POTTERY"
        assert (line.quality is not None) is (line.surface is not None) is carpet
        assert (line.pottery_certificate is not None) is pottery


def documents(sample: str) -> tuple[CraftDocument, ...]:
    """The documents of a request or of a complement."""
    found: Any = value(sample)
    return getattr(found, "inspection", found).document  # type: ignore[no-any-return]


def test_documents_are_real_pdfs() -> None:
    replies = [name(path) for path in VALID if path.parent.name == "ComplementReply"]
    inside = [
        document.attachment.content
        for sample in (*REQUESTS, *replies)
        for document in documents(sample)
        if document.attachment.content is not None
    ]
    assert len(inside) == 13
    for content in inside:
        with pikepdf.open(io.BytesIO(content)) as pdf:
            assert len(pdf.pages) == 1


def test_files_beside_are_those_that_another_sample_holds() -> None:
    beside = {document.attachment.digest for document in documents(REQUESTS[0])}
    assert None not in beside
    assert REQUESTS[0] == "InspectionAmendment/valid-attachment-beside"
    again = documents("InspectionApplication/valid-attachment-beside")
    assert {document.attachment.digest for document in again} == beside


def test_certificate_shows_the_goods_as_they_were_corrected() -> None:
    asked = value(SUBMITTED).inspection.goods_line
    corrected = value("GoodsCorrection/valid-one-carpet-less").goods_line
    shown = value("CertificateNotice/valid-issued").line
    assert [line.units for line in asked] != [line.units for line in corrected]
    assert [line.line for line in asked] == [line.line for line in corrected]
    facts = ("line", "commodity_code", "category", "description", "weight", "surface", "units")
    for fact in (*facts, "value", "currency"):
        assert [getattr(one, fact) for one in shown] == [getattr(one, fact) for one in corrected]


def test_replacement_names_the_certificate_that_was_revoked() -> None:
    issued, revoked, new = (
        value(f"CertificateNotice/valid-{words}") for words in ("issued", "revoked", "replaced")
    )
    assert new.replaces == revoked.certificate_number == issued.certificate_number
    assert new.certificate_number != new.replaces
    assert revoked.revocation.replacement
    assert new.revocation is issued.revocation is issued.replaces is None
