"""Customs writes a licence off: what is entered, what is refused, where it leads."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from xsdata.models.datatype import XmlDate

from handlers.licence.imputation import imputation
from handlers.licence.licence import Licence
from schemas.bindings.common_1 import Amount, Quantity
from schemas.bindings.imputation_1 import Imputation, ImputationType
from schemas.errors import Code, Finding, Refused
from schemas.workflow import Decision, Role
from tests.handlers.dossiers import (
    ARGAN,
    DEFAULTS,
    Settings,
    Situation,
    dossier,
    entry,
    granted,
    used,
)

ORIGINAL = Imputation(
    type_value=ImputationType.ORIGINAL,
    imputation_number="I-2",
    declaration_number="309060202600012399B",
    declaration_date=XmlDate(2026, 11, 18),
    customs_office="309",
    customs_procedure="060",
    article=1,
    line=1,
    commodity_code=ARGAN,
    quantity=Quantity(value=Decimal(600), unit="KGM"),
    value=Amount(value=Decimal(24000), currency="MAD"),
    imputation_date=XmlDate(2026, 11, 19),
)
#: Gives back a part of `entry()`.
CONTRA = replace(
    ORIGINAL,
    type_value=ImputationType.CONTRA,
    imputation_number="I-3",
    original_number="I-1",
    declaration_number=entry().declaration,
    declaration_date=XmlDate(2026, 11, 16),
    quantity=Quantity(value=Decimal(100), unit="KGM"),
    value=Amount(value=Decimal(4000), currency="MAD"),
)


def decide(message: Imputation, licence: Licence, settings: Settings = DEFAULTS) -> Decision:
    situation = Situation(licence=licence, role=Role.CUSTOMS, settings=settings)
    return imputation(message, dossier(licence), situation.context)


def refused(
    message: Imputation, licence: Licence, settings: Settings = DEFAULTS
) -> tuple[Finding, ...]:
    with pytest.raises(Refused) as refusal:
        decide(message, licence, settings)
    return refusal.value.findings


def codes(message: Imputation, licence: Licence, settings: Settings = DEFAULTS) -> list[Code]:
    return [finding.code for finding in refused(message, licence, settings)]


def test_an_imputation_is_entered_with_the_balance_before_and_after() -> None:
    decision = decide(ORIGINAL, used([entry()]))
    (entered,) = decision.entries
    assert (entered.kind, entered.number, entered.quantity) == ("original", "I-2", Decimal(600))
    assert (entered.declaration, entered.declared_on) == (
        "309060202600012399B",
        date(2026, 11, 18),
    )
    (balance,) = decision.balances
    assert (balance.before, balance.delta, balance.after, balance.remaining) == tuple(
        map(Decimal, (400, 600, 1000, 0))
    )
    assert decision.finding == "part"  # the second line is untouched
    assert decision.note["article"] == "1"


def test_the_last_quantity_of_the_last_line_uses_the_licence_up() -> None:
    other = entry("I-9", 500, 20000, line=2)
    assert decide(ORIGINAL, used([entry(), other])).finding == "whole"


def test_a_last_use_closes_a_licence_that_has_something_left() -> None:
    assert decide(replace(ORIGINAL, last_use=True), granted()).finding == "whole"


def test_an_excess_is_refused_whole() -> None:
    (finding,) = refused(ORIGINAL, used([entry(quantity=401)]))
    assert finding.code is Code.QUANTITY_EXCEEDED
    assert finding.fields["available"] == "599"


def test_the_tolerance_is_part_of_what_may_be_imputed() -> None:
    tolerant = Settings(tolerance=Decimal("0.01"))
    assert decide(ORIGINAL, used([entry(quantity=410)]), tolerant).finding == "part"
    assert codes(ORIGINAL, used([entry(quantity=411)]), tolerant) == [Code.QUANTITY_EXCEEDED]


def test_less_than_asked_was_granted_and_counts() -> None:
    licence = granted(quantities={1: Decimal(599)})
    assert codes(ORIGINAL, licence) == [Code.QUANTITY_EXCEEDED]


def test_a_quantity_is_converted_into_the_lines_unit() -> None:
    tonnes = replace(ORIGINAL, quantity=Quantity(value=Decimal("0.600"), unit="TNE"))
    (entered,) = decide(tonnes, granted()).entries
    assert str(entered.quantity) == "600"


def test_a_unit_outside_the_table_is_refused() -> None:
    litres = replace(ORIGINAL, quantity=Quantity(value=Decimal(600), unit="LTR"))
    (finding,) = refused(litres, granted())
    assert (finding.code, finding.path) == (Code.UNIT_NOT_CONVERTIBLE, "Quantity/@unit")


def test_every_error_is_named_at_once() -> None:
    wrong = replace(
        ORIGINAL,
        imputation_number="I-1",
        commodity_code="1509100000",
        customs_procedure="061",
        imputation_date=XmlDate(2026, 11, 9),
        quantity=Quantity(value=Decimal(1001), unit="KGM"),
        value=Amount(value=Decimal("1.234"), currency="EUR"),
    )
    assert set(codes(wrong, used([entry()]))) == {
        Code.IMPUTATION_NUMBER_USED,
        Code.DECLARATION_NUMBER_DIFFERS,
        Code.OUTSIDE_VALIDITY,
        Code.CODE_DIFFERS,
        Code.PROCEDURE_DIFFERS,
        Code.CURRENCY_DIFFERS,
        Code.AMOUNT_DECIMALS,
        Code.QUANTITY_EXCEEDED,
    }


def test_a_line_that_is_not_there_is_named() -> None:
    assert codes(replace(ORIGINAL, line=3), granted()) == [Code.LINE_UNKNOWN]


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 11, 9), [Code.OUTSIDE_VALIDITY]),
        (date(2026, 11, 10), []),
        (date(2026, 11, 21), []),
        (date(2026, 11, 22), [Code.DATE_IN_FUTURE]),
    ],
)
def test_the_day_lies_within_validity_and_not_ahead(day: date, expected: list[Code]) -> None:
    message = replace(ORIGINAL, imputation_date=XmlDate.from_date(day))
    if expected:
        assert codes(message, granted()) == expected
    else:
        assert decide(message, granted()).finding == "part"


def test_the_last_day_of_validity_is_a_day_of_use() -> None:
    licence = granted()
    assert licence.visa is not None
    ending = replace(licence, visa=replace(licence.visa, valid_until=date(2026, 11, 19)))
    assert decide(ORIGINAL, ending).finding == "part"
    ended = replace(licence, visa=replace(licence.visa, valid_until=date(2026, 11, 18)))
    assert codes(ORIGINAL, ended) == [Code.OUTSIDE_VALIDITY]


def test_another_office_is_a_warning_or_an_error_by_the_settings() -> None:
    elsewhere = replace(ORIGINAL, customs_office="400", declaration_number="400060202600012399B")
    (warning,) = decide(elsewhere, granted()).warnings
    assert warning.code is Code.OTHER_OFFICE
    assert codes(elsewhere, granted(), Settings(other_office="error")) == [Code.OTHER_OFFICE]


def test_a_number_used_on_another_licence_is_refused() -> None:
    situation = Situation(licence=granted(), role=Role.CUSTOMS, elsewhere=(entry("I-2"),))
    with pytest.raises(Refused) as refusal:
        imputation(ORIGINAL, dossier(granted()), situation.context)
    assert [finding.code for finding in refusal.value.findings] == [Code.IMPUTATION_NUMBER_USED]


def test_the_same_number_at_another_office_is_another_number() -> None:
    there = replace(entry("I-2"), office="400")
    situation = Situation(licence=granted(), role=Role.CUSTOMS, elsewhere=(there,))
    assert imputation(ORIGINAL, dossier(granted()), situation.context).finding == "part"


def test_a_licence_used_up_takes_no_original() -> None:
    closed = replace(used([entry()]), state="imputed")
    assert codes(ORIGINAL, closed) == [Code.MOVE_FORBIDDEN]


def test_an_original_names_no_other_imputation() -> None:
    message = replace(ORIGINAL, original_number="I-1")
    assert codes(message, used([entry()])) == [Code.ORIGINAL_NUMBER_UNEXPECTED]


@pytest.mark.parametrize(
    "number", ["308060202600012399B", "309061202600012399B", "309060202500012399B"]
)
def test_a_declaration_number_of_another_office_procedure_or_year_is_refused(number: str) -> None:
    assert codes(replace(ORIGINAL, declaration_number=number), granted()) == [
        Code.DECLARATION_NUMBER_DIFFERS
    ]


@pytest.mark.parametrize(
    ("control", "quantity", "value", "expected"),
    [
        ("quantity", 1001, 1, Code.QUANTITY_EXCEEDED),
        ("quantity", 1000, 60001, None),
        ("value", 1001, 60000, None),
        ("value", 1, 60001, Code.VALUE_EXCEEDED),
        ("both", 1001, 60000, Code.QUANTITY_EXCEEDED),
        ("both", 1000, 60001, Code.VALUE_EXCEEDED),
        ("open", 1001, 60001, None),
    ],
)
def test_what_is_controlled_is_a_setting(
    control: str, quantity: int, value: int, expected: Code | None
) -> None:
    message = replace(
        ORIGINAL,
        quantity=Quantity(value=Decimal(quantity), unit="KGM"),
        value=Amount(value=Decimal(value), currency="MAD"),
    )
    settings = Settings(control=control)
    if expected is None:
        assert decide(message, granted(), settings).finding in ("part", "whole")
    else:
        assert codes(message, granted(), settings) == [expected]


@pytest.mark.parametrize(
    ("control", "expected"), [("value", "whole"), ("both", "whole"), ("open", "part")]
)
def test_a_licence_controlled_by_value_is_used_up_by_its_value(control: str, expected: str) -> None:
    message = replace(ORIGINAL, value=Amount(value=Decimal(60000), currency="MAD"))
    assert decide(message, granted(), Settings(control=control)).finding == expected


def test_a_contra_gives_back_and_opens_a_licence_used_up() -> None:
    full = used([entry(quantity=1000), entry("I-9", 500, line=2)], state="imputed")
    decision = decide(CONTRA, full)
    (entered,) = decision.entries
    assert (entered.kind, entered.corrects, entered.quantity, entered.value) == (
        "contra",
        "I-1",
        Decimal(-100),
        Decimal(-4000),
    )
    assert decision.finding == "part"
    assert decision.balances[0].remaining == 100


def test_a_contra_of_the_whole_leaves_the_licence_unused() -> None:
    whole = replace(
        CONTRA,
        quantity=Quantity(value=Decimal(400), unit="KGM"),
        value=Amount(value=Decimal(16000), currency="MAD"),
    )
    assert decide(whole, used([entry()])).finding == "unused"


def test_a_contra_never_exceeds_what_earlier_ones_left() -> None:
    earlier = replace(entry("I-8", -301, -12001), kind="contra", corrects="I-1")
    findings = refused(CONTRA, used([entry(), earlier]))
    assert [finding.code for finding in findings] == [
        Code.CONTRA_EXCEEDS_QUANTITY,
        Code.CONTRA_EXCEEDS_VALUE,
    ]
    assert findings[0].fields["available"] == 99


def test_a_contra_may_come_after_the_validity() -> None:
    licence = used([entry()])
    assert licence.visa is not None
    ended = replace(licence, visa=replace(licence.visa, valid_until=date(2026, 11, 17)))
    assert decide(CONTRA, ended).finding == "part"


def test_a_contra_without_an_original_is_refused() -> None:
    nameless = replace(CONTRA, original_number=None)
    assert codes(nameless, used([entry()])) == [Code.ORIGINAL_NUMBER_MISSING]


def test_a_contra_corrects_no_contra() -> None:
    earlier = replace(entry("I-8", -10, -400), kind="contra", corrects="I-1")
    message = replace(CONTRA, original_number="I-8")
    assert codes(message, used([entry(), earlier])) == [Code.ORIGINAL_UNKNOWN]


def test_a_contra_repeats_its_originals_line_goods_currency_and_declaration() -> None:
    other = replace(
        CONTRA,
        line=2,
        commodity_code="1509100000",
        declaration_number="309060202600099999Z",
        quantity=Quantity(value=Decimal(100), unit="LTR"),
        value=Amount(value=Decimal(4000), currency="EUR"),
    )
    findings = refused(other, used([entry()]))
    assert {finding.code for finding in findings} == {Code.CONTRA_DIFFERS}
    assert [finding.path for finding in findings] == [
        "DeclarationNumber",
        "Line",
        "CommodityCode",
        "Value/@currency",
    ]
