"""Values as JSON and back: frozen dataclasses of texts, numbers, decimals, days and moments."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from schemas.workflow import Dossier

Thaw = Callable[[Any], Any]
Value = TypeVar("Value")

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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shape:
    """How a procedure's value stands in a dossier."""

    own: tuple[str, ...]  #: fields that the dossier itself has
    kept: tuple[str, ...]  #: fields that its content keeps
    defaults: dict[str, Any]  #: of those kept
    thaws: tuple[tuple[str, Thaw], ...]  #: the kept that are not read from JSON as they stand


@cache
def _shape(kind: Any) -> _Shape:
    known = {field.name for field in fields(Dossier)}
    kept = [field for field in fields(kind) if field.name not in known]
    hints = get_type_hints(kind)
    return _Shape(
        own=tuple(field.name for field in fields(kind) if field.name in known),
        kept=tuple(field.name for field in kept),
        defaults={field.name: field.default for field in kept if field.default is not MISSING},
        thaws=tuple(
            (field.name, thaw) for field in kept if (thaw := thawing(hints[field.name])) is not None
        ),
    )


def of_dossier(kind: type[Value], dossier: Dossier) -> Value:
    """The value that a dossier holds; a field that its content lacks takes its default."""
    hashable: Any = kind  # to mypy a class is hashable only when its objects are
    shape = _shape(hashable)
    values: dict[str, Any] = json.loads(dossier.content)
    for name, thaw in shape.thaws:
        if name in values:
            values[name] = thaw(values[name])
    for name in shape.own:
        values[name] = getattr(dossier, name)
    return kind(**values)


def content_of(value: object) -> str:
    """The JSON that `of_dossier` reads back: neither what the dossier knows, nor a default."""
    hashable: Any = type(value)
    shape = _shape(hashable)
    content = {name: getattr(value, name) for name in shape.kept}
    return freeze(
        {
            name: part
            for name, part in content.items()
            if name not in shape.defaults or part != shape.defaults[name]
        }
    )
