"""Which signed documents are looked at at all: one enveloped signature over the whole document.

A signature may verify and yet say nothing about what is read: wrapped documents, references to a
child, transforms that drop text. So the structure is held against a narrow profile first (XMLDSig
1.1; EN 319 132-1 baseline B), and what the profile yields are bytes, not nodes.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from lxml import etree

from gateway.seal.canonical import DEFAULT, EXCLUSIVE, INCLUSIVE, INCLUSIVE_1_1, PREFIXES, Form
from gateway.seal.refusal import failing_closed, refusal
from gateway.seal.shape import qname, require_shape
from schemas.errors import Code
from schemas.parse import ROOT

ECDSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"
RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
ENVELOPED = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
SIGNED_PROPERTIES = "http://uri.etsi.org/01903#SignedProperties"

_FORMS = {INCLUSIVE: False, INCLUSIVE_1_1: False, EXCLUSIVE: True}
_SPACE = b" \t\r\n"

_SIGNATURE = qname("ds:Signature")
_KEY_INFO = qname("ds:KeyInfo")
_OBJECT = qname("ds:Object")
_TRANSFORM = qname("ds:Transform")
_DIGEST_METHOD = qname("ds:DigestMethod")
_LEGACY = qname("xades:SigningCertificate")
_ISSUER_SERIAL = qname("xades:IssuerSerial")


@dataclass(frozen=True, slots=True, kw_only=True)
class Covered:
    """What one Reference covers: the canonical bytes, and the SHA-256 it claims for them."""

    path: str  #: XPath of the Reference
    content: bytes
    digest: bytes  #: 32 bytes, claimed and not yet compared


@dataclass(frozen=True, slots=True, kw_only=True)
class Properties:
    """What the XAdES SignedProperties claim; covered by a Reference of their own."""

    signing_time: datetime  #: aware, UTC
    certificate: str  #: fingerprint of the signing certificate, SHA-256 hexadecimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A signature of the right structure, taken apart by value; nothing is verified yet."""

    document: Covered  #: the whole document without its signature
    others: tuple[Covered, ...]  #: of XAdES: the SignedProperties, and KeyInfo if it is signed
    signed_info: bytes  #: canonical
    method: str  #: `ECDSA_SHA256` or `RSA_SHA256`
    value: bytes
    certificate: str | None  #: fingerprint of KeyInfo's certificate, when there is one
    properties: Properties | None  #: None for a plain XMLDSig


def check(root: etree._Element) -> Profile:
    """Hold a parsed document against the profile; the tree is only read, by one thread at a time.

    Raises `Refused` with one finding: path, line and value, and a code of 3xx (2xx where the
    parser should have refused already).
    """
    with failing_closed():
        require_document(root)
        signature = _only_signature(root)
        require_shape(signature)
        return _take_apart(root, signature)


def require_document(root: etree._Element) -> None:
    """Refuse what is no envelope, or holds anything but elements and text, even around the root."""
    if root.getparent() is not None or root.tag != ROOT:
        raise refusal(Code.ROOT_UNKNOWN, root, str(root.tag))
    if root.getroottree().docinfo.doctype:
        raise refusal(Code.DOCTYPE_FORBIDDEN, root)
    strays = [root.getprevious(), root.getnext()]
    strays.append(next(root.iter(etree.Comment, etree.ProcessingInstruction, etree.Entity), None))
    for stray in strays:
        if stray is not None:
            raise refusal(Code.COMMENT_FORBIDDEN, root, stray.text)
    for attribute, value in root.attrib.items():
        if attribute != "Id":
            raise refusal(Code.SIGNATURE_STRUCTURE, root, value, f"@{attribute}")


def _only_signature(root: etree._Element) -> etree._Element:
    found = list(root.iter(_SIGNATURE))
    if not found:
        raise refusal(Code.UNSIGNED, root)
    if len(found) > 1:
        raise refusal(Code.SIGNATURE_DOUBLED, found[1], str(len(found)))
    signature = found[0]
    if signature.getparent() is not root or signature.getnext() is not None:
        raise refusal(Code.SIGNATURE_MISPLACED, signature)
    if signature.tail and signature.tail.strip(" \t\r\n"):
        raise refusal(Code.SIGNATURE_MISPLACED, signature, signature.tail)
    return signature


