"""Whose signature counts, and when; what a verified document yields."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from gateway.seal import refusal as refusing
from gateway.seal import verify as verifying
from gateway.seal.keys import Certificate, PrivateKey, load_certificate
from gateway.seal.profile import RSA_SHA256, Profile, check
from gateway.seal.verify import Pin, Verified, confirm, verify
from schemas.errors import Code, Refused
from tests.seal.documents import (
    NOW,
    Partner,
    accepted,
    envelope,
    fools_a_naive_verifier,
    one,
    partner,
    read,
    refusal,
    resealed,
    rsa_partner,
    self_signed,
)

XADES = partner().signer.sign(envelope(), NOW)
PLAIN = partner().signer.sign_plain(envelope())


def judged(pins: list[Pin], data: bytes = XADES, now: datetime = NOW) -> Code | Verified:
    try:
        return verify(read(data), pins, "declarant-1", now)
    except Refused as refused:
        return refused.findings[0].code


def anonymous(data: bytes = PLAIN) -> bytes:
    """Signed without KeyInfo: the signature does not say whose it is."""
    root = read(data)
    one(root, "//ds:Signature").remove(one(root, "//ds:KeyInfo"))
    return etree.tostring(root)


def test_the_tree_is_only_read() -> None:
    root = read(XADES)
    before = etree.tostring(root.getroottree())
    accepted(root)
    assert etree.tostring(root.getroottree()) == before


def test_what_is_returned_does_not_depend_on_how_the_signature_was_written() -> None:
    """Claim 29. The digest is that of the signed content, so (sender, id, digest) can be kept."""
    spaced = XADES.replace(b"</ds:KeyInfo>", b"</ds:KeyInfo>\n  ")
    assert accepted(read(spaced)) == accepted(read(XADES))


def test_a_structure_checked_before_is_confirmed_without_checking_it_again() -> None:
    profile = check(read(XADES))
    assert confirm(profile, [partner().pin], "declarant-1", NOW) == accepted(read(XADES))


def test_the_wrong_partners_certificate_is_refused() -> None:
    """Claim 27. Only the partner's own key."""
    assert refusal(read(XADES), partner("declarant-2")) is Code.SIGNED_BY_ANOTHER
    assert refusal(read(PLAIN), partner("declarant-2")) is Code.SIGNED_BY_ANOTHER


def test_the_finding_names_the_sender_and_the_certificate_that_was_used() -> None:
    with pytest.raises(Refused) as caught:
        verify(read(PLAIN), [partner("declarant-2").pin], "declarant-2", NOW)
    (finding,) = caught.value.findings
    assert "declarant-2" in finding.french()
    assert finding.value == partner().certificate.fingerprint


def test_a_partner_without_pins_is_refused() -> None:
    assert judged([]) is Code.SIGNED_BY_ANOTHER


def test_an_attackers_certificate_in_key_info_changes_nothing() -> None:
    """Claim 27. The attacker signs with a key of his own and sends its certificate along."""
    attacker = partner("attacker")
    assert accepted(read(attacker.signer.sign(envelope(), NOW)), attacker)
    assert refusal(read(attacker.signer.sign(envelope(), NOW))) is Code.SIGNED_BY_ANOTHER


def test_the_partners_certificate_over_an_attackers_signature_is_refused() -> None:
    """Claim 27. The certificate is public: naming it proves nothing."""
    root = read(partner("attacker").signer.sign_plain(envelope()))
    one(root, "//ds:X509Certificate").text = one(read(PLAIN), "//ds:X509Certificate").text
    assert refusal(root) is Code.SIGNATURE_INVALID


def test_a_xades_signature_that_names_another_certificate_than_key_info_is_refused() -> None:
    other = partner("declarant-2").certificate.fingerprint
    root = read(XADES)
    digest = one(root, "//x:CertDigest/ds:DigestValue")
    digest.text = one(
        read(partner("declarant-2").signer.sign(envelope(), NOW)),
        "//x:CertDigest/ds:DigestValue",
    ).text
    assert refusal(resealed(root)) is Code.SIGNED_BY_ANOTHER
    assert refusal(resealed(root), partner(), partner("declarant-2")) is Code.SIGNED_BY_ANOTHER
    assert other != partner().certificate.fingerprint


@pytest.mark.parametrize("data", [PLAIN, XADES], ids=["plain", "xades"])
def test_during_a_rotation_both_certificates_are_accepted(data: bytes) -> None:
    """Claim 41, the door's part."""
    successor = partner("declarant-1-next")
    both = [successor, partner()]
    assert accepted(read(data), *both).fingerprint == partner().certificate.fingerprint
    after = successor.signer.sign(envelope(), NOW)
    assert accepted(read(after), *both).fingerprint == successor.certificate.fingerprint


