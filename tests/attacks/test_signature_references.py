"""What a signature may refer to and how: each strayed one refused apart, by the rightful key.

Every document here is signed anew after it was bent, with the partner's own pinned key. So no
digest and no value is wrong: it is the profile that refuses, and the code says why.
"""

from __future__ import annotations

import pytest
from lxml import etree

from schemas.errors import Code
from tests.attacks.bends import (
    ALGORITHM,
    DOCUMENT,
    ENVELOPED,
    INCLUSIVE,
    PREFIXES,
    REFERENCE,
    SHA256,
    STRUCTURE,
    TRANSFORM,
    Bend,
    drop,
    plain,
    put,
    remove,
    together,
    transform,
    transforms,
    twice,
    write,
    xades,
)
from tests.seal.documents import (
    CANONICAL,
    DS,
    EXCLUSIVE,
    accepted,
    one,
    part,
    read,
    refusal,
    resealed,
    rsa_partner,
    signed_by_id,
)

REFERENCES: dict[str, tuple[Bend, Code]] = {
    "none": (remove("//ds:Reference"), REFERENCE),
    "two": (twice("//ds:Reference"), REFERENCE),
    "five": (together(*[twice(DOCUMENT)] * 4), STRUCTURE),
    "to-a-child": (
        together(put("l:LicenceApplication", "Id", "child"), put(DOCUMENT, "URI", "#child")),
        REFERENCE,
    ),
    "to-the-signature": (
        together(put("ds:Signature", "Id", "me"), put(DOCUMENT, "URI", "#me")),
        REFERENCE,
    ),
    "to-nothing": (put(DOCUMENT, "URI", "#nothing"), REFERENCE),
    "to-an-empty-name": (put(DOCUMENT, "URI", "#"), REFERENCE),
    "without-uri": (drop(DOCUMENT, "URI"), REFERENCE),
    "to-the-web": (put(DOCUMENT, "URI", "http://169.254.169.254/"), REFERENCE),
    "to-a-file": (put(DOCUMENT, "URI", "file:///etc/passwd"), REFERENCE),
    "by-xpointer": (put(DOCUMENT, "URI", "#xpointer(/)"), REFERENCE),
    "by-id-of-another-case": (
        together(put("l:LicenceApplication", "ID", "whole"), put(DOCUMENT, "URI", "#whole")),
        REFERENCE,
    ),
    "to-a-manifest": (put(DOCUMENT, "Type", f"{DS}Manifest"), REFERENCE),
    "with-an-empty-digest": (lambda root: _after(root, write("//ds:DigestValue", "")), STRUCTURE),
    "with-a-short-digest": (
        lambda root: _after(root, write("//ds:DigestValue", "AAAA")),
        STRUCTURE,
    ),
    "with-junk-in-its-digest": (
        lambda root: _after(root, write("//ds:DigestValue", "!" * 44)),
        STRUCTURE,
    ),
}


def _after(root: etree._Element, bend: Bend) -> None:
    """For what sealing anew would repair."""
    bend(root)
    root.set("Id", "leave-me")


@pytest.mark.parametrize("name", REFERENCES)
def test_a_signature_refers_to_the_whole_document_and_nothing_else(name: str) -> None:
    """Claims 25 and 29."""
    bend, code = REFERENCES[name]
    root = plain()
    bend(root)
    if root.attrib.pop("Id", None) is None:
        resealed(root)
    assert refusal(root) is code


XADES_REFERENCES: dict[str, tuple[Bend, Code]] = {
    "properties-unsigned": (remove("//ds:Reference[2]"), REFERENCE),
    "document-unsigned": (remove(DOCUMENT), REFERENCE),
    "properties-first": (
        lambda root: one(root, "//ds:SignedInfo").append(one(root, DOCUMENT)),
        REFERENCE,
    ),
    "properties-twice": (twice("//ds:Reference[2]"), REFERENCE),
    "properties-without-type": (drop("//ds:Reference[2]", "Type"), REFERENCE),
    "properties-of-another-type": (put("//ds:Reference[2]", "Type", f"{DS}Object"), REFERENCE),
    "something-else-too": (
        lambda root: one(root, "//ds:SignedInfo").append(
            part(
                f'<ds:Reference URI="#x"><ds:DigestMethod Algorithm="{SHA256}"/>'
                "<ds:DigestValue>AAAA</ds:DigestValue></ds:Reference>"
            )
        ),
        REFERENCE,
    ),
    "properties-of-another-signature": (
        put("//x:QualifyingProperties", "Target", "#other"),
        STRUCTURE,
    ),
    "properties-without-target": (drop("//x:QualifyingProperties", "Target"), STRUCTURE),
    "properties-without-id": (drop("//x:SignedProperties", "Id"), STRUCTURE),
    "signature-without-id": (drop("ds:Signature", "Id"), STRUCTURE),
}


