"""Whether a code stands in its list on a day, and the finding when it does not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import lru_cache

from schemas.codelists import SUBHEADINGS, codelist
from schemas.errors import Code, Finding


def unknown(name: str, value: str, day: date, code: Code, path: str) -> Iterator[Finding]:
    """The finding when the named list does not hold the value on that day."""
    if not holds(name, value, day):
        known = ", ".join(codelist(name).codes(day))
        fields: dict[str, object] = {"found": value, "known": known}
        yield Finding(code=code, path=path, value=value, fields=fields)


def withdrawn(name: str, value: str, day: date) -> bool:
    """Did the named list hold the value once, and no longer on that day?"""
    return codelist(name).withdrawn(value, day)


def is_subheading(digits: str) -> bool:
    """Are these six digits a subheading of the Harmonized System?"""
    return digits in codelist(SUBHEADINGS).entries


@lru_cache(maxsize=4096)
def holds(name: str, value: str, day: date) -> bool:
    """Whether the list holds the code on that day; a day's messages name the same codes."""
    return codelist(name).holds(value, day)
