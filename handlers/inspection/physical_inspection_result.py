"""What the physical inspection found; what follows from it the agent decides."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from handlers.attachments import attached_file, quiet_pdfs
from handlers.awaiting import answered
from handlers.days import today
from handlers.inspection.inspection import Inspection
from handlers.inspection.notices import tell
from handlers.inspection.processing import by_assignee, owed
from handlers.registry import Context, handles
from schemas.bindings.physical_inspection_result_1 import PhysicalInspectionResult
from schemas.errors import Code, Finding, Refused
from schemas.workflow import Decision, Dossier, Move, Role

EVENT = "PhysicalInspectionResult"

MOVES = tuple(
    Move("inspection", "awaiting_inspection", EVENT, result, "in_progress")
    for result in ("conforming", "not-conforming")
)


@handles("PhysicalInspectionResult", procedure="inspection", roles={Role.INSPECTION})
def physical_inspection_result(
    message: PhysicalInspectionResult, dossier: Dossier, context: Context
) -> Decision:
    """Keep the minutes, and give the dossier back to its agent."""
    inspection = Inspection.of(dossier)
    wrong = by_assignee(message.agent, inspection, context)
    wrong += day_has_come(message.inspection_date.to_date(), today(context.now))
    wrong += minutes_quiet(message, context)
    if wrong:
        raise Refused(*wrong)
    held = replace(
        inspection.visits[-1],
        agent=message.agent,
        result=message.result.value,
        held_on=message.inspection_date.to_date(),
        minutes=message.minutes,
        minutes_digest=_digest(message, context),
    )
    known = replace(inspection, state="in_progress", visits=(*inspection.visits[:-1], held))
    known, timer = owed(answered(known, EVENT), context)
    return Decision(
        finding=held.result,
        content=known.content(),
        replies=(tell(known, "physical-inspection-held", day=held.held_on, result=held.result),),
        timers=(timer,),
        note={"agent": message.agent, "day": str(held.held_on), "minutes": message.minutes},
    )


def _digest(message: PhysicalInspectionResult, context: Context) -> str:
    if message.attachment is None:
        return ""
    return attached_file("Attachment", message.attachment, context.parts).digest


def day_has_come(day: date, now: date) -> Iterator[Finding]:
    """Nothing is found on a day to come."""
    if day > now:
        yield Finding(
            code=Code.DATE_IN_FUTURE,
            path="InspectionDate",
            value=day.isoformat(),
            fields={"found": day, "today": now},
        )


def minutes_quiet(message: PhysicalInspectionResult, context: Context) -> Iterator[Finding]:
    """Minutes that are attached may be kept."""
    if message.attachment is not None:
        file = attached_file("Attachment", message.attachment, context.parts)
        yield from quiet_pdfs((file,), context.settings.attachment_limit)
