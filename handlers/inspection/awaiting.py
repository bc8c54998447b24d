"""The acts and answers an inspection waits for, and who is told when one does not come.

`handlers.awaiting` has what asks for them and strikes them out.
"""

from __future__ import annotations

from handlers.awaiting import NO_ANSWER, overdue, owed
from handlers.inspection.inspection import Inspection
from handlers.inspection.notices import notify, tell
from handlers.registry import Ring, rings
from schemas.workflow import After, Decision, Dossier, Role, stays

ASSIGNMENT = "Assignment"  #: what answers a submission

#: What the service, or the exporter, owes an act in: none before submission, none once closed.
PENDING = (
    "submitted",
    "awaiting_processing",
    "in_progress",
    "awaiting_complement",
    "awaiting_inspection",
)

MOVES = stays("inspection", After(NO_ANSWER), "unanswered", *PENDING)


@rings(NO_ANSWER, procedure="inspection")
def no_answer(dossier: Dossier, ring: Ring) -> Decision:
    """Say to the exporter and to the service that an act or answer is overdue; once."""
    inspection = Inspection.of(dossier)
    missed = overdue(inspection, ring)
    if missed is None or dossier.state not in PENDING:
        return Decision()
    told, late = missed
    facts = {"partner": late.role, "type": late.answer, "since": late.since}
    return Decision(
        finding="unanswered",
        content=told.content(),
        replies=(
            tell(inspection, NO_ANSWER, **facts),
            notify(Role.INSPECTION, inspection, NO_ANSWER, **facts),
        ),
        note=owed(late),
    )
