"""Customs' totals are held against the ledger: each difference is named, nothing is changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from xsdata.models.datatype import XmlDate

from handlers.licence.imputation_statement import imputation_statement
from handlers.licence.licence import Licence
from schemas.bindings.common_1 import Amount, MeasuredQuantity
from schemas.bindings.imputation_statement_1 import ImputationStatement, LineTotal
from schemas.errors import Code, Refused
from schemas.problems import problem
from schemas.workflow import Decision, LineOutcome, Role
from tests.handlers.dossiers import Situation, dossier, entry, granted, used


def total(
    line: int, quantity: str, value: str, unit: str = "KGM", currency: str = "MAD"
) -> LineTotal:
    return LineTotal(
        line=line,
        quantity=MeasuredQuantity(value=Decimal(quantity), unit=unit),
        value=Amount(value=Decimal(value), currency=currency),
    )


def statement(*totals: LineTotal, until: date = date(2026, 11, 20)) -> ImputationStatement:
    return ImputationStatement(
        period_start=XmlDate(2026, 11, 1),
        period_end=XmlDate.from_date(until),
        line_total=totals,
    )


#: 400 kg of line 1 less 100 given back, 50 l of line 2, and 1 kg after the statement's end.
LICENCE = used(
    [
        entry(),
        replace(entry("I-2", -100, -4000), kind="contra", corrects="I-1"),
        entry("I-3", 50, 2000, line=2),
        replace(entry("I-4", 1, 40), imputed_on=date(2026, 11, 21)),
    ]
)


def decide(message: ImputationStatement, licence: Licence = LICENCE) -> Decision:
    situation = Situation(licence=licence, role=Role.CUSTOMS)
    decision = imputation_statement(message, dossier(licence), situation.context)
    assert (decision.finding, decision.content, decision.entries) == ("compared", None, ())
    assert not decision.replies
    return decision


def named(decision: Decision) -> list[tuple[Code, str]]:
    return [(finding.code, finding.path) for finding in decision.warnings]


def test_totals_that_agree_say_so_line_by_line() -> None:
    decision = decide(statement(total(1, "300", "12000"), total(2, "50", "2000.00", "LTR")))
    assert named(decision) == []
    assert [one.outcome for one in decision.balances] == [LineOutcome.AGREES] * 2
    assert [[one.before, one.delta, one.after] for one in decision.balances] == [
        [300, 0, 300],
        [50, 0, 50],
    ]
    assert decision.note["differing"] == "0"


def test_what_was_imputed_after_the_period_does_not_count() -> None:
    assert named(decide(statement(total(1, "301", "12040"), total(2, "50", "2000", "LTR")))) == [
        (Code.STATEMENT_QUANTITY_DIFFERS, "LineTotal[1]/Quantity"),
        (Code.STATEMENT_VALUE_DIFFERS, "LineTotal[1]/Value"),
    ]
    later = statement(
        total(1, "301", "12040"), total(2, "50", "2000", "LTR"), until=date(2026, 11, 21)
    )
    assert named(decide(later)) == []


def test_a_difference_names_both_figures() -> None:
    decision = decide(statement(total(1, "310.5", "12000"), total(2, "50", "2000", "LTR")))
    (warning,) = decision.warnings
    assert warning.fields["found"] == "310.5"
    assert warning.fields["expected"] == "300"
    assert "310.5 KGM" in problem(warning).text[0].value
    assert [one.outcome for one in decision.balances] == [LineOutcome.DIFFERS, LineOutcome.AGREES]
    assert decision.note["differences"] == "1: 310.5 KGM 12000 MAD / 300 KGM 12000 MAD"


def test_totals_in_another_unit_are_converted() -> None:
    assert not decide(
        statement(total(1, "0.3", "12000", "TNE"), total(2, "50", "2000", "LTR"))
    ).warnings
    assert named(
        decide(statement(total(1, "300", "12000", "LTR"), total(2, "50", "2000", "LTR")))
    ) == [(Code.UNIT_NOT_CONVERTIBLE, "LineTotal[1]/Quantity/@unit")]


def test_another_currency_is_a_difference() -> None:
    decision = decide(
        statement(total(1, "300", "12000", currency="EUR"), total(2, "50", "2000", "LTR"))
    )
    assert named(decision) == [(Code.CURRENCY_DIFFERS, "LineTotal[1]/Value/@currency")]


def test_lines_that_only_one_side_knows_are_named() -> None:
    decision = decide(statement(total(1, "300", "12000"), total(3, "1", "1")))
    assert named(decision) == [
        (Code.LINE_UNKNOWN, "LineTotal[2]/Line"),
        (Code.STATEMENT_LINE_ABSENT, "LineTotal[3]"),
    ]
    assert [(one.line, one.outcome) for one in decision.balances] == [
        (1, LineOutcome.AGREES),
        (2, LineOutcome.DIFFERS),
    ]


def test_nothing_told_of_nothing_imputed_agrees() -> None:
    assert decide(statement(), granted()).warnings == ()
    assert named(decide(statement())) == [
        (Code.STATEMENT_LINE_ABSENT, "LineTotal[1]"),
        (Code.STATEMENT_LINE_ABSENT, "LineTotal[1]"),
    ]


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (statement(total(1, "1", "1"), total(1, "1", "1")), Code.STATEMENT_LINE_REPEATED),
        (statement(until=date(2026, 10, 31)), Code.PERIOD_INVERTED),
        (statement(until=date(2026, 11, 22)), Code.DATE_IN_FUTURE),
    ],
)
def test_a_statement_that_cannot_be_compared_is_refused(
    message: ImputationStatement, expected: Code
) -> None:
    with pytest.raises(Refused) as refusal:
        decide(message)
    assert [finding.code for finding in refusal.value.findings] == [expected]


def test_the_history_holds_a_long_list_cut_short() -> None:
    first = granted().lines[0]
    many = replace(LICENCE, lines=tuple(replace(first, number=n) for n in range(1, 201)))
    decision = decide(statement(*(total(n, "9", "9") for n in range(1, 201))), many)
    assert len(decision.warnings) == 400
    assert len(decision.note["differences"]) <= 1000
