"""A message's XML to be looked at: indented and coloured, escaped, its long contents left out."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from lxml import etree
from markupsafe import Markup, escape

from schemas.errors import Refused
from schemas.parse import parse

LONG = 300  #: characters of one text that are shown
MOST_LINES = 4_000
RAW = 200_000  #: characters of the message as it came that are shown
_COMMON = "{urn:passavant:common:1}"

#: Says in the reader's language that so many characters are left out.
LeftOut = Callable[[int], object]


def pretty(document: bytes, left_out: LeftOut) -> Markup | None:
    """The document line by line; None for what is no XML of ours."""
    try:
        root = parse(document)
    except Refused:
        return None
    lines = []
    for line in _lines(root, 0, left_out):
        lines.append(line)
        if len(lines) == MOST_LINES:
            lines.append(Markup('<span class="e">…</span>'))
            break
    return Markup("\n").join(lines)


def _lines(element: etree._Element, depth: int, left_out: LeftOut) -> Iterator[Markup]:
    indent, name = "  " * depth, _name(element)
    text = (element.text or "").strip()
    begin = Markup('{}<span class="t">&lt;{}</span>{}').format(indent, name, _attributes(element))
    end = Markup('<span class="t">&lt;/{}&gt;</span>').format(name)
    if not len(element):
        if not text:
            yield begin + Markup('<span class="t">/&gt;</span>')
            return
        yield begin + Markup('<span class="t">&gt;</span>') + _shown(text, left_out) + end
        return
    yield begin + Markup('<span class="t">&gt;</span>')
    for child in element:
        yield from _lines(child, depth + 1, left_out)
    yield Markup("{}").format(indent) + end


def _name(element: etree._Element) -> str:
    local = etree.QName(element).localname
    return f"{element.prefix}:{local}" if element.prefix else local


def _attributes(element: etree._Element) -> Markup:
    parent = element.getparent()
    above: Mapping[str | None, str] = {} if parent is None else parent.nsmap
    declared = {
        f"xmlns:{prefix}" if prefix else "xmlns": uri
        for prefix, uri in element.nsmap.items()
        if above.get(prefix) != uri
    }
    own = {etree.QName(name).localname: value for name, value in element.attrib.items()}
    return Markup("").join(
        Markup(' <span class="a">{}</span>=<span class="v">"<bdi>{}</bdi>"</span>').format(
            name, value
        )
        for name, value in {**declared, **own}.items()
    )


def _shown(text: str, left_out: LeftOut) -> Markup:
    if len(text) <= LONG:
        return Markup("<bdi>{}</bdi>").format(text)
    start = text[:40] if " " not in text[:LONG] else text[:LONG]
    note = Markup('<span class="e"> {} </span>').format(left_out(len(text) - len(start)))
    return Markup("<bdi>{}</bdi>").format(start) + note


def raw(document: bytes) -> tuple[Markup, bool]:
    """The document as it came, and whether that is all of it."""
    text = document.decode(errors="replace")
    return escape(text[:RAW]), len(text) <= RAW


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file that came in a message, or beside it."""

    name: str
    media_type: str
    digest: str  #: SHA-256, hex
    content: bytes | None  #: None when it came beside and is not there
    inside: bool


def files(document: bytes, beside: Mapping[str, bytes]) -> list[File]:
    """The files that the message names, in its order; `beside` are parts by their digest."""
    try:
        root = parse(document)
    except Refused:
        return []
    found = []
    for named in root.iter(f"{_COMMON}FileName"):
        holder = named.getparent()
        if holder is not None:
            found.append(_file(holder, named.text or "", beside))
    return found


def _file(holder: etree._Element, name: str, beside: Mapping[str, bytes]) -> File:
    media = holder.findtext(f"{_COMMON}MediaType") or ""
    written = holder.findtext(f"{_COMMON}Content")
    if written is None:
        digest = (holder.findtext(f"{_COMMON}Digest") or "").lower()
        part = beside.get(digest)
        return File(name=name, media_type=media, digest=digest, content=part, inside=False)
    content = base64.b64decode(written)
    digest = hashlib.sha256(content).hexdigest()
    return File(name=name, media_type=media, digest=digest, content=content, inside=True)
