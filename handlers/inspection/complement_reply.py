"""The exporter files the documents that were asked for; the dossier is the agent's again."""

from __future__ import annotations

from dataclasses import replace

from handlers.awaiting import answered
from handlers.days import today
from handlers.inspection.filing import Filing, file_documents, filing_findings
from handlers.inspection.inspection import Inspection
from handlers.inspection.notices import notify
from handlers.inspection.processing import owed, text_given
from handlers.registry import Context, handles
from schemas.bindings.complement_reply_1 import ComplementReply
from schemas.errors import Refused
from schemas.workflow import Decision, Dossier, Move, Role

EVENT = "ComplementReply"

MOVES = (Move("inspection", "awaiting_complement", EVENT, "answered", "in_progress"),)


@handles("ComplementReply", procedure="inspection", roles={Role.DECLARANT})
def complement_reply(message: ComplementReply, dossier: Dossier, context: Context) -> Decision:
    """Add the documents to those filed before, and tell the service that they are there."""
    inspection = Inspection.of(dossier)
    filing = Filing(documents=message.document, parts=context.parts, day=today(context.now))
    wrong = filing_findings(filing, context.settings.attachment_limit)
    if not message.document:
        wrong += text_given("Document", None)
    if wrong:
        raise Refused(*wrong)
    complement = replace(
        inspection.complements[-1],
        state="answered",
        answer=message.message or "",
        answered_at=context.now,
    )
    filed = file_documents(filing, context.now, complement.number)
    known = replace(inspection, state="in_progress", documents=(*inspection.documents, *filed))
    known, timer = owed(answered(known.with_complement(complement), EVENT), context)
    return Decision(
        finding="answered",
        content=known.content(),
        replies=(notify(Role.INSPECTION, known, "complement-answered"),),
        timers=(timer,),
        note={"complement": str(complement.number), "documents": str(len(filed))},
    )
