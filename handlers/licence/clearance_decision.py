"""The authority clears one declaration of a licence, or does not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from handlers.days import today
from handlers.licence.accounts import Account, account
from handlers.licence.alerts import ENDING, OWING, alert_timers, closing
from handlers.licence.awaiting import answered
from handlers.licence.licence import Licence
from handlers.licence.life import Clearance
from handlers.licence.notices import tell
from handlers.licence.settings import LicenceSettings
from handlers.registry import Context, handles
from schemas.bindings.clearance_decision_1 import ClearanceDecision
from schemas.bindings.clearance_decision_1 import Decision as Verdict
from schemas.errors import Code, Finding, Refused
from schemas.workflow import Decision, Dossier, Move, Role, stays

EVENT = "ClearanceDecision"

#: While more may be imputed the licence stays as it is, whatever was cleared so far.
MOVES = (
    *stays("licence", EVENT, "decided", *OWING),
    *(Move("licence", state, EVENT, "cleared", "cleared") for state in sorted(ENDING)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A decision with all that its rules look at; no `account` when no entry names it."""

    message: ClearanceDecision
    licence: Licence
    account: Account | None
    day: date  #: today in Morocco


Rule = Callable[[Decided], Iterator[Finding]]


@handles("ClearanceDecision", procedure="licence", roles={Role.EXCHANGE_OFFICE, Role.MINISTRY})
def clearance_decision(message: ClearanceDecision, dossier: Dossier, context: Context) -> Decision:
    """Note the decision; the licence is cleared with the last of its declarations."""
    before, settings = Licence.of(dossier), context.settings
    decided = Decided(
        message=message,
        licence=before,
        account=account(before, message.declaration_number, settings),
        day=today(context.now),
    )
    if findings := [finding for rule in RULES[message.decision] for finding in rule(decided)]:
        raise Refused(*findings)
    licence = answered(_with(decided), EVENT, message.declaration_number)
    return _consequences(licence, licence.clearances[-1], settings)


def _with(decided: Decided) -> Licence:
    """The licence with the decision, and the net value that it was taken on."""
    message, licence = decided.message, decided.licence
    if decided.account is None:
        raise ValueError("the rules let pass a declaration without entries")
    clearance = Clearance(
        declaration=message.declaration_number,
        decision=message.decision.value,
        officer=message.officer,
        decided_on=message.decision_date.to_date(),
        imputed=decided.account.imputed,
        due_on=None if message.due_date is None else message.due_date.to_date(),
        reason=message.reason or "",
    )
    return replace(licence, clearances=(*licence.clearances, clearance))


def _consequences(licence: Licence, clearance: Clearance, settings: LicenceSettings) -> Decision:
    """What the declarant is told, the new dates, and the end of the licence when all is cleared."""
    told = tell(
        licence,
        "clearance-decided",
        declaration=clearance.declaration,
        decision=clearance.decision,
        due=clearance.due_on,
        reason=clearance.reason,
    )
    end = closing(licence, settings)
    postponed = clearance.due_on is not None
    return Decision(
        finding=end.finding or "decided",
        content=end.content or licence.content(),
        replies=(told, *end.replies),
        timers=alert_timers(licence, (clearance.declaration,), settings) if postponed else (),
        reprint=True,
        note={
            "declaration": clearance.declaration,
            "decision": clearance.decision,
            "officer": clearance.officer,
            "reason": clearance.reason,
        },
    )


def declaration_open(decided: Decided) -> Iterator[Finding]:
    """The declaration was imputed to this licence, owes something, and is not cleared."""
    found = decided.message.declaration_number
    if decided.account is None:
        code = Code.DECLARATION_UNKNOWN
    elif decided.account.cleared:
        code = Code.CLEARED_ALREADY
    elif decided.account.closed:
        code = Code.NOTHING_TO_CLEAR
    else:
        return
    yield Finding(code=code, path="DeclarationNumber", value=found, fields={"found": found})


def decided_by_now(decided: Decided) -> Iterator[Finding]:
    """A decision is not taken tomorrow."""
    found = decided.message.decision_date.to_date()
    if found > decided.day:
        yield Finding(
            code=Code.DATE_IN_FUTURE,
            path="DecisionDate",
            value=found.isoformat(),
            fields={"found": found, "today": decided.day},
        )


def all_came_home(decided: Decided) -> Iterator[Finding]:
    """In full is what came home in full; a deduction, however well proved, is a shortfall."""
    found = decided.account
    if found is not None and found.repatriated < found.imputed:
        yield Finding(
            code=Code.MONEY_MISSING,
            path="Decision",
            value=decided.message.decision.value,
            fields={
                "declaration": found.declaration,
                "missing": found.imputed - found.repatriated,
                "repatriated": found.repatriated,
                "imputed": found.imputed,
                "currency": decided.licence.currency,
            },
        )


def reason_given(decided: Decided) -> Iterator[Finding]:
    """A shortfall and a refusal say why."""
    if decided.message.reason is None:
        decision = decided.message.decision.value
        yield Finding(code=Code.REASON_MISSING, path="Reason", fields={"decision": decision})


def date_is_later(decided: Decided) -> Iterator[Finding]:
    """More time ends later than today, and than the time that there is already."""
    due = decided.message.due_date
    if due is None:
        yield Finding(code=Code.DUE_DATE_MISSING, path="DueDate")
        return
    found = due.to_date()
    present = decided.day if decided.account is None else decided.account.due_on
    after = max(decided.day, present)
    if found <= after:
        yield Finding(
            code=Code.DUE_DATE_NOT_LATER,
            path="DueDate",
            value=found.isoformat(),
            fields={"found": found, "after": after},
        )


def no_date(decided: Decided) -> Iterator[Finding]:
    """Only more time has an end."""
    if (due := decided.message.due_date) is not None:
        yield Finding(
            code=Code.DUE_DATE_UNEXPECTED,
            path="DueDate",
            value=due.to_date().isoformat(),
            fields={"decision": decided.message.decision.value},
        )


_ALWAYS: tuple[Rule, ...] = (declaration_open, decided_by_now)

RULES: dict[Verdict, tuple[Rule, ...]] = {
    Verdict.FULL: (*_ALWAYS, no_date, all_came_home),
    Verdict.SHORTFALL: (*_ALWAYS, no_date, reason_given),
    Verdict.REFUSED: (*_ALWAYS, no_date, reason_given),
    Verdict.MORE_TIME: (*_ALWAYS, date_is_later),
}
