"""Reads payloads into bindings and writes bindings as payloads, by a plan compiled per class.

The plan comes from the metadata that xsdata leaves in the bindings. Reading is strict: an element,
attribute or text that the class does not know, or a value that its type cannot hold, is an error;
after a valid verdict of the schema none of them happens.
"""

from __future__ import annotations

import binascii
import dataclasses
import re
import types
import typing
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, TypeVar, cast

from lxml import etree
from xsdata.models.datatype import XmlDate, XmlDateTime

COMMON = "urn:passavant:common:1"
XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
#: Attributes that only tell other tools where a schema may be found.
HINTS = {f"{XSI}schemaLocation", f"{XSI}noNamespaceSchemaLocation"}

DECIMAL = re.compile(r"\s*[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)\s*")
INTEGER = re.compile(r"\s*[+-]?[0-9]+\s*")
BOOLEANS = {"true": True, "1": True, "false": False, "0": False}

T = TypeVar("T")
_plans: dict[type[Any], _Plan] = {}


class Unreadable(ValueError):
    """The element is not what the binding describes; a valid message's payload always is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Slot:
    """One field: where its value stands in the XML, and how it is read and written."""

    name: str
    tag: str  #: the element's or attribute's name in Clark notation
    label: str  #: the same with its prefix, as it is written
    many: bool
    plan: _Plan | None  #: of an element that has parts or attributes
    parse: Callable[[str], Any]
    format: Callable[[Any], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """How one class is read and written."""

    cls: type[Any]
    tag: str
    elements: dict[object, _Slot]  #: by tag
    attributes: dict[str, _Slot]  #: by name, in canonical order
    text: _Slot | None


def read(element: etree._Element, cls: type[T]) -> T:
    """The binding of a payload's root element. Raises `Unreadable`."""
    plan = _plan(cls)
    if element.tag != plan.tag:
        raise Unreadable(f"{element.tag!r} is not {plan.tag}")
    try:
        return cast("T", _read(element, plan))
    except Unreadable:
        raise
    except (ValueError, ArithmeticError, KeyError, TypeError) as error:
        raise Unreadable(f"{element.tag!r}: {error}") from error


def write(value: object) -> str:
    """A payload as inclusive Canonical XML 1.0 has it, with the prefixes that people expect.

    It declares its own namespaces and no blank text stands in it. Characters that XML cannot hold
    are written as they are: whoever writes the whole document looks for them.
    """
    plan = _plan(type(value))
    pieces: list[str] = []
    namespaces = f' xmlns="{namespace_of(plan.cls)}" xmlns:c="{COMMON}"'
    _write(pieces, plan.cls.__name__, namespaces, value, plan)
    return "".join(pieces)


def escaped(text: str) -> str:
    """The text of an element in canonical form (Canonical XML 1.0 §2.3)."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace("\r", "&#xD;")


def quoted(text: str) -> str:
    """An attribute's value in canonical form, with its quotes; unlike in text, `>` stays."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    text = text.replace("\t", "&#x9;").replace("\n", "&#xA;").replace("\r", "&#xD;")
    return f'"{text}"'


def namespace_of(cls: type[Any]) -> str:
    """The namespace of a payload's binding."""
    return str(cls.Meta.namespace)


def _read(element: etree._Element, plan: _Plan) -> object:
    values = _own(element, plan) if plan.attributes or plan.text else {}
    elements = plan.elements
    for child in element if elements else ():
        slot = elements[child.tag]
        name = slot.name
        if slot.plan is not None:
            value = _read(child, slot.plan)
        elif len(child):
            raise Unreadable(f"elements in {child.tag!r}")
        else:
            value = slot.parse(child.text or "")
        if slot.many:
            values[name] = (*values[name], value) if name in values else (value,)
        elif name in values:
            raise Unreadable(f"{child.tag!r} stands twice")
        else:
            values[name] = value
    return plan.cls(**values)


def _own(element: etree._Element, plan: _Plan) -> dict[str, Any]:
    """The values that stand in the element's own attributes and text."""
    values: dict[str, Any] = {}
    if plan.text is not None:
        if len(element):
            raise Unreadable(f"elements in {element.tag!r}")
        values[plan.text.name] = plan.text.parse(element.text or "")
    for name, text in element.items():
        if name in plan.attributes:
            slot = plan.attributes[name]
            values[slot.name] = slot.parse(text)
        elif name not in HINTS:
            raise Unreadable(f"{name} in {element.tag!r}")
    return values


