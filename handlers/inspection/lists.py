"""The code lists that requests for inspection certificates are written in."""

from __future__ import annotations

from schemas.codelists import codelist

CATEGORIES = "craft-categories"
DOCUMENTS = "inspection-document-types"
EXIT_POINTS = "exit-points"
LEGAL_FORMS = "legal-forms"
OFFICES = "customs-offices"
PLACES = "registration-places"
PRODUCTS = "craft-products"
QUALITIES = "carpet-qualities"
REGISTER_CENTRES = "commercial-register-centres"
TRANSPORT_MODES = "transport-modes"
WITHDRAWAL_REASONS = "withdrawal-reasons"

#: The categories of which the form asks for more.
CARPETS = "CARPETS"
POTTERY = "POTTERY"


def category_of(product: str) -> str | None:
    """The category to which a product belongs; None for a product that is not in the list."""
    entry = codelist(PRODUCTS).entries.get(product)
    return None if entry is None else entry.facts["category"]


def required_documents() -> tuple[str, ...]:
    """The types of document without which nothing can be submitted."""
    types = codelist(DOCUMENTS).entries.values()
    return tuple(one.code for one in types if one.facts["required"] == "yes")
