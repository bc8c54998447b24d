"""The second opinion: what it takes, what it hands back, and that it keeps nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from lxml import etree

from gateway.seal import independent
from schemas.errors import Code, Refused
from tests.seal.documents import (
    NOW,
    Partner,
    envelope,
    one,
    partner,
    read,
    resealed,
    rsa_partner,
)


def opinion(data: bytes, by: Partner | None = None) -> etree._Element:
    return independent.verify(data, (by or partner()).certificate, NOW)


@pytest.mark.parametrize("kind", ["xades", "plain"])
@pytest.mark.parametrize("by", [partner(), rsa_partner()], ids=["ecdsa", "rsa"])
def test_the_signed_content_comes_back_without_its_signature(by: Partner, kind: str) -> None:
    signer = by.signer
    data = signer.sign(envelope(), NOW) if kind == "xades" else signer.sign_plain(envelope())
    content = opinion(data, by)
    assert etree.tostring(content, method="c14n") == etree.tostring(envelope(), method="c14n")


@pytest.mark.parametrize("kind", ["xades", "plain"])
def test_another_certificate_or_a_change_is_refused(kind: str) -> None:
    signer = partner().signer
    data = signer.sign(envelope(), NOW) if kind == "xades" else signer.sign_plain(envelope())
    for changed, by in ((data, partner("another")), (data.replace(b">100<", b">101<"), partner())):
        with pytest.raises(Refused) as caught:
            opinion(changed, by)
        assert caught.value.findings[0].code is Code.SIGNATURE_INVALID


def test_the_time_of_judgement_is_the_one_given() -> None:
    """An old receipt is judged as of the day that it was given."""
    data = partner().signer.sign(envelope(), NOW)
    later = NOW + timedelta(days=4000)
    with pytest.raises(Refused):
        independent.verify(data, partner().certificate, later)


def test_properties_that_no_reference_covers_are_refused() -> None:
    root = read(partner().signer.sign(envelope(), NOW))
    references = one(root, "//ds:SignedInfo")
    references.remove(one(root, "//ds:Reference[2]"))
    with pytest.raises(Refused):
        opinion(etree.tostring(resealed(root)))


@pytest.mark.parametrize("data", [b"", b"<a", b"<a/>", b"\xff\xfe"])
def test_what_is_no_signed_envelope_is_refused(data: bytes) -> None:
    with pytest.raises(Refused) as caught:
        opinion(data)
    assert caught.value.findings[0].code is Code.SIGNATURE_INVALID


def test_a_signature_over_something_else_than_an_envelope_is_refused() -> None:
    data = partner().signer.sign_plain(envelope())
    renamed = read(
        data.replace(b"StandardBusinessDocument>", b"D>").replace(
            b"<StandardBusinessDocument ", b"<D "
        )
    )
    with pytest.raises(Refused):
        opinion(etree.tostring(resealed(renamed)))
