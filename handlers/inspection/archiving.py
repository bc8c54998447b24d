"""A closed dossier goes into the archive: when its time has come, or when a supervisor says so."""

from __future__ import annotations

from dataclasses import replace

from handlers.inspection.acting import SUPERVISOR, Acting, findings
from handlers.inspection.closing import ARCHIVE
from handlers.inspection.inspection import Inspection
from handlers.inspection.notices import tell
from handlers.registry import Context, Ring, handles, rings
from schemas.bindings.archiving_1 import Archiving
from schemas.errors import Refused
from schemas.workflow import After, Decision, Dossier, Move, Role

EVENT = "Archiving"

MOVES = (
    Move("inspection", "closed", EVENT, "archived", "archived"),
    Move("inspection", "closed", After(ARCHIVE), "archived", "archived"),
)


@handles(EVENT, procedure="inspection", roles={Role.INSPECTION})
def archiving(message: Archiving, dossier: Dossier, context: Context) -> Decision:
    """Put a closed dossier into the archive before its time."""
    inspection = Inspection.of(dossier)
    wrong = findings(SUPERVISOR, Acting.of(message.agent, inspection, context.read))
    if wrong:
        raise Refused(*wrong)
    return _archived(inspection, {"agent": message.agent})


@rings(ARCHIVE, procedure="inspection")
def archive(dossier: Dossier, ring: Ring) -> Decision:
    """Put a dossier into the archive that has been closed since the timer was set.

    One that awaits the replacement of its certificate stays: its new closing sets another timer.
    """
    inspection = Inspection.of(dossier)
    closed = inspection.closed_at
    if dossier.state != "closed" or closed is None or closed.isoformat() != ring.about:
        return Decision()
    if inspection.awaits_replacement:
        return Decision()
    return _archived(inspection, {})


def _archived(inspection: Inspection, note: dict[str, str]) -> Decision:
    archived = replace(inspection, state="archived", awaited=())
    return Decision(
        finding="archived",
        content=archived.content(),
        replies=(tell(archived, "dossier-archived"),),
        note=note,
    )