@pytest.mark.parametrize("name", XADES_REFERENCES)
def test_a_xades_signature_refers_to_the_document_and_its_own_properties(name: str) -> None:
    """Claims 25 and 29."""
    bend, code = XADES_REFERENCES[name]
    root = xades()
    bend(root)
    assert refusal(resealed(root)) is code


@pytest.mark.parametrize(
    "algorithm",
    [
        "",
        "none",
        f"{DS}hmac-sha1",
        "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256",
        f"{DS}rsa-sha1",
        f"{DS}dsa-sha1",
        "http://www.w3.org/2001/04/xmldsig-more#rsa-md5",
        "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha1",
        "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512",
        "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1",
        "http://www.w3.org/2001/04/xmldsig-more#ECDSA-SHA256",
    ],
)
def test_a_signature_method_off_the_list_is_refused(algorithm: str) -> None:
    """Claim 26. Among them HMAC with the public key as its secret."""
    root = plain()
    one(root, "//ds:SignatureMethod").set("Algorithm", algorithm)
    assert refusal(resealed(root)) is ALGORITHM


@pytest.mark.parametrize(
    "algorithm",
    [
        "",
        "http://www.w3.org/2001/04/xmldsig-more#md5",
        f"{DS}sha1",
        "http://www.w3.org/2001/04/xmlenc#sha512",
        "http://www.w3.org/2007/05/xmldsig-more#sha3-256",
    ],
)
@pytest.mark.parametrize(
    "path", [DOCUMENT, "//ds:Reference[2]", "//x:CertDigest"], ids=["document", "xades", "cert"]
)
def test_a_digest_off_the_list_is_refused(path: str, algorithm: str) -> None:
    """Claim 26."""
    root = xades()
    one(root, f"{path}/ds:DigestMethod").set("Algorithm", algorithm)
    assert refusal(resealed(root)) is ALGORITHM


@pytest.mark.parametrize(
    "algorithm",
    [
        "",
        f"{CANONICAL}#WithComments",
        f"{EXCLUSIVE}WithComments",
        "http://www.w3.org/2006/12/xml-c14n11#WithComments",
        "http://www.w3.org/2010/xml-c14n2",
    ],
)
def test_a_canonical_form_off_the_list_is_refused(algorithm: str) -> None:
    """Claim 26. With comments, `1<!---->00` would be signed and `1` be read."""
    root = plain()
    one(root, "//ds:CanonicalizationMethod").set("Algorithm", algorithm)
    assert refusal(resealed(root)) is ALGORITHM
    root = plain()
    transforms(ENVELOPED, transform(algorithm))(root)
    assert refusal(resealed(root)) is TRANSFORM


TRANSFORMS: dict[str, Bend] = {
    "none": remove(f"{DOCUMENT}/ds:Transforms"),
    "empty": transforms(),
    "not-enveloped": transforms(INCLUSIVE),
    "enveloped-twice": transforms(ENVELOPED, ENVELOPED),
    "enveloped-last": transforms(INCLUSIVE, ENVELOPED),
    "two-canonical-forms": transforms(ENVELOPED, INCLUSIVE, INCLUSIVE),
    "xslt": transforms(
        ENVELOPED,
        transform(
            "http://www.w3.org/TR/1999/REC-xslt-19991116",
            '<t:stylesheet xmlns:t="http://www.w3.org/1999/XSL/Transform" version="1.0"/>',
        ),
    ),
    "xslt-without-its-sheet": transforms(
        ENVELOPED, transform("http://www.w3.org/TR/1999/REC-xslt-19991116")
    ),
    "xpath": transforms(
        ENVELOPED,
        transform(
            "http://www.w3.org/TR/1999/REC-xpath-19991116",
            "<ds:XPath>not(ancestor-or-self::l:Quantity)</ds:XPath>",
        ),
    ),
    "xpath-filter": transforms(
        ENVELOPED,
        transform(
            "http://www.w3.org/2002/06/xmldsig-filter2",
            '<f:XPath xmlns:f="http://www.w3.org/2002/06/xmldsig-filter2" Filter="subtract">//l:*'
            "</f:XPath>",
        ),
    ),
    "base64": transforms(ENVELOPED, transform(f"{DS}base64")),
    "something-in-enveloped": transforms(
        transform(f"{DS}enveloped-signature", PREFIXES % "l"), INCLUSIVE
    ),
    "prefixes-on-inclusive": transforms(ENVELOPED, transform(CANONICAL, PREFIXES % "l")),
    "prefixes-spaced-oddly": transforms(ENVELOPED, transform(EXCLUSIVE, PREFIXES % "l  c")),
    "no-prefixes": transforms(ENVELOPED, transform(EXCLUSIVE, PREFIXES % "")),
    "too-many-prefixes": transforms(
        ENVELOPED, transform(EXCLUSIVE, PREFIXES % " ".join(f"p{n}" for n in range(17)))
    ),
    "prefixes-twice": transforms(ENVELOPED, transform(EXCLUSIVE, PREFIXES % "l" + PREFIXES % "c")),
    "text-between": lambda root: write(f"{DOCUMENT}/ds:Transforms", "text")(root),
}


