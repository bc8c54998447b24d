from __future__ import annotations

from decimal import Decimal

import pytest

from handlers.papers.words import amount_in_words


@pytest.mark.parametrize(
    ("amount", "currency", "words"),
    [
        ("1275000.50", "MAD", "un million deux cent soixante-quinze mille dirhams marocains"
         " et cinquante centimes"),
        ("1", "MAD", "un dirham marocain"),
        ("80", "EUR", "quatre-vingts euros"),
        ("83", "EUR", "quatre-vingt-trois euros"),
        ("200.01", "EUR", "deux cents euros et un centime"),
        ("0", "MAD", "zéro dirham marocain"),
    ],
)  # fmt: skip
def test_an_amount_is_read_in_french(amount: str, currency: str, words: str) -> None:
    assert amount_in_words(Decimal(amount), currency) == words


def test_round_millions_take_a_preposition() -> None:
    assert amount_in_words(Decimal(2_000_000), "MAD") == "deux millions de dirhams marocains"
    assert amount_in_words(Decimal(1_000_000), "EUR") == "un million d’euros"


def test_a_feminine_currency_has_a_feminine_one() -> None:
    assert amount_in_words(Decimal(21), "GBP") == "vingt et une livres sterling"


def test_the_dinar_has_thousandths() -> None:
    words = amount_in_words(Decimal("12.345"), "TND")
    assert words == "douze dinars tunisiens et trois cent quarante-cinq millièmes"


def test_decimals_beyond_the_currency_are_read_and_not_rounded() -> None:
    assert amount_in_words(Decimal("12.345"), "MAD") == (
        "douze virgule trois quatre cinq dirhams marocains"
    )
    assert amount_in_words(Decimal("1.5"), "JPY").startswith("un virgule cinq")


def test_an_unknown_currency_is_named_by_its_code() -> None:
    assert amount_in_words(Decimal(5), "XQQ") == "cinq XQQ"


def test_a_negative_amount_has_no_words() -> None:
    with pytest.raises(ValueError, match="negative"):
        amount_in_words(Decimal(-1), "MAD")
