"""An amount of money in French words, as it stands beside the figures."""

from __future__ import annotations

from decimal import Decimal

from babel.numbers import get_currency_name, get_currency_precision, is_currency
from num2words import num2words

#: Currencies whose hundredth is a centime in French; the others' is a plain hundredth.
_CENTIMES = frozenset({"CHF", "DZD", "EUR", "MAD", "XAF", "XOF"})

#: A currency's part by its number of decimals; in other cases the decimals are read after a comma.
_PARTS = {2: "centième", 3: "millième"}

#: First words of the currency names of feminine gender: "une livre sterling".
_FEMININE = ("couronne", "livre", "lire", "roupie")


def amount_in_words(amount: Decimal, currency: str) -> str:
    """`deux millions de dirhams marocains et cinquante centimes`.

    Decimals beyond the currency's own are read as they stand, never rounded, and a currency that
    CLDR does not know is named by its code. Raises ValueError for a negative amount.
    """
    if amount < 0:
        raise ValueError(f"no words for the negative amount {amount}")
    whole = int(amount)
    places = get_currency_precision(currency) if is_currency(currency) else 2
    part = (amount - whole).scaleb(places)
    name = _name(currency, whole)
    if not part:
        return _counted(whole, name)
    if part != int(part) or places not in _PARTS:
        return f"{_spelt(amount)} {name}"
    return f"{_counted(whole, name)} et {_counted(int(part), _part(currency, places, int(part)))}"


def _name(currency: str, count: int) -> str:
    if not is_currency(currency):
        return currency
    return get_currency_name(currency, count=max(count, 1), locale="fr")


def _part(currency: str, places: int, count: int) -> str:
    singular = "centime" if currency in _CENTIMES else _PARTS[places]
    return singular if count == 1 else f"{singular}s"


def _counted(count: int, name: str) -> str:
    """The number before its noun: "un million de dirhams", "d’euros", "une livre"."""
    words = _spelt(Decimal(count))
    if name.startswith(_FEMININE) and words.endswith("un"):
        words += "e"
    if count and count % 1_000_000 == 0:
        return f"{words} d’{name}" if name[0].lower() in "aeiouyéè" else f"{words} de {name}"
    return f"{words} {name}"


def _spelt(number: Decimal) -> str:
    words: str = num2words(number, lang="fr")
    return words