def test_without_key_info_each_pin_is_tried() -> None:
    pins = [partner("declarant-2").pin, rsa_partner().pin, partner().pin]
    verified = judged(pins, anonymous())
    assert isinstance(verified, Verified)
    assert verified.fingerprint == partner().certificate.fingerprint
    assert judged(pins[:2], anonymous()) is Code.SIGNED_BY_ANOTHER


def test_without_key_info_xades_names_the_certificate_itself() -> None:
    pins = [partner("declarant-2").pin, partner().pin]
    assert isinstance(judged(pins, anonymous(XADES)), Verified)
    assert judged(pins[:1], anonymous(XADES)) is Code.SIGNED_BY_ANOTHER


def test_after_a_rotation_the_old_certificate_is_refused() -> None:
    assert judged([partner("declarant-1-next").pin]) is Code.SIGNED_BY_ANOTHER


def test_a_suspended_certificate_is_refused() -> None:
    assert judged([replace(partner().pin, suspended=True)]) is Code.CERTIFICATE_SUSPENDED


def test_a_certificate_renewed_with_its_key_is_taken_where_it_is_in_force() -> None:
    key = partner().key
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    renewed = load_certificate(self_signed(key, "renewed", NOW + timedelta(days=360)))
    pins = [partner().pin, Pin(certificate=renewed, suspended=False)]
    later = NOW + timedelta(days=400)
    verified = judged(pins, anonymous(), later)
    assert isinstance(verified, Verified)
    assert verified.fingerprint == renewed.fingerprint
    assert judged(pins[:1], anonymous(), later) is Code.CERTIFICATE_EXPIRED


@pytest.mark.parametrize("data", [PLAIN, XADES], ids=["plain", "xades"])
def test_validity_is_exact_to_the_second_at_both_ends(data: bytes) -> None:
    certificate = partner().certificate
    second, pins = timedelta(seconds=1), [partner().pin]
    assert isinstance(judged(pins, data, certificate.not_after), Verified)
    assert judged(pins, data, certificate.not_after + second) is Code.CERTIFICATE_EXPIRED
    before = certificate.not_before - second
    assert judged(pins, data, before) is Code.CERTIFICATE_NOT_YET_VALID
    assert isinstance(judged(pins, PLAIN, certificate.not_before), Verified)


def test_a_changed_document_is_named_so_even_when_the_certificate_has_expired() -> None:
    changed = XADES.replace(b">100<", b">900<")
    assert judged([partner().pin], changed, NOW + timedelta(days=4000)) is Code.SIGNATURE_INVALID


@pytest.mark.parametrize(
    ("signed_at", "verdict"),
    [
        (NOW + timedelta(hours=23), None),
        (NOW + timedelta(hours=25), Code.SIGNING_TIME_IMPLAUSIBLE),
        (NOW - timedelta(days=30, hours=23), None),
        (NOW - timedelta(days=31, hours=1), Code.SIGNING_TIME_IMPLAUSIBLE),
    ],
    ids=["a-fast-clock", "the-future", "a-slow-clock", "before-the-certificate"],
)
def test_a_signing_time_is_plausible(signed_at: datetime, verdict: Code | None) -> None:
    data = partner().signer.sign(envelope(), signed_at)
    result = judged([partner().pin], data)
    if verdict:
        assert result is verdict
    else:
        assert isinstance(result, Verified)
        assert result.signed_at == signed_at


def test_a_signing_time_with_an_offset_is_read_as_universal_time() -> None:
    root = read(XADES)
    one(root, "//x:SigningTime").text = "2026-03-02T11:30:00.25+01:00"
    signed_at = accepted(resealed(root)).signed_at
    assert signed_at is not None
    assert signed_at.utcoffset() == timedelta(0)
    assert signed_at == NOW + timedelta(milliseconds=250)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2026-03-02",
        "2026-03-02T10:30:00",
        "2026-13-02T10:30:00Z",
        " 2026-03-02T10:30:00Z",
    ],
)
def test_a_signing_time_that_is_no_moment_is_refused(text: str) -> None:
    root = read(XADES)
    one(root, "//x:SigningTime").text = text
    assert refusal(resealed(root)) is Code.SIGNATURE_STRUCTURE


def test_an_ecdsa_value_under_an_rsa_pin_is_refused_and_the_reverse() -> None:
    assert judged([rsa_partner().pin], anonymous()) is Code.SIGNED_BY_ANOTHER
    by_rsa = anonymous(rsa_partner().signer.sign_plain(envelope()))
    assert isinstance(judged([rsa_partner().pin], by_rsa), Verified)
    assert judged([partner().pin], by_rsa) is Code.SIGNED_BY_ANOTHER


