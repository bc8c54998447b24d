"""The exporter's request: under which reference it is kept, and what lets it be submitted."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from xsdata.models.datatype import XmlDate

from handlers.inspection.application import application
from handlers.inspection.inspection import Inspection
from schemas.bindings.common_1 import CraftLine
from schemas.bindings.common_1 import Inspection as Asked
from schemas.bindings.inspection_application_1 import Function, InspectionApplication
from schemas.errors import Code, Refused
from schemas.workflow import Decision, Role, Serial
from tests.handlers import crafts, deeds
from tests.handlers.crafts import NOW, Situation
from tests.handlers.inspection_requests import ASKED


def sent(function: Function, content: Asked = ASKED, **met: Any) -> Decision:
    """What is decided of a request."""
    situation = Situation(role=Role.DECLARANT, **met)
    message = InspectionApplication(function=function, inspection=content)
    return application(message, situation.dossier, situation.context)


def refused(function: Function, content: Asked, **met: Any) -> list[Code]:
    """Why the request is refused; none where it is not."""
    try:
        sent(function, content, **met)
    except Refused as refusal:
        return [finding.code for finding in refusal.findings]
    return []


def kept(decision: Decision, state: str) -> Inspection:
    """The dossier that a decision makes."""
    assert decision.content is not None
    blank = crafts.dossier(crafts.new())
    return Inspection.of(replace(blank, content=decision.content, state=state))


def with_line(position: int, **changed: Any) -> Asked:
    """The request with a line changed."""
    lines = list(ASKED.goods_line)
    lines[position] = replace(lines[position], **changed)
    return replace(ASKED, goods_line=tuple(lines))


def with_exporter(**changed: Any) -> Asked:
    """The request of another exporter."""
    assert ASKED.exporter is not None
    return replace(ASKED, exporter=replace(ASKED.exporter, **changed))


def test_a_dossier_bears_the_next_reference_of_the_service_of_its_place() -> None:
    for function in (Function.SAVE, Function.SUBMIT):
        decision = sent(function)
        assert decision.serial == Serial(series="BM", year=2026, number=1088)
        assert decision.serial.reference == "BM-2026-1088"
        assert kept(decision, "new").service == "BM"


def test_the_year_of_a_reference_is_the_one_that_it_is_in_morocco() -> None:
    evening = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
    serial = sent(Function.SAVE, now=evening).serial
    assert serial is not None
    assert (serial.year, serial.number) == (2027, 1)


def test_a_saved_dossier_keeps_its_reference_when_it_is_submitted() -> None:
    decision = sent(Function.SUBMIT, inspection=crafts.new())
    assert decision.finding == "complete"
    assert decision.serial is None


def test_a_draft_needs_no_more_than_its_exporter() -> None:
    bare = replace(
        ASKED, consignee=None, transport_mode=None, exit_point=None, goods_line=(), document=()
    )
    decision = sent(Function.SAVE, bare)
    assert (decision.finding, decision.replies, decision.timers) == ("draft", (), ())
    assert kept(decision, "new").exporter.registration_number == "ART-BM-02218"
    assert refused(Function.SAVE, replace(bare, exporter=None)) == [Code.ELEMENT_MISSING]


def test_a_submission_names_everything_that_it_lacks_at_once() -> None:
    bare = replace(
        ASKED, consignee=None, transport_mode=None, exit_point=None, goods_line=(), document=()
    )
    codes = refused(Function.SUBMIT, bare)
    assert codes == [Code.ELEMENT_MISSING] * 4 + [Code.DOCUMENT_REQUIRED] * 3


def test_a_check_gives_the_verdict_of_a_submission_without_effect() -> None:
    decision = sent(Function.CHECK)
    assert decision == Decision(finding="complete", dry=True)
    assert refused(Function.CHECK, replace(ASKED, document=())) == [Code.DOCUMENT_REQUIRED] * 3


def test_the_service_sees_the_dossier_with_a_day_to_assign_it_by() -> None:
    decision = sent(Function.SUBMIT)
    assert deeds.news(decision) == {"dossier-submitted": (Role.INSPECTION, False)}
    exporter, service = decision.replies
    assert exporter.to == crafts.EXPORTER
    assert exporter.letter is not None
    assert exporter.letter.to == "bureau@coop-zerbia.example"
    due = NOW + timedelta(days=3)
    assert service.expects_answer_by == decision.timers[0].due == due
    submitted = kept(decision, "submitted")
    assert submitted.submitted_at == NOW
    assert [one.answer for one in submitted.awaited] == ["Assignment"]


def test_everything_that_was_asked_is_kept() -> None:
    inspection = kept(sent(Function.SUBMIT), "submitted")
    assert [line.units for line in inspection.lines] == [12, 20, 60, 15]
    assert inspection.lines[0].surface == Decimal("57.60")
    assert inspection.lines[2].pottery_certificate == "CP-2026-0457"
    assert [one.kind for one in inspection.documents] == ["INVOICE", "PACKING", "REGISTRATION"]
    assert all(one.filed_at == NOW and len(one.digest) == 64 for one in inspection.documents)
    assert (inspection.transport, inspection.exit_point) == ("4", "SALE")


def test_a_document_that_stays_was_filed_when_it_was_filed() -> None:
    before = kept(sent(Function.SAVE), "new")
    before = replace(before, documents=before.documents[:2])
    later = NOW + timedelta(days=1)
    again = kept(sent(Function.SAVE, ASKED, inspection=before, now=later), "new")
    assert [one.filed_at for one in again.documents] == [NOW, NOW, later]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"registration_place": "PARIS"}, Code.REGISTRATION_PLACE_UNKNOWN),
        ({"registration_place": "TIZNIT"}, Code.PLACE_WITHOUT_SERVICE),
        ({"legal_form": "GMBH"}, Code.LEGAL_FORM_UNKNOWN),
        ({"register_centre": "99"}, Code.REGISTER_CENTRE_UNKNOWN),
        ({"ice": "003182755000048"}, Code.ICE_INVALID),
    ],
)
def test_the_exporter_is_wrong_even_in_a_draft(changed: dict[str, str], code: Code) -> None:
    assert refused(Function.SAVE, with_exporter(**changed)) == [code]


def test_a_dossier_stays_with_the_service_of_its_reference() -> None:
    elsewhere = with_exporter(registration_place="GUELMIM")
    codes = refused(Function.SAVE, elsewhere, inspection=crafts.new())
    assert codes == [Code.SERVICE_FROZEN]
    assert refused(Function.SAVE, elsewhere) == []
    nearby = with_exporter(registration_place="AZILAL")
    assert refused(Function.SAVE, nearby, inspection=crafts.new()) == []


@pytest.mark.parametrize(
    ("position", "changed", "codes"),
    [
        (0, {"commodity_code": "9899991000"}, [Code.COMMODITY_CODE_UNKNOWN]),
        (0, {"category": "TOYS", "product": None}, [Code.CRAFT_CATEGORY_UNKNOWN]),
        (0, {"product": "TOY-CARS"}, [Code.CRAFT_PRODUCT_UNKNOWN]),
        (0, {"product": "SLIPPERS"}, [Code.PRODUCT_OF_OTHER_CATEGORY]),
        (0, {"product": None}, []),
        (0, {"quality": "GOLDEN"}, [Code.CARPET_QUALITY_UNKNOWN]),
        (0, {"quality": None}, [Code.CARPET_INCOMPLETE]),
        (0, {"surface": None, "quality": None}, [Code.CARPET_INCOMPLETE] * 2),
        (0, {"pottery_certificate": "CP-1"}, [Code.FACT_OF_OTHER_CATEGORY]),
        (0, {"value": Decimal(0)}, [Code.VALUE_NOT_POSITIVE]),
        (0, {"local_value": Decimal(0)}, [Code.VALUE_NOT_POSITIVE]),
        (0, {"local_value": None}, []),
        (0, {"value": Decimal("8640.005")}, [Code.AMOUNT_DECIMALS]),
        (0, {"local_value": Decimal("1.005")}, [Code.AMOUNT_DECIMALS]),
        (0, {"currency": "JPY", "value": Decimal("1.5")}, [Code.AMOUNT_DECIMALS]),
        (0, {"currency": "EUX"}, [Code.CURRENCY_UNKNOWN]),
        (1, {"line": 1}, [Code.LINE_NUMBER_REPEATED]),
        (2, {"pottery_certificate": None}, [Code.POTTERY_CERTIFICATE_MISSING]),
        (2, {"surface": Decimal(1)}, [Code.FACT_OF_OTHER_CATEGORY]),
    ],
)
def test_each_line_is_judged_by_itself(
    position: int, changed: dict[str, Any], codes: list[Code]
) -> None:
    assert set(refused(Function.SAVE, with_line(position, **changed))) >= set(codes)
    found = refused(Function.SUBMIT, with_line(position, **changed))
    if changed.get("category") != "TOYS":  # whose quality and surface are of carpets
        assert found == codes


def test_two_wrong_lines_are_two_findings_with_their_places() -> None:
    lines = tuple(replace(line, value=Decimal(0)) for line in ASKED.goods_line)
    with pytest.raises(Refused) as refusal:
        sent(Function.SUBMIT, replace(ASKED, goods_line=lines))
    places = [finding.path for finding in refusal.value.findings]
    assert places == [f"Inspection/GoodsLine[{position}]/Value" for position in (1, 2, 3, 4)]


def test_documents_are_pdfs_of_known_types_from_days_that_have_come() -> None:
    first, *others = ASKED.document
    tomorrow = XmlDate.from_date((NOW + timedelta(days=1)).date())
    today = XmlDate.from_date(NOW.date())
    text = replace(first.attachment, content=b"facture")
    for changed, codes in (
        ({"issue_date": tomorrow}, [Code.DATE_IN_FUTURE]),
        ({"issue_date": today}, []),
        ({"type_value": "MENU"}, [Code.DOCUMENT_TYPE_UNKNOWN]),
        ({"attachment": text}, [Code.ATTACHMENT_NOT_PDF]),
    ):
        document = replace(first, **changed)
        assert refused(Function.SAVE, replace(ASKED, document=(document, *others))) == codes


def test_a_file_too_large_is_refused_by_the_setting() -> None:
    small = crafts.Settings(attachment_limit=100)
    assert refused(Function.SAVE, ASKED, settings=small) == [Code.ATTACHMENT_TOO_LARGE] * 3


def test_a_line_of_no_special_category_needs_no_more() -> None:
    line = CraftLine(
        line=1,
        commodity_code="4202210000",
        category="LEATHER",
        description="Sacs",
        weight=Decimal(3),
        units=5,
        value=Decimal(100),
        currency="EUR",
    )
    assert refused(Function.SUBMIT, replace(ASKED, goods_line=(line,))) == []
