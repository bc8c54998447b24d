"""Envelopes, keys and forgeries for the tests of the seal: what partners and attackers write."""

from __future__ import annotations

import base64
import copy
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from cryptography.x509.oid import NameOID
from lxml import etree

from gateway.seal.keys import Certificate, PrivateKey, load_certificate, load_key, new_key
from gateway.seal.sign import Signer
from gateway.seal.verify import Pin, Verified, verify
from schemas.errors import Code, Refused
from schemas.parse import ROOT

NOW = datetime(2026, 3, 2, 10, 30, tzinfo=UTC)
DS = "http://www.w3.org/2000/09/xmldsig#"
XADES = "http://uri.etsi.org/01903/v1.3.2#"
SBDH = ROOT[1 : ROOT.index("}")]
SPACES = {"ds": DS, "x": XADES, "s": SBDH, "l": "urn:passavant:LicenceApplication:1"}

ENVELOPE = f"""<StandardBusinessDocument xmlns="{SBDH}">
  <StandardBusinessDocumentHeader>
    <HeaderVersion>1.0</HeaderVersion>
    <Sender><Identifier Authority="passavant">declarant-1</Identifier></Sender>
    <Receiver><Identifier Authority="passavant">hub</Identifier></Receiver>
  </StandardBusinessDocumentHeader>
  <l:LicenceApplication xmlns:l="urn:passavant:LicenceApplication:1"
      xmlns:c="urn:passavant:common:1">
    <l:Exporter c:kind="craftsman">Coopérative « Tissage &amp; Laine »</l:Exporter>
    <l:GoodsLine number="1"><l:CommodityCode>570110</l:CommodityCode>
      <l:Quantity unit="MTK">100</l:Quantity><l:Empty/></l:GoodsLine>
  </l:LicenceApplication>
</StandardBusinessDocument>"""


def read(data: bytes | str) -> etree._Element:
    """Read what even the hub's parser would refuse: the seal has to stand by itself."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True)  # noqa: TID251
    return etree.fromstring(data.encode() if isinstance(data, str) else data, parser)  # noqa: TID251


def envelope(root_id: str | None = None) -> etree._Element:
    root = read(ENVELOPE)
    if root_id:
        root.set("Id", root_id)
    return root


@dataclass(frozen=True, slots=True)
class Partner:
    """A key with its certificate, and the pin the hub holds for it."""

    key: PrivateKey
    certificate: Certificate

    @property
    def signer(self) -> Signer:
        return Signer(self.key, self.certificate)

    @property
    def pin(self) -> Pin:
        return Pin(certificate=self.certificate, suspended=False)

    @property
    def key_pem(self) -> bytes:
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    @property
    def public_pem(self) -> bytes:
        return self.certificate.public_key.public_bytes(
            Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
        )


@cache
def partner(name: str = "declarant-1") -> Partner:
    key, certificate = new_key(name, 365, NOW - timedelta(days=30))
    return Partner(load_key(key), load_certificate(certificate))


@cache
def rsa_partner() -> Partner:
    key = rsa.generate_private_key(65537, 3072)
    return Partner(key, load_certificate(self_signed(key, "declarant-rsa")))


def self_signed(
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, name: str, start: datetime = NOW
) -> bytes:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = x509.CertificateBuilder(subject, subject, key.public_key(), 7)
    builder = builder.not_valid_before(start - timedelta(days=30))
    builder = builder.not_valid_after(start + timedelta(days=365))
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)


def one(root: etree._Element, path: str) -> etree._Element:
    found = root.xpath(path, namespaces=SPACES)
    assert isinstance(found, list)
    assert len(found) == 1, path
    element = found[0]
    assert isinstance(element, etree._Element)
    return element


def part(markup: str) -> etree._Element:
    """A piece of XML with the usual prefixes bound: `<ds:Manifest/>`."""
    spaces = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in SPACES.items())
    return read(f"<part {spaces}>{markup}</part>")[0]


def accepted(root: etree._Element, *partners: Partner, now: datetime = NOW) -> Verified:
    pins = [each.pin for each in partners or (partner(),)]
    return verify(root, pins, "declarant-1", now)


def refusal(root: etree._Element, *partners: Partner, now: datetime = NOW) -> Code:
    """The code our verdict bears; the test fails when the document is accepted."""
    with pytest.raises(Refused) as caught:
        accepted(root, *partners, now=now)
    (finding,) = caught.value.findings
    assert finding.english()
    assert finding.french()
    return finding.code


# What follows signs and verifies like a tool without judgement: it follows every reference and
# obeys every algorithm. With it a test can show that only the profile stands in the way.

CANONICAL = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
_HASHES: dict[str, Callable[[bytes], bytes]] = {
    "sha256": lambda data: hashlib.sha256(data).digest(),
    "sha512": lambda data: hashlib.sha512(data).digest(),
    "sha1": lambda data: hashlib.sha1(data, usedforsecurity=False).digest(),
    "md5": lambda data: hashlib.md5(data, usedforsecurity=False).digest(),
}


def signed_by_id(root_id: str = "original", by: Partner | None = None) -> etree._Element:
    """Validly signed by `Id` and in exclusive form, so that it survives being moved about."""
    root = read((by or partner()).signer.sign_plain(envelope(root_id)))
    one(root, "//ds:Reference").set("URI", f"#{root_id}")
    for element in root.xpath("//ds:*[@Algorithm=$old]", namespaces=SPACES, old=CANONICAL):
        element.set("Algorithm", EXCLUSIVE)
    return resealed(root, by)


def resealed(root: etree._Element, by: Partner | None = None) -> etree._Element:
    """The same tree with every digest and the value computed anew, by the partner's own key."""
    for reference in root.iter(f"{{{DS}}}Reference"):
        digest = _digest(root, reference)
        if digest is not None:
            one(reference, "ds:DigestValue").text = base64.b64encode(digest).decode()
    signature = next(root.iter(f"{{{DS}}}Signature"))
    method = one(signature, "ds:SignedInfo/ds:SignatureMethod").get("Algorithm", "")
    value = _value((by or partner()), method, _signed_info(signature))
    one(signature, "ds:SignatureValue").text = base64.b64encode(value).decode()
    return root


