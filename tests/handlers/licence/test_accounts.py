"""What each declaration owes: from the ledger, the proofs and the decisions, and when it is due."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from handlers.licence.accounts import Account, accounts, all_cleared, outstanding
from handlers.licence.licence import Licence
from schemas.workflow import Entry
from tests.handlers.clearing import OTHER, clearance, contra, entry_of, proof
from tests.handlers.dossiers import DEFAULTS, entry, granted, used

DECLARATION = entry().declaration


def only(licence: Licence) -> Account:
    (found,) = accounts(licence, DEFAULTS)
    return found


def test_a_licence_without_entries_has_no_accounts() -> None:
    assert accounts(granted(), DEFAULTS) == ()
    assert not all_cleared(granted(), DEFAULTS)


def test_an_account_is_the_net_value_of_all_entries_of_its_declaration() -> None:
    licence = used([entry(), entry("I-2", 100, 4000, line=2), entry_of(OTHER), contra("I-1", 6000)])
    first, second = accounts(licence, DEFAULTS)
    assert (first.declaration, first.imputed) == (DECLARATION, Decimal(14000))
    assert (second.declaration, second.imputed) == (OTHER, Decimal(9000))


def test_shares_and_deductions_of_every_proof_add_up() -> None:
    licence = replace(
        used([entry(), entry_of(OTHER)]),
        proofs=(
            proof({DECLARATION: 9000, OTHER: 500}, {DECLARATION: 40}),
            proof({DECLARATION: 1000}, {DECLARATION: 60, OTHER: 5}),
        ),
    )
    first, second = accounts(licence, DEFAULTS)
    assert (first.repatriated, first.deducted) == (Decimal(10000), Decimal(100))
    assert (second.repatriated, second.deducted) == (Decimal(500), Decimal(5))
    assert first.missing == Decimal(5900)
    assert not first.covered


def test_money_in_excess_leaves_nothing_missing() -> None:
    found = only(replace(used([entry()]), proofs=(proof({DECLARATION: 17000}),)))
    assert (found.missing, found.covered, found.cleared) == (Decimal(0), True, False)


@pytest.mark.parametrize(
    ("terms", "expected"), [("VF", date(2027, 4, 16)), ("VC", date(2027, 5, 16))]
)
def test_money_is_due_by_the_payment_terms(terms: str, expected: date) -> None:
    assert only(replace(used([entry()]), payment_terms=terms)).due_on == expected


def test_the_last_entry_that_consumes_moves_the_date_and_a_contra_does_not() -> None:
    later = replace(entry("I-2"), imputed_on=date(2026, 11, 20))
    back = replace(contra("I-1", 100), imputed_on=date(2026, 12, 24))
    assert only(used([entry(), later, back])).due_on == date(2027, 4, 19)


def test_more_time_moves_the_date_and_a_later_entry_moves_it_on() -> None:
    more = clearance("more-time", due_on=date(2027, 6, 1))
    licence = replace(used([entry()]), clearances=(more,))
    assert only(licence).due_on == date(2027, 6, 1)
    much_later = replace(entry("I-2"), imputed_on=date(2027, 2, 1))
    assert only(replace(licence, entries=(entry(), much_later))).due_on == date(2027, 7, 1)


@pytest.mark.parametrize(
    ("decision", "cleared"),
    [("full", True), ("shortfall", True), ("refused", False), ("more-time", False)],
)
def test_only_a_clearing_decision_clears(decision: str, cleared: bool) -> None:
    found = only(replace(used([entry()]), clearances=(clearance(decision),)))
    assert found.cleared is cleared
    assert found.decision is not None
    assert found.decision.decision == decision


def test_the_last_decision_counts() -> None:
    decisions = (clearance("full"), clearance("refused"))
    assert not only(replace(used([entry()]), clearances=decisions)).cleared


@pytest.mark.parametrize(
    ("later", "cleared"),
    [
        (contra("I-1", 1000), True),
        (replace(entry("I-2", 1, 1), kind="adjustment", corrects="I-1"), False),
        (replace(entry("I-2", 10, 4000), kind="late"), False),
    ],
    ids=["contra", "adjustment", "late"],
)
def test_a_clearance_stands_until_more_is_owed_than_it_was_decided_on(
    later: Entry, cleared: bool
) -> None:
    licence = replace(used([entry(), later]), clearances=(clearance("full"),))
    assert only(licence).cleared is cleared
    assert (outstanding(licence, DEFAULTS) == ()) is cleared


def test_what_was_given_back_and_taken_again_is_still_cleared() -> None:
    entries = [entry(), contra("I-1", 1000), entry("I-2", 25, 1000)]
    assert only(replace(used(entries), clearances=(clearance("full"),))).cleared


def test_a_declaration_that_owes_nothing_needs_no_clearance() -> None:
    licence = used([entry(), contra("I-1", 16000), entry_of(OTHER)])
    assert [one.declaration for one in outstanding(licence, DEFAULTS)] == [OTHER]
    assert not all_cleared(licence, DEFAULTS)
    decided = replace(licence, clearances=(clearance("full", OTHER, imputed=9000),))
    assert all_cleared(decided, DEFAULTS)


def test_a_licence_that_gave_all_back_was_never_cleared() -> None:
    assert not all_cleared(used([entry(), contra("I-1", 16000)]), DEFAULTS)


def test_all_is_cleared_with_the_last_declaration() -> None:
    licence = used([entry(), entry_of(OTHER)])
    one = replace(licence, clearances=(clearance("full"),))
    both = replace(one, clearances=(*one.clearances, clearance("shortfall", OTHER, imputed=9000)))
    assert (all_cleared(one, DEFAULTS), all_cleared(both, DEFAULTS)) == (False, True)
