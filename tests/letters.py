"""Messages for tests, as bindings: a good one of each kind, to be spoiled with `replace`."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

import pikepdf
from xsdata.models.datatype import XmlDate

from schemas.bindings import clearance_decision_1 as clearing
from schemas.bindings import imputation_1 as imputing
from schemas.bindings import licence_application_1 as applying
from schemas.bindings import visa_decision_1 as deciding
from schemas.bindings.balance_query_1 import BalanceQuery
from schemas.bindings.common_1 import (
    Amount,
    Attachment,
    Consignee,
    Exporter,
    GoodsLine,
    Invoice,
    Licence,
    Quantity,
)
from schemas.bindings.history_query_1 import HistoryQuery
from schemas.bindings.licence_cancellation_1 import LicenceCancellation
from schemas.bindings.repatriation_proof_1 import Deduction, RepatriationProof, Split
from schemas.bindings.status_query_1 import StatusQuery

OFFICE, PROCEDURE = "300", "060"
ARGAN = "1515900032"
ICE = "001561191000066"


@cache
def pdf(text: str = "Facture") -> bytes:
    """A real PDF of one empty page, titled with `text`."""
    document = pikepdf.new()
    document.add_blank_page(page_size=(595, 842))
    document.docinfo["/Title"] = text
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def today() -> date:
    return datetime.now(UTC).date()


def day(when: date) -> XmlDate:
    return XmlDate.from_date(when)


def exporter() -> Exporter:
    return Exporter(
        name="Coopérative Atlas Argan",
        ice=ICE,
        register_centre="09",
        register_number="12345",
        address="12, avenue Hassan II, Béni Mellal",
        email="contact@coop-atlas.example",
    )


def line(number: int = 1, **changes: Any) -> GoodsLine:
    values: dict[str, Any] = {
        "line": number,
        "commodity_code": ARGAN,
        "description": "Huile d'argan vierge, en bidons de 20 l",
        "origin_country": "MA",
        "quantity": Quantity(value=Decimal(1000), unit="KGM"),
        "net_weight": Decimal(1000),
        "value": Decimal("25000.00"),
    }
    return GoodsLine(**{**values, **changes})


def invoice(amount: str = "25000.00", **changes: Any) -> Invoice:
    values: dict[str, Any] = {
        "number": "F-2026-001",
        "amount": Decimal(amount),
        "issue_date": day(today()),
        "attachment": Attachment(
            file_name="facture.pdf", media_type="application/pdf", content=pdf()
        ),
    }
    return Invoice(**{**values, **changes})


def licence(**changes: Any) -> Licence:
    values: dict[str, Any] = {
        "exporter": exporter(),
        "consignee": Consignee(name="Huiles du Rhin GmbH", address="Köln", country="DE"),
        "category": "LE",
        "total_amount": Decimal("25000.00"),
        "currency": "EUR",
        "customs_procedure": PROCEDURE,
        "customs_office": OFFICE,
        "payment_terms": "VF",
        "incoterm": "FOB",
        "destination_country": ("DE", "FR"),
        "invoice": (invoice(),),
        "goods_line": (line(),),
        "supporting_document": (),
    }
    return Licence(**{**values, **changes})


def application(
    function: applying.Function = applying.Function.SUBMIT, **changes: Any
) -> applying.LicenceApplication:
    return applying.LicenceApplication(function=function, licence=licence(**changes))


def visa(
    decision: deciding.Decision = deciding.Decision.GRANTED, **changes: Any
) -> deciding.VisaDecision:
    granted = decision is deciding.Decision.GRANTED
    values: dict[str, Any] = {
        "decision": decision,
        "version": 1,
        "visa_number": "V-2026-0042" if granted else None,
        "officer": "N. Bennani",
        "decision_date": day(today()),
        "reason": None if granted else "Facture illisible",
    }
    return deciding.VisaDecision(**{**values, **changes})


def imputation(number: str = "IMP-1", quantity: str = "400", **changes: Any) -> imputing.Imputation:
    values: dict[str, Any] = {
        "type_value": imputing.ImputationType.ORIGINAL,
        "imputation_number": number,
        "declaration_number": f"{OFFICE}{PROCEDURE}{today().year}0000123",
        "declaration_date": day(today()),
        "customs_office": OFFICE,
        "customs_procedure": PROCEDURE,
        "article": 1,
        "line": 1,
        "commodity_code": ARGAN,
        "quantity": Quantity(value=Decimal(quantity), unit="KGM"),
        "value": Amount(value=Decimal(quantity) * 25, currency="EUR"),
        "imputation_date": day(today()),
    }
    return imputing.Imputation(**{**values, **changes})


def contra(number: str, original: str, quantity: str, **changes: Any) -> imputing.Imputation:
    return imputation(
        number,
        quantity,
        type_value=imputing.ImputationType.CONTRA,
        original_number=original,
        **changes,
    )


def balance_query(line_number: int = 1) -> BalanceQuery:
    return BalanceQuery(line=line_number)


def status_query() -> StatusQuery:
    return StatusQuery()


def history_query(**asked: int) -> HistoryQuery:
    return HistoryQuery(**asked)


def cancellation(code: str = "ORDER-LOST") -> LicenceCancellation:
    return LicenceCancellation(reason_code=code, reason="Commande annulée par le client")


def proof(number: str, shares: dict[str, str], **changes: Any) -> RepatriationProof:
    """An attestation of today over these declarations, in the licence's currency."""
    values: dict[str, Any] = {
        "bank": "Banque Atlas",
        "attestation_number": number,
        "attestation_date": day(today()),
        "amount": Amount(value=sum(map(Decimal, shares.values()), Decimal(0)), currency="EUR"),
        "rate": Decimal("10.75"),
        "split": tuple(
            Split(declaration_number=declaration, amount=Decimal(amount))
            for declaration, amount in shares.items()
        ),
    }
    return RepatriationProof(**{**values, **changes})


def deduction(declaration: str, amount: str) -> Deduction:
    return Deduction(
        declaration_number=declaration,
        deduction_code="FREIGHT",
        amount=Decimal(amount),
        attachment=Attachment(
            file_name="fret.pdf", media_type="application/pdf", content=pdf("Facture de fret")
        ),
    )


def clearance(
    declaration: str, decision: clearing.Decision = clearing.Decision.FULL, **changes: Any
) -> clearing.ClearanceDecision:
    values: dict[str, Any] = {
        "declaration_number": declaration,
        "decision": decision,
        "officer": "S. El Fassi",
        "decision_date": day(today()),
        "reason": "Fret prouvé" if decision is clearing.Decision.SHORTFALL else None,
    }
    return clearing.ClearanceDecision(**{**values, **changes})
