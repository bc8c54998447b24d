"""A second opinion by signxml, for people who verify and for the tests that hold us against it."""

from __future__ import annotations

from datetime import datetime

from cryptography import x509
from lxml import etree
from signxml.algorithms import DigestAlgorithm, SignatureMethod
from signxml.verifier import SignatureConfiguration, VerifyResult, XMLVerifier
from signxml.xades.xades import XAdESVerifier

from gateway.seal.keys import Certificate
from gateway.seal.refusal import failing_closed
from gateway.seal.shape import qname
from schemas.errors import Code, refused
from schemas.parse import ROOT


def verify(data: bytes, certificate: Certificate, now: datetime) -> etree._Element:
    """What this certificate signed in a signed envelope, as signxml sees it at `now`.

    Returns the root of the signed content, without the signature: read that and nothing else of
    `data`. Raises `Refused` for every other outcome.
    """
    with failing_closed():
        results = _results(data, certificate, now)
        signed = results[0].signed_xml
        if signed is None or signed.tag != ROOT:
            raise refused(Code.SIGNATURE_INVALID)
        return signed


def _results(data: bytes, certificate: Certificate, now: datetime) -> list[VerifyResult]:
    """One result per Reference, the document's first."""
    results = _verified(XMLVerifier(), data, certificate, now)
    expected: tuple[int, ...] = (1,)
    if results[0].signature_xml.find(f".//{qname('xades:QualifyingProperties')}") is not None:
        results = _verified(XAdESVerifier(), data, certificate, now)
        expected = (2, 3)  # the document, the SignedProperties; some tools sign KeyInfo too
    if len(results) not in expected:
        raise refused(Code.REFERENCE_FORBIDDEN)
    return results


def _verified(
    verifier: XMLVerifier, data: bytes, certificate: Certificate, now: datetime
) -> list[VerifyResult]:
    """The verifier is used once: it keeps the pin on itself."""
    results = verifier.verify(
        data,
        x509_cert=x509.load_der_x509_certificate(certificate.der),
        expect_config=SignatureConfiguration(
            require_x509=True,
            location="./",
            expect_references=True,  # any number, and a list of results
            signature_methods=frozenset({SignatureMethod.ECDSA_SHA256, SignatureMethod.RSA_SHA256}),
            digest_algorithms=frozenset({DigestAlgorithm.SHA256}),
            verification_time=now,
        ),
    )
    return results if isinstance(results, list) else [results]
