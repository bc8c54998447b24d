"""What becomes of a dossier that is closed: nobody owes anything, and it is archived in time."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from handlers.inspection.inspection import Inspection
from handlers.inspection.settings import InspectionSettings
from handlers.registry import Context
from schemas.workflow import Timer

ARCHIVE = "archive"  #: the timer of a closed dossier


def closed(inspection: Inspection, context: Context) -> tuple[Inspection, Timer]:
    """The dossier closed now, and the timer of its archiving."""
    shut = replace(inspection, state="closed", closed_at=context.now, awaited=())
    return shut, archive_timer(shut, context.now, context.settings)


def archive_timer(inspection: Inspection, now: datetime, settings: InspectionSettings) -> Timer:
    """The timer of a dossier that closes now; one that is opened and closed again has another."""
    due = now + timedelta(days=settings.archive_days)
    return Timer(name=ARCHIVE, due=due, about=now.isoformat())
