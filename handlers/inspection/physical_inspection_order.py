"""The agent demands a physical inspection of the goods, or sets another day for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from handlers.awaiting import ask_by
from handlers.days import end_of, today
from handlers.inspection.inspection import Inspection, Visit
from handlers.inspection.notices import tell
from handlers.inspection.processing import by_assignee, form_open, paused, text_given
from handlers.registry import Context, handles
from schemas.bindings.physical_inspection_order_1 import PhysicalInspectionOrder
from schemas.errors import Code, Finding, Refused
from schemas.workflow import Decision, Dossier, Move, Role, stays

EVENT = "PhysicalInspectionOrder"
RESULT = "PhysicalInspectionResult"

MOVES = (
    Move("inspection", "in_progress", EVENT, "ordered", "awaiting_inspection"),
    *stays("inspection", EVENT, "moved", "awaiting_inspection"),
)


@handles("PhysicalInspectionOrder", procedure="inspection", roles={Role.INSPECTION})
def physical_inspection_order(
    message: PhysicalInspectionOrder, dossier: Dossier, context: Context
) -> Decision:
    """Set the day of the inspection; the exporter is told; when it is over the result is due."""
    inspection = Inspection.of(dossier)
    pending = inspection.pending_visit
    wrong = by_assignee(message.agent, inspection, context)
    wrong += form_open(inspection)
    wrong += day_ahead(message, context)
    if pending is not None:
        wrong += text_given("Reason", message.reason)
    if wrong:
        raise Refused(*wrong)
    visit = Visit(
        agent=message.agent,
        message=message.message,
        day=message.inspection_date.to_date(),
        ordered_at=context.now,
        reason="" if pending is None else message.reason or "",
    )
    held = inspection.visits if pending is None else inspection.visits[:-1]
    waiting = replace(paused(inspection), state="awaiting_inspection", visits=(*held, visit))
    return _set(waiting, moved=pending is not None, context=context)


def _set(inspection: Inspection, *, moved: bool, context: Context) -> Decision:
    visit = inspection.visits[-1]
    waiting, _, timer = ask_by(
        inspection,
        RESULT,
        len(inspection.visits),
        role=Role.INSPECTION,
        now=context.now,
        by=end_of(visit.day),
    )
    code = "physical-inspection-moved" if moved else "physical-inspection-ordered"
    note = {"agent": visit.agent, "day": visit.day.isoformat()}
    return Decision(
        finding="moved" if moved else "ordered",
        content=waiting.content(),
        replies=(tell(waiting, code, day=visit.day, message=visit.message, reason=visit.reason),),
        timers=(timer,),
        note=note | ({"reason": visit.reason} if moved else {}),
    )


def day_ahead(message: PhysicalInspectionOrder, context: Context) -> Iterator[Finding]:
    """The goods are inspected today at the earliest."""
    day, now = message.inspection_date.to_date(), today(context.now)
    if day < now:
        yield Finding(
            code=Code.INSPECTION_DAY_PAST,
            path="InspectionDate",
            value=day.isoformat(),
            fields={"found": day, "today": now},
        )
