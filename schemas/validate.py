"""The schema's verdict on a message, and its reasons in French and English.

libxml2 decides, as `xmllint --schema` does for anyone; xmlschema explains, as its errors carry the
parts of the schema they come from. Known differences, where libxml2's verdict counts: xmlschema
takes blanks inside numbers, and refuses stray characters in base64 that libxml2 skips (RFC 2045).
"""

from __future__ import annotations

import copy
import re
import threading
from collections.abc import Iterator
from functools import cache
from typing import Any, cast

import xmlschema
from lxml import etree
from xmlschema.validators import (
    XMLSchemaChildrenValidationError,
    XMLSchemaValidationError,
    XsdAtomicBuiltin,
    XsdAttributeGroup,
    XsdEnumerationFacets,
    XsdPatternFacets,
)

from schemas.errors import Code, Finding
from schemas.generate import ENTRY

LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
MOST_FINDINGS = 100
EXCERPT = 200  #: characters of an offending value that are quoted
LONG_TEXT = 10_000  #: longer texts are judged by libxml2 alone; xmlschema takes seconds for them

ATTRIBUTE = re.compile(r"attribute ([\w:.\-]+)=")
#: The built-in types that the schemas stand on, in both languages.
BUILTIN = {
    "base64Binary": ("base64", "du base64"),
    "boolean": ("true or false", "true ou false"),
    "date": ("an existing day (2026-03-31)", "un jour qui existe (2026-03-31)"),
    "dateTime": ("an existing moment", "une date et heure qui existe"),
    "decimal": ("a decimal number", "un nombre décimal"),
    "nonNegativeInteger": ("a whole number from 0", "un nombre entier à partir de 0"),
    "positiveInteger": ("a whole number from 1", "un nombre entier à partir de 1"),
}

_local = threading.local()


def validate(root: etree._Element) -> list[Finding]:
    """Nothing when the message follows the schema, else every fault at once (PSV-501)."""
    schema = _schema()
    if schema.validate(root):
        return []
    log = [(entry.path, entry.line, entry.message) for entry in schema.error_log]
    return _explained(root, log)


def prepare() -> None:
    """Load both forms of the schema ahead of the first message; takes a second."""
    _schema()
    _explainer()


def place(element: etree._Element) -> str:
    """Where an element stands, by local names: `/StandardBusinessDocument/…/GoodsLine[2]/Value`."""
    steps = []
    node: etree._Element | None = element
    while node is not None:
        name, parent = etree.QName(node), node.getparent()
        same = [node] if parent is None else list(parent.iterchildren(name))
        position = "" if len(same) == 1 else f"[{same.index(node) + 1}]"
        steps.append(f"{name.localname}{position}")
        node = parent
    return "/" + "/".join(reversed(steps))


def _schema() -> etree.XMLSchema:
    """The thread's own compiled schema, since a schema keeps the log of its last validation."""
    schema: etree.XMLSchema | None = getattr(_local, "schema", None)
    if schema is None:
        schema = _local.schema = etree.XMLSchema(etree.parse(ENTRY))
    return schema


@cache
def _explainer() -> xmlschema.XMLSchema10:
    """The same schema for xmlschema; loading it takes a second, and happens at the first fault."""
    return xmlschema.XMLSchema10(ENTRY, allow="local", defuse="always")


def _explained(root: etree._Element, log: list[tuple[str | None, int, str]]) -> list[Finding]:
    """xmlschema's findings, then libxml2's for the places where xmlschema found nothing."""
    shown = _shortened(root)
    source = xmlschema.XMLResource(cast("Any", shown), allow="none", defuse="always")
    findings: dict[tuple[str, str | None], Finding] = {}
    for error in _explainer().iter_errors(source, use_location_hints=False):
        if isinstance(error, XMLSchemaValidationError):
            finding = _finding(error)
            findings.setdefault((finding.path, finding.value), finding)
        if len(findings) == MOST_FINDINGS:
            break
    places = {path for path, _ in findings}
    for path, line, message in log[:MOST_FINDINGS]:
        where = _resolve(root, path)
        if not any(known == where or known.startswith(f"{where}/") for known in places):
            reason = message[:EXCERPT].rstrip(".")
            findings.setdefault((where, None), _refusal(where, line, None, reason, reason))
    return list(findings.values())


def _shortened(root: etree._Element) -> etree._Element:
    """The message itself, or a copy without its long texts."""
    if not any(len(element.text or "") > LONG_TEXT for element in root.iter()):
        return root
    shown = copy.deepcopy(root)
    for element in shown.iter():
        if len(element.text or "") > LONG_TEXT:
            element.text = "AAAA"
    return shown