def _take_apart(root: etree._Element, signature: etree._Element) -> Profile:
    signed_info, value, *rest = signature
    canonicalization, method, *references = signed_info
    parts = {str(part.tag): part for part in rest}
    algorithm = method.get("Algorithm", "")
    if algorithm not in (ECDSA_SHA256, RSA_SHA256):
        raise refusal(Code.ALGORITHM_FORBIDDEN, method, algorithm)
    for digest_method in signature.iter(_DIGEST_METHOD):
        if digest_method.get("Algorithm") != SHA256:
            raise refusal(Code.ALGORITHM_FORBIDDEN, digest_method, digest_method.get("Algorithm"))
    form = _form(canonicalization, Code.ALGORITHM_FORBIDDEN)
    document = _document(root, signature, references)
    return Profile(
        document=document,
        others=tuple(_others(signature, parts, references[1:])),
        signed_info=form.write(signed_info),
        method=algorithm,
        value=_decoded(value),
        certificate=_certificate(parts.get(_KEY_INFO)),
        properties=_properties(parts.get(_OBJECT)),
    )


def _form(element: etree._Element, code: Code) -> Form:
    algorithm = element.get("Algorithm", "")
    if algorithm not in _FORMS:
        raise refusal(code, element, algorithm)
    exclusive = _FORMS[algorithm]
    if not len(element):
        return Form(exclusive=exclusive)
    prefixes = element[0].get("PrefixList", "")
    if not exclusive or not PREFIXES.fullmatch(prefixes):
        raise refusal(Code.TRANSFORM_FORBIDDEN, element[0], prefixes)
    return Form(exclusive=True, prefixes=tuple(prefixes.split(" ")))


def _document(
    root: etree._Element, signature: etree._Element, references: list[etree._Element]
) -> Covered:
    if not references:
        raise refusal(Code.REFERENCE_FORBIDDEN, signature)
    reference = references[0]
    uri = reference.get("URI")
    if uri != "" and (uri is None or "Id" not in root.attrib or uri != f"#{root.get('Id')}"):
        raise refusal(Code.REFERENCE_FORBIDDEN, reference, uri)
    if reference.get("Type"):
        raise refusal(Code.REFERENCE_FORBIDDEN, reference, reference.get("Type"))
    transforms = list(reference.iter(_TRANSFORM))
    if not transforms or transforms[0].get("Algorithm") != ENVELOPED or len(transforms[0]):
        found = transforms[0].get("Algorithm") if transforms else None
        raise refusal(Code.TRANSFORM_FORBIDDEN, reference, found)
    whole = _after_transforms(transforms[1:]).write(root)
    _require_unique_ids(root, whole)
    return _covered(reference, _without_signature(whole, signature))


def _after_transforms(transforms: list[etree._Element]) -> Form:
    if not transforms:
        return DEFAULT
    form = _form(transforms[0], Code.TRANSFORM_FORBIDDEN)
    for extra in transforms[1:]:
        raise refusal(Code.TRANSFORM_FORBIDDEN, extra, extra.get("Algorithm"))
    return form


def _without_signature(whole: bytes, signature: etree._Element) -> bytes:
    """The canonical document minus its signature: the enveloped-signature transform, on bytes.

    Canonical form writes `<` for tags alone: even the name of a namespace, which it does not
    escape, is a URI and holds none. The signature is the root's last element, and its shape
    admits no element of the same local name inside. So the last start tag of that name is the
    signature's own, and the last end tag its end.
    """
    prefix = f"{signature.prefix}:" if signature.prefix else ""
    name = f"{prefix}Signature".encode()
    start = max(whole.rfind(b"<" + name + b" "), whole.rfind(b"<" + name + b">"))
    end_tag = b"</" + name + b">"
    end = whole.rindex(end_tag) + len(end_tag)
    if start < 0:
        raise refusal(Code.SIGNATURE_STRUCTURE, signature)
    return whole[:start] + whole[end:]


