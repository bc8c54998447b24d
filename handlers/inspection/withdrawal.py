"""The exporter withdraws a request as long as nobody treats it, and says why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from handlers.days import today
from handlers.inspection.inspection import Inspection
from handlers.inspection.lists import WITHDRAWAL_REASONS
from handlers.inspection.notices import notify, tell
from handlers.lists import unknown
from handlers.registry import Context, handles
from schemas.bindings.inspection_withdrawal_1 import InspectionWithdrawal
from schemas.errors import Code, Finding, Refused
from schemas.workflow import Decision, Dossier, Move, Reply, Role

EVENT = "InspectionWithdrawal"

MOVES = tuple(
    Move("inspection", state, EVENT, "withdrawn", "archived")
    for state in ("new", "submitted", "awaiting_processing")
)


@handles(EVENT, procedure="inspection", roles={Role.DECLARANT})
def withdrawal(message: InspectionWithdrawal, dossier: Dossier, context: Context) -> Decision:
    """Put the request into the archive, and tell the service that has seen it."""
    wrong = list(reason_known(message, context))
    if wrong:
        raise Refused(*wrong)
    before = Inspection.of(dossier)
    withdrawn = replace(before, state="archived", reason=message.reason, awaited=())
    return Decision(
        finding="withdrawn",
        content=withdrawn.content(),
        replies=_told(withdrawn),
        note={"reason_code": message.reason_code, "reason": message.reason},
    )


def reason_known(message: InspectionWithdrawal, context: Context) -> Iterator[Finding]:
    """The reason's code stands in its list today."""
    day, code = today(context.now), message.reason_code
    yield from unknown(WITHDRAWAL_REASONS, code, day, Code.REASON_CODE_UNKNOWN, "ReasonCode")


def _told(withdrawn: Inspection) -> tuple[Reply, ...]:
    exporter = tell(withdrawn, "dossier-withdrawn", reason=withdrawn.reason)
    if withdrawn.submitted_at is None:
        return (exporter,)
    service = notify(Role.INSPECTION, withdrawn, "dossier-withdrawn", reason=withdrawn.reason)
    return (exporter, service)
