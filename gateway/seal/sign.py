"""Signing what the hub says: XAdES baseline B or plain XMLDSig, enveloped, in canonical form."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from lxml import etree

from gateway.seal.canonical import DEFAULT, INCLUSIVE, declarations
from gateway.seal.keys import Certificate, PrivateKey, UnusableKey
from gateway.seal.profile import (
    ECDSA_SHA256,
    ENVELOPED,
    RSA_SHA256,
    SHA256,
    SIGNED_PROPERTIES,
    require_document,
)
from gateway.seal.refusal import refusal
from gateway.seal.shape import DS, XADES, qname
from schemas.envelope import SBDH
from schemas.errors import Code

_P256_BYTES = 32
_ECDSA = ec.ECDSA(hashes.SHA256())

# Every piece below is already canonical: no empty-element tags, attributes in order. Inclusive
# 1.0, because with exclusive canonical form other verifiers disagree on SignedProperties.
_DIGEST = (
    f'<ds:DigestMethod Algorithm="{SHA256}"></ds:DigestMethod>'
    "<ds:DigestValue>{digest}</ds:DigestValue>"
)
_CANONICAL = f'<ds:Transform Algorithm="{INCLUSIVE}"></ds:Transform>'
_SIGNED_INFO = (
    "<ds:SignedInfo>"
    f'<ds:CanonicalizationMethod Algorithm="{INCLUSIVE}"></ds:CanonicalizationMethod>'
    '<ds:SignatureMethod Algorithm="{method}"></ds:SignatureMethod>'
    "{references}</ds:SignedInfo>"
)
_DOCUMENT_REFERENCE = (
    '<ds:Reference{id} URI=""><ds:Transforms>'
    f'<ds:Transform Algorithm="{ENVELOPED}"></ds:Transform>{_CANONICAL}'
    f"</ds:Transforms>{_DIGEST}</ds:Reference>"
)
_PROPERTIES_REFERENCE = (
    f'<ds:Reference Type="{SIGNED_PROPERTIES}" URI="#{{id}}-properties">'
    f"<ds:Transforms>{_CANONICAL}</ds:Transforms>{_DIGEST}</ds:Reference>"
)
_PROPERTIES = (
    '<xades:SignedProperties Id="{id}-properties"><xades:SignedSignatureProperties>'
    "<xades:SigningTime>{time}</xades:SigningTime>"
    "<xades:SigningCertificateV2><xades:Cert><xades:CertDigest>"
    f"{_DIGEST}"
    "</xades:CertDigest></xades:Cert></xades:SigningCertificateV2>"
    "</xades:SignedSignatureProperties><xades:SignedDataObjectProperties>"
    '<xades:DataObjectFormat ObjectReference="#{id}-document">'
    "<xades:MimeType>text/xml</xades:MimeType></xades:DataObjectFormat>"
    "</xades:SignedDataObjectProperties></xades:SignedProperties>"
)
_OBJECT = (
    f'<ds:Object><xades:QualifyingProperties xmlns:xades="{XADES}" Target="#{{id}}">'
    "{properties}</xades:QualifyingProperties></ds:Object>"
)
_KEY_INFO = (
    "<ds:KeyInfo><ds:X509Data><ds:X509Certificate>{certificate}</ds:X509Certificate>"
    "</ds:X509Data></ds:KeyInfo>"
)
_SIGNATURE = (
    f'<ds:Signature xmlns:ds="{DS}"{{id}}>{{signed_info}}'
    "<ds:SignatureValue>{value}</ds:SignatureValue>{key_info}{object}</ds:Signature>"
)


class Signer:
    """Signs with one key, loaded once; holds nothing that changes, so threads may share it."""

    __slots__ = ("_certificate_digest", "_key", "_key_info", "_method", "certificate")

    def __init__(self, key: PrivateKey, certificate: Certificate) -> None:
        """Raises `UnusableKey` when the certificate is not this key's."""
        if key.public_key() != certificate.public_key:
            raise UnusableKey("The certificate does not belong to the private key.")
        self.certificate = certificate
        self._key = key
        self._method = ECDSA_SHA256 if isinstance(key, ec.EllipticCurvePrivateKey) else RSA_SHA256
        self._key_info = _KEY_INFO.format(certificate=_base64(certificate.der))
        self._certificate_digest = _base64(bytes.fromhex(certificate.fingerprint))

    @property
    def key(self) -> PrivateKey:
        """The key itself, for the seal's other forms: a paper's seal and its code."""
        return self._key

    def sign(self, root: etree._Element, now: datetime) -> bytes:
        """The document with a XAdES baseline B signature, which says it was made at `now`.

        UTF-8 without declaration, the document in canonical form, so that reading the bytes gives
        back what was signed. The tree is only read. Raises `Refused` for what is no unsigned
        envelope.
        """
        return self._signed(_canonical(root), root.nsmap, now)

    def sign_canonical(self, document: bytes, now: datetime) -> bytes:
        """As `sign`, for a message as `schemas.envelope.compose` writes it; nothing is checked."""
        return self._signed(document, {None: SBDH}, now)

    def sign_plain(self, root: etree._Element) -> bytes:
        """The document with a plain XMLDSig signature; otherwise as `sign`."""
        document = _canonical(root)
        references = _DOCUMENT_REFERENCE.format(id="", digest=_sha256(document))
        return self._enveloped(document, {**root.nsmap, "ds": DS}, references)

    def _signed(
        self, document: bytes, namespaces: Mapping[str | None, str], now: datetime
    ) -> bytes:
        digest = hashlib.sha256(document)
        name = f"signature-{digest.hexdigest()[:16]}"
        scope = {**namespaces, "ds": DS}
        time = now.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds")
        fields = {"id": name, "time": f"{time}Z", "digest": self._certificate_digest}
        properties = _PROPERTIES.format(**fields)
        covered = _alone(properties, "xades:SignedProperties", {**scope, "xades": XADES})
        references = _DOCUMENT_REFERENCE.format(
            id=f' Id="{name}-document"', digest=_base64(digest.digest())
        ) + _PROPERTIES_REFERENCE.format(id=name, digest=_sha256(covered))
        holder = _OBJECT.format(id=name, properties=properties)
        return self._enveloped(document, scope, references, f' Id="{name}"', holder)

    def _enveloped(
        self,
        document: bytes,
        scope: Mapping[str | None, str],
        references: str,
        signature_id: str = "",
        holder: str = "",
    ) -> bytes:
        signed_info = _SIGNED_INFO.format(method=self._method, references=references)
        covered = _alone(signed_info, "ds:SignedInfo", scope)
        signature = _SIGNATURE.format(
            id=signature_id,
            signed_info=signed_info,
            value=_base64(self._value(covered)),
            key_info=self._key_info,
            object=holder,
        )
        end_tag = document.rindex(b"</")
        return document[:end_tag] + signature.encode() + document[end_tag:]

    def _value(self, signed_info: bytes) -> bytes:
        if not isinstance(self._key, ec.EllipticCurvePrivateKey):
            return self._key.sign(signed_info, padding.PKCS1v15(), hashes.SHA256())
        r, s = decode_dss_signature(self._key.sign(signed_info, _ECDSA))
        return r.to_bytes(_P256_BYTES) + s.to_bytes(_P256_BYTES)


def _canonical(root: etree._Element) -> bytes:
    require_document(root)
    for signature in root.iter(qname("ds:Signature")):
        raise refusal(Code.SIGNATURE_DOUBLED, signature)
    return DEFAULT.write(root)


def _alone(element: str, name: str, scope: Mapping[str | None, str]) -> bytes:
    """An element in canonical form by itself: it declares all that is in scope where it stands."""
    start = len(f"<{name}")
    return f"{element[:start]}{declarations(scope)}{element[start:]}".encode()


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode()


def _sha256(value: bytes) -> str:
    return _base64(hashlib.sha256(value).digest())
