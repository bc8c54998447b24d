"""The shape of a signature: which elements, attributes and texts it may hold, and no others.

A table narrower than the XSDs of XMLDSig 1.1 and XAdES 1.3.2 (EN 319 132-1, baseline B): what is
not in it cannot hide anything. Every name in it stands at one place only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import chain, product

from lxml import etree

from gateway.seal.refusal import refusal
from schemas.errors import Code

DS = "http://www.w3.org/2000/09/xmldsig#"
XADES = "http://uri.etsi.org/01903/v1.3.2#"
EC = "http://www.w3.org/2001/10/xml-exc-c14n#"

_PREFIXES = {"ds": DS, "xades": XADES, "ec": EC}
_SPACE = " \t\r\n"
_REPEATED = 4  #: times that an element marked `+` or `*` may stand in a row

_ANY = re.compile(r"(?s).*")
_BASE64 = re.compile(r"[A-Za-z0-9+/ \t\r\n]+={0,2}[ \t\r\n]*")
_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_.\-]{0,127}")
_LOCAL = re.compile(r"#[A-Za-z_][A-Za-z0-9_.\-]{0,127}")
_INTEGER = re.compile(r"[0-9]{1,60}")
_QUALIFIER = re.compile(r"OIDAsUR[IN]")
_URI = re.compile(r"(?:urn:[a-z0-9]+:|https?://[a-z0-9.\-]+/?)[A-Za-z0-9._~:/\-]*")
_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?"
    r"(?:Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)"
)


def qname(name: str) -> str:
    """`ds:Signature` as lxml writes it: `{http://www.w3.org/2000/09/xmldsig#}Signature`."""
    prefix, _, local = name.partition(":")
    return f"{{{_PREFIXES[prefix]}}}{local}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What one element may hold: one of these rows of children, or a text; and attributes."""

    children: frozenset[tuple[str, ...]]
    text: re.Pattern[str] | None
    attributes: dict[str, re.Pattern[str]]
    required: frozenset[str]
    code: Code  #: of the refusal when it holds anything else


def _shape(
    children: str = "",
    *,
    text: re.Pattern[str] | None = None,
    need: dict[str, re.Pattern[str]] | None = None,
    may: dict[str, re.Pattern[str]] | None = None,
    code: Code = Code.SIGNATURE_STRUCTURE,
) -> Shape:
    """`children` reads like a DTD: names in order, `|` for either, `?`, `+` and `*` up to 4.

    Every row that it allows is written out once, here, so that a look-up decides later.
    """
    rows = product(*(_runs(step) for step in children.split()))
    return Shape(
        children=frozenset(tuple(chain.from_iterable(row)) for row in rows),
        text=text,
        attributes=(need or {}) | (may or {}),
        required=frozenset(need or {}),
        code=code,
    )


def _runs(step: str) -> list[tuple[str, ...]]:
    names = [qname(name) for name in step.rstrip("?+*").split("|")]
    runs: list[tuple[str, ...]] = [()] if step.endswith(("?", "*")) else []
    longest = _REPEATED if step.endswith(("+", "*")) else 1
    return runs + [(name,) * times for name in names for times in range(1, longest + 1)]


_ALGORITHM = {"Algorithm": _ANY}
_MAY_ID = {"Id": _ID}
_TEXT = _shape(text=_ANY)
_DIGESTED = _shape("ds:DigestMethod ds:DigestValue")