def _write(pieces: list[str], label: str, namespaces: str, value: object, plan: _Plan) -> None:
    pieces.append(f"<{label}{namespaces}")
    for slot in plan.attributes.values():
        if (given := getattr(value, slot.name)) is not None:
            pieces.append(f" {slot.label}={quoted(slot.format(given))}")
    pieces.append(">")
    if plan.text is not None:
        pieces.append(escaped(plan.text.format(getattr(value, plan.text.name))))
    for slot in plan.elements.values():
        given = getattr(value, slot.name)
        if given is None:
            continue
        for item in given if slot.many else (given,):
            if slot.plan is not None:
                _write(pieces, slot.label, "", item, slot.plan)
            else:
                pieces.append(f"<{slot.label}>{escaped(slot.format(item))}</{slot.label}>")
    pieces.append(f"</{label}>")


def _plan(cls: type[Any]) -> _Plan:
    plan = _plans.get(cls)
    if plan is None:
        plan = _plans[cls] = _compiled(cls)
    return plan


def _compiled(cls: type[Any]) -> _Plan:
    """The plan of a class: its metadata name the tags, its type hints the values."""
    hints = typing.get_type_hints(cls)
    namespace = getattr(getattr(cls, "Meta", None), "namespace", "")
    elements: dict[object, _Slot] = {}
    attributes: dict[str, _Slot] = {}
    text = None
    for field in dataclasses.fields(cls):
        kind = field.metadata.get("type")
        slot = _slot(field, hints[field.name], namespace if kind == "Element" else "")
        if kind == "Element":
            elements[slot.tag] = slot
        elif kind == "Attribute":
            attributes[slot.tag] = slot
        else:
            text = slot
    return _Plan(
        cls=cls,
        tag=_clark(namespace, cls.__name__),
        elements=elements,
        attributes=dict(sorted(attributes.items())),
        text=text,
    )


def _slot(field: dataclasses.Field[Any], hint: Any, namespace: str) -> _Slot:
    many, kind = _value_type(hint)
    namespace = field.metadata.get("namespace", namespace)
    name = field.metadata.get("name", field.name)
    parse, format_ = (str, str) if dataclasses.is_dataclass(kind) else _converters(kind)
    return _Slot(
        name=field.name,
        tag=_clark(namespace, name),
        label=f"c:{name}" if namespace == COMMON else name,
        many=many,
        plan=_plan(kind) if dataclasses.is_dataclass(kind) else None,
        parse=parse,
        format=format_,
    )


def _clark(namespace: str, name: str) -> str:
    return f"{{{namespace}}}{name}" if namespace else name


def _value_type(hint: Any) -> tuple[bool, type[Any]]:
    """Whether a field holds many values, and their class."""
    origin = typing.get_origin(hint)
    if origin is tuple:
        return True, typing.get_args(hint)[0]
    if origin in (types.UnionType, typing.Union):
        return False, next(_present(hint))
    return False, hint


def _present(hint: Any) -> Iterator[type[Any]]:
    return (part for part in typing.get_args(hint) if part is not type(None))


def _converters(kind: type[Any]) -> tuple[Callable[[str], Any], Callable[[Any], str]]:
    """How a class of values is read from text, and written."""
    if issubclass(kind, Enum):
        members = {member.value: member for member in kind}
        return members.__getitem__, lambda member: str(member.value)
    return _CONVERTERS[kind]


def _decimal(text: str) -> Decimal:
    if DECIMAL.fullmatch(text) is None:
        raise Unreadable(f"“{text[:40]}” is not a decimal")
    return Decimal(text)


def _integer(text: str) -> int:
    if INTEGER.fullmatch(text) is None:
        raise Unreadable(f"“{text[:40]}” is not an integer")
    return int(text)


def _day(text: str) -> XmlDate:
    return XmlDate.from_date(date.fromisoformat(text.strip()))


def _moment(text: str) -> XmlDateTime:
    return XmlDateTime.from_datetime(datetime.fromisoformat(text.strip()))


_CONVERTERS: dict[type[Any], tuple[Callable[[str], Any], Callable[[Any], str]]] = {
    str: (str, str),
    int: (_integer, str),
    bool: (lambda text: BOOLEANS[text.strip()], lambda value: "true" if value else "false"),
    Decimal: (_decimal, lambda value: f"{value:f}"),
    bytes: (
        binascii.a2b_base64,
        lambda value: binascii.b2a_base64(value, newline=False).decode("ascii"),
    ),
    XmlDate: (_day, str),
    XmlDateTime: (_moment, str),
}
