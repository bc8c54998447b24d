"""What the samples of the inspection's messages meet: rows that `test_samples` runs."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from handlers.inspection.inspection import Inspection
from schemas import bind
from schemas.catalogue import catalogue
from schemas.envelope import payload
from schemas.parse import parse
from schemas.workflow import Role
from tests.handlers import agent_samples
from tests.handlers.crafts import Situation, assigned, closed, new, submitted
from tests.schemas.samples import FOLDER, name

#: The samples' days are of November.
NOW = datetime(2026, 12, 5, 9, 0, tzinfo=UTC)

SENDERS = {
    "InspectionApplication": Role.DECLARANT,
    "InspectionAmendment": Role.DECLARANT,
    "InspectionWithdrawal": Role.DECLARANT,
    "Assignment": Role.INSPECTION,
    "Archiving": Role.INSPECTION,
    **agent_samples.SENDERS,
}

#: What each message type meets, and the samples that meet something else.
INSPECTIONS: dict[str, Callable[[], Inspection | None]] = {
    "InspectionApplication": lambda: None,
    "InspectionApplication/valid-submit-saved-draft": new,
    "InspectionApplication/invalid-PSV-864-place-of-another-service": new,
    "InspectionAmendment": submitted,
    "InspectionWithdrawal": submitted,
    "Assignment": submitted,
    "Assignment/valid-reassign": assigned,
    "Assignment/invalid-PSV-631-reassigned-without-reason": assigned,
    "Assignment/invalid-PSV-866-second-of-two-supervisors": assigned,
    "Assignment/invalid-PSV-866-taken-over-too-late": assigned,
    "Assignment/invalid-PSV-868-to-the-same-agent": assigned,
    "Archiving": closed,
}


@cache
def parts() -> dict[str, bytes]:
    """The files that stand beside the samples that name them by digest."""
    path = FOLDER / "InspectionAmendment" / "valid-other-exit-point.xml"
    root = payload(parse(path.read_bytes()))
    asked = bind.read(root, catalogue()["InspectionAmendment"].binding).inspection
    inside = [document.attachment.content for document in asked.document]
    contents = [content for content in inside if content is not None]
    return {hashlib.sha256(content).hexdigest(): content for content in contents}


def situation(path: Path) -> Situation:
    """What a sample meets."""
    kind = path.parent.name
    if kind in agent_samples.SENDERS:
        return agent_samples.situation(path)
    return Situation(
        inspection=INSPECTIONS.get(name(path), INSPECTIONS[kind])(),
        role=SENDERS[kind],
        parts=parts(),
        now=NOW,
    )
