"""The agent takes charge of a dossier that was assigned: the work on it begins.

A dossier that was taken has no move from here: of two who come at once the second is refused.
"""

from __future__ import annotations

from dataclasses import replace

from handlers.awaiting import answered
from handlers.inspection.inspection import Inspection
from handlers.inspection.notices import tell
from handlers.inspection.processing import by_assignee, owed
from handlers.registry import Context, handles
from schemas.bindings.taking_charge_1 import TakingCharge
from schemas.errors import Refused
from schemas.workflow import Decision, Dossier, Move, Role

EVENT = "TakingCharge"

MOVES = (Move("inspection", "awaiting_processing", EVENT, "taken", "in_progress"),)


@handles("TakingCharge", procedure="inspection", roles={Role.INSPECTION})
def taking_charge(message: TakingCharge, dossier: Dossier, context: Context) -> Decision:
    """Put the dossier into its agent's hands, who owes an answer from now on."""
    inspection = Inspection.of(dossier)
    if wrong := by_assignee(message.agent, inspection, context):
        raise Refused(*wrong)
    taken, timer = owed(answered(inspection, EVENT), context)
    taken = replace(taken, state="in_progress", taken_at=context.now)
    return Decision(
        finding="taken",
        content=taken.content(),
        replies=(tell(taken, "dossier-taken"),),
        timers=(timer,),
        note={"agent": message.agent},
    )
