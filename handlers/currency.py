"""How many decimals a currency's amounts have (ISO 4217, minor units)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from functools import cache

from iso4217 import Currency

from schemas.errors import Code, Finding


def decimals_exceeded(path: str, amount: Decimal, currency: str) -> Iterator[Finding]:
    """The finding when an amount has more decimals than its currency; trailing zeros count not."""
    places = minor_units(currency)
    if places is not None and amount != round(amount, places):
        yield Finding(
            code=Code.AMOUNT_DECIMALS,
            path=path,
            value=str(amount),
            fields={"found": amount, "currency": currency, "places": places},
        )


@cache
def minor_units(currency: str) -> int | None:
    """The decimals of a currency; None for one that has none, such as gold, or is unknown."""
    try:
        return Currency(currency).exponent
    except ValueError:
        return None
