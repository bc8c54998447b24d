"""What the ministry decides on a licence that it has granted: suspended, revoked, reinstated."""

from __future__ import annotations

from dataclasses import replace

from handlers.licence import expiry, ledger
from handlers.licence.awaiting import EXTENSION_DECISION, answered
from handlers.licence.customs_notice import inform
from handlers.licence.licence import Licence
from handlers.licence.notices import tell
from handlers.registry import Context
from schemas.bindings.licence_notice_1 import Action
from schemas.bindings.visa_decision_1 import VisaDecision
from schemas.workflow import Decision, Move

_EVENT = "VisaDecision"

MOVES = (
    Move("licence", "granted", _EVENT, "suspended", "suspended"),
    Move("licence", "partly_imputed", _EVENT, "suspended", "suspended"),
    Move("licence", "granted", _EVENT, "revoked", "revoked"),
    Move("licence", "partly_imputed", _EVENT, "revoked", "revoked"),
    Move("licence", "suspended", _EVENT, "revoked", "revoked"),
    *(Move("licence", "suspended", _EVENT, finding, to) for finding, to in ledger.MEANS.items()),
    Move("licence", "suspended", _EVENT, "expired", "expired"),
)


def suspended(message: VisaDecision, licence: Licence, context: Context) -> Decision:
    """Nobody may use the licence for now; what is reserved and asked for stays."""
    stopped = replace(licence, state="suspended", reason=message.reason or "")
    return _decided("suspended", "licence-suspended", message, stopped, context)


def revoked(message: VisaDecision, licence: Licence, context: Context) -> Decision:
    """Nobody may use the licence any more: nothing stays reserved, nothing is extended."""
    stopped = replace(
        answered(licence, EXTENSION_DECISION),
        state="revoked",
        reason=message.reason or "",
        reservations=(),
        extension=None,
    )
    return _decided("revoked", "licence-revoked", message, stopped, context)


def reinstated(message: VisaDecision, licence: Licence, context: Context) -> Decision:
    """As the ledger says; one whose validity ended while it was suspended expires now."""
    finding = ledger.standing(licence, context.settings, last_use=False)
    again = replace(licence, state=ledger.MEANS[finding], reason="")
    if finding == ledger.WHOLE or not expiry.over(licence, context.now):
        return _decided(finding, "licence-reinstated", message, again, context)
    ended = expiry.end(again, context.settings, context.now)
    return Decision(
        finding="expired",
        content=ended.licence.content(),
        replies=ended.replies,
        timers=ended.timers,
        reprint=True,
        note=_note(message),
    )


def _decided(
    finding: str, code: str, message: VisaDecision, licence: Licence, context: Context
) -> Decision:
    """The licence in its new state; customs and the declarant are told of it."""
    told, notice, deadline = inform(licence, Action.REPLACE, context.settings, context.now)
    return Decision(
        finding=finding,
        content=told.content(),
        replies=(notice, tell(told, code, reason=message.reason or "")),
        timers=(deadline,),
        reprint=True,
        note=_note(message),
    )


def _note(message: VisaDecision) -> dict[str, str]:
    return {"officer": message.officer, "reason": message.reason or ""}
