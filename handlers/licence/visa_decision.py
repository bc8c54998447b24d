"""The ministry's answer to a visa request: granted, rejected, or returned for correction.

What it decides later on a granted licence comes in the same message (see `standing_decision`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date

from handlers.days import months_after, today
from handlers.licence import expiry
from handlers.licence.awaiting import answered
from handlers.licence.customs_notice import inform, news
from handlers.licence.licence import Licence, Visa
from handlers.licence.notices import tell
from handlers.licence.settings import LicenceSettings
from handlers.licence.standing_decision import reinstated, revoked, suspended
from handlers.registry import Context, handles
from schemas.bindings.licence_notice_1 import Action
from schemas.bindings.visa_decision_1 import Decision as Verdict
from schemas.bindings.visa_decision_1 import VisaDecision
from schemas.errors import Code, Finding, Refused
from schemas.workflow import Decision, Dossier, Move, Role

EVENT = "VisaDecision"

MOVES = (
    Move("licence", "submitted", EVENT, "granted", "granted"),
    Move("licence", "submitted", EVENT, "rejected", "rejected"),
    Move("licence", "submitted", EVENT, "returned", "saved"),
)

Rule = Callable[[VisaDecision, Licence, Context], Iterator[Finding]]


@handles("VisaDecision", procedure="licence", roles={Role.MINISTRY})
def visa_decision(message: VisaDecision, dossier: Dossier, context: Context) -> Decision:
    """Carry out the ministry's decision; refused when it is on an older version."""
    licence = Licence.of(dossier)
    findings = [
        finding for rule in RULES[message.decision] for finding in rule(message, licence, context)
    ]
    if findings:
        raise Refused(*findings)
    return DECISIONS[message.decision](message, answered(licence, EVENT), context)


def _granted(message: VisaDecision, licence: Licence, context: Context) -> Decision:
    settings: LicenceSettings = context.settings
    visa = _visa(message, settings)
    quantities = {line.line: line.quantity.value for line in message.granted_line}
    granted = replace(licence.granted(quantities, visa), state="granted")
    granted, notice, deadline = inform(granted, news(granted), settings, context.now)
    return Decision(
        finding="granted",
        content=granted.content(),
        replies=(notice, tell(granted, "licence-granted")),
        timers=(deadline, *expiry.timers(granted, settings, context.now)),
        reprint=True,
        note={
            "visa": visa.number,
            "officer": visa.officer,
            "valid_from": visa.valid_from.isoformat(),
            "valid_until": visa.valid_until.isoformat(),
        },
    )


def _visa(message: VisaDecision, settings: LicenceSettings) -> Visa:
    start, until = _validity(message, settings)
    return Visa(
        number=message.visa_number or "",
        officer=message.officer,
        granted_on=message.decision_date.to_date(),
        valid_from=start,
        valid_until=until,
        conditions=message.condition,
        control="" if message.control is None else message.control.value,
    )


def _validity(message: VisaDecision, settings: LicenceSettings) -> tuple[date, date]:
    """First and last day of use: as the visa says, else from the decision and for some months."""
    start = (message.valid_from or message.decision_date).to_date()
    if message.valid_until is not None:
        return start, message.valid_until.to_date()
    return start, months_after(start, settings.validity_months)


def _rejected(message: VisaDecision, licence: Licence, context: Context) -> Decision:
    """Final; a licence that customs knows from an earlier visa is recalled."""
    reason = message.reason or ""
    rejected = replace(licence, state="rejected", reason=reason)
    decision = Decision(
        finding="rejected",
        content=rejected.content(),
        replies=(tell(rejected, "licence-rejected", reason=reason),),
        note={"officer": message.officer, "reason": reason},
    )
    if not licence.known_to_customs:
        return decision
    rejected, notice, deadline = inform(rejected, Action.CANCEL, context.settings, context.now)
    return replace(
        decision,
        content=rejected.content(),
        replies=(notice, *decision.replies),
        timers=(deadline,),
    )


def _returned(message: VisaDecision, licence: Licence, context: Context) -> Decision:
    """Back to the declarant as a new version, so that no late decision can answer for it."""
    reason = message.reason or ""
    returned = replace(licence, reason=reason)
    return Decision(
        finding="returned",
        version=licence.version + 1,
        content=returned.content(),
        replies=(tell(returned, "licence-returned", reason=reason),),
        note={"officer": message.officer, "reason": reason},
    )


def version_current(message: VisaDecision, licence: Licence, context: Context) -> Iterator[Finding]:
    """The ministry decided on the version that waits, not on an older one."""
    if message.version != licence.version:
        yield Finding(
            code=Code.VERSION_STALE,
            path="Version",
            value=str(message.version),
            fields={"found": message.version, "current": licence.version},
        )


