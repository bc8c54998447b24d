"""Turns the bytes of a message into a tree, and is the only place that does so.

Nothing here fetches, expands or repairs: a message is UTF-8 XML 1.0 with neither DOCTYPE nor
comment nor processing instruction, within caps. What can be judged on the bytes is judged before
libxml2 sees them, so that a hostile message costs little.
"""

from __future__ import annotations

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache

from lxml import etree

from schemas.errors import Code, Finding, Refused, refused

ROOT = (
    "{http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader}"
    "StandardBusinessDocument"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a message may be at most; each cap is exact, the cap itself still passes.

    `attributes` counts those of one element without namespace declarations; `namespaces` counts
    each occurrence of `xmlns` in the message.
    """

    bytes: int = 16 * 1024 * 1024
    depth: int = 32
    elements: int = 10_000
    attributes: int = 32
    namespaces: int = 64


LIMITS = Limits()

BOM_UTF8 = b"\xef\xbb\xbf"
BOMS_OTHER = (b"\xff\xfe", b"\xfe\xff")
DECLARATION = re.compile(
    rb"""<\?xml\s+version\s*=\s*(?:"1\.0"|'1\.0')"""
    rb"""(?:\s+encoding\s*=\s*(?:"(?P<a>[\w.\-]+)"|'(?P<b>[\w.\-]+)'))?"""
    rb"""(?:\s+standalone\s*=\s*(?:"(?:yes|no)"|'(?:yes|no)'))?\s*\?>""",
    re.ASCII,
)
TAG = re.compile(rb"<[^>]*+>")
PLAIN_TAG = re.compile(
    rb"""</?([^\s<>/!?"'=&]++)"""
    rb"""((?:\s++[^\s<>/"'=&]++\s*+=\s*+(?:"[^"<]*+"|'[^'<]*+'))*+)\s*+/?>"""
)
ATTRIBUTE = re.compile(rb"""([^\s<>/"'=&]++)\s*+=\s*+("[^"<]*+"|'[^'<]*+')""")

#: How many names all messages together may leave in libxml2's table of names, which is kept per
#: thread and never shrinks; a message that brings more is read in a thread of its own.
KEPT_NAMES = 4096
LONGEST_NAME = 200
_kept: set[bytes] = set()
_local = threading.local()

#: Tags seen before, whole, with few attributes and with names that are kept; merely a cache.
SEEN_TAGS = 4096
SEEN_ATTRIBUTES = 8
_seen: set[bytes] = set()


def parse(data: bytes, limits: Limits = LIMITS) -> etree._Element:
    """The root of a message.

    Raises `Refused` with PSV-101, PSV-108 or one of PSV-201 to PSV-209.
    """
    if not data:
        raise refused(Code.BODY_EMPTY)
    if len(data) > limits.bytes:
        raise refused(Code.BODY_TOO_LARGE, limit=limits.bytes)
    _check_encoding(data)
    count_elements = _check_size(data, limits)
    names = _new_names(data, limits)
    if names is None:
        _check_markup(data, limits)
    root = _tree(data, names, limits)
    if root.tag != ROOT:
        found = str(root.tag)[:LONGEST_NAME]
        raise refused(Code.ROOT_UNKNOWN, path="/*", value=found, found=found)
    if _deeper(limits.depth)(root):
        raise refused(Code.TOO_DEEP, limit=limits.depth)
    if count_elements and _ELEMENTS(root) > limits.elements:
        raise refused(Code.TOO_MANY_ELEMENTS, limit=limits.elements)
    if (names is None or limits.attributes < SEEN_ATTRIBUTES) and _wider(limits.attributes)(root):
        raise refused(Code.TOO_MANY_ATTRIBUTES, limit=limits.attributes)
    return root


def _check_encoding(data: bytes) -> None:
    """UTF-8 without NUL, and declared as nothing else; libxml2 checks the octets themselves."""
    if data.startswith(BOMS_OTHER) or b"\0" in data[:4]:
        raise refused(Code.ENCODING_NOT_UTF8)
    start = len(BOM_UTF8) if data.startswith(BOM_UTF8) else 0
    if data[start : start + 1] not in (b"<", b" ", b"\t", b"\r", b"\n"):
        raise refused(Code.NOT_XML, reason="it does not begin with a tag")
    if b"\0" in data:
        raise refused(Code.NOT_XML, reason="it contains a NUL character")
    if not data.startswith(b"<?xml", start):
        return
    declaration = DECLARATION.match(data, start)
    if declaration is None:
        raise refused(Code.NOT_XML, reason="its declaration is not one of XML 1.0")
    encoding = declaration["a"] or declaration["b"] or b"UTF-8"
    if encoding.upper() != b"UTF-8":
        raise refused(Code.ENCODING_NOT_UTF8, value=encoding.decode())


def _check_markup(data: bytes, limits: Limits) -> None:
    """Neither DOCTYPE nor comment nor processing instruction, not even inside CDATA.

    No honest message writes one there, and so the bytes alone can tell. The attributes are bounded
    roughly here, so that libxml2 is not given hundreds of thousands.
    """
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise refused(Code.DOCTYPE_FORBIDDEN)
    if b"<!--" in data or data.find(b"<?", 5) >= 0:  # the declaration begins before the 5th octet
        raise refused(Code.COMMENT_FORBIDDEN)
    if data.count(b"=") > 100 * limits.attributes:
        raise refused(Code.TOO_MANY_ATTRIBUTES, limit=limits.attributes)


def _check_size(data: bytes, limits: Limits) -> bool:
    """Count elements and namespace declarations on the bytes; True when the tree must be counted.

    Outside CDATA each `<` opens or closes an element, or is the declaration's. With CDATA the
    bytes only give a bound, so that at most four times the cap is ever built.
    """
    if data.count(b"xmlns") > limits.namespaces:
        raise refused(Code.TOO_MANY_NAMESPACES, limit=limits.namespaces)
    brackets = data.count(b"<")
    if brackets <= limits.elements:
        return False
    if b"<![" in data:
        if brackets > 4 * limits.elements:
            raise refused(Code.TOO_MANY_ELEMENTS, limit=limits.elements)
        return True
    if brackets - data.count(b"</") - data.count(b"<?") > limits.elements:
        raise refused(Code.TOO_MANY_ELEMENTS, limit=limits.elements)
    return False


def _new_names(data: bytes, limits: Limits) -> set[bytes] | None:
    """The names and namespace addresses of the message that are not kept yet.

    None when they are too many, or when not every tag is a plain one: CDATA, a `>` in an
    attribute, a DOCTYPE, a comment, anything ill-formed. As long as each tag is plain, the next
    `<` opens a tag too, so that nothing hides between them.
    """
    new: set[bytes] = set()
    for tag in TAG.findall(data):
        if tag in _seen:
            continue
        if tag.count(b"=") > 100 * limits.attributes:
            raise refused(Code.TOO_MANY_ATTRIBUTES, limit=limits.attributes)
        plain = PLAIN_TAG.fullmatch(tag)
        if plain is None and DECLARATION.fullmatch(tag):
            continue  # libxml2 takes it at the beginning only
        if plain is None or len(new) > KEPT_NAMES:
            return None
        new |= _unkept(tag, plain, limits)
    return new


def _unkept(tag: bytes, plain: re.Match[bytes], limits: Limits) -> set[bytes]:
    """The names of one tag that are not kept yet."""
    attributes = ATTRIBUTE.findall(plain[2])
    declared = {value for name, value in attributes if name.startswith(b"xmlns")}
    if sum(not name.startswith(b"xmlns") for name, _ in attributes) > limits.attributes:
        raise refused(Code.TOO_MANY_ATTRIBUTES, limit=limits.attributes)
    names = {plain[1], *(name for name, _ in attributes)} | declared
    new = names - _kept
    if not new:
        _remember(tag, len(attributes))
    return new


def _remember(tag: bytes, attributes: int) -> None:
    """Spare the tag the closer look next time, when it is one that may well come again."""
    if len(_seen) >= SEEN_TAGS:
        _seen.clear()
    if attributes <= SEEN_ATTRIBUTES and len(tag) <= LONGEST_NAME:
        _seen.add(tag)


def _tree(data: bytes, new: set[bytes] | None, limits: Limits) -> etree._Element:
    """Let libxml2 build the tree, in a thread of its own when it would keep too many new names.

    lxml shares one table of names among all documents of a thread. Filled by a stranger it would
    eat the memory and then refuse every message; a thread's own table goes with the thread.
    """
    if new == set():
        return _read(data, limits)
    if new is None or len(_kept) + len(new) > KEPT_NAMES or max(map(len, new)) > LONGEST_NAME:
        with ThreadPoolExecutor(max_workers=1) as once:
            return once.submit(_read, data, limits).result()
    _kept.update(new)
    return _read(data, limits)


def _read(data: bytes, limits: Limits) -> etree._Element:
    try:
        return etree.fromstring(data, _parser())
    except etree.XMLSyntaxError as error:
        raise _refusal(error, limits) from None


def _parser() -> etree.XMLParser:
    """The thread's own parser, which reads no other encoding, fetches and expands nothing."""
    parser: etree.XMLParser | None = getattr(_local, "parser", None)
    if parser is None:
        parser = _local.parser = etree.XMLParser(
            encoding="utf-8",
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            dtd_validation=False,
            attribute_defaults=False,
            huge_tree=False,
            recover=False,
        )
    return parser


def _refusal(error: etree.XMLSyntaxError, limits: Limits) -> Refused:
    """libxml2's complaint as one of our codes, with its line."""
    reason = (error.msg or "unreadable").strip()
    if error.code in ENCODING_ERRORS:
        return refused(Code.ENCODING_NOT_UTF8)
    if "depth" in reason.lower():
        return refused(Code.TOO_DEEP, limit=limits.depth)
    line = error.lineno or None
    return Refused(Finding(code=Code.NOT_XML, line=line, fields={"reason": reason[:200]}))


ENCODING_ERRORS = {
    etree.ErrorTypes.ERR_INVALID_ENCODING,
    etree.ErrorTypes.ERR_UNKNOWN_ENCODING,
    etree.ErrorTypes.ERR_UNSUPPORTED_ENCODING,
}
_ELEMENTS = etree.XPath("count(//*)")


@cache
def _deeper(depth: int) -> etree.XPath:
    """Is any element nested more than `depth` levels deep? One walk inside libxml2."""
    return etree.XPath(f"boolean({'/*' * (depth + 1)})")


@cache
def _wider(attributes: int) -> etree.XPath:
    """Does any element carry more than so many attributes?"""
    return etree.XPath(f"boolean(//*[@*[{attributes + 1}]])")
