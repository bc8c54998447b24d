"""The exporter changes a request as long as nobody treats it: a new version, in the same state."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from handlers.inspection.inspection import Inspection
from handlers.inspection.notices import notify
from handlers.inspection.read import with_content
from handlers.inspection.rules import DRAFT, SUBMISSION, Asked, findings
from handlers.registry import Context, handles
from schemas.bindings.inspection_amendment_1 import InspectionAmendment
from schemas.errors import Code, Finding, Refused
from schemas.workflow import Decision, Dossier, Reply, Role, stays

EVENT = "InspectionAmendment"

MOVES = stays("inspection", EVENT, "amended", "new", "submitted", "awaiting_processing")


@handles(EVENT, procedure="inspection", roles={Role.DECLARANT})
def amendment(message: InspectionAmendment, dossier: Dossier, context: Context) -> Decision:
    """Put new content in place of the request's, and tell the service that has it."""
    before = Inspection.of(dossier)
    asked = Asked.of(message.inspection, before, context)
    wrong = [
        *version_current(message, before),
        *findings(DRAFT if dossier.state == "new" else SUBMISSION, asked),
    ]
    if wrong:
        raise Refused(*wrong)
    amended = with_content(before, message.inspection, asked.filing, context.now)
    amended = replace(amended, version=before.version + 1)
    return Decision(
        finding="amended",
        content=amended.content(),
        version=amended.version,
        replies=_told(amended, message.reason),
        note={} if message.reason is None else {"reason": message.reason},
    )


def version_current(message: InspectionAmendment, before: Inspection) -> Iterator[Finding]:
    """The change is made to the request as it is, not as it was."""
    if message.base_version != before.version:
        yield Finding(
            code=Code.VERSION_STALE,
            path="BaseVersion",
            value=str(message.base_version),
            fields={"found": message.base_version, "current": before.version},
        )


def _told(amended: Inspection, reason: str | None) -> tuple[Reply, ...]:
    """Who has the dossier to treat reads it anew; before its assignment nobody has read it."""
    if not amended.assignee:
        return ()
    facts = {"version": amended.version, "reason": reason}
    return (notify(Role.INSPECTION, amended, "dossier-amended", **facts),)
