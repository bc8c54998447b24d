"""The code lists that licences are written in, and the finding when a code is not in its list."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import lru_cache

from schemas.codelists import COUNTRIES, CURRENCIES, SUBHEADINGS, codelist
from schemas.errors import Code, Finding

__all__ = [
    "CANCELLATION_REASONS",
    "CATEGORIES",
    "COUNTRIES",
    "CURRENCIES",
    "DEDUCTIONS",
    "DOCUMENTS",
    "INCOTERMS",
    "OFFICES",
    "PAYMENT_TERMS",
    "PROCEDURES",
    "REGISTER_CENTRES",
    "UNITS",
    "is_licensed",
    "is_subheading",
    "unknown",
    "withdrawn",
]

CANCELLATION_REASONS = "cancellation-reasons"
CATEGORIES = "licence-categories"
DEDUCTIONS = "deduction-codes"
DOCUMENTS = "document-types"
INCOTERMS = "incoterms"
OFFICES = "customs-offices"
PAYMENT_TERMS = "payment-terms"
PROCEDURES = "export-procedures"
REGISTER_CENTRES = "commercial-register-centres"
UNITS = "units"
_PRODUCTS = "licensed-products"


def unknown(name: str, value: str, day: date, code: Code, path: str) -> Iterator[Finding]:
    """The finding when the named list does not hold the value on that day."""
    if not _holds(name, value, day):
        known = ", ".join(codelist(name).codes(day))
        fields: dict[str, object] = {"found": value, "known": known}
        yield Finding(code=code, path=path, value=value, fields=fields)


def withdrawn(name: str, value: str, day: date) -> bool:
    """Did the named list hold the value once, and no longer on that day?"""
    return codelist(name).withdrawn(value, day)


def is_subheading(digits: str) -> bool:
    """Are these six digits a subheading of the Harmonized System?"""
    return digits in codelist(SUBHEADINGS).entries


def is_licensed(code: str, day: date) -> bool:
    """Is the ten-digit code under export licence on that day?"""
    return _holds(_PRODUCTS, code, day)


@lru_cache(maxsize=4096)
def _holds(name: str, value: str, day: date) -> bool:
    """Applications of one day name the same codes over and over."""
    return codelist(name).holds(value, day)
