"""What the samples of the agent's acts meet, and of the exporter's answer to one of them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

from handlers.inspection.certificate_issue import NUMBER as CERTIFICATE
from handlers.inspection.inspection import Certificate, Complement, Inspection, Visit
from schemas import bind
from schemas.catalogue import catalogue
from schemas.envelope import payload, read_header
from schemas.parse import parse
from schemas.workflow import Role
from tests.handlers import crafts
from tests.handlers.crafts import AGENT, Situation, accepted, assigned, closed
from tests.schemas.samples import FOLDER, name

DAY = datetime(2026, 11, 12, 10, 0, tzinfo=UTC)
LATER = datetime(2026, 12, 31, 10, 0, tzinfo=UTC)  #: an answer is still awaited when samples come

SENDERS = {
    "TakingCharge": Role.INSPECTION,
    "GoodsCorrection": Role.INSPECTION,
    "ComplementRequest": Role.INSPECTION,
    "ComplementReply": Role.DECLARANT,
    "PhysicalInspectionOrder": Role.INSPECTION,
    "PhysicalInspectionResult": Role.INSPECTION,
    "InspectionDecision": Role.INSPECTION,
    "CertificateIssue": Role.INSPECTION,
    "CertificateRevocation": Role.INSPECTION,
}


def taken() -> Inspection:
    """The request in the agent's hands, with the packing list that the samples speak of."""
    inspection = crafts.taken()
    invoice, packing, registration = inspection.documents
    packing = replace(packing, filename="colisage-0311.pdf")
    return replace(inspection, documents=(invoice, packing, registration))


def asked(state: str = "sent") -> Inspection:
    """The same request with a complement in this state."""
    complement = Complement(
        number=1, agent=AGENT, message="La liste de colisage", sent_at=DAY, due=LATER, state=state
    )
    to = "awaiting_complement" if state == "sent" else "in_progress"
    return replace(taken(), state=to, complements=(complement,))


def visited() -> Inspection:
    """The same request with a physical inspection to come."""
    visit = Visit(agent=AGENT, message="Déroulez", day=date(2026, 11, 14), ordered_at=DAY)
    return replace(taken(), state="awaiting_inspection", visits=(visit,))


def issued() -> Inspection:
    """The same request with its certificate."""
    certificate = Certificate(number="BM-2026-1088-1", agent=AGENT, issued_at=DAY)
    return replace(accepted(), state="closed", closed_at=DAY, certificates=(certificate,))


def revoked(replacement: bool = False) -> Inspection:
    """The same request when its certificate was taken back."""
    inspection = issued()
    (one,) = inspection.certificates
    one = replace(one, revoked_at=DAY, revoked_by=AGENT, reason="X", to_be_replaced=replacement)
    return replace(inspection, certificates=(one,))


#: What each message type meets, and the samples that meet something else.
INSPECTIONS: dict[str, Callable[[], Inspection | None]] = {
    "TakingCharge": assigned,
    "GoodsCorrection": taken,
    "GoodsCorrection/invalid-PSV-878-after-the-answer": accepted,
    "ComplementRequest": taken,
    "ComplementRequest/valid-change": asked,
    "ComplementRequest/valid-validate": lambda: asked("answered"),
    "ComplementRequest/invalid-PSV-878-after-the-answer": lambda: replace(
        accepted(), documents=taken().documents
    ),
    "ComplementRequest/invalid-PSV-880-sent-while-another-waits": asked,
    "ComplementRequest/invalid-PSV-880-validated-before-the-answer": asked,
    "ComplementRequest/invalid-PSV-881-changed-after-the-answer": lambda: asked("answered"),
    "ComplementRequest/invalid-PSV-882-validated-before": lambda: asked("validated"),
    "ComplementReply": asked,
    "PhysicalInspectionOrder": taken,
    "PhysicalInspectionOrder/valid-new-date": visited,
    "PhysicalInspectionOrder/invalid-PSV-601-new-date-without-reason": visited,
    "PhysicalInspectionOrder/invalid-PSV-878-after-the-answer": accepted,
    "PhysicalInspectionResult": visited,
    "InspectionDecision": taken,
    "InspectionDecision/invalid-PSV-879-decided-before": accepted,
    "InspectionDecision/invalid-PSV-884-answer-not-validated": lambda: asked("answered"),
    "CertificateIssue": accepted,
    "CertificateIssue/invalid-PSV-888-not-accepted": taken,
    "CertificateIssue/invalid-PSV-888-preview-of-what-was-refused": closed,
    "CertificateIssue/invalid-PSV-889-certificate-in-force": issued,
    "CertificateIssue/invalid-PSV-891-not-to-be-replaced": revoked,
    "CertificateRevocation": issued,
    "CertificateRevocation/invalid-PSV-892-none-in-force": revoked,
}

#: Numbers that have served before.
NUMBERS: dict[str, Mapping[tuple[str, str], str]] = {
    "CertificateIssue/invalid-PSV-890-number-used": {
        (CERTIFICATE, "BM-2026-1088-1"): "BM-2026-1071"
    }
}


@cache
def parts() -> dict[str, bytes]:
    """The file that stands beside the sample that names it by digest."""
    path = FOLDER / "ComplementReply" / "valid-packing-list.xml"
    root = payload(parse(path.read_bytes()))
    reply = bind.read(root, catalogue()["ComplementReply"].binding)
    content = reply.document[0].attachment.content
    return {hashlib.sha256(content).hexdigest(): content}


def situation(path: Path) -> Situation:
    """What a sample meets, on the day it was written."""
    kind = path.parent.name
    return Situation(
        inspection=INSPECTIONS.get(name(path), INSPECTIONS[kind])(),
        role=SENDERS[kind],
        numbers=NUMBERS.get(name(path), {}),
        parts=parts(),
        now=read_header(parse(path.read_bytes())).created,
    )
