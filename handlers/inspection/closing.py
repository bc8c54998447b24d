"""What becomes of a dossier that is closed: nobody owes anything, and it is archived in time."""

from __future__ import annotations

from dataclasses import replace

from handlers.inspection.archiving import archive_timer
from handlers.inspection.inspection import Inspection
from handlers.registry import Context
from schemas.workflow import Timer


def closed(inspection: Inspection, context: Context) -> tuple[Inspection, Timer]:
    """The dossier closed now, and the timer of its archiving."""
    shut = replace(inspection, state="closed", closed_at=context.now, awaited=())
    return shut, archive_timer(shut, context.now, context.settings)
