"""The exporter's request: kept as a draft, checked without effect, or submitted to its service."""

from __future__ import annotations

from dataclasses import replace

from handlers.awaiting import ask
from handlers.days import today
from handlers.inspection.awaiting import ASSIGNMENT
from handlers.inspection.inspection import Inspection
from handlers.inspection.notices import notify, tell
from handlers.inspection.read import read_exporter, with_content
from handlers.inspection.rules import DRAFT, SUBMISSION, Asked, findings
from handlers.inspection.settings import InspectionSettings
from handlers.registry import Context, handles
from schemas.bindings.inspection_application_1 import Function, InspectionApplication
from schemas.errors import Refused
from schemas.workflow import Decision, Dossier, Move, Role, Serial

EVENT = "InspectionApplication"

MOVES = (
    Move("inspection", None, EVENT, "draft", "new"),
    Move("inspection", None, EVENT, "complete", "submitted"),
    Move("inspection", "new", EVENT, "draft", "new"),
    Move("inspection", "new", EVENT, "complete", "submitted"),
)


@handles(EVENT, procedure="inspection", roles={Role.DECLARANT}, opens=True)
def application(
    message: InspectionApplication, dossier: Dossier | None, context: Context
) -> Decision:
    """Open a dossier under its service's next reference, or replace one not submitted yet."""
    before = None if dossier is None else Inspection.of(dossier)
    asked = Asked.of(message.inspection, before, context)
    draft = message.function is Function.SAVE
    wrong = findings(DRAFT if draft else SUBMISSION, asked)
    if wrong:
        raise Refused(*wrong)
    if message.function is Function.CHECK:
        return Decision(finding="complete", dry=True)
    serial = _serial(asked, context) if before is None else None
    blank = _opened(asked, serial, context) if before is None else before
    inspection = with_content(blank, message.inspection, asked.filing, context.now)
    if draft:
        return Decision(finding="draft", content=inspection.content(), serial=serial)
    return _submitted(inspection, serial, context)


def _serial(asked: Asked, context: Context) -> Serial:
    """The next reference of the exporter's service in the year that it is in Morocco."""
    if asked.service is None:
        raise ValueError("the place of registration has no service")
    return context.read.next_serial(asked.service.code, today(context.now).year)


def _opened(asked: Asked, serial: Serial | None, context: Context) -> Inspection:
    """A dossier of which only the exporter is known yet."""
    if serial is None or asked.content.exporter is None:
        raise ValueError("a dossier is opened with a reference, for an exporter")
    return Inspection(
        number=serial.reference,
        version=1,
        state="new",
        owner=context.sender,
        opened_at=context.now,
        service=serial.series,
        exporter=read_exporter(asked.content.exporter),
    )


def _submitted(inspection: Inspection, serial: Serial | None, context: Context) -> Decision:
    """The dossier as its service sees it from now on, with a day to assign it by."""
    settings: InspectionSettings = context.settings
    submitted = replace(inspection, state="submitted", submitted_at=context.now)
    submitted, awaited, timer = ask(
        submitted,
        ASSIGNMENT,
        submitted.version,
        role=Role.INSPECTION,
        now=context.now,
        days=settings.assignment_days,
    )
    for_service = notify(Role.INSPECTION, submitted, "dossier-submitted")
    return Decision(
        finding="complete",
        content=submitted.content(),
        serial=serial,
        replies=(
            tell(submitted, "dossier-submitted"),
            replace(for_service, expects_answer_by=awaited.by),
        ),
        timers=(timer,),
    )
