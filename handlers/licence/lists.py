"""The code lists that licences are written in, and the finding when a code is not in its list."""

from __future__ import annotations

from datetime import date

from handlers.lists import holds, is_subheading, unknown, withdrawn
from schemas.codelists import COUNTRIES, CURRENCIES

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


def is_licensed(code: str, day: date) -> bool:
    """Is the ten-digit code under export licence on that day?"""
    return holds(_PRODUCTS, code, day)
