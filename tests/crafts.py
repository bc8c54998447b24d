"""Messages of the inspection for tests, as bindings, and the service that treats them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from xsdata.models.datatype import XmlDate

from gateway.hub import utc_now
from handlers.days import today
from schemas.bindings.assignment_1 import Action as Assigning
from schemas.bindings.assignment_1 import Assignment
from schemas.bindings.certificate_issue_1 import Action as Issuing
from schemas.bindings.certificate_issue_1 import CertificateIssue
from schemas.bindings.certificate_revocation_1 import CertificateRevocation
from schemas.bindings.common_1 import (
    Attachment,
    Consignee,
    CraftDocument,
    CraftExporter,
    CraftLine,
    Inspection,
)
from schemas.bindings.complement_reply_1 import ComplementReply
from schemas.bindings.complement_request_1 import Action as Asking
from schemas.bindings.complement_request_1 import ComplementRequest, FlaggedDocument
from schemas.bindings.goods_correction_1 import GoodsCorrection
from schemas.bindings.inspection_application_1 import Function, InspectionApplication
from schemas.bindings.inspection_decision_1 import Decision, InspectionDecision
from schemas.bindings.inspection_withdrawal_1 import InspectionWithdrawal
from schemas.bindings.physical_inspection_order_1 import PhysicalInspectionOrder
from schemas.bindings.physical_inspection_result_1 import PhysicalInspectionResult, Result
from schemas.bindings.taking_charge_1 import TakingCharge
from schemas.workflow import Agent, Service
from storage import agents
from tests.letters import pdf
from tests.town import Town

HOUSE = "artisanat-bm"  #: whose system signs for the service
CUSTOMS = "adii"
EXPORTER = "coop-atlas"
SUPERVISOR, SECOND_SUPERVISOR = "supbeni", "supbeni2"
AGENT, SECOND_AGENT = "agartisbm", "agartisanat3"
RETIRED, STRANGER, NOBODY = "agretired", "supguelmim", "nobody"

_SERVICES = (
    Service(code="BM", name="Béni Mellal", places=("BENI-MELLAL", "AZILAL")),
    Service(code="GM", name="Guelmim", places=("GUELMIM",)),
)
_AGENTS = (
    Agent(identifier=SUPERVISOR, name="S. Amrani", service="BM", supervisor=True),
    Agent(identifier=SECOND_SUPERVISOR, name="B. Tazi", service="BM", supervisor=True),
    Agent(identifier=AGENT, name="H. Ouali", service="BM", supervisor=False),
    Agent(identifier=SECOND_AGENT, name="L. Idrissi", service="BM", supervisor=False),
    Agent(identifier=RETIRED, name="M. Filali", service="BM", supervisor=True),
    Agent(identifier=STRANGER, name="K. Naciri", service="GM", supervisor=True),
)


async def open_services(place: Town) -> None:
    """Two services with their agents, one of whom has left, as the operator's commands do it."""
    now = utc_now()
    async with place.hub.store.write() as tx:
        for service in _SERVICES:
            await agents.add_service(tx, service, now)
        for agent in _AGENTS:
            await agents.add(tx, agent, now)
        await agents.disable(tx, RETIRED, now)


def day(ahead: int = 0) -> date:
    """The day that it is in Morocco, or another one."""
    return today(utc_now()) + timedelta(days=ahead)


def carpets(number: int = 1, **changes: Any) -> CraftLine:
    """Twelve knotted carpets."""
    line = CraftLine(
        line=number,
        commodity_code="5701101000",
        category="CARPETS",
        product="CARPET-KNOTTED",
        description="Tapis noués en laine du Moyen Atlas",
        quality="SUPERIOR",
        article_number="TN-12",
        weight=Decimal("230.4"),
        surface=Decimal("57.60"),
        units=12,
        local_value=Decimal("92793.60"),
        value=Decimal("8640.00"),
        currency="EUR",
    )
    return replace(line, **changes)


def plates(number: int = 2, **changes: Any) -> CraftLine:
    """Sixty glazed plates."""
    line = CraftLine(
        line=number,
        commodity_code="6912000000",
        category="POTTERY",
        product="POTTERY-TABLE",
        description="Plats en terre cuite émaillée",
        weight=Decimal(96),
        units=60,
        value=Decimal("1260.00"),
        currency="EUR",
        pottery_certificate="CP-2026-0457",
    )
    return replace(line, **changes)


