"""Many partners at once: no thread ever judges with another's pin."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import product

import pytest
from cryptography import x509
from signxml.exceptions import InvalidSignature
from signxml.verifier import SignatureConfiguration, XMLVerifier

from gateway.seal.verify import verify
from schemas.errors import Code, Refused
from tests.seal.documents import NOW, Partner, envelope, partner, read

Judge = Callable[[bytes, Partner], str]
PARTNERS = (partner("declarant-1"), partner("declarant-2"))
SIGNED = tuple(each.signer.sign_plain(envelope()) for each in PARTNERS)


def rightly(judge: Judge, times: int) -> Counter[tuple[bool, str]]:
    """How often which verdict fell, by whether the pin was the signer's own."""

    def once(signer: int, pin: int) -> tuple[bool, str]:
        return signer == pin, judge(SIGNED[signer], PARTNERS[pin])

    pairs = list(product((0, 1), (0, 1))) * (times // 4)
    with ThreadPoolExecutor(8) as threads:
        return Counter(threads.map(lambda pair: once(*pair), pairs, chunksize=8))


def ours(data: bytes, by: Partner) -> str:
    try:
        return verify(read(data), [by.pin], "declarant", NOW).fingerprint
    except Refused as refused:
        return refused.findings[0].code.label


def test_ten_thousand_parallel_verifications_never_cross_accept() -> None:
    """Claim 28."""
    verdicts = rightly(ours, 10_000)
    assert verdicts == {
        (True, PARTNERS[0].certificate.fingerprint): 2500,
        (True, PARTNERS[1].certificate.fingerprint): 2500,
        (False, Code.SIGNED_BY_ANOTHER.label): 5000,
    }


def test_the_harness_notices_a_verifier_that_threads_share() -> None:
    """The control of claim 28: a verifier that keeps the pin on itself accepts forgeries."""
    shared = XMLVerifier()
    config = SignatureConfiguration(location="./", verification_time=NOW)
    certificates = {
        each.certificate.fingerprint: x509.load_der_x509_certificate(each.certificate.der)
        for each in PARTNERS
    }

    def careless(data: bytes, by: Partner) -> str:
        certificate = certificates[by.certificate.fingerprint]
        try:
            shared.verify(data, x509_cert=certificate, expect_config=config)
        except InvalidSignature:
            return "refused"
        return "accepted"

    for _ in range(20):
        if rightly(careless, 200)[False, "accepted"]:
            return
    pytest.fail("no forgery was accepted: the threads did not meet")
