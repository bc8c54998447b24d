"""The agent's work on a dossier: who may do it, by when it is due, and when it is over."""

from __future__ import annotations

from collections.abc import Iterator

from handlers.awaiting import answered, ask
from handlers.days import today
from handlers.inspection.acting import ASSIGNEE, Acting, findings
from handlers.inspection.inspection import Inspection
from handlers.registry import Context
from schemas.errors import Code, Finding
from schemas.workflow import Role, Timer

ANSWER = "InspectionDecision"
CERTIFICATE = "CertificateIssue"


def by_assignee(agent: str, inspection: Inspection, context: Context) -> list[Finding]:
    """What keeps this person from treating the dossier."""
    return findings(ASSIGNEE, Acting.of(agent, inspection, context.read))


def owed(inspection: Inspection, context: Context) -> tuple[Inspection, Timer]:
    """The dossier in the agent's hands: the answer is due, or the certificate once accepted."""
    what = CERTIFICATE if inspection.answer is not None else ANSWER
    waiting, _, timer = ask(
        paused(inspection),
        what,
        inspection.version,
        role=Role.INSPECTION,
        now=context.now,
        days=context.settings.processing_days,
    )
    return waiting, timer


def paused(inspection: Inspection) -> Inspection:
    """The dossier while others have it: the agent owes neither answer nor certificate."""
    return answered(answered(inspection, ANSWER), CERTIFICATE)


def form_open(inspection: Inspection) -> Iterator[Finding]:
    """No answer was given yet; once it was, only a certificate to be replaced is corrected."""
    answer = inspection.answer
    if answer is not None and not inspection.awaits_replacement:
        day = today(answer.given_at)
        yield Finding(code=Code.FORM_FROZEN, fields={"day": day})


def text_given(element: str, text: str | None) -> Iterator[Finding]:
    """An element that this action needs is there."""
    if text is None:
        fields: dict[str, object] = {"element": element}
        yield Finding(code=Code.ELEMENT_MISSING, path=element, fields=fields)
