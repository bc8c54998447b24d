from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from gateway.seal.keys import UnusableKey, load_certificate, load_key, new_key
from gateway.seal.sign import Signer
from tests.seal.documents import NOW, partner, rsa_partner, self_signed


def test_a_new_key_and_its_certificate_belong_together_and_are_valid_from_now() -> None:
    key_pem, certificate_pem = new_key("ministry-of-crafts", 730, NOW.replace(microsecond=5))
    certificate = load_certificate(certificate_pem)
    assert load_key(key_pem).public_key() == certificate.public_key
    assert (certificate.not_before, certificate.not_after) == (NOW, NOW + timedelta(days=730))
    assert certificate.subject == "CN=ministry-of-crafts"
    assert certificate.pem == certificate_pem
    assert certificate.fingerprint == hashlib.sha256(certificate.der).hexdigest()
    usage = x509.load_der_x509_certificate(certificate.der).extensions.get_extension_for_class(
        x509.KeyUsage
    )
    assert usage.critical
    assert usage.value.digital_signature
    assert not usage.value.key_cert_sign


def test_two_new_keys_differ() -> None:
    assert new_key("a", 1, NOW)[0] != new_key("a", 1, NOW)[0]


def test_an_rsa_key_of_3072_bits_is_usable() -> None:
    assert load_key(rsa_partner().key_pem).key_size == 3072


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        (rsa.generate_private_key(65537, 2048), "2048 bits"),
        (ec.generate_private_key(ec.SECP384R1()), "secp384r1"),
    ],
    ids=["rsa-2048", "p-384"],
)
def test_a_weak_or_unusual_key_is_not_loaded(
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, reason: str
) -> None:
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with pytest.raises(UnusableKey, match=reason):
        load_key(pem)
    with pytest.raises(UnusableKey, match=reason):
        load_certificate(self_signed(key, "weak"))


def test_a_key_of_another_kind_is_not_loaded() -> None:
    key = ed25519.Ed25519PrivateKey.generate()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with pytest.raises(UnusableKey, match="neither ECDSA nor RSA"):
        load_key(pem)


def test_an_encrypted_key_is_not_loaded() -> None:
    encrypted = BestAvailableEncryption(b"secret")
    pem = partner().key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encrypted)
    with pytest.raises(UnusableKey, match="unencrypted"):
        load_key(pem)


@pytest.mark.parametrize("pem", [b"", b"no certificate", partner().key_pem, b"\x30\x00"])
def test_what_is_no_certificate_is_not_loaded(pem: bytes) -> None:
    with pytest.raises(UnusableKey):
        load_certificate(pem)


def test_a_file_with_two_certificates_is_refused_as_it_leaves_a_doubt() -> None:
    with pytest.raises(UnusableKey, match="not 2"):
        load_certificate(partner().certificate.pem + rsa_partner().certificate.pem)


def test_a_signer_wants_the_certificate_of_its_own_key() -> None:
    with pytest.raises(UnusableKey, match="does not belong"):
        Signer(partner().key, partner("another").certificate)
