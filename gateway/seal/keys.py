"""Keys and certificates: ECDSA on P-256 or RSA of at least 3072 bits, loaded once as objects."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

PublicKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey
PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

RSA_BITS_MIN = 3072


class UnusableKey(ValueError):
    """The key or certificate cannot be used here; the text says why, for the operator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A partner's or the hub's certificate, decoded once.

    `not_before` and `not_after` are aware UTC datetimes, both inclusive.
    """

    pem: bytes
    der: bytes
    fingerprint: str  #: SHA-256 of the DER, 64 lower-case hexadecimal digits
    public_key: PublicKey
    not_before: datetime
    not_after: datetime
    subject: str  #: as RFC 4514 writes it


def load_certificate(pem: bytes) -> Certificate:
    """Decode exactly one PEM certificate; raises `UnusableKey`.

    A file with a chain is refused: only the certificate that is named is trusted, so there must
    be no doubt which one that is.
    """
    try:
        found = x509.load_pem_x509_certificates(pem)
    except ValueError as error:
        raise UnusableKey(f"This is not a PEM certificate: {error}") from error
    if len(found) != 1:
        raise UnusableKey(f"Give one certificate, not {len(found)}: the partner's own.")
    return _certificate(found[0])


def _certificate(found: x509.Certificate) -> Certificate:
    der = found.public_bytes(Encoding.DER)
    return Certificate(
        pem=found.public_bytes(Encoding.PEM),
        der=der,
        fingerprint=hashlib.sha256(der).hexdigest(),
        public_key=_public_key(found),
        not_before=found.not_valid_before_utc,
        not_after=found.not_valid_after_utc,
        subject=found.subject.rfc4514_string(),
    )


def _public_key(found: x509.Certificate) -> PublicKey:
    try:
        key = found.public_key()
    except (ValueError, TypeError, NotImplementedError) as error:
        raise UnusableKey(f"The certificate's public key cannot be read: {error}") from error
    if not isinstance(key, ec.EllipticCurvePublicKey | rsa.RSAPublicKey):
        raise UnusableKey("The certificate's key is neither ECDSA nor RSA.")
    _require_strength(key)
    return key


def load_key(pem: bytes) -> PrivateKey:
    """Decode an unencrypted PEM private key; raises `UnusableKey`."""
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError) as error:
        raise UnusableKey(f"This is not an unencrypted PEM private key: {error}") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        raise UnusableKey("The key is neither ECDSA nor RSA.")
    _require_strength(key.public_key())
    return key


def _require_strength(key: PublicKey) -> None:
    if isinstance(key, ec.EllipticCurvePublicKey):
        if not isinstance(key.curve, ec.SECP256R1):
            raise UnusableKey(f"The curve is {key.curve.name}; only P-256 is accepted.")
    elif key.key_size < RSA_BITS_MIN:
        raise UnusableKey(f"The RSA key has {key.key_size} bits; at least {RSA_BITS_MIN} needed.")


def new_key(name: str, days: int, now: datetime) -> tuple[bytes, bytes]:
    """A fresh P-256 key and its self-signed certificate, valid from `now` for `days` days.

    Returns (private key as unencrypted PKCS#8 PEM, certificate PEM). `name` becomes the common
    name: 1 to 64 characters (X.520). Who stores the key keeps it readable by its owner alone.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    start = now.astimezone(UTC).replace(microsecond=0)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_SIGNS_DOCUMENTS, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    certificate = builder.sign(key, hashes.SHA256())
    return (
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        certificate.public_bytes(Encoding.PEM),
    )


_SIGNS_DOCUMENTS = x509.KeyUsage(
    digital_signature=True,
    content_commitment=True,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=False,
    crl_sign=False,
    encipher_only=False,
    decipher_only=False,
)
