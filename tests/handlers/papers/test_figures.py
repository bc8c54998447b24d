from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from handlers.papers import figures


def test_thousands_are_parted_by_a_narrow_space_and_decimals_by_a_comma() -> None:
    assert figures.amount(Decimal("26775000"), "MAD") == "26\u202f775\u202f000,00"
    assert figures.amount(Decimal("1234"), "JPY") == "1\u202f234"


def test_an_amount_is_never_rounded() -> None:
    assert figures.amount(Decimal("0.12345"), "MAD") == "0,12345"


def test_a_quantity_keeps_every_digit_that_counts_and_no_other() -> None:
    assert figures.quantity(Decimal("10920.500"), "KGM") == "10\u202f920,5 kg"
    assert figures.quantity(Decimal("1E+3")) == "1\u202f000"
    assert figures.quantity(Decimal("0.000001"), "MTK") == "0,000001 m²"


def test_what_is_given_back_bears_a_minus_sign() -> None:
    assert figures.quantity(Decimal("-5"), "TNE") == "\u22125 t"


def test_days_and_moments_are_written_as_in_france() -> None:
    assert figures.day(date(2026, 1, 9)) == "09/01/2026"
    rabat = timezone(timedelta(hours=1))
    assert figures.moment(datetime(2026, 1, 9, 0, 5, tzinfo=rabat)) == "08/01/2026 à 23:05 UTC"


def test_codes_are_explained() -> None:
    assert figures.coded("customs-offices", "309") == "309 – Casablanca Port"
    assert figures.country("ES") == "ES – Espagne"
    assert figures.currency("MAD") == "MAD – dirham marocain"
    assert figures.commodity("1515909020") == "1515.90.90.20"


@pytest.mark.parametrize("code", ["999999", "", "<b>"])
def test_an_unknown_code_is_printed_bare(code: str) -> None:
    assert figures.coded("customs-offices", code) == code
    assert figures.coded("no-such-list", code) == code
    assert figures.country(code) == code
    assert figures.currency(code) == code
    assert figures.commodity(code) == code


def test_a_text_cannot_turn_the_direction_of_what_follows() -> None:
    assert figures.plain("net \u202e000 1\u202c kg\u2066\x00") == "net 000 1 kg"


def test_a_text_stands_on_one_line() -> None:
    assert figures.plain(" deux\n lignes\t\u2028fin ") == "deux lignes fin"


def test_arabic_and_combined_letters_stay() -> None:
    assert figures.plain("زيت أركان") == "زيت أركان"
