"""Quantities, amounts, days, countries and coded values as a French paper writes them."""

from __future__ import annotations

import unicodedata
from datetime import UTC, date, datetime
from decimal import Decimal

from babel import Locale
from babel.numbers import (
    format_decimal,
    get_currency_name,
    get_currency_precision,
    is_currency,
)

from schemas.codelists import codelist

#: A partner's text may turn the direction of what follows it; a paper must read as it is written.
_DIRECTION = frozenset("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

#: UNECE Rec 20 codes as a table writes them; other units by the label of the unit list.
SYMBOLS = {
    "CMK": "cm²",
    "DZN": "dz",
    "GRM": "g",
    "H87": "pce",
    "KGM": "kg",
    "LTR": "l",
    "MTK": "m²",
    "MTR": "m",
    "NAR": "art.",
    "PR": "pr",
    "SET": "jeu",
    "TNE": "t",
}

UNITS = "units"

_FRENCH = Locale("fr")


def plain(text: str) -> str:
    """A partner's text on one line, without control and direction characters."""
    kept = (
        " " if character.isspace() else character
        for character in text
        if character.isspace()
        or (character not in _DIRECTION and unicodedata.category(character) != "Cc")
    )
    return " ".join("".join(kept).split())


def quantity(value: Decimal, unit: str = "") -> str:
    """`1 234,5 kg`: every digit that counts, the unit's symbol where the unit list has one."""
    figure = _figure(value, "#,##0.###")
    if not unit:
        return figure
    return f"{figure} {SYMBOLS.get(unit) or meaning(UNITS, unit)}"


def amount(value: Decimal, currency: str) -> str:
    """`26 775 000,00`: at least the currency's own decimals, never rounded."""
    places = get_currency_precision(currency) if is_currency(currency) else 2
    pattern = "#,##0." + "0" * places if places else "#,##0"
    return _figure(value, pattern)


def day(value: date) -> str:
    """`21/11/2026`."""
    return f"{value:%d/%m/%Y}"


def moment(value: datetime) -> str:
    """`21/11/2026 à 22:40 UTC`, from an aware time."""
    return f"{value.astimezone(UTC):%d/%m/%Y à %H:%M} UTC"


def commodity(code: str) -> str:
    """A ten-digit code as `1515.30.00.10`; anything else as it stands."""
    if len(code) != 10 or not code.isdigit():
        return plain(code)
    return f"{code[:4]}.{code[4:6]}.{code[6:8]}.{code[8:]}"


def country(code: str) -> str:
    """`ES – Espagne`, or the bare code where CLDR knows none."""
    return _coded(code, _FRENCH.territories.get(code))


def currency(code: str) -> str:
    """`MAD – dirham marocain`, or the bare code where CLDR knows none."""
    return _coded(code, get_currency_name(code, locale=_FRENCH) if is_currency(code) else None)


def coded(name: str, code: str) -> str:
    """`309 – Casablanca Port` from the named code list, or the bare code if the list lacks it."""
    return _coded(code, _label(name, code))


def meaning(name: str, code: str) -> str:
    """The French label alone, or the bare code if the list lacks it."""
    return plain(_label(name, code) or code)


def _figure(value: Decimal, pattern: str) -> str:
    text = format_decimal(value, format=pattern, locale=_FRENCH, decimal_quantization=False)
    return text.replace("-", "\u2212")


def _label(name: str, code: str) -> str | None:
    try:
        return codelist(name).label(code, "fr")
    except LookupError:
        return None


def _coded(code: str, label: str | None) -> str:
    return plain(f"{code} – {label}" if label and label != code else code)