SHAPES = {
    "ds:Signature": _shape("ds:SignedInfo ds:SignatureValue ds:KeyInfo? ds:Object?", may=_MAY_ID),
    "ds:SignedInfo": _shape(
        "ds:CanonicalizationMethod ds:SignatureMethod ds:Reference*", may=_MAY_ID
    ),
    "ds:CanonicalizationMethod": _shape("ec:InclusiveNamespaces?", need=_ALGORITHM),
    "ds:SignatureMethod": _shape(need=_ALGORITHM),
    "ds:Reference": _shape(
        "ds:Transforms? ds:DigestMethod ds:DigestValue",
        may={"Id": _ID, "URI": _ANY, "Type": _ANY},
    ),
    "ds:Transforms": _shape("ds:Transform+", code=Code.TRANSFORM_FORBIDDEN),
    "ds:Transform": _shape(
        "ec:InclusiveNamespaces?", need=_ALGORITHM, code=Code.TRANSFORM_FORBIDDEN
    ),
    "ec:InclusiveNamespaces": _shape(need={"PrefixList": _ANY}, code=Code.TRANSFORM_FORBIDDEN),
    "ds:DigestMethod": _shape(need=_ALGORITHM),
    "ds:DigestValue": _shape(text=_BASE64),
    "ds:SignatureValue": _shape(text=_BASE64, may=_MAY_ID),
    "ds:KeyInfo": _shape("ds:X509Data", may=_MAY_ID, code=Code.KEY_INFO_FORBIDDEN),
    "ds:X509Data": _shape("ds:X509Certificate", code=Code.KEY_INFO_FORBIDDEN),
    "ds:X509Certificate": _shape(text=_BASE64, code=Code.KEY_INFO_FORBIDDEN),
    "ds:Object": _shape("xades:QualifyingProperties", may=_MAY_ID),
    "xades:QualifyingProperties": _shape(
        "xades:SignedProperties", need={"Target": _LOCAL}, may=_MAY_ID
    ),
    "xades:SignedProperties": _shape(
        "xades:SignedSignatureProperties xades:SignedDataObjectProperties?", need=_MAY_ID
    ),
    "xades:SignedSignatureProperties": _shape(
        "xades:SigningTime xades:SigningCertificate|xades:SigningCertificateV2"
        " xades:SignaturePolicyIdentifier?"
        " xades:SignatureProductionPlace|xades:SignatureProductionPlaceV2?"
        " xades:SignerRole|xades:SignerRoleV2?",
        may=_MAY_ID,
    ),
    "xades:SigningTime": _shape(text=_TIME),
    # The signer's own certificate and no chain: nothing here would check the others.
    "xades:SigningCertificate": _shape("xades:Cert"),
    "xades:SigningCertificateV2": _shape("xades:Cert"),
    "xades:Cert": _shape("xades:CertDigest xades:IssuerSerial|xades:IssuerSerialV2?"),
    "xades:CertDigest": _DIGESTED,
    "xades:IssuerSerial": _shape("ds:X509IssuerName ds:X509SerialNumber"),
    "xades:IssuerSerialV2": _shape(text=_BASE64),
    "ds:X509IssuerName": _TEXT,
    "ds:X509SerialNumber": _shape(text=_INTEGER),
    "xades:SignaturePolicyIdentifier": _shape(
        "xades:SignaturePolicyId|xades:SignaturePolicyImplied"
    ),
    "xades:SignaturePolicyImplied": _shape(),
    "xades:SignaturePolicyId": _shape("xades:SigPolicyId xades:SigPolicyHash"),
    "xades:SigPolicyId": _shape("xades:Identifier xades:Description?"),
    "xades:SigPolicyHash": _DIGESTED,
    "xades:Identifier": _shape(text=_URI, may={"Qualifier": _QUALIFIER}),
    "xades:Description": _TEXT,
    "xades:SignatureProductionPlace": _shape(
        "xades:City? xades:StateOrProvince? xades:PostalCode? xades:CountryName?"
    ),
    "xades:SignatureProductionPlaceV2": _shape(
        "xades:City? xades:StreetAddress? xades:StateOrProvince? xades:PostalCode?"
        " xades:CountryName?"
    ),
    "xades:City": _TEXT,
    "xades:StreetAddress": _TEXT,
    "xades:StateOrProvince": _TEXT,
    "xades:PostalCode": _TEXT,
    "xades:CountryName": _TEXT,
    "xades:SignerRole": _shape("xades:ClaimedRoles"),
    "xades:SignerRoleV2": _shape("xades:ClaimedRoles"),
    "xades:ClaimedRoles": _shape("xades:ClaimedRole+"),
    "xades:ClaimedRole": _TEXT,
    "xades:SignedDataObjectProperties": _shape("xades:DataObjectFormat+", may=_MAY_ID),
    "xades:DataObjectFormat": _shape(
        "xades:Description? xades:ObjectIdentifier? xades:MimeType? xades:Encoding?",
        need={"ObjectReference": _LOCAL},
    ),
    "xades:ObjectIdentifier": _shape("xades:Identifier xades:Description?"),
    "xades:MimeType": _TEXT,
    "xades:Encoding": _shape(text=_URI),
}

_BY_TAG: dict[object, tuple[str, Shape]] = {
    qname(name): (name, shape) for name, shape in SHAPES.items()
}


def require_shape(signature: etree._Element) -> None:
    """Refuse a `ds:Signature` that strays from the table anywhere below it.

    The caller has refused comments, processing instructions and entity references. The depth is
    that of the table, whatever was sent.
    """
    _require(signature, "ds:Signature", SHAPES["ds:Signature"])


def _require(element: etree._Element, name: str, shape: Shape) -> None:
    attributes = element.items()
    if attributes or shape.required:
        _require_attributes(element, attributes, name, shape)
    children = list(element)
    if tuple([child.tag for child in children]) not in shape.children:
        found = " ".join(str(etree.QName(child).localname) for child in children)
        raise refusal(shape.code, element, found, f"{name} ({found})")
    text = element.text or ""
    if not (shape.text.fullmatch(text) if shape.text else not text.strip(_SPACE)):
        raise refusal(shape.code, element, text, f"{name}/text()")
    for child in children:
        if child.tail and child.tail.strip(_SPACE):
            raise refusal(shape.code, child, child.tail, f"{name}/text()")
        _require(child, *_BY_TAG[child.tag])


def _require_attributes(
    element: etree._Element, found: list[tuple[str, str]], name: str, shape: Shape
) -> None:
    for attribute, value in found:
        allowed = shape.attributes.get(attribute)
        if allowed is None or not allowed.fullmatch(value):
            raise refusal(shape.code, element, value, f"{name}/@{attribute}")
    if not shape.required.issubset([attribute for attribute, _ in found]):
        raise refusal(shape.code, element, None, f"{name}/@{min(shape.required)}")
