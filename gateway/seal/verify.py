"""Whether a document was signed by its sender: the direct path, bytes against a pinned key."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from lxml import etree

from gateway.seal.keys import RSA_BITS_MIN, Certificate
from gateway.seal.profile import ECDSA_SHA256, Covered, Profile, Properties, check
from gateway.seal.refusal import failing_closed
from schemas.errors import Code, Refused, refused

#: How far a SigningTime may lie outside the certificate's validity, or ahead of the hub's clock.
TOLERANCE = timedelta(days=1)

_P256_BYTES = 32  #: of each half of an ECDSA signature value, r then s (RFC 9231 §2.3.6)
_ECDSA = ec.ECDSA(hashes.SHA256())


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """A certificate that a partner signs with, registered with the hub beforehand."""

    certificate: Certificate
    suspended: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """A document that its sender signed, whole."""

    digest: str  #: SHA-256 of the signed content, hexadecimal: the same for the same content
    fingerprint: str  #: of the certificate that signed
    signed_at: datetime | None  #: what XAdES claims, aware UTC; None for a plain XMLDSig


def verify(root: etree._Element, pins: Sequence[Pin], sender: str, now: datetime) -> Verified:
    """Check the structure, then the signature against the sender's pins; the tree is only read.

    `now` is aware UTC. Raises `Refused` for every other outcome, whatever goes wrong.
    """
    return confirm(check(root), pins, sender, now)


def confirm(profile: Profile, pins: Sequence[Pin], sender: str, now: datetime) -> Verified:
    """`verify` for a document whose structure was checked before, without doing that twice.

    Holds no state, so that any number of threads may confirm for any partners at once.
    """
    with failing_closed():
        for covered in (profile.document, *profile.others):
            _require_digest(covered)
        pin = _signing_pin(profile, pins, sender, now)
        unusable = _unusable(pin, now)
        if unusable:
            raise unusable
        if profile.properties:
            _require_plausible_time(profile.properties, pin.certificate, now)
        return Verified(
            digest=profile.document.digest.hex(),
            fingerprint=pin.certificate.fingerprint,
            signed_at=profile.properties.signing_time if profile.properties else None,
        )


def _require_digest(covered: Covered) -> None:
    if hashlib.sha256(covered.content).digest() != covered.digest:
        raise refused(Code.SIGNATURE_INVALID, path=covered.path, value=covered.digest.hex())


def _signing_pin(profile: Profile, pins: Sequence[Pin], sender: str, now: datetime) -> Pin:
    """The pin that signed: the one the signature names, else the first whose key fits.

    A certificate renewed with the same key fits twice; the one in force is preferred.
    """
    claims = _claims(profile)
    candidates = [pin for pin in pins if claims <= {pin.certificate.fingerprint}]
    signed = [pin for pin in candidates if _signs(pin.certificate, profile)]
    if signed:
        return next((pin for pin in signed if not _unusable(pin, now)), signed[0])
    if claims and candidates:
        raise refused(Code.SIGNATURE_INVALID, value=candidates[0].certificate.fingerprint)
    raise refused(Code.SIGNED_BY_ANOTHER, value=_one_of(claims), sender=sender)


def _claims(profile: Profile) -> set[str]:
    """The fingerprints the signature names: in KeyInfo, and in the XAdES properties."""
    claimed = {profile.certificate, profile.properties and profile.properties.certificate}
    return {claim for claim in claimed if claim}


def _one_of(claims: Iterable[str]) -> str | None:
    return min(claims, default=None)


def _signs(certificate: Certificate, profile: Profile) -> bool:
    key, value = certificate.public_key, profile.value
    try:
        if profile.method == ECDSA_SHA256:
            return _signs_ecdsa(key, value, profile.signed_info)
        if not isinstance(key, rsa.RSAPublicKey) or key.key_size < RSA_BITS_MIN:
            return False
        key.verify(value, profile.signed_info, padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        return False
    return True


def _signs_ecdsa(key: object, value: bytes, signed_info: bytes) -> bool:
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        return False
    if len(value) != 2 * _P256_BYTES:
        return False
    r, s = value[:_P256_BYTES], value[_P256_BYTES:]
    encoded = encode_dss_signature(int.from_bytes(r), int.from_bytes(s))
    key.verify(encoded, signed_info, _ECDSA)
    return True


def _unusable(pin: Pin, now: datetime) -> Refused | None:
    certificate = pin.certificate
    if pin.suspended:
        return refused(Code.CERTIFICATE_SUSPENDED, value=certificate.fingerprint)
    if now < certificate.not_before:
        when = certificate.not_before.isoformat()
        return refused(Code.CERTIFICATE_NOT_YET_VALID, value=certificate.fingerprint, when=when)
    if now > certificate.not_after:
        when = certificate.not_after.isoformat()
        return refused(Code.CERTIFICATE_EXPIRED, value=certificate.fingerprint, when=when)
    return None


def _require_plausible_time(
    properties: Properties, certificate: Certificate, now: datetime
) -> None:
    """Refuse a SigningTime in the hub's future or outside the certificate's life."""
    latest = min(now, certificate.not_after) + TOLERANCE
    if not certificate.not_before - TOLERANCE <= properties.signing_time <= latest:
        found = properties.signing_time.isoformat()
        raise refused(Code.SIGNING_TIME_IMPLAUSIBLE, value=found, found=found)
