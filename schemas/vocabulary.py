"""What the XSDs say of themselves in French and English: one home for labels and definitions.

Read with xmlschema from the project's own files; the reference pages and the hub's public pages
are made of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import xmlschema
from xmlschema.validators import (
    XsdComplexType,
    XsdComponent,
    XsdElement,
    XsdEnumerationFacets,
    XsdFacet,
    XsdGroup,
    XsdPatternFacets,
    XsdSimpleType,
)

from schemas.generate import ENTRY

Kind = XsdSimpleType | XsdComplexType

_COMMON = "{urn:passavant:common:1}"
_XS = "{http://www.w3.org/2001/XMLSchema}"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_MESSAGE = re.compile(r"\{urn:passavant:(?P<name>[A-Z][A-Za-z0-9]*):(?P<major>[0-9]+)\}(?P=name)")
#: Facets that are a number, with the words that introduce it.
_BOUNDS = {
    "length": "length",
    "minLength": "length ≥",
    "maxLength": "length ≤",
    "minInclusive": "≥",
    "maxInclusive": "≤",
    "minExclusive": ">",
    "maxExclusive": "<",
    "totalDigits": "digits ≤",
    "fractionDigits": "decimals ≤",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """An `xs:documentation` pair: the label in French, the definition in English."""

    fr: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One element or attribute (`@lang`) of a structure; `type` is described too, or a built-in."""

    name: str
    type: str
    occurs: str  #: `1`, `0..1`, `1..*`
    words: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Structure:
    """A complex type and what it is made of, in order."""

    name: str
    words: Words
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scalar:
    """A simple type: its built-in base, its bounds as words, and its values where listed."""

    name: str
    words: Words
    base: str
    bounds: tuple[str, ...]
    values: tuple[tuple[str, Words], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """One message type, with the structures and scalars that are its own."""

    name: str
    version: str
    namespace: str
    file: str
    words: Words
    items: tuple[Item, ...]
    structures: tuple[Structure, ...]
    scalars: tuple[Scalar, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaFile:
    """One XSD of the folder."""

    name: str
    namespace: str
    version: str
    words: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """Every file and message type by name, and the types that messages share."""

    files: tuple[SchemaFile, ...]
    messages: tuple[Described, ...]
    structures: tuple[Structure, ...]
    scalars: tuple[Scalar, ...]


@cache
def vocabulary() -> Vocabulary:
    """Read the published schemas once; takes a second or two."""
    maps = xmlschema.XMLSchema(ENTRY, allow="local").maps
    types: list[Kind] = list(maps.types.values())
    shared = [kind for kind in types if (kind.name or "").startswith(_COMMON)]
    messages = [
        _message(element, types)
        for element in maps.elements.values()
        if _MESSAGE.fullmatch(element.name)
    ]
    return Vocabulary(
        files=tuple(_files(maps.iter_schemas())),
        messages=tuple(sorted(messages, key=lambda message: message.name)),
        structures=tuple(_structures(shared)),
        scalars=tuple(_scalars(shared)),
    )


def _files(schemas: Iterable[xmlschema.XMLSchemaBase]) -> Iterator[SchemaFile]:
    """The project's own files, by name; the built-in schemas of XML itself left out."""
    ours = {path.name for path in ENTRY.parent.glob("*.xsd")}
    found = {Path(schema.url or "").name: schema for schema in schemas}
    for name in sorted(ours & found.keys(), key=str.lower):
        schema = found[name]
        yield SchemaFile(
            name=name,
            namespace=schema.target_namespace,
            version=schema.version or "",
            words=_words_of(next(iter(schema.annotations), None)),
        )


def _message(element: XsdElement, types: list[Kind]) -> Described:
    namespace = element.target_namespace
    own = [kind for kind in types if (kind.name or "").startswith(f"{{{namespace}}}")]
    return Described(
        name=element.local_name,
        version=element.schema.version or "",
        namespace=namespace,
        file=Path(element.schema.url or "").name,
        words=_words(element),
        items=tuple(_items(element.type)),
        structures=tuple(_structures(own)),
        scalars=tuple(_scalars(own)),
    )


def _structures(types: list[Kind]) -> Iterator[Structure]:
    for kind in types:
        if isinstance(kind, XsdComplexType):
            yield Structure(
                name=kind.local_name or "", words=_words(kind), items=tuple(_items(kind))
            )


def _scalars(types: list[Kind]) -> Iterator[Scalar]:
    for kind in types:
        if isinstance(kind, XsdSimpleType):
            yield Scalar(
                name=kind.local_name or "",
                words=_words(kind),
                base=kind.root_type.prefixed_name or "",
                bounds=tuple(_bounds(kind)),
                values=tuple(_values(kind)),
            )


def _items(kind: Kind) -> Iterator[Item]:
    if not isinstance(kind, XsdComplexType):
        return
    if kind.has_simple_content() and kind.base_type is not None:
        yield Item(name="(text)", type=_type_name(kind.base_type), occurs="1", words=_words(kind))
    if isinstance(kind.content, XsdGroup):
        for element in kind.content.iter_elements():
            if isinstance(element, XsdElement):
                yield Item(
                    name=element.local_name,
                    type=_type_name(element.type),
                    occurs=_occurs(element.min_occurs, element.max_occurs),
                    words=_words(element),
                )
    for name, attribute in kind.attributes.items():
        yield Item(
            name=f"@{name}",
            type=_type_name(attribute.type),
            occurs="1" if attribute.use == "required" else "0..1",
            words=_words(attribute),
        )


def _type_name(kind: Kind | None) -> str:
    if kind is None:
        return "—"
    name = kind.name or ""
    return f"xs:{kind.local_name}" if name.startswith(_XS) else kind.local_name or "—"


def _occurs(least: int, most: int | None) -> str:
    if least == most:
        return str(least)
    return f"{least}..{'*' if most is None else most}"


def _bounds(kind: XsdSimpleType) -> Iterator[str]:
    for name, facet in kind.facets.items():
        local = (name or "").rpartition("}")[2]
        if isinstance(facet, XsdPatternFacets):
            yield from (f"pattern {pattern.get('value')}" for pattern in facet)
        elif local in _BOUNDS and isinstance(facet, XsdFacet):
            yield f"{_BOUNDS[local]} {facet.value!s}"


def _values(kind: XsdSimpleType) -> Iterator[tuple[str, Words]]:
    facet = kind.get_facet(f"{_XS}enumeration")
    if not isinstance(facet, XsdEnumerationFacets):
        return
    for position, value in enumerate(facet.enumeration):
        note = facet.get_annotation(position)
        yield str(value), _words_of(note)


def _words(component: XsdComponent) -> Words:
    return _words_of(component.annotation)


def _words_of(annotation: object) -> Words:
    texts = {
        element.get(_LANG): " ".join((element.text or "").split())
        for element in getattr(annotation, "documentation", ())
    }
    return Words(fr=texts.get("fr", ""), en=texts.get("en", ""))
