"""An application is kept, checked or submitted; what it must say for each."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from xsdata.models.datatype import XmlDate

from handlers.licence.application import application
from handlers.licence.awaiting import awaits
from handlers.licence.licence import Licence
from schemas.bindings.common_1 import (
    Attachment,
    Consignee,
    Exporter,
    GoodsLine,
    Invoice,
    Quantity,
    SupportingDocument,
)
from schemas.bindings.common_1 import Licence as Asked
from schemas.bindings.licence_application_1 import Function, LicenceApplication
from schemas.bindings.visa_request_1 import VisaRequest
from schemas.errors import Code, Finding, Refused
from schemas.workflow import Decision, Role
from tests.handlers.dossiers import (
    ARGAN,
    DECLARANT,
    NOW,
    NUMBER,
    Settings,
    Situation,
    dossier,
    pdf,
    saved,
)

PDF = Attachment(file_name="facture.pdf", media_type="application/pdf", content=pdf())
LINE = GoodsLine(
    line=1,
    commodity_code=ARGAN,
    description="Huile d'argan alimentaire",
    origin_country="MA",
    quantity=Quantity(value=Decimal(1000), unit="KGM"),
    net_weight=Decimal(1000),
    value=Decimal(40000),
)
OTHER = replace(
    LINE,
    line=2,
    quantity=Quantity(value=Decimal(500), unit="LTR"),
    supplementary_quantity=Quantity(value=Decimal(455), unit="KGM"),
    value=Decimal(20000),
)
BILL = Invoice(
    number="F-118", amount=Decimal(60000), issue_date=XmlDate(2026, 11, 2), attachment=PDF
)
HEADER = Asked(
    exporter=Exporter(
        name="Huilerie du Souss",
        ice="002741865000045",
        register_centre="01",
        register_number="4711",
    ),
    total_amount=Decimal(60000),
    currency="MAD",
    customs_procedure="060",
    customs_office="309",
    payment_terms="VF",
    incoterm="FOB",
)
WHOLE = replace(
    HEADER,
    consignee=Consignee(name="Aceites del Sur", country="ES"),
    destination_country=("ES", "PT", "ES"),
    invoice=(BILL,),
    goods_line=(LINE, OTHER),
    supporting_document=(
        SupportingDocument(
            type_value="ANALYSIS",
            description="Bulletin d'analyse",
            issue_date=XmlDate(2026, 11, 3),
            attachment=PDF,
        ),
    ),
)


def decide(
    asked: Asked, function: Function = Function.SUBMIT, met: Situation | None = None
) -> Decision:
    met = met or Situation()
    message = LicenceApplication(function=function, licence=asked)
    return application(message, met.dossier, met.context)


def refused(
    asked: Asked, function: Function = Function.SUBMIT, met: Situation | None = None
) -> list[Finding]:
    with pytest.raises(Refused) as refusal:
        decide(asked, function, met)
    return list(refusal.value.findings)


def places(findings: list[Finding]) -> list[tuple[Code, str]]:
    return [(finding.code, finding.path) for finding in findings]


def kept(decision: Decision) -> Licence:
    """The licence as the store would give it back."""
    assert decision.content is not None
    return Licence.of(replace(dossier(saved()), content=decision.content))


def test_a_submission_asks_the_ministry_for_its_visa_by_a_day() -> None:
    decision = decide(WHOLE)
    assert decision.finding == "complete"
    (reply,) = decision.replies
    assert reply.to is Role.MINISTRY
    assert reply.expects_answer_by == NOW + timedelta(days=10)
    request = reply.payload
    assert isinstance(request, VisaRequest)
    assert (request.dossier_number, request.version, request.declarant) == (NUMBER, 1, DECLARANT)
    assert request.deadline.to_datetime() == NOW + timedelta(days=10)


def test_the_ministry_owes_a_decision_and_silence_will_be_told() -> None:
    decision = decide(WHOLE)
    (timer,) = decision.timers
    assert (timer.name, timer.about) == ("no-answer", "VisaDecision 1")
    assert timer.due == NOW + timedelta(days=10)
    assert awaits(kept(decision), "VisaDecision", 1)
    assert decide(WHOLE, Function.SAVE).timers == ()


def test_an_application_that_comes_back_keeps_who_knows_it() -> None:
    returned = Situation(licence=replace(saved(), known_to_customs=True, version=2))
    assert kept(decide(WHOLE, met=returned)).known_to_customs


def test_the_ministry_gets_the_whole_content_with_its_pdfs() -> None:
    (reply,) = decide(WHOLE).replies
    assert isinstance(reply.payload, VisaRequest)
    as_asked = replace(WHOLE, category="LE", destination_country=("ES", "PT"))
    assert reply.payload.licence == as_asked


def test_a_pdf_sent_beside_reaches_the_ministry_too() -> None:
    digest = hashlib.sha256(pdf()).hexdigest()
    beside = replace(PDF, content=None, digest=digest)
    asked = replace(WHOLE, invoice=(replace(BILL, attachment=beside),))
    met = Situation(parts={digest: pdf()})
    (reply,) = decide(asked, met=met).replies
    assert isinstance(reply.payload, VisaRequest)
    assert reply.payload.licence.invoice[0].attachment.content == pdf()


def test_what_is_kept_is_what_was_asked() -> None:
    licence = kept(decide(WHOLE))
    assert licence.total == 60000
    assert licence.countries == ("ES", "PT")
    assert [line.unit for line in licence.lines] == ["KGM", "LTR"]
    assert licence.lines[1].supplementary_quantity == 455
    assert licence.invoices[0].issued_on == date(2026, 11, 2)
    assert licence.invoices[0].attached.digest == hashlib.sha256(pdf()).hexdigest()
    assert licence.invoices[0].attached.size == len(pdf())
    assert licence.documents[0].kind == "ANALYSIS"


def test_a_draft_may_have_its_header_alone() -> None:
    decision = decide(HEADER, Function.SAVE)
    assert (decision.finding, decision.dry, decision.replies) == ("draft", False, ())


def test_a_submission_without_content_is_told_all_that_is_missing() -> None:
    assert places(refused(HEADER)) == [
        (Code.ELEMENT_MISSING, "Licence/DestinationCountry"),
        (Code.ELEMENT_MISSING, "Licence/Invoice"),
        (Code.ELEMENT_MISSING, "Licence/GoodsLine"),
    ]


def test_an_empty_draft_is_told_all_of_the_header_that_is_missing() -> None:
    findings = refused(Asked(), Function.SAVE)
    assert {finding.code for finding in findings} == {Code.ELEMENT_MISSING}
    assert [finding.path.removeprefix("Licence/") for finding in findings] == [
        "Exporter",
        "TotalAmount",
        "Currency",
        "CustomsProcedure",
        "CustomsOffice",
        "PaymentTerms",
        "Incoterm",
    ]


def test_a_draft_may_have_sums_that_do_not_agree_yet() -> None:
    asked = replace(WHOLE, total_amount=Decimal(1))
    assert decide(asked, Function.SAVE).finding == "draft"
    assert places(refused(asked)) == [
        (Code.INVOICES_DIFFER, "Licence/TotalAmount"),
        (Code.LINE_VALUES_DIFFER, "Licence/TotalAmount"),
    ]


def test_a_check_gives_the_verdict_and_no_effect() -> None:
    decision = decide(WHOLE, Function.CHECK)
    assert (decision.finding, decision.dry, decision.content) == ("complete", True, None)
    assert decision.replies == ()
    assert [(one.line, one.remaining, one.unit) for one in decision.balances] == [
        (1, Decimal(1000), "KGM"),
        (2, Decimal(500), "LTR"),
    ]
    assert places(refused(HEADER, Function.CHECK)) == places(refused(HEADER))


def test_a_returned_application_keeps_its_number_and_version() -> None:
    returned = replace(saved(), version=2, reason="Facture illisible.")
    decision = decide(WHOLE, met=Situation(licence=returned))
    (reply,) = decision.replies
    assert isinstance(reply.payload, VisaRequest)
    assert (reply.payload.dossier_number, reply.payload.version) == (returned.number, 2)
    assert kept(decision).reason == ""


def test_values_of_some_lines_need_only_fit_into_the_total() -> None:
    some = replace(WHOLE, goods_line=(LINE, replace(OTHER, value=None)))
    assert decide(some).finding == "complete"
    over = replace(
        WHOLE, goods_line=(replace(LINE, value=Decimal(60001)), replace(OTHER, value=None))
    )
    assert places(refused(over)) == [(Code.LINE_VALUES_DIFFER, "Licence/TotalAmount")]


def test_findings_name_the_second_line_and_not_the_first() -> None:
    wrong = replace(
        OTHER,
        commodity_code="1599900029",
        origin_country="ZZ",
        quantity=Quantity(value=Decimal(500), unit="BX"),
        supplementary_quantity=Quantity(value=Decimal(455), unit="ZZZ"),
        value=Decimal("20000.001"),
    )
    asked = replace(WHOLE, goods_line=(replace(LINE, value=Decimal("39999.999")), wrong))
    assert set(places(refused(asked, Function.SAVE))) == {
        (Code.COUNTRY_UNKNOWN, "Licence/GoodsLine[2]/OriginCountry"),
        (Code.AMOUNT_DECIMALS, "Licence/GoodsLine[1]/Value"),
        (Code.AMOUNT_DECIMALS, "Licence/GoodsLine[2]/Value"),
        (Code.UNIT_WITHDRAWN, "Licence/GoodsLine[2]/Quantity/@unit"),
        (Code.UNIT_UNKNOWN, "Licence/GoodsLine[2]/SupplementaryQuantity/@unit"),
        (Code.COMMODITY_CODE_UNKNOWN, "Licence/GoodsLine[2]/CommodityCode"),
    }


@pytest.mark.parametrize(
    ("currency", "amount", "passes"),
    [("MAD", "60000.00", True), ("TND", "60000.001", True), ("JPY", "60000.0", True),
     ("JPY", "60000.5", False), ("MAD", "60000.005", False)],
)  # fmt: skip
def test_a_currency_has_its_own_decimals(currency: str, amount: str, passes: bool) -> None:
    asked = replace(HEADER, currency=currency, total_amount=Decimal(amount))
    if passes:
        assert decide(asked, Function.SAVE).finding == "draft"
    else:
        assert places(refused(asked, Function.SAVE)) == [
            (Code.AMOUNT_DECIMALS, "Licence/TotalAmount")
        ]


def test_a_product_is_under_licence_on_some_days_only() -> None:
    olives = replace(
        WHOLE,
        invoice=(replace(BILL, issue_date=XmlDate(2024, 1, 1)),),
        supporting_document=(),
        goods_line=(replace(LINE, commodity_code="1509200000"), OTHER),
    )
    free = Situation(now=NOW.replace(year=2025))
    assert places(refused(olives, met=free)) == [
        (Code.PRODUCT_NOT_LICENSED, "Licence/GoodsLine[1]/CommodityCode")
    ]
    assert decide(olives).finding == "complete"


def test_an_invoice_of_today_is_not_ahead() -> None:
    today = replace(WHOLE, invoice=(replace(BILL, issue_date=XmlDate(2026, 11, 21)),))
    assert decide(today).finding == "complete"
    tomorrow = replace(WHOLE, invoice=(replace(BILL, issue_date=XmlDate(2026, 11, 22)),))
    assert places(refused(tomorrow)) == [(Code.DATE_IN_FUTURE, "Licence/Invoice[1]/IssueDate")]


def test_an_attachment_may_be_as_large_as_the_limit() -> None:
    exact = Situation(settings=Settings(attachment_limit=len(pdf())))
    assert decide(WHOLE, met=exact).finding == "complete"
    less = Situation(settings=Settings(attachment_limit=len(pdf()) - 1))
    assert places(refused(WHOLE, met=less)) == [
        (Code.ATTACHMENT_TOO_LARGE, "Licence/Invoice[1]/Attachment/FileName"),
        (Code.ATTACHMENT_TOO_LARGE, "Licence/SupportingDocument[1]/Attachment/FileName"),
    ]


def test_an_attachment_is_judged_in_a_draft_too() -> None:
    fake = replace(PDF, content=b"%PDF-1.7 not at all")
    asked = replace(HEADER, invoice=(replace(BILL, attachment=fake),))
    assert places(refused(asked, Function.SAVE)) == [
        (Code.ATTACHMENT_NOT_PDF, "Licence/Invoice[1]/Attachment/FileName")
    ]
