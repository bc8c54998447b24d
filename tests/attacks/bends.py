"""How a signed document is bent before its rightful key signs it anew."""

from __future__ import annotations

from collections.abc import Callable

from lxml import etree

from schemas.errors import Code
from tests.seal.documents import (
    CANONICAL,
    DS,
    EXCLUSIVE,
    NOW,
    envelope,
    one,
    part,
    partner,
    read,
)

Bend = Callable[[etree._Element], object]
XML = "{http://www.w3.org/XML/1998/namespace}"
XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
STRUCTURE = Code.SIGNATURE_STRUCTURE
REFERENCE = Code.REFERENCE_FORBIDDEN
TRANSFORM = Code.TRANSFORM_FORBIDDEN
ALGORITHM = Code.ALGORITHM_FORBIDDEN
KEY_INFO = Code.KEY_INFO_FORBIDDEN
DOCUMENT = "//ds:Reference[1]"


def plain() -> etree._Element:
    return read(partner().signer.sign_plain(envelope()))


def xades() -> etree._Element:
    return read(partner().signer.sign(envelope(), NOW))


def put(path: str, attribute: str, value: str) -> Bend:
    return lambda root: one(root, path).set(attribute, value)


def drop(path: str, attribute: str) -> Bend:
    return lambda root: one(root, path).attrib.pop(attribute)


def add(path: str, markup: str) -> Bend:
    return lambda root: one(root, path).append(part(markup))


def first(path: str, markup: str) -> Bend:
    return lambda root: one(root, path).insert(0, part(markup))


def write(path: str, text: str) -> Bend:
    return lambda root: setattr(one(root, path), "text", text)


def remove(path: str) -> Bend:
    def bend(root: etree._Element) -> None:
        element = one(root, path)
        parent = element.getparent()
        assert parent is not None
        parent.remove(element)

    return bend


def twice(path: str) -> Bend:
    def bend(root: etree._Element) -> None:
        element = one(root, path)
        element.addnext(read(etree.tostring(element, with_tail=False)))

    return bend


def together(*bends: Bend) -> Bend:
    def bend(root: etree._Element) -> None:
        for each in bends:
            each(root)

    return bend


def transforms(*markup: str) -> Bend:
    def bend(root: etree._Element) -> None:
        holder = one(root, f"{DOCUMENT}/ds:Transforms")
        holder[:] = [part(each) for each in markup]

    return bend


def transform(algorithm: str, inside: str = "") -> str:
    return f'<ds:Transform Algorithm="{algorithm}">{inside}</ds:Transform>'


ENVELOPED = transform(f"{DS}enveloped-signature")
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
INCLUSIVE = transform(CANONICAL)
PREFIXES = f'<i:InclusiveNamespaces xmlns:i="{EXCLUSIVE}" PrefixList="%s"/>'
