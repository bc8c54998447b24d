"""What a procedure shows of a dossier, made readable: instants, days and tables out of JSON."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True, slots=True)
class Table:
    """Several facts of one shape; what none of them has is no column."""

    columns: tuple[str, ...]
    rows: tuple[Mapping[str, object], ...]


def readable(value: object) -> object:
    """The same with instants and days as such, and lists of objects as tables."""
    if isinstance(value, str):
        return _moment(value)
    if isinstance(value, Mapping):
        return {str(name): readable(one) for name, one in value.items()}
    if isinstance(value, Sequence):
        return _listed([readable(one) for one in value])
    return value


def _moment(text: str) -> str | date | datetime:
    """An instant or a day that is written so; any other text as it is."""
    try:
        if _INSTANT.fullmatch(text):
            return datetime.fromisoformat(text)
        return date.fromisoformat(text) if _DAY.fullmatch(text) else text
    except ValueError:
        return text


def _listed(found: list[object]) -> object:
    rows = [one for one in found if isinstance(one, Mapping)]
    if not rows or len(rows) < len(found):
        return found
    names = dict.fromkeys(name for row in rows for name in row)
    filled = tuple(name for name in names if any(row.get(name) is not None for row in rows))
    return Table(filled, tuple(rows))
