"""The days on which money is due: told in time, once, and only while it is still missing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from handlers.licence.alerts import MOVES, alert_timers, overdue, reminder
from handlers.licence.awaiting import ask, awaits
from handlers.licence.imputation import imputation
from handlers.licence.licence import Licence
from handlers.licence.proposals import ANSWER
from schemas.bindings.clearance_proposal_1 import ClearanceProposal, Proposal
from schemas.bindings.notification_1 import Notification
from schemas.workflow import Decision, Role, Timer
from tests.handlers.clearing import DECLARATION, OTHER, clearance, contra, entry_of, proof
from tests.handlers.dossiers import DEFAULTS, Situation, dossier, entry, used
from tests.handlers.licence.test_imputation import CONTRA, ORIGINAL

OWING = used([entry()])
SOON, LATE = alert_timers(OWING, [DECLARATION], DEFAULTS)


def ring(licence: Licence, timer: Timer, *, days: int = 0) -> Decision:
    """What the timer of `OWING` leads to when it rings on this licence, some days late."""
    situation = Situation(licence=licence, now=timer.due + timedelta(days=days))
    handler = reminder if timer.name == "repatriation" else overdue
    return handler(dossier(licence), replace(situation.ring, about=timer.about))


def told(decision: Decision) -> list[str]:
    return [one.payload.code for one in decision.replies if isinstance(one.payload, Notification)]


def paid(amount: int, licence: Licence = OWING) -> Licence:
    return replace(licence, proofs=(proof({DECLARATION: amount}),))


def test_the_timers_stand_thirty_days_before_and_the_day_after() -> None:
    assert (SOON.name, LATE.name) == ("repatriation", "repatriation-overdue")
    assert SOON.due == datetime(2027, 3, 16, 23, tzinfo=UTC)  # 17 March begins in Morocco
    assert LATE.due == datetime(2027, 4, 16, 23, tzinfo=UTC)  # 16 April is over


def test_each_declaration_has_its_timers_once() -> None:
    licence = used([entry(), entry_of(OTHER), contra("I-1", 16000)])
    timers = alert_timers(licence, [OTHER, DECLARATION, OTHER], DEFAULTS)
    assert [timer.name for timer in timers] == ["repatriation", "repatriation-overdue"]
    assert all(timer.about.startswith(OTHER) for timer in timers)
    assert alert_timers(licence, ["unknown"], DEFAULTS) == ()


def test_the_declarant_is_reminded_of_what_is_missing_and_when() -> None:
    decision = ring(paid(10000), SOON)
    (reply,) = decision.replies
    assert isinstance(reply.payload, Notification)
    french = next(text.value for text in reply.payload.text if text.lang.value == "fr")
    assert told(decision) == ["repatriation-due"]
    assert "16/04/2027" in french
    assert decision.note["missing"] == "6000"
    assert (OWING.state, decision.finding) in {(move.state, move.finding) for move in MOVES}


@pytest.mark.parametrize(
    "licence",
    [
        paid(16000),
        replace(OWING, clearances=(clearance("shortfall"),)),
        replace(OWING, clearances=(clearance("more-time", due_on=date(2027, 6, 1)),)),
        used([entry(), replace(entry("I-2"), imputed_on=date(2026, 12, 1))]),
        used([entry(), contra("I-1", 16000)]),
        replace(OWING, state="cleared"),
    ],
    ids=["paid", "cleared", "postponed", "imputed again", "given back", "licence cleared"],
)
def test_nobody_is_reminded_of_what_is_done_or_put_off(licence: Licence) -> None:
    assert ring(licence, SOON) == Decision()


def test_a_reminder_that_comes_too_late_is_left_to_the_other_timer() -> None:
    assert ring(OWING, SOON, days=30).finding == "reminded"
    assert ring(OWING, SOON, days=31) == Decision()


def test_late_money_is_told_to_the_declarant_and_asked_of_the_authority() -> None:
    decision = ring(paid(10000), LATE)
    assert told(decision) == ["repatriation-overdue"]
    (proposal,) = [
        one.payload for one in decision.replies if isinstance(one.payload, ClearanceProposal)
    ]
    assert proposal.proposal is Proposal.SHORTFALL
    assert proposal.repatriated.value == Decimal(10000)
    assert decision.content is not None
    licence = Licence.of(replace(dossier(OWING), content=decision.content))
    assert awaits(licence, "ClearanceDecision", DECLARATION)
    assert [timer.due for timer in decision.timers] == [LATE.due + timedelta(days=30)]


def test_nothing_is_overdue_on_the_last_day() -> None:
    situation = Situation(licence=OWING, now=LATE.due - timedelta(seconds=1))
    assert overdue(dossier(OWING), replace(situation.ring, about=LATE.about)) == Decision()


@pytest.mark.parametrize(
    "licence",
    [
        replace(OWING, clearances=(clearance("full"),)),
        replace(OWING, clearances=(clearance("more-time", due_on=date(2027, 6, 1)),)),
        used([entry(), contra("I-1", 16000)]),
    ],
    ids=["cleared", "postponed", "given back"],
)
def test_what_is_done_or_put_off_is_not_late(licence: Licence) -> None:
    assert ring(licence, LATE) == Decision()


def test_an_authority_that_was_asked_already_is_not_asked_again() -> None:
    first = ring(OWING, LATE)
    assert first.content is not None
    asked = Licence.of(replace(dossier(OWING), content=first.content))
    again = ring(asked, LATE)
    assert told(again) == ["repatriation-overdue"]
    assert (again.content, again.timers) == (None, ())
    assert ring(replace(asked, proofs=(proof({DECLARATION: 16000}),)), LATE) == Decision()


def test_what_a_contra_left_covered_is_proposed_at_the_due_date_at_the_latest() -> None:
    licence = paid(15000, used([entry(), contra("I-1", 1000)]))
    decision = ring(licence, LATE)
    (reply,) = decision.replies
    assert isinstance(reply.payload, ClearanceProposal)
    assert reply.payload.proposal is Proposal.FULL


def test_the_timers_of_more_time_ring_and_the_old_ones_do_not() -> None:
    more = clearance("more-time", due_on=date(2027, 6, 1))
    licence = replace(OWING, clearances=(more,))
    soon, late = alert_timers(licence, [DECLARATION], DEFAULTS)
    assert ring(licence, soon).finding == "reminded"
    assert ring(licence, late).finding == "asked"
    assert ring(licence, LATE, days=90) == Decision()


@pytest.mark.parametrize("state", ["expired", "revoked"])
def test_a_licence_whose_last_open_account_was_given_back_is_cleared(state: str) -> None:
    entries = [entry(), entry_of(OTHER), replace(contra("I-9", 9000), declaration=OTHER)]
    licence = replace(used(entries, state), clearances=(clearance("full"),))
    licence, _, _ = ask(licence, ANSWER, OTHER, role=Role.EXCHANGE_OFFICE, now=SOON.due, days=30)
    decision = ring(licence, LATE)
    assert (decision.finding, told(decision)) == ("cleared", ["licence-cleared"])
    assert decision.content is not None
    assert not awaits(Licence.of(replace(dossier(licence), content=decision.content)), ANSWER)
    assert ring(replace(licence, state="partly_imputed"), LATE) == Decision()


def test_an_imputation_sets_its_declarations_timers_and_a_contra_none() -> None:
    situation = Situation(licence=OWING, role=Role.CUSTOMS)
    entered = imputation(ORIGINAL, dossier(OWING), situation.context)
    assert [(timer.name, timer.due) for timer in entered.timers] == [
        ("repatriation", datetime(2027, 3, 18, 23, tzinfo=UTC)),
        ("repatriation-overdue", datetime(2027, 4, 18, 23, tzinfo=UTC)),
    ]
    assert {timer.about for timer in entered.timers} == {f"{ORIGINAL.declaration_number} 1"}
    given_back = imputation(CONTRA, dossier(OWING), situation.context)
    assert given_back.entries
    assert given_back.timers == ()
