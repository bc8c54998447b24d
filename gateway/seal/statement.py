"""Short statements the hub makes outside of messages: journal seals, and secrets of its own."""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from gateway.seal.keys import Certificate, PrivateKey


class Stamp:
    """Signs bytes with the hub's key; shared by threads, holds nothing that changes."""

    __slots__ = ("_key",)

    def __init__(self, key: PrivateKey) -> None:
        self._key = key

    def sign(self, statement: bytes) -> bytes:
        """A signature with SHA-256: DER ECDSA, or PKCS#1 v1.5 for an RSA key."""
        if isinstance(self._key, ec.EllipticCurvePrivateKey):
            return self._key.sign(statement, ec.ECDSA(hashes.SHA256()))
        return self._key.sign(statement, padding.PKCS1v15(), hashes.SHA256())

    def secret(self, purpose: bytes) -> bytes:
        """32 bytes only this key's holder can derive (HKDF, RFC 5869), one per purpose."""
        private = self._key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        kdf = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"passavant " + purpose)
        return kdf.derive(private)


def holds(certificate: Certificate, statement: bytes, signature: bytes) -> bool:
    """Whether the certificate's key signed exactly this statement."""
    key = certificate.public_key
    try:
        if isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, statement, ec.ECDSA(hashes.SHA256()))
        else:
            key.verify(signature, statement, padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        return False
    return True
