"""Messages of every kind, most fitting and some not, drawn for an inspection as it stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from random import Random
from typing import Any

from xsdata.models.datatype import XmlDate, XmlDateTime

from handlers.days import today
from handlers.inspection.inspection import Inspection
from schemas import bind
from schemas.bindings import assignment_1 as assigning
from schemas.bindings import certificate_issue_1 as issuing
from schemas.bindings import complement_request_1 as asking
from schemas.bindings import inspection_decision_1 as deciding
from schemas.bindings import physical_inspection_result_1 as finding
from schemas.bindings.archiving_1 import Archiving
from schemas.bindings.certificate_revocation_1 import CertificateRevocation
from schemas.bindings.common_1 import Attachment, CraftDocument, CraftLine
from schemas.bindings.complement_reply_1 import ComplementReply
from schemas.bindings.goods_correction_1 import GoodsCorrection
from schemas.bindings.inspection_amendment_1 import InspectionAmendment
from schemas.bindings.inspection_application_1 import Function, InspectionApplication
from schemas.bindings.inspection_withdrawal_1 import InspectionWithdrawal
from schemas.bindings.physical_inspection_order_1 import PhysicalInspectionOrder
from schemas.bindings.taking_charge_1 import TakingCharge
from schemas.catalogue import catalogue
from schemas.envelope import payload
from schemas.parse import parse
from schemas.workflow import Role
from tests.handlers.crafts import (
    AGENT,
    OTHER_AGENT,
    OTHER_SUPERVISOR,
    RETIRED,
    STRANGER,
    SUPERVISOR,
)
from tests.handlers.dossiers import pdf
from tests.handlers.life import Life
from tests.schemas.samples import FOLDER

#: A message and who sends it.
Drawn = tuple[Any, Role]
Draw = Callable[[Life, Random], Drawn]

SUPERVISORS = (SUPERVISOR, SUPERVISOR, SUPERVISOR, OTHER_SUPERVISOR)
ANYBODY = (AGENT, OTHER_AGENT, SUPERVISOR, RETIRED, STRANGER, "nobody")


def standing(life: Life) -> Inspection | None:
    """The inspection as it stands."""
    return None if life.dossier is None else Inspection.of(life.dossier)


@cache
def request() -> Any:
    """The content of the sample of a request: two lines of carpets, two of pottery."""
    path = FOLDER / "InspectionApplication" / "valid-submit-carpets-and-pottery.xml"
    binding = catalogue()["InspectionApplication"].binding
    return bind.read(payload(parse(path.read_bytes())), binding).inspection


def _day(life: Life, days: int = 0) -> date:
    return today(life.now) + timedelta(days=days)


def _agent(life: Life, dice: Random) -> str:
    """The assignee, or now and then somebody else."""
    inspection = standing(life)
    if inspection is None or not inspection.assignee or dice.random() < 0.1:
        return dice.choice(ANYBODY)
    return inspection.assignee


def application(life: Life, dice: Random) -> Drawn:
    function = dice.choice([*Function, Function.SUBMIT])
    wrong = {"exit_point": "ATLANTIS"} if dice.random() < 0.1 else {}
    asked = replace(request(), **wrong)
    return InspectionApplication(function=function, inspection=asked), Role.DECLARANT


def amendment(life: Life, dice: Random) -> Drawn:
    version = 1 if life.dossier is None else life.dossier.version
    asked = replace(request(), exit_point="RABAT")
    stale = dice.random() < 0.2
    return InspectionAmendment(base_version=version + stale, inspection=asked), Role.DECLARANT


def withdrawal(life: Life, dice: Random) -> Drawn:
    code = "NONSENSE" if dice.random() < 0.1 else "ORDER-LOST"
    return InspectionWithdrawal(reason_code=code, reason="Commande perdue"), Role.DECLARANT


def assignment(life: Life, dice: Random) -> Drawn:
    supervisor = dice.choice(SUPERVISORS) if dice.random() < 0.9 else dice.choice(ANYBODY)
    action = dice.choice([*assigning.Action])
    assignee = dice.choice((AGENT, AGENT, OTHER_AGENT, SUPERVISOR, RETIRED, STRANGER))
    return (
        assigning.Assignment(
            agent=supervisor,
            action=action,
            assignee=None if action is assigning.Action.SELF else assignee,
            reason="Congé" if dice.random() < 0.8 else None,
        ),
        Role.INSPECTION,
    )


def taking_charge(life: Life, dice: Random) -> Drawn:
    return TakingCharge(agent=_agent(life, dice)), Role.INSPECTION


def correction(life: Life, dice: Random) -> Drawn:
    lines: list[CraftLine] = list(request().goods_line)
    at = dice.randrange(len(lines))
    lines[at] = replace(lines[at], weight=Decimal(dice.randrange(1, 90)))
    if dice.random() < 0.1:
        lines[at] = replace(lines[at], category="LEATHER")
    if dice.random() < 0.2:
        lines.pop()
    agent = _agent(life, dice)
    return GoodsCorrection(agent=agent, goods_line=tuple(lines)), Role.INSPECTION


def complement(life: Life, dice: Random) -> Drawn:
    inspection = standing(life)
    states = () if inspection is None else [one.state for one in inspection.complements[-1:]]
    fitting = {"sent": asking.Action.CHANGE, "answered": asking.Action.VALIDATE}
    action = fitting.get(states[0] if states else "", asking.Action.SEND)
    if dice.random() < 0.2:
        action = dice.choice([*asking.Action])
    due = life.now + timedelta(days=dice.choice([-1, 4, 9]))
    written = action is not asking.Action.VALIDATE and dice.random() < 0.9
    return (
        asking.ComplementRequest(
            agent=_agent(life, dice),
            action=action,
            complement_number=dice.choice([None, None, None, 1, 4]),
            message="Les photos des tapis" if written else None,
            deadline=XmlDateTime.from_datetime(due) if dice.random() < 0.3 else None,
        ),
        Role.INSPECTION,
    )


def reply(life: Life, dice: Random) -> Drawn:
    content = pdf() if dice.random() < 0.9 else b"GIF89a"
    document = CraftDocument(
        type_value="OTHER",
        issue_date=XmlDate.from_date(_day(life)),
        attachment=Attachment(
            file_name="photos.pdf", media_type="application/pdf", content=content
        ),
    )
    count = dice.choice([0, 1, 1, 2])
    return ComplementReply(document=(document,) * count), Role.DECLARANT


def order(life: Life, dice: Random) -> Drawn:
    return (
        PhysicalInspectionOrder(
            agent=_agent(life, dice),
            message="Déroulez les tapis",
            inspection_date=XmlDate.from_date(_day(life, dice.choice([-1, 0, 3, 8]))),
            reason="Coopérative fermée" if dice.random() < 0.5 else None,
        ),
        Role.INSPECTION,
    )


def result(life: Life, dice: Random) -> Drawn:
    return (
        finding.PhysicalInspectionResult(
            agent=_agent(life, dice),
            inspection_date=XmlDate.from_date(_day(life, dice.choice([0, 0, -1, 1]))),
            result=dice.choice([*finding.Result]),
            minutes="Mesurés et pesés",
        ),
        Role.INSPECTION,
    )


def decision(life: Life, dice: Random) -> Drawn:
    said = deciding.Decision
    return (
        deciding.InspectionDecision(
            agent=_agent(life, dice),
            decision=dice.choice([said.ACCEPTED, said.ACCEPTED, said.REFUSED]),
            observation="Chaîne en coton" if dice.random() < 0.6 else None,
        ),
        Role.INSPECTION,
    )


def issue(life: Life, dice: Random) -> Drawn:
    number = f"CI-{dice.randrange(4)}" if dice.random() < 0.3 else None
    action = dice.choice([*issuing.Action, issuing.Action.ISSUE])
    return (
        issuing.CertificateIssue(
            agent=_agent(life, dice), action=action, certificate_number=number
        ),
        Role.INSPECTION,
    )


def revocation(life: Life, dice: Random) -> Drawn:
    return (
        CertificateRevocation(
            agent=_agent(life, dice),
            certificate_number="CI-1" if dice.random() < 0.2 else None,
            reason="Surface mal reportée",
            replacement=dice.random() < 0.7,
        ),
        Role.INSPECTION,
    )


def archiving(life: Life, dice: Random) -> Drawn:
    return Archiving(agent=dice.choice((*SUPERVISORS, *ANYBODY))), Role.INSPECTION


#: Each message type, how it is drawn, and how often where it may lead somewhere.
DRAWS: Mapping[str, tuple[Draw, int]] = {
    "InspectionApplication": (application, 9),
    "InspectionAmendment": (amendment, 2),
    "InspectionWithdrawal": (withdrawal, 1),
    "Assignment": (assignment, 4),
    "TakingCharge": (taking_charge, 6),
    "GoodsCorrection": (correction, 3),
    "ComplementRequest": (complement, 4),
    "ComplementReply": (reply, 6),
    "PhysicalInspectionOrder": (order, 3),
    "PhysicalInspectionResult": (result, 5),
    "InspectionDecision": (decision, 3),
    "CertificateIssue": (issue, 6),
    "CertificateRevocation": (revocation, 3),
    "Archiving": (archiving, 1),
}


def step(life: Life, dice: Random) -> Drawn | None:
    """A message to send, one in eight of them out of place; None when time passed instead."""
    if dice.random() < 0.08:
        life.wait(timedelta(days=dice.choice([1, 2, 4, 12, 95])))
        return None
    events = {event for state, event, _ in life.moves if state == life.state}
    fitting = [event for event in DRAWS if event in events]
    drawn = list(DRAWS) if dice.random() < 0.12 or not fitting else fitting
    draw, _ = DRAWS[dice.choices(drawn, [DRAWS[one][1] for one in drawn])[0]]
    return draw(life, dice)
