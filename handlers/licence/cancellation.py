"""The declarant gives a licence up: at once while nobody can use it, else when customs agrees.

A granted licence is recalled from customs first, for a declaration may be on its way; what customs
answers is the last word (see `acknowledgement`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from handlers.days import today
from handlers.licence.awaiting import VISA_DECISION, answered
from handlers.licence.customs_notice import Told, inform
from handlers.licence.licence import Licence
from handlers.licence.lists import CANCELLATION_REASONS, unknown
from handlers.licence.notices import notify
from handlers.licence.reserved import unreserved
from handlers.registry import Context, handles
from schemas.bindings.licence_cancellation_1 import LicenceCancellation
from schemas.bindings.licence_notice_1 import Action
from schemas.errors import Code, Finding, Refused
from schemas.workflow import Decision, Dossier, Move, Role

EVENT = "LicenceCancellation"

#: A licence with imputations is in another state, and has no move from it.
MOVES = (
    Move("licence", "saved", EVENT, "given-up", "cancelled"),
    Move("licence", "submitted", EVENT, "withdrawn", "cancelled"),
    Move("licence", "granted", EVENT, "recalled", "cancelling"),
)

_FINDINGS = {move.state: (move.finding, move.to) for move in MOVES}

Rule = Callable[[LicenceCancellation, Licence, Context], Iterator[Finding]]


@handles("LicenceCancellation", procedure="licence", roles={Role.DECLARANT})
def cancellation(message: LicenceCancellation, dossier: Dossier, context: Context) -> Decision:
    """Cancel a licence without imputations or reservations, and tell whoever had it."""
    before = Licence.of(dossier)
    wrong = [finding for rule in RULES for finding in rule(message, before, context)]
    if wrong:
        raise Refused(*wrong)
    finding, state = _FINDINGS[dossier.state]
    told = _tell_ministry(replace(before, state=state, reason=message.reason), dossier.state)
    told = _tell_customs(told, context)
    return Decision(
        finding=finding,
        content=told.licence.content(),
        replies=told.replies,
        timers=told.timers,
        reprint=before.visa is not None,
        note={"reason_code": message.reason_code, "reason": message.reason},
    )


def _tell_ministry(licence: Licence, state: str) -> Told:
    """The ministry need not decide any more, where it was asked to."""
    if state != "submitted":
        return Told(licence=licence)
    notice = notify(
        Role.MINISTRY,
        licence,
        "licence-cancelled",
        fr=f"Le déclarant annule la demande {licence.number}. Motif : {licence.reason}",
        en=f"The declarant cancels the application {licence.number}. Reason: {licence.reason}",
    )
    return Told(licence=answered(licence, VISA_DECISION), replies=(notice,))


def _tell_customs(told: Told, context: Context) -> Told:
    """Customs is asked to give back what it knows, be it an older version."""
    if not told.licence.known_to_customs:
        return told
    licence, notice, timer = inform(told.licence, Action.CANCEL, context.settings, context.now)
    return Told(licence=licence, replies=(*told.replies, notice), timers=(timer,))


def reason_known(
    message: LicenceCancellation, licence: Licence, context: Context
) -> Iterator[Finding]:
    """The reason's code stands in its list today."""
    day, code = today(context.now), message.reason_code
    yield from unknown(CANCELLATION_REASONS, code, day, Code.REASON_CODE_UNKNOWN, "ReasonCode")


def nothing_reserved(
    message: LicenceCancellation, licence: Licence, context: Context
) -> Iterator[Finding]:
    """No declaration counts on what is given up."""
    yield from unreserved(licence, context.now)


RULES: tuple[Rule, ...] = (reason_known, nothing_reserved)