def _resolve(root: etree._Element, path: str | None) -> str:
    """The place that libxml2's path names; the root when it names none."""
    namespaces = {str(prefix): uri for node in root.iter() for prefix, uri in node.nsmap.items()}
    try:
        found = root.getroottree().xpath(path or "/*", namespaces=namespaces)
    except etree.XPathError:
        found = []
    return place(found[0]) if isinstance(found, list) and len(found) == 1 else place(root)


def _refusal(path: str, line: int | None, value: str | None, en: str, fr: str) -> Finding:
    return Finding(
        code=Code.SCHEMA_INVALID,
        path=path,
        line=line,
        value=value,
        fields={"reason": en, "raison": fr},
    )


def _finding(error: XMLSchemaValidationError) -> Finding:
    element = cast("etree._Element", error.elem)
    if isinstance(error, XMLSchemaChildrenValidationError):
        return _children(error, element)
    path, line = place(element), element.sourceline
    name = etree.QName(element).localname
    if isinstance(error.validator, XsdAttributeGroup):
        return _refusal(path, line, None, *_attribute_reasons(str(error.reason), name))
    if attribute := ATTRIBUTE.match(str(error.reason)):
        path, name = f"{path}/@{attribute[1]}", f"{name}/@{attribute[1]}"
    value = str(error.obj)[:EXCERPT] if isinstance(error.obj, str) else None
    return _refusal(path, line, value, *_value_reasons(error, name))


def _children(error: XMLSchemaChildrenValidationError, parent: etree._Element) -> Finding:
    """An element that may not stand where it stands, or one that is missing."""
    child = parent[error.index] if error.index < len(parent) else None
    name = etree.QName(parent).localname
    expected = ", ".join(_expected(error.expected))
    if child is None:
        return _refusal(
            place(parent),
            parent.sourceline,
            None,
            f"{name} is incomplete, expected: {expected}",
            f"{name} est incomplet, attendu : {expected}",
        )
    found = etree.QName(child)
    en = f"{found.localname} ({found.namespace or 'no namespace'}) may not stand here"
    fr = f"{found.localname} ({found.namespace or 'sans espace de noms'}) ne peut se trouver ici"
    if expected:
        en, fr = f"{en}, expected: {expected}", f"{fr}, attendu : {expected}"
    return _refusal(place(child), child.sourceline, None, en, fr)


def _expected(particles: Any) -> Iterator[str]:
    """The local names of the elements that could have stood there."""
    for particle in particles or ():
        if name := getattr(particle, "local_name", None):
            yield name
        else:
            yield from sorted(uri.split(":")[2] for uri in particle.namespace if uri.count(":") > 2)


def _attribute_reasons(reason: str, name: str) -> tuple[str, str]:
    """xmlschema names the attribute between quotes, in a text of its own."""
    attribute = reason.split("'")[1] if "'" in reason else "?"
    if reason.startswith("missing"):
        return (
            f"the attribute “{attribute}” of {name} is missing",
            f"l'attribut « {attribute} » de {name} manque",
        )
    return (
        f"{name} has no attribute “{attribute}”",
        f"{name} n'a pas d'attribut « {attribute} »",
    )


def _value_reasons(error: XMLSchemaValidationError, name: str) -> tuple[str, str]:
    """Why a value, or text among elements, is refused."""
    facet = error.validator
    if isinstance(facet, XsdEnumerationFacets):
        values = ", ".join(str(value) for value in facet.enumeration)
        return f"{name} is one of: {values}", f"{name} est l'une de ces valeurs : {values}"
    kind = getattr(facet, "parent", None)
    en, fr = _documentation(kind, "en"), _documentation(kind, "fr")
    if isinstance(facet, XsdPatternFacets):
        form = " | ".join(pattern.get("value", "") for pattern in facet)
        return (
            f"{name} does not have the form {form} ({en or 'text'})",
            f"{name} n'a pas la forme {form} ({fr or 'texte'})",
        )
    if isinstance(facet, XsdAtomicBuiltin) and facet.local_name in BUILTIN:
        en, fr = BUILTIN[facet.local_name]
        return f"{name} is not {en}", f"{name} n'est pas {fr}"
    reason = str(error.reason)
    if reason.startswith("character data"):
        return f"text between the elements of {name}", f"du texte entre les éléments de {name}"
    if en and fr:
        return f"{name}: {reason[:EXCERPT]} ({en})", f"{name} : valeur non admise ({fr})"
    return f"{name}: {reason[:EXCERPT]}", f"{name} : contenu non conforme au schéma"


def _documentation(component: Any, language: str) -> str:
    """What the schema says of a type in a language, without the final full stop."""
    annotation = getattr(component, "annotation", None)
    for text in getattr(annotation, "documentation", None) or ():
        if text.get(LANGUAGE) == language:
            return (text.text or "").split(" WCO:")[0].rstrip(".")
    return ""
