"""Days, months, units and decimals as the licence counts them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.days import months_after, today
from handlers.licence.lists import UNITS
from handlers.licence.units import CONVERSIONS, convert
from schemas.codelists import codelist

DAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("now", "day"),
    [
        (datetime(2026, 11, 21, 22, 59, tzinfo=UTC), date(2026, 11, 21)),
        (datetime(2026, 11, 21, 23, 0, tzinfo=UTC), date(2026, 11, 22)),
    ],
)
def test_the_day_is_morocco_s(now: datetime, day: date) -> None:
    assert today(now) == day


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 11, 21), 6, date(2027, 5, 21)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2027, 8, 31), 6, date(2028, 2, 29)),
        (date(2026, 12, 1), 1, date(2027, 1, 1)),
        (date(2026, 1, 31), 11, date(2026, 12, 31)),
    ],
)
def test_months_end_on_a_day_that_exists(day: date, months: int, expected: date) -> None:
    assert months_after(day, months) == expected


@pytest.mark.parametrize(
    ("quantity", "unit", "into", "expected"),
    [
        ("1500.250", "KGM", "KGM", "1500.250"),
        ("1.5", "TNE", "KGM", "1500"),
        ("1500.000", "KGM", "TNE", "1.5"),
        ("1", "GRM", "TNE", "0.000001"),
        ("2", "DZN", "H87", "24"),
        ("3", "PR", "H87", "6"),
        ("10000", "CMK", "MTK", "1"),
        ("0.1", "GRM", "TNE", None),
        ("24", "H87", "DZN", None),
        ("1", "LTR", "KGM", None),
        ("6", "H87", "PR", None),
        ("999999999999", "TNE", "KGM", None),
    ],
)
def test_only_exact_conversions_are_made(
    quantity: str, unit: str, into: str, expected: str | None
) -> None:
    converted = convert(Decimal(quantity), unit, into, DAY)
    assert (None if converted is None else str(converted)) == expected


@given(st.decimals(min_value=Decimal("0.000001"), max_value=10**9, places=6))
def test_there_and_back_is_the_same_quantity(quantity: Decimal) -> None:
    tonnes = convert(quantity, "KGM", "TNE", DAY)
    if tonnes is not None:
        assert convert(tonnes, "TNE", "KGM", DAY) == quantity


def test_every_conversion_is_between_units_of_the_list() -> None:
    pairs = [code.split("-") for code in codelist(CONVERSIONS).codes(DAY)]
    assert {unit for pair in pairs for unit in pair} <= set(codelist(UNITS).codes(DAY))
    for unit, into in pairs:
        assert convert(Decimal(1_000), unit, into, DAY) is not None


def test_a_way_back_undoes_the_way_there() -> None:
    pairs = {tuple(code.split("-")) for code in codelist(CONVERSIONS).codes(DAY)}
    for unit, into in pairs:
        if (into, unit) in pairs:
            there = convert(Decimal(1_000), unit, into, DAY)
            assert there is not None
            assert convert(there, into, unit, DAY) == 1_000
