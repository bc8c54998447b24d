"""The explicit table by which a quantity is converted into a line's unit.

The table is the published list `unit-conversions`. Only exact conversions stand in it (UNECE
Recommendation 20): a dozen is twelve pieces, but one piece is no decimal fraction of a dozen.
"""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal
from functools import cache

from schemas.codelists import FOLDER, codelist

CONVERSIONS = "unit-conversions"

_FINEST = Decimal("0.000001")  #: the finest quantity that a message can write
_GREATEST = Decimal(10) ** 12


def convert(quantity: Decimal, unit: str, into: str, on: date) -> Decimal | None:
    """The quantity in another unit, by the table as it holds on that day.

    None when there is no exact way, or none that a message can write.
    """
    if unit == into:
        return quantity
    factor = _factors().get((unit, into))
    if factor is None or not codelist(CONVERSIONS).holds(f"{unit}-{into}", on):
        return None
    converted = quantity * factor
    if converted >= _GREATEST or converted % _FINEST:
        return None
    return _tidy(converted)


@cache
def _factors() -> dict[tuple[str, str], Decimal]:
    """What a quantity is multiplied by, by its unit and the unit it is converted into."""
    text = (FOLDER / f"{CONVERSIONS}.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    return {(row["unit"], row["into"]): Decimal(row["factor"]) for row in rows}


def _tidy(number: Decimal) -> Decimal:
    """Without trailing zeros, which may be more than a message can write, and no exponent."""
    short = number.normalize()
    return short.quantize(Decimal(1)) if short == short.to_integral_value() else short