def fools_a_naive_verifier(root: etree._Element, by: Partner | None = None) -> bool:
    """Would a verifier accept that finds the signature anywhere and asks no more questions?"""
    signature = next(root.iter(f"{{{DS}}}Signature"))
    for reference in signature.iter(f"{{{DS}}}Reference"):
        claimed = base64.b64decode(one(reference, "ds:DigestValue").text or "")
        if _digest(root, reference) != claimed:
            return False
    value = base64.b64decode(one(signature, "ds:SignatureValue").text or "")
    key = (by or partner()).certificate.public_key
    signed_info = _signed_info(signature)
    if isinstance(key, rsa.RSAPublicKey):
        key.verify(value, signed_info, padding.PKCS1v15(), hashes.SHA256())
    else:
        r, s = int.from_bytes(value[:32]), int.from_bytes(value[32:])
        key.verify(encode_dss_signature(r, s), signed_info, ec.ECDSA(hashes.SHA256()))
    return True


def _signed_info(signature: etree._Element) -> bytes:
    method = one(signature, "ds:SignedInfo/ds:CanonicalizationMethod")
    return _canonical(one(signature, "ds:SignedInfo"), method)


def _canonical(element: etree._Element, method: etree._Element | None) -> bytes:
    algorithm = CANONICAL if method is None else method.get("Algorithm", "")
    prefixes = None
    if method is not None and len(method):
        prefixes = (method[0].get("PrefixList") or "").split() or None
    return etree.tostring(
        element,
        method="c14n",
        exclusive=algorithm.startswith(EXCLUSIVE),
        with_comments=algorithm.endswith("WithComments"),
        inclusive_ns_prefixes=prefixes,
    )


def _digest(root: etree._Element, reference: etree._Element) -> bytes | None:
    whole = copy.deepcopy(root.getroottree()).getroot()
    target: etree._Element | None = whole
    if reference.get("URI"):
        name = reference.get("URI", "")[1:]
        target = next(
            (e for e in whole.iter("*") for key in ("Id", "ID", "id") if e.get(key) == name), None
        )
    if target is None:
        return None
    transforms = reference.findall(f"{{{DS}}}Transforms/{{{DS}}}Transform")
    if any(t.get("Algorithm", "").endswith("enveloped-signature") for t in transforms):
        remove(target.find(f".//{{{DS}}}Signature"))
    form = next((t for t in transforms if "c14n" in t.get("Algorithm", "")), None)
    algorithm = one(reference, "ds:DigestMethod").get("Algorithm", "").rpartition("#")[2]
    return _HASHES.get(algorithm, _HASHES["sha256"])(_canonical(target, form))


def remove(signature: etree._Element | None) -> None:
    if signature is None:
        return
    parent = signature.getparent()
    assert parent is not None
    before = signature.getprevious()
    if before is None:
        parent.text = (parent.text or "") + (signature.tail or "")
    else:
        before.tail = (before.tail or "") + (signature.tail or "")
    parent.remove(signature)


def _value(by: Partner, method: str, signed_info: bytes) -> bytes:
    if "hmac" in method:
        return hmac.digest(by.public_pem, signed_info, "sha256")
    if isinstance(by.key, rsa.RSAPrivateKey):
        return by.key.sign(signed_info, padding.PKCS1v15(), hashes.SHA256())
    r, s = decode_dss_signature(by.key.sign(signed_info, ec.ECDSA(hashes.SHA256())))
    return r.to_bytes(32) + s.to_bytes(32)