@pytest.mark.parametrize("name", TRANSFORMS)
def test_a_transform_off_the_list_is_refused(name: str) -> None:
    """Claim 25. Other verifiers ignore some of these and drop text for others."""
    root = plain()
    TRANSFORMS[name](root)
    assert refusal(resealed(root)) is TRANSFORM


def test_prefixes_in_the_signed_info_follow_the_same_rule() -> None:
    root = plain()
    one(root, "//ds:CanonicalizationMethod").append(part(PREFIXES % "l"))
    assert refusal(resealed(root)) is TRANSFORM
    one(root, "//ds:CanonicalizationMethod").set("Algorithm", EXCLUSIVE)
    assert accepted(resealed(root))


def exclusive_with_prefixes(root: etree._Element) -> None:
    transforms(ENVELOPED, transform(EXCLUSIVE, PREFIXES % "#default l c"))(root)


def key_info_signed(root: etree._Element) -> None:
    one(root, "//ds:KeyInfo").set("Id", "key")
    one(root, "//ds:SignedInfo").append(
        part(
            f'<ds:Reference URI="#key"><ds:DigestMethod Algorithm="{SHA256}"/>'
            "<ds:DigestValue>AAAA</ds:DigestValue></ds:Reference>"
        )
    )


def legacy_certificate(root: etree._Element) -> None:
    certificate = one(root, "//x:SigningCertificateV2")
    certificate.tag = "{http://uri.etsi.org/01903/v1.3.2#}SigningCertificate"
    certificate[0].append(
        part(
            "<x:IssuerSerial><ds:X509IssuerName>CN=declarant-1</ds:X509IssuerName>"
            "<ds:X509SerialNumber>7</ds:X509SerialNumber></x:IssuerSerial>"
        )
    )


def more_properties(root: etree._Element) -> None:
    properties = one(root, "//x:SignedSignatureProperties")
    for markup in (
        "<x:SignaturePolicyIdentifier><x:SignaturePolicyId><x:SigPolicyId><x:Identifier "
        'Qualifier="OIDAsURN">urn:oid:1.2.3</x:Identifier></x:SigPolicyId><x:SigPolicyHash>'
        f'<ds:DigestMethod Algorithm="{SHA256}"/><ds:DigestValue>AAAA</ds:DigestValue>'
        "</x:SigPolicyHash></x:SignaturePolicyId></x:SignaturePolicyIdentifier>",
        "<x:SignatureProductionPlace><x:City>Fès</x:City></x:SignatureProductionPlace>",
        "<x:SignerRole><x:ClaimedRoles><x:ClaimedRole>Déclarant</x:ClaimedRole></x:ClaimedRoles>"
        "</x:SignerRole>",
    ):
        properties.append(part(markup))


ALLOWED: dict[str, Bend] = {
    "as-signed": lambda root: None,
    "without-canonical-transform": transforms(ENVELOPED),
    "inclusive-1.1": transforms(ENVELOPED, transform("http://www.w3.org/2006/12/xml-c14n11")),
    "exclusive": transforms(ENVELOPED, transform(EXCLUSIVE)),
    "exclusive-with-prefixes": exclusive_with_prefixes,
    "exclusive-signed-info": put("//ds:CanonicalizationMethod", "Algorithm", EXCLUSIVE),
    "properties-without-transform": remove("//ds:Reference[2]/ds:Transforms"),
    "by-id": together(put(".", "Id", "whole"), put(DOCUMENT, "URI", "#whole")),
    "without-key-info": remove("//ds:KeyInfo"),
    "key-info-signed": key_info_signed,
    "legacy-certificate": legacy_certificate,
    "more-properties": more_properties,
}


@pytest.mark.parametrize("name", ALLOWED)
def test_what_the_profile_leaves_open_is_accepted(name: str) -> None:
    """Without these the refusals above could refuse everything."""
    root = xades()
    ALLOWED[name](root)
    assert accepted(read(etree.tostring(resealed(root)))).fingerprint


def test_an_id_reference_with_rsa_is_accepted_too() -> None:
    assert accepted(signed_by_id("whole", rsa_partner()), rsa_partner())