def decided_by_now(message: VisaDecision, licence: Licence, context: Context) -> Iterator[Finding]:
    """A decision is not taken tomorrow."""
    day, now = message.decision_date.to_date(), today(context.now)
    if day > now:
        yield Finding(
            code=Code.DATE_IN_FUTURE,
            path="DecisionDate",
            value=day.isoformat(),
            fields={"found": day, "today": now},
        )


def reason_given(message: VisaDecision, licence: Licence, context: Context) -> Iterator[Finding]:
    """Who does not get what he asked for is told why."""
    if message.reason is None:
        decision = message.decision.value
        yield Finding(code=Code.REASON_MISSING, path="Reason", fields={"decision": decision})


def visa_numbered(message: VisaDecision, licence: Licence, context: Context) -> Iterator[Finding]:
    """A granted licence bears the visa's number."""
    if message.visa_number is None:
        yield Finding(code=Code.VISA_NUMBER_MISSING, path="VisaNumber")


def validity_in_order(
    message: VisaDecision, licence: Licence, context: Context
) -> Iterator[Finding]:
    """The validity ends after it has begun."""
    start, until = _validity(message, context.settings)
    if until < start:
        yield Finding(
            code=Code.VALIDITY_INVERTED,
            path="ValidUntil",
            value=until.isoformat(),
            fields={"start": start, "until": until},
        )


def lines_granted_once(
    message: VisaDecision, licence: Licence, context: Context
) -> Iterator[Finding]:
    """Each granted line is one of the licence's, and named once."""
    named: Counter[int] = Counter()
    for position, granted in enumerate(message.granted_line, 1):
        named[granted.line] += 1
        code = None
        if licence.line(granted.line) is None:
            code = Code.GRANTED_LINE_UNKNOWN
        elif named[granted.line] > 1:
            code = Code.GRANTED_LINE_REPEATED
        if code is not None:
            path = f"GrantedLine[{position}]/Line"
            found = granted.line
            yield Finding(code=code, path=path, value=str(found), fields={"found": found})


def granted_within_asked(
    message: VisaDecision, licence: Licence, context: Context
) -> Iterator[Finding]:
    """No line is granted more than was asked, and each in its own unit."""
    for position, granted in enumerate(message.granted_line, 1):
        line, quantity = licence.line(granted.line), granted.quantity
        if line is None:
            continue
        path = f"GrantedLine[{position}]/Quantity"
        if quantity.unit != line.unit:
            yield Finding(
                code=Code.GRANTED_UNIT_DIFFERS,
                path=f"{path}/@unit",
                value=quantity.unit,
                fields={"line": line.number, "unit": line.unit, "found": quantity.unit},
            )
        elif quantity.value > line.quantity:
            yield Finding(
                code=Code.GRANTED_EXCEEDS_ASKED,
                path=path,
                value=str(quantity.value),
                fields={
                    "line": line.number,
                    "unit": line.unit,
                    "found": quantity.value,
                    "asked": line.quantity,
                },
            )


def something_granted(
    message: VisaDecision, licence: Licence, context: Context
) -> Iterator[Finding]:
    """A licence for nothing is a rejection."""
    nothing = {granted.line for granted in message.granted_line if not granted.quantity.value}
    if nothing >= {line.number for line in licence.lines}:
        yield Finding(code=Code.NOTHING_GRANTED, path="GrantedLine[1]/Quantity")


_ALWAYS: tuple[Rule, ...] = (version_current, decided_by_now)
_REASONED: tuple[Rule, ...] = (*_ALWAYS, reason_given)

RULES: dict[Verdict, tuple[Rule, ...]] = {
    Verdict.GRANTED: (
        *_ALWAYS,
        visa_numbered,
        validity_in_order,
        lines_granted_once,
        granted_within_asked,
        something_granted,
    ),
    Verdict.REJECTED: _REASONED,
    Verdict.RETURNED: _REASONED,
    Verdict.SUSPENDED: _REASONED,
    Verdict.REVOKED: _REASONED,
    Verdict.REINSTATED: _REASONED,
}

DECISIONS: dict[Verdict, Callable[[VisaDecision, Licence, Context], Decision]] = {
    Verdict.GRANTED: _granted,
    Verdict.REJECTED: _rejected,
    Verdict.RETURNED: _returned,
    Verdict.SUSPENDED: suspended,
    Verdict.REVOKED: revoked,
    Verdict.REINSTATED: reinstated,
}
