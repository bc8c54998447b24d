"""The authority's decisions: one declaration at a time, and the last of them ends the licence."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from xsdata.models.datatype import XmlDate

from handlers.licence.accounts import account
from handlers.licence.awaiting import ask, awaits
from handlers.licence.clearance_decision import MOVES, clearance_decision
from handlers.licence.licence import Licence
from schemas.bindings.clearance_decision_1 import ClearanceDecision
from schemas.bindings.clearance_decision_1 import Decision as Verdict
from schemas.bindings.notification_1 import Notification
from schemas.errors import Code, Refused
from schemas.workflow import Decision, Role
from tests.handlers.clearing import DECLARATION, OTHER, clearance, contra, entry_of, proof
from tests.handlers.dossiers import DEFAULTS, NOW, Situation, dossier, entry, used

PAID = replace(
    used([entry(), entry_of(OTHER)], "imputed"), proofs=(proof({DECLARATION: 16000, OTHER: 8990}),)
)
FULL = ClearanceDecision(
    declaration_number=DECLARATION,
    decision=Verdict.FULL,
    officer="S. El Fassi",
    decision_date=XmlDate(2026, 11, 21),
)
SHORTFALL = replace(
    FULL, declaration_number=OTHER, decision=Verdict.SHORTFALL, reason="Frais du correspondant."
)
MORE_TIME = replace(
    FULL, declaration_number=OTHER, decision=Verdict.MORE_TIME, due_date=XmlDate(2027, 6, 1)
)


def decide(message: ClearanceDecision, licence: Licence = PAID, now: datetime = NOW) -> Decision:
    situation = Situation(licence=licence, role=Role.EXCHANGE_OFFICE, now=now)
    return clearance_decision(message, dossier(licence), situation.context)


def after(decision: Decision, licence: Licence = PAID) -> Licence:
    assert decision.content is not None
    return Licence.of(replace(dossier(licence), content=decision.content))


def told(decision: Decision) -> list[str]:
    return [one.payload.code for one in decision.replies if isinstance(one.payload, Notification)]


def refusal(message: ClearanceDecision, licence: Licence = PAID) -> dict[Code, str]:
    with pytest.raises(Refused) as refused:
        decide(message, licence)
    return {finding.code: finding.path for finding in refused.value.findings}


def test_a_declaration_is_cleared_and_the_licence_waits_for_the_others() -> None:
    decision = decide(FULL)
    found = account(after(decision), DECLARATION, DEFAULTS)
    assert found is not None
    assert found.cleared
    assert (decision.finding, told(decision)) == ("decided", ["clearance-decided"])
    assert decision.note["declaration"] == DECLARATION
    assert decision.reprint


@pytest.mark.parametrize(
    ("state", "finding"),
    [
        ("imputed", "cleared"),
        ("expired", "cleared"),
        ("revoked", "cleared"),
        ("partly_imputed", "decided"),
        ("suspended", "decided"),
    ],
)
def test_the_last_declaration_clears_a_licence_that_takes_no_more(state: str, finding: str) -> None:
    licence = replace(after(decide(FULL)), state=state)
    decision = decide(SHORTFALL, licence)
    assert decision.finding == finding
    assert ("licence-cleared" in told(decision)) is (finding == "cleared")
    assert (state, finding) in {(move.state, move.finding) for move in MOVES}


def test_the_decision_strikes_out_only_its_own_question() -> None:
    asked = PAID
    for declaration in (DECLARATION, OTHER):
        asked, _, _ = ask(
            asked,
            "ClearanceDecision",
            declaration,
            role=Role.EXCHANGE_OFFICE,
            now=NOW,
            days=30,
        )
    licence = after(decide(FULL, asked), asked)
    assert not awaits(licence, "ClearanceDecision", DECLARATION)
    assert awaits(licence, "ClearanceDecision", OTHER)


def test_full_is_refused_while_money_is_missing_and_says_how_much() -> None:
    with pytest.raises(Refused) as refused:
        decide(replace(FULL, declaration_number=OTHER))
    (finding,) = refused.value.findings
    assert finding.code is Code.MONEY_MISSING
    assert finding.fields["missing"] == Decimal(10)
    assert "10" in finding.french()


def test_a_deduction_is_no_money() -> None:
    licence = replace(PAID, proofs=(*PAID.proofs, proof({}, {OTHER: 10})))
    assert Code.MONEY_MISSING in refusal(replace(FULL, declaration_number=OTHER), licence)
    assert decide(SHORTFALL, licence).finding == "decided"


@pytest.mark.parametrize("decision", [Verdict.SHORTFALL, Verdict.REFUSED])
def test_a_shortfall_and_a_refusal_say_why(decision: Verdict) -> None:
    assert refusal(replace(FULL, decision=decision)) == {Code.REASON_MISSING: "Reason"}
    assert decide(replace(FULL, decision=decision, reason="Motif.")).finding == "decided"


def test_a_refusal_leaves_the_declaration_open_for_another_decision() -> None:
    refused = after(decide(replace(FULL, decision=Verdict.REFUSED, reason="Faux.")))
    found = account(refused, DECLARATION, DEFAULTS)
    assert found is not None
    assert not found.cleared
    assert decide(FULL, refused).finding == "decided"


def test_more_time_moves_the_date_and_sets_its_timers() -> None:
    decision = decide(MORE_TIME)
    found = account(after(decision), OTHER, DEFAULTS)
    assert found is not None
    assert found.due_on == date(2027, 6, 1)
    assert [(timer.name, timer.due) for timer in decision.timers] == [
        ("repatriation", datetime(2027, 5, 1, 23, tzinfo=UTC)),
        ("repatriation-overdue", datetime(2027, 6, 1, 23, tzinfo=UTC)),
    ]
    (reply,) = decision.replies
    assert isinstance(reply.payload, Notification)
    assert any("01/06/2027" in text.value for text in reply.payload.text)


@pytest.mark.parametrize(
    ("due", "code"),
    [
        (None, Code.DUE_DATE_MISSING),
        (XmlDate(2027, 4, 17), Code.DUE_DATE_NOT_LATER),  # the present one
        (XmlDate(2027, 4, 18), None),
    ],
)
def test_more_time_is_later_than_the_time_there_is(due: XmlDate | None, code: Code | None) -> None:
    message = replace(MORE_TIME, due_date=due)
    if code is None:
        assert decide(message).finding == "decided"
    else:
        assert refusal(message) == {code: "DueDate"}


def test_more_time_is_later_than_today() -> None:
    late = datetime(2027, 5, 20, 12, tzinfo=UTC)
    with pytest.raises(Refused) as refused:
        decide(replace(MORE_TIME, due_date=XmlDate(2027, 5, 20)), now=late)
    assert [one.code for one in refused.value.findings] == [Code.DUE_DATE_NOT_LATER]
    assert decide(replace(MORE_TIME, due_date=XmlDate(2027, 5, 21)), now=late).timers


@pytest.mark.parametrize("message", [FULL, SHORTFALL], ids=["full", "shortfall"])
def test_only_more_time_has_a_date(message: ClearanceDecision) -> None:
    wrong = replace(message, due_date=XmlDate(2027, 6, 1))
    assert refusal(wrong) == {Code.DUE_DATE_UNEXPECTED: "DueDate"}


def test_a_decision_is_not_taken_tomorrow() -> None:
    wrong = replace(FULL, decision_date=XmlDate(2026, 11, 22))
    assert refusal(wrong) == {Code.DATE_IN_FUTURE: "DecisionDate"}


@pytest.mark.parametrize(
    ("licence", "code"),
    [
        (used([entry_of(OTHER)], "imputed"), Code.DECLARATION_UNKNOWN),
        (replace(PAID, clearances=(clearance("full"),)), Code.CLEARED_ALREADY),
        (used([entry(), contra("I-1", 16000)]), Code.NOTHING_TO_CLEAR),
    ],
    ids=["unknown", "cleared", "given back"],
)
def test_what_is_not_open_is_not_decided(licence: Licence, code: Code) -> None:
    assert refusal(replace(FULL, decision=Verdict.SHORTFALL, reason="."), licence) == {
        code: "DeclarationNumber"
    }


def test_an_account_that_an_adjustment_opened_again_is_decided_again() -> None:
    more = replace(entry("I-2", 1, 100), kind="adjustment", corrects="I-1")
    licence = replace(PAID, clearances=(clearance("full"),), entries=(*PAID.entries, more))
    assert refusal(FULL, licence) == {Code.MONEY_MISSING: "Decision"}
    decided = after(
        decide(replace(FULL, decision=Verdict.SHORTFALL, reason="Écart."), licence), licence
    )
    found = account(decided, DECLARATION, DEFAULTS)
    assert found is not None
    assert found.cleared
