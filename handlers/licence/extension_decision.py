"""The ministry's answer to a request for extension: a later end of validity, or a refusal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

from handlers.days import today
from handlers.licence import expiry, ledger
from handlers.licence.awaiting import EXTENSION_DECISION, answered
from handlers.licence.customs_notice import inform
from handlers.licence.licence import Licence, visa_of
from handlers.licence.notices import tell
from handlers.licence.settings import LicenceSettings
from handlers.registry import Context, handles
from schemas.bindings.extension_decision_1 import Decision as Verdict
from schemas.bindings.extension_decision_1 import ExtensionDecision
from schemas.bindings.licence_notice_1 import Action
from schemas.errors import Code, Finding, Refused
from schemas.workflow import Decision, Dossier, Move, Role, stays

EVENT = "ExtensionDecision"

_OPEN = ("granted", "partly_imputed", "suspended", "imputed")

#: A decision that comes after the end of validity brings an expired licence back.
MOVES = (
    *stays("licence", EVENT, "extended", *_OPEN),
    *stays("licence", EVENT, "refused", *_OPEN, "expired"),
    *(Move("licence", "expired", EVENT, finding, to) for finding, to in ledger.MEANS.items()),
)

Rule = Callable[[ExtensionDecision, Licence, Context], Iterator[Finding]]


@handles("ExtensionDecision", procedure="licence", roles={Role.MINISTRY})
def extension_decision(message: ExtensionDecision, dossier: Dossier, context: Context) -> Decision:
    """Carry out what the ministry decided on the request that waits."""
    licence = Licence.of(dossier)
    rules = RULES[message.decision]
    findings = [finding for rule in rules for finding in rule(message, licence, context)]
    if findings:
        raise Refused(*findings)
    decided = replace(answered(licence, EXTENSION_DECISION), extension=None)
    if message.decision is Verdict.GRANTED:
        return _granted(message, decided, context)
    return _rejected(message, decided)


def _granted(message: ExtensionDecision, licence: Licence, context: Context) -> Decision:
    settings: LicenceSettings = context.settings
    visa = visa_of(licence)
    until = visa.valid_until if message.valid_until is None else message.valid_until.to_date()
    extended = replace(
        licence, visa=replace(visa, valid_until=until), extensions=licence.extensions + 1
    )
    finding, state = "extended", licence.state
    if state == "expired":
        finding = ledger.standing(extended, settings, last_use=False)
        state = ledger.MEANS[finding]
    extended = replace(extended, state=state)
    extended, notice, deadline = inform(extended, Action.REPLACE, settings, context.now)
    return Decision(
        finding=finding,
        content=extended.content(),
        replies=(notice, tell(extended, "extension-granted")),
        timers=(deadline, *expiry.timers(extended, settings, context.now)),
        reprint=True,
        note={"officer": message.officer, "valid_until": until.isoformat()},
    )


def _rejected(message: ExtensionDecision, licence: Licence) -> Decision:
    reason = message.reason or ""
    return Decision(
        finding="refused",
        content=licence.content(),
        replies=(tell(licence, "extension-refused", reason=reason),),
        note={"officer": message.officer, "reason": reason},
    )


def was_asked_for(
    message: ExtensionDecision, licence: Licence, context: Context
) -> Iterator[Finding]:
    """The decision answers a request."""
    if licence.extension is None:
        yield Finding(code=Code.EXTENSION_NOT_ASKED, fields={"dossier": licence.number})


def decided_by_now(
    message: ExtensionDecision, licence: Licence, context: Context
) -> Iterator[Finding]:
    """A decision is not taken tomorrow."""
    day, now = message.decision_date.to_date(), today(context.now)
    if day > now:
        yield Finding(
            code=Code.DATE_IN_FUTURE,
            path="DecisionDate",
            value=day.isoformat(),
            fields={"found": day, "today": now},
        )


def end_given(message: ExtensionDecision, licence: Licence, context: Context) -> Iterator[Finding]:
    """Who extends a licence says until when."""
    if message.valid_until is None:
        yield Finding(code=Code.EXTENSION_END_MISSING, path="ValidUntil")


def end_is_later(
    message: ExtensionDecision, licence: Licence, context: Context
) -> Iterator[Finding]:
    """The new end lies after the present one, and has not passed."""
    if message.valid_until is None or licence.visa is None:
        return
    found = message.valid_until.to_date()
    earliest = max(licence.visa.valid_until + timedelta(days=1), today(context.now))
    if found < earliest:
        yield Finding(
            code=Code.EXTENSION_TOO_EARLY,
            path="ValidUntil",
            value=found.isoformat(),
            fields={"found": found, "earliest": earliest},
        )


def end_within_asked(
    message: ExtensionDecision, licence: Licence, context: Context
) -> Iterator[Finding]:
    """No more is granted than was asked for."""
    if message.valid_until is None or licence.extension is None:
        return
    found, asked = message.valid_until.to_date(), licence.extension.until
    if found > asked:
        yield Finding(
            code=Code.EXTENSION_EXCEEDS_ASKED,
            path="ValidUntil",
            value=found.isoformat(),
            fields={"found": found, "asked": asked},
        )


def reason_given(
    message: ExtensionDecision, licence: Licence, context: Context
) -> Iterator[Finding]:
    """Who does not get what he asked for is told why."""
    if message.reason is None:
        decision = message.decision.value
        yield Finding(code=Code.REASON_MISSING, path="Reason", fields={"decision": decision})


_ALWAYS: tuple[Rule, ...] = (was_asked_for, decided_by_now)

RULES: dict[Verdict, tuple[Rule, ...]] = {
    Verdict.GRANTED: (*_ALWAYS, end_given, end_is_later, end_within_asked),
    Verdict.REJECTED: (*_ALWAYS, reason_given),
}