def document(kind: str) -> CraftDocument:
    """A document of this type, with its PDF inside."""
    name = f"{kind.lower()}.pdf"
    return CraftDocument(
        type_value=kind,
        description="Autre pièce" if kind == "OTHER" else None,
        issue_date=XmlDate.from_date(day(-5)),
        attachment=Attachment(file_name=name, media_type="application/pdf", content=pdf(name)),
    )


def exporter(**changes: Any) -> CraftExporter:
    """A cooperative of weavers and potters."""
    found = CraftExporter(
        name="Coopérative Zerbia de la Tassaout",
        legal_form="COOP",
        register_centre="07",
        register_number="11927",
        tax_identifier="40218853",
        ice="003182755000049",
        address="3, derb Sidi Bouyacoub, 23000 Béni Mellal, Maroc",
        email="bureau@coop-zerbia.example",
        mobile="+212 6 00 00 00 11",
        registration_number="ART-BM-02218",
        registration_place="BENI-MELLAL",
    )
    return replace(found, **changes)


def request(**changes: Any) -> Inspection:
    """A whole request."""
    found = Inspection(
        exporter=exporter(),
        consignee=Consignee(name="Tapis & Terres d'Oc SAS", address="Toulouse", country="FR"),
        transport_mode="4",
        exit_point="SALE",
        customs_office="404",
        goods_line=(carpets(), plates()),
        document=tuple(map(document, ("INVOICE", "PACKING", "REGISTRATION"))),
    )
    return replace(found, **changes)


def application(function: Function = Function.SUBMIT, **changes: Any) -> InspectionApplication:
    return InspectionApplication(function=function, inspection=request(**changes))


def withdrawal() -> InspectionWithdrawal:
    return InspectionWithdrawal(reason_code="SHIPMENT", reason="L'envoi est reporté.")


def assignment(assignee: str = AGENT, by: str = SUPERVISOR, **changes: Any) -> Assignment:
    found = Assignment(agent=by, action=Assigning.ASSIGN, assignee=assignee)
    return replace(found, **changes)


def self_assignment(by: str = SUPERVISOR) -> Assignment:
    return Assignment(agent=by, action=Assigning.SELF)


def reassignment(assignee: str, by: str = SUPERVISOR) -> Assignment:
    reason = "L'agent est en congé."
    return Assignment(agent=by, action=Assigning.REASSIGN, assignee=assignee, reason=reason)


def taking(agent: str = AGENT) -> TakingCharge:
    return TakingCharge(agent=agent)


def complement(action: Asking = Asking.SEND, **changes: Any) -> ComplementRequest:
    found = ComplementRequest(
        agent=AGENT,
        action=action,
        message="Joindre le bulletin de cuisson de l'atelier.",
        flagged_document=(FlaggedDocument(type_value="OTHER"),),
    )
    return replace(found, **changes)


def validation() -> ComplementRequest:
    return ComplementRequest(agent=AGENT, action=Asking.VALIDATE)


def complement_reply() -> ComplementReply:
    return ComplementReply(document=(document("OTHER"),), message="Voici le bulletin.")


def visit(on: date, reason: str | None = None) -> PhysicalInspectionOrder:
    return PhysicalInspectionOrder(
        agent=AGENT,
        message="Présenter les tapis déroulés.",
        inspection_date=XmlDate.from_date(on),
        reason=reason,
    )


def visited(result: Result = Result.CONFORMING) -> PhysicalInspectionResult:
    return PhysicalInspectionResult(
        agent=AGENT,
        inspection_date=XmlDate.from_date(day()),
        result=result,
        minutes="Onze tapis présentés, conformes.",
    )


def correction(*lines: CraftLine) -> GoodsCorrection:
    return GoodsCorrection(agent=AGENT, goods_line=lines, reason="Onze tapis, et non douze.")


def decision(
    verdict: Decision = Decision.ACCEPTED, observation: str | None = None
) -> InspectionDecision:
    return InspectionDecision(agent=AGENT, decision=verdict, observation=observation)


def issue(action: Issuing = Issuing.ISSUE, agent: str = AGENT) -> CertificateIssue:
    return CertificateIssue(agent=agent, action=action)


def revocation(*, replacement: bool) -> CertificateRevocation:
    return CertificateRevocation(
        agent=AGENT, reason="Le poids des plats est faux.", replacement=replacement
    )
