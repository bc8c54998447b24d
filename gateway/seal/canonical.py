"""Canonical forms: the bytes that are digested (Canonical XML 1.0 and 1.1, Exclusive 1.0)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from lxml import etree

INCLUSIVE = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
INCLUSIVE_1_1 = "http://www.w3.org/2006/12/xml-c14n11"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"


_PREFIX = r"(?:#default|[A-Za-z_][A-Za-z0-9_.\-]{0,63})"
#: A PrefixList: at most 16 names, one space between, so that every reader splits it alike.
PREFIXES = re.compile(f"{_PREFIX}(?: {_PREFIX}){{0,15}}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One way to write an element canonically, never with comments.

    Inclusive 1.0 and 1.1 differ only in the `xml:` attributes that an element inherits, and the
    profile refuses those above everything that is signed: one form serves both.
    """

    exclusive: bool = False
    prefixes: tuple[str, ...] = ()  #: of InclusiveNamespaces; `#default` is the one without name

    def write(self, element: etree._Element) -> bytes:
        """The element with what it inherits, UTF-8; raises lxml's C14NError."""
        return etree.tostring(
            element,
            method="c14n",
            exclusive=self.exclusive,
            with_comments=False,
            inclusive_ns_prefixes=self.prefixes or None,
        )


#: What holds where a Reference names no canonicalization (XMLDSig 1.1 §4.4.3.2).
DEFAULT = Form()


def declarations(namespaces: Mapping[str | None, str]) -> str:
    """The namespace declarations of an apex element as inclusive canonical form writes them.

    Nothing is escaped, as libxml2 escapes nothing in them: a namespace is named by a URI, which
    holds neither quote nor `<`, and the parser refuses others.
    """
    return "".join(
        f' xmlns:{prefix}="{uri}"' if prefix else f' xmlns="{uri}"'
        for prefix, uri in sorted((prefix or "", uri) for prefix, uri in namespaces.items())
    )
