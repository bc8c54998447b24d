"""Wrapped signatures: a true signature over a true document, and another one put in its place.

The variants bear the numbers that the literature on signature wrapping gives them, carried over
to an enveloped signature; `b` is the same without an Id on the forged root. Each is first shown
to fool a verifier that only calculates.
"""

from __future__ import annotations

import copy
from collections.abc import Callable

import pytest
from lxml import etree

from gateway.seal.profile import check
from schemas.errors import Code, Refused, Stage
from tests.seal.documents import (
    DS,
    NOW,
    accepted,
    envelope,
    fools_a_naive_verifier,
    one,
    part,
    partner,
    read,
    refusal,
    remove,
    resealed,
    signed_by_id,
)

Parts = tuple[etree._Element, etree._Element, etree._Element]
FORGED = "999999"


def parts(forged_id: str | None = "forged") -> Parts:
    """The forged document, the original without its signature, and the signature alone."""
    original = signed_by_id("original")
    signature = copy.deepcopy(one(original, "ds:Signature"))
    remove(original.find(f"{{{DS}}}Signature"))
    forged = envelope(forged_id)
    one(forged, "//l:Quantity").text = FORGED
    return forged, original, signature


def held(signature: etree._Element, original: etree._Element) -> etree._Element:
    """The signature with the original in a ds:Object of its own."""
    holder = part("<ds:Object/>")
    holder.append(original)
    signature.append(holder)
    return signature


def xsw1(forged: etree._Element, original: etree._Element, signature: etree._Element) -> None:
    forged.append(held(signature, original))


def xsw2(forged: etree._Element, original: etree._Element, signature: etree._Element) -> None:
    forged.append(original)
    forged.append(signature)


def xsw3(forged: etree._Element, original: etree._Element, signature: etree._Element) -> None:
    forged.insert(0, original)
    forged.append(signature)


def xsw4(forged: etree._Element, original: etree._Element, signature: etree._Element) -> None:
    one(forged, "l:LicenceApplication").append(original)
    forged.append(signature)


def xsw5(forged: etree._Element, original: etree._Element, signature: etree._Element) -> None:
    forged.append(signature)
    forged.append(original)


def xsw6(forged: etree._Element, original: etree._Element, signature: etree._Element) -> None:
    one(forged, "l:LicenceApplication").append(held(signature, original))


def xsw7(forged: etree._Element, original: etree._Element, signature: etree._Element) -> None:
    extensions = part("<s:Extensions/>")
    extensions.append(original)
    forged.insert(0, extensions)
    forged.append(signature)


def xsw8(forged: etree._Element, original: etree._Element, signature: etree._Element) -> None:
    holder = part("<ds:Object/>")
    holder.append(original)
    forged.append(holder)
    forged.append(signature)


def in_key_info(
    forged: etree._Element, original: etree._Element, signature: etree._Element
) -> None:
    one(signature, "ds:KeyInfo/ds:X509Data").append(original)
    forged.append(signature)


def in_signature_value(
    forged: etree._Element, original: etree._Element, signature: etree._Element
) -> None:
    one(signature, "ds:SignatureValue").append(original)
    forged.append(signature)


def in_unsigned_properties(
    forged: etree._Element, original: etree._Element, signature: etree._Element
) -> None:
    holder = part(
        "<ds:Object><x:QualifyingProperties Target='#s'><x:UnsignedProperties/>"
        "</x:QualifyingProperties></ds:Object>"
    )
    holder[0][0].append(original)
    signature.append(holder)
    forged.append(signature)


def left_inside(
    forged: etree._Element, original: etree._Element, signature: etree._Element
) -> None:
    original.append(signature)
    one(forged, "l:LicenceApplication").append(original)


VARIANTS: dict[str, tuple[Callable[..., None], str | None]] = {
    "xsw1": (xsw1, "forged"),
    "xsw2": (xsw2, "forged"),
    "xsw2b": (xsw2, None),
    "xsw3": (xsw3, "forged"),
    "xsw4": (xsw4, "forged"),
    "xsw4b": (xsw4, None),
    "xsw5": (xsw5, "forged"),
    "xsw6": (xsw6, "forged"),
    "xsw7": (xsw7, "forged"),
    "xsw8": (xsw8, "forged"),
    "xsw8b": (xsw8, None),
    "in-key-info": (in_key_info, "forged"),
    "in-signature-value": (in_signature_value, "forged"),
    "in-unsigned-properties": (in_unsigned_properties, "forged"),
    "left-inside": (left_inside, "forged"),
}


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_wrapped_document_fools_a_naive_verifier_and_never_ours(variant: str) -> None:
    """Claim 25. No wrapped signature acts."""
    wrap, forged_id = VARIANTS[variant]
    forged, original, signature = parts(forged_id)
    wrap(forged, original, signature)
    received = read(etree.tostring(forged))
    assert fools_a_naive_verifier(received)

    with pytest.raises(Refused) as caught:
        accepted(received)
    (finding,) = caught.value.findings
    assert finding.code.stage is Stage.SIGNATURE
    assert finding.path.startswith("/")
    with pytest.raises(Refused):
        check(received)


def test_the_document_that_the_variants_wrap_is_itself_accepted() -> None:
    """Without this the refusals above could have another reason."""
    original = signed_by_id("original")
    assert fools_a_naive_verifier(original)
    assert accepted(original).fingerprint == partner().certificate.fingerprint


@pytest.mark.parametrize("forged_id", ["original", "forged", None])
def test_a_signed_document_inside_another_root_is_refused(forged_id: str | None) -> None:
    """Claim 25."""
    wrapper = part("<l:Wrapper/>")
    if forged_id:
        wrapper.set("Id", forged_id)
    wrapper.append(signed_by_id("original"))
    assert refusal(read(etree.tostring(wrapper))) is Code.ROOT_UNKNOWN


def test_a_forged_document_with_the_same_id_is_refused() -> None:
    """Claims 25 and 30. Which of two equal Ids counts would be anybody's choice."""
    forged, original, signature = parts("original")
    xsw3(forged, original, signature)
    assert refusal(read(etree.tostring(forged))) is Code.ID_DUPLICATED


def test_a_true_signature_on_another_document_is_refused() -> None:
    """Claim 29."""
    for data in (partner().signer.sign(envelope(), NOW), partner().signer.sign_plain(envelope())):
        forged, _, _ = parts(None)
        forged.append(one(read(data), "ds:Signature"))
        assert refusal(read(etree.tostring(forged))) is Code.SIGNATURE_INVALID


def test_a_rightful_key_cannot_sign_a_child_alone_either() -> None:
    """Claim 29. What is processed is what was signed: the whole or nothing."""
    root = read(partner().signer.sign_plain(envelope()))
    one(root, "l:LicenceApplication").set("Id", "payload")
    one(root, "//ds:Reference").set("URI", "#payload")
    resealed(root)
    assert fools_a_naive_verifier(root)
    assert refusal(root) is Code.REFERENCE_FORBIDDEN
