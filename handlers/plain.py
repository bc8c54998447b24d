"""Values as JSON and back: frozen dataclasses of texts, numbers, decimals, days and moments."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

Thaw = Callable[[Any], Any]

_TEXTS: dict[type, Thaw] = {
    Decimal: Decimal,
    date: date.fromisoformat,
    datetime: datetime.fromisoformat,
}


def freeze(value: object) -> str:
    """The JSON of a value; decimals, days and moments are written as text."""
    return json.dumps(value, ensure_ascii=False, default=_plain, separators=(",", ":"))


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, date | Decimal):
        return str(value)
    return {name: getattr(value, name) for name in value.__slots__}


@cache
def thawing(kind: Any) -> Thaw | None:
    """How a part of this type is read from parsed JSON; None when it is read as it stands."""
    if kind in _TEXTS:
        return _TEXTS[kind]
    origin, of = get_origin(kind), get_args(kind)
    if origin is tuple:
        return _each(thawing(of[0]))
    if origin in (Union, UnionType):
        return _unless_none(thawing(next(one for one in of if one is not type(None))))
    return _of_dataclass(kind) if is_dataclass(kind) else None


def _each(thaw: Thaw | None) -> Thaw:
    return tuple if thaw is None else lambda items: tuple(thaw(item) for item in items)


def _unless_none(thaw: Thaw | None) -> Thaw | None:
    return None if thaw is None else lambda item: None if item is None else thaw(item)


def _of_dataclass(kind: Any) -> Thaw:
    """Fields that the JSON lacks take their defaults: it may be older than they are."""
    hints = get_type_hints(kind)
    plan = [(field.name, thaw) for field in fields(kind) if (thaw := thawing(hints[field.name]))]

    def thaw_fields(item: dict[str, Any]) -> Any:
        values = dict(item)
        for name, thaw in plan:
            if name in values:
                values[name] = thaw(values[name])
        return kind(**values)

    return thaw_fields