def _require_unique_ids(root: etree._Element, whole: bytes) -> None:
    """Refuse two attributes named Id, ID, id, iD or xml:id with one value.

    In canonical form each is `id="…"` in some case with equal values written equally, so bytes
    without a repeated candidate need no second look; a walk over all attributes costs as much as
    the canonical form itself.
    """
    if max(Counter(_id_candidates(whole)).values(), default=0) < 2:
        return
    seen: set[str] = set()
    for element in root.iter():
        for attribute, value in element.attrib.items():
            if etree.QName(attribute).localname.lower() != "id":
                continue
            if value in seen:
                raise refusal(Code.ID_DUPLICATED, element, value)
            seen.add(value)


def _id_candidates(whole: bytes) -> Iterator[bytes]:
    lowered = whole.lower()
    start = lowered.find(b'id="')
    while start >= 0:
        yield whole[start + 4 : whole.index(b'"', start + 4)]
        start = lowered.find(b'id="', start + 4)


def _others(
    signature: etree._Element,
    parts: Mapping[str, etree._Element],
    references: list[etree._Element],
) -> Iterator[Covered]:
    """XAdES: one Reference to the SignedProperties, and perhaps one to KeyInfo; plain: none."""
    if _OBJECT not in parts:
        for extra in references:
            raise refusal(Code.REFERENCE_FORBIDDEN, extra, extra.get("URI"))
        return
    qualifying = parts[_OBJECT][0]
    if qualifying.get("Target") != f"#{signature.get('Id')}":
        raise refusal(Code.SIGNATURE_STRUCTURE, qualifying, qualifying.get("Target"), "@Target")
    awaited = {f"#{qualifying[0].get('Id')}": (qualifying[0], SIGNED_PROPERTIES)}
    if _KEY_INFO in parts and "Id" in parts[_KEY_INFO].attrib:
        awaited[f"#{parts[_KEY_INFO].get('Id')}"] = (parts[_KEY_INFO], "")
    for reference in references:
        target, kind = awaited.pop(reference.get("URI", ""), (None, ""))
        if target is None or reference.get("Type", "") != kind:
            raise refusal(Code.REFERENCE_FORBIDDEN, reference, reference.get("URI"))
        form = _after_transforms(list(reference.iter(_TRANSFORM)))
        yield _covered(reference, form.write(target))
    if any(kind == SIGNED_PROPERTIES for _, kind in awaited.values()):
        raise refusal(Code.REFERENCE_FORBIDDEN, qualifying[0], qualifying[0].get("Id"))


def _covered(reference: etree._Element, content: bytes) -> Covered:
    return Covered(
        path=reference.getroottree().getpath(reference),
        content=content,
        digest=_digest(reference[-1]),
    )


def _digest(element: etree._Element) -> bytes:
    digest = _decoded(element)
    if len(digest) != hashlib.sha256().digest_size:
        raise refusal(Code.SIGNATURE_STRUCTURE, element, element.text, "ds:DigestValue")
    return digest


def _decoded(element: etree._Element) -> bytes:
    """Strict base64: only white space between, one way to write each value."""
    text = (element.text or "").encode("ascii").translate(None, _SPACE)
    try:
        value = base64.b64decode(text, validate=True)
    except ValueError:
        value = b""
    if not value or base64.b64encode(value) != text:
        raise refusal(Code.SIGNATURE_STRUCTURE, element, element.text, "base64")
    return value


def _certificate(key_info: etree._Element | None) -> str | None:
    """The fingerprint of the certificate that is named; its bytes are never decoded as X.509."""
    if key_info is None:
        return None
    return hashlib.sha256(_decoded(key_info[0][0])).hexdigest()


def _properties(holder: etree._Element | None) -> Properties | None:
    if holder is None:
        return None
    time, certificate, *_ = holder[0][0][0]
    cert = certificate[0]
    issuer = [child.tag for child in cert[1:]]
    if (certificate.tag == _LEGACY) != (issuer == [_ISSUER_SERIAL]):
        raise refusal(Code.SIGNATURE_STRUCTURE, cert, None, "xades:IssuerSerial")
    return Properties(signing_time=_time(time), certificate=_digest(cert[0][1]).hex())


def _time(element: etree._Element) -> datetime:
    try:
        return datetime.fromisoformat(element.text or "").astimezone(UTC)
    except (ValueError, OverflowError):
        raise refusal(Code.SIGNATURE_STRUCTURE, element, element.text, "xs:dateTime") from None