@pytest.mark.parametrize("length", [0, 63, 65, 128])
def test_an_ecdsa_value_of_another_length_is_refused(length: int) -> None:
    profile = replace(check(read(PLAIN)), value=b"\1" * length)
    with pytest.raises(Refused) as caught:
        confirm(profile, [partner().pin], "declarant-1", NOW)
    assert caught.value.findings[0].code is Code.SIGNATURE_INVALID


@pytest.mark.parametrize("value", [b"\0" * 64, b"\xff" * 64, b"\0" * 63 + b"\1"])
def test_an_ecdsa_value_of_zero_or_out_of_range_is_refused(value: bytes) -> None:
    profile = replace(check(read(PLAIN)), value=value)
    with pytest.raises(Refused) as caught:
        confirm(profile, [partner().pin], "declarant-1", NOW)
    assert caught.value.findings[0].code is Code.SIGNATURE_INVALID


WEAK: dict[str, PrivateKey] = {
    "another-curve-of-256-bits": ec.generate_private_key(ec.SECP256K1()),
    "rsa-2048": rsa.generate_private_key(65537, 2048),
}


@pytest.mark.parametrize("name", WEAK)
def test_a_weak_key_pinned_by_mistake_still_verifies_nothing(name: str) -> None:
    """Claim 26. The strength is asked for where it counts, not only where keys are loaded."""
    key, certificate = WEAK[name], partner("weak").certificate
    pin = Pin(certificate=replace(certificate, public_key=key.public_key()), suspended=False)
    root = read(anonymous())
    if isinstance(key, rsa.RSAPrivateKey):
        one(root, "//ds:SignatureMethod").set("Algorithm", RSA_SHA256)
    by = Partner(key, pin.certificate)
    assert fools_a_naive_verifier(resealed(root, by), by)
    assert judged([pin], etree.tostring(root)) is Code.SIGNED_BY_ANOTHER


def test_an_ecdsa_value_with_a_leading_zero_too_many_is_refused() -> None:
    """Read as two numbers it would be the same signature, written in another way."""
    profile = check(read(PLAIN))
    longer = replace(profile, value=profile.value[:32] + b"\0" + profile.value[32:])
    with pytest.raises(Refused) as caught:
        confirm(longer, [partner().pin], "declarant-1", NOW)
    assert caught.value.findings[0].code is Code.SIGNATURE_INVALID


def breaking(error: BaseException) -> Callable[[Certificate, Profile], bool]:
    def signs(certificate: Certificate, profile: Profile) -> bool:
        raise error

    return signs


@pytest.mark.parametrize("error", [ValueError("x"), KeyError("x"), RecursionError("x")])
def test_whatever_goes_wrong_is_a_refusal(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Claim 31. The verifier fails closed."""
    monkeypatch.setattr(verifying, "_signs", breaking(error))
    assert judged([partner().pin]) is Code.SIGNATURE_INVALID


@pytest.mark.parametrize(
    "error", [MemoryError(), KeyboardInterrupt(), asyncio.CancelledError(), SystemExit()]
)
def test_a_full_memory_or_an_interruption_is_no_verdict(
    error: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verifying, "_signs", breaking(error))
    with pytest.raises(type(error)):
        judged([partner().pin])


def test_a_refusal_passes_through_as_it_is() -> None:
    refused = Refused()
    with pytest.raises(Refused) as caught, refusing.failing_closed():
        raise refused
    assert caught.value is refused


def test_a_time_without_zone_never_lets_a_document_through() -> None:
    naive = NOW.replace(tzinfo=None)
    assert judged([partner().pin], now=naive) is Code.SIGNATURE_INVALID


def test_now_may_be_given_in_any_zone() -> None:
    casablanca = NOW.astimezone(timezone(timedelta(hours=1)))
    assert isinstance(judged([partner().pin], now=casablanca), Verified)


SIGNED: list[tuple[str, Partner, bytes]] = [
    ("xades", partner(), XADES),
    ("plain", partner(), PLAIN),
    ("rsa", rsa_partner(), rsa_partner().signer.sign(envelope(), NOW)),
]


@pytest.mark.parametrize(("kind", "by", "data"), SIGNED, ids=[kind for kind, *_ in SIGNED])
@given(draw=st.data())
@settings(max_examples=150, deadline=None)
def test_a_byte_changed_anywhere_is_refused(
    kind: str, by: Partner, data: bytes, draw: st.DataObject
) -> None:
    """Claims 29 and 39. Nothing between the first byte and the last may be touched."""
    place = draw.draw(st.integers(0, len(data) - 1))
    byte = draw.draw(st.integers(0, 255).filter(lambda byte: byte != data[place]))
    changed = data[:place] + bytes([byte]) + data[place + 1 :]
    try:
        root = read(changed)
    except etree.XMLSyntaxError:
        return
    try:
        accepted(root, by)
    except Refused:
        return
    # Accepted, then it is another way to write the same: a quote, a space inside a tag.
    assert etree.tostring(root, method="c14n") == data
