"""The explicit table by which an imputed quantity is converted into its line's unit.

Only exact conversions stand in it (UNECE Recommendation 20): a dozen is twelve pieces, but one
piece is no decimal fraction of a dozen.
"""

from __future__ import annotations

from decimal import Decimal

_FACTORS = {
    ("GRM", "KGM"): Decimal("0.001"),
    ("GRM", "TNE"): Decimal("0.000001"),
    ("KGM", "GRM"): Decimal(1_000),
    ("KGM", "TNE"): Decimal("0.001"),
    ("TNE", "GRM"): Decimal(1_000_000),
    ("TNE", "KGM"): Decimal(1_000),
    ("CMK", "MTK"): Decimal("0.0001"),
    ("MTK", "CMK"): Decimal(10_000),
    ("DZN", "H87"): Decimal(12),
}

_FINEST = Decimal("0.000001")  #: the finest quantity that a message can write
_GREATEST = Decimal(10) ** 12


def convert(quantity: Decimal, unit: str, into: str) -> Decimal | None:
    """The quantity in another unit; None when there is no exact way that a message can write."""
    if unit == into:
        return quantity
    factor = _FACTORS.get((unit, into))
    if factor is None:
        return None
    converted = quantity * factor
    if converted >= _GREATEST or converted % _FINEST:
        return None
    return _tidy(converted)


def _tidy(number: Decimal) -> Decimal:
    """Without trailing zeros, which may be more than a message can write, and no exponent."""
    short = number.normalize()
    return short.quantize(Decimal(1)) if short == short.to_integral_value() else short
