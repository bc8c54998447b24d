"""Signatures that calculate and yet are not taken: each by the rightful key, each refused apart.

Every document here is signed anew after it was bent, with the partner's own pinned key. So no
digest and no value is wrong: it is the profile that refuses, and the code says why.
"""

from __future__ import annotations

import base64
from collections.abc import Callable

import pytest
from lxml import etree

from gateway.seal.profile import check
from schemas.errors import Code, Refused
from tests.seal.documents import (
    CANONICAL,
    DS,
    EXCLUSIVE,
    NOW,
    accepted,
    envelope,
    one,
    part,
    partner,
    read,
    refusal,
    resealed,
    rsa_partner,
    signed_by_id,
)

Bend = Callable[[etree._Element], object]
XML = "{http://www.w3.org/XML/1998/namespace}"
XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
STRUCTURE = Code.SIGNATURE_STRUCTURE
REFERENCE = Code.REFERENCE_FORBIDDEN
TRANSFORM = Code.TRANSFORM_FORBIDDEN
ALGORITHM = Code.ALGORITHM_FORBIDDEN
KEY_INFO = Code.KEY_INFO_FORBIDDEN
DOCUMENT = "//ds:Reference[1]"


def plain() -> etree._Element:
    return read(partner().signer.sign_plain(envelope()))


def xades() -> etree._Element:
    return read(partner().signer.sign(envelope(), NOW))


def put(path: str, attribute: str, value: str) -> Bend:
    return lambda root: one(root, path).set(attribute, value)


def drop(path: str, attribute: str) -> Bend:
    return lambda root: one(root, path).attrib.pop(attribute)


def add(path: str, markup: str) -> Bend:
    return lambda root: one(root, path).append(part(markup))


def first(path: str, markup: str) -> Bend:
    return lambda root: one(root, path).insert(0, part(markup))


def write(path: str, text: str) -> Bend:
    return lambda root: setattr(one(root, path), "text", text)


def remove(path: str) -> Bend:
    def bend(root: etree._Element) -> None:
        element = one(root, path)
        parent = element.getparent()
        assert parent is not None
        parent.remove(element)

    return bend


def twice(path: str) -> Bend:
    def bend(root: etree._Element) -> None:
        element = one(root, path)
        element.addnext(read(etree.tostring(element, with_tail=False)))

    return bend


def together(*bends: Bend) -> Bend:
    def bend(root: etree._Element) -> None:
        for each in bends:
            each(root)

    return bend


def transforms(*markup: str) -> Bend:
    def bend(root: etree._Element) -> None:
        holder = one(root, f"{DOCUMENT}/ds:Transforms")
        holder[:] = [part(each) for each in markup]

    return bend


def transform(algorithm: str, inside: str = "") -> str:
    return f'<ds:Transform Algorithm="{algorithm}">{inside}</ds:Transform>'


ENVELOPED = transform(f"{DS}enveloped-signature")
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
INCLUSIVE = transform(CANONICAL)
PREFIXES = f'<i:InclusiveNamespaces xmlns:i="{EXCLUSIVE}" PrefixList="%s"/>'

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


KEY_INFOS: dict[str, Bend] = {
    "empty": lambda root: one(root, "//ds:KeyInfo").clear(),
    "key-value-alone": lambda root: one(root, "//ds:KeyInfo").__setitem__(
        slice(None), [part("<ds:KeyValue/>")]
    ),
    "key-value-too": add("//ds:KeyInfo", "<ds:KeyValue><ds:RSAKeyValue/></ds:KeyValue>"),
    "key-name": first("//ds:KeyInfo", "<ds:KeyName>declarant-1</ds:KeyName>"),
    "retrieval": add("//ds:KeyInfo", '<ds:RetrievalMethod URI="http://169.254.169.254/"/>'),
    "retrieval-inside": first("//ds:KeyInfo", '<ds:RetrievalMethod URI="#x"/>'),
    "der-encoded-key": add(
        "//ds:KeyInfo",
        '<e:DEREncodedKeyValue xmlns:e="http://www.w3.org/2009/xmldsig11#">AA==</e:DEREncodedKeyValue>',
    ),
    "encrypted-key": add(
        "//ds:KeyInfo", '<e:EncryptedKey xmlns:e="http://www.w3.org/2001/04/xmlenc#"/>'
    ),
    "two-data": twice("//ds:X509Data"),
    "two-certificates": twice("//ds:X509Certificate"),
    "no-certificate": remove("//ds:X509Certificate"),
    "issuer-and-serial": add(
        "//ds:X509Data",
        "<ds:X509IssuerSerial><ds:X509IssuerName>CN=x</ds:X509IssuerName>"
        "<ds:X509SerialNumber>1</ds:X509SerialNumber></ds:X509IssuerSerial>",
    ),
    "revocations": add("//ds:X509Data", "<ds:X509CRL>AAAA</ds:X509CRL>"),
    "junk-for-certificate": write("//ds:X509Certificate", "-----BEGIN CERTIFICATE-----"),
    "text-between": write("//ds:X509Data", "text"),
    "a-foreign-namespace": add("//ds:KeyInfo", "<l:X509Data/>"),
}


@pytest.mark.parametrize("name", KEY_INFOS)
def test_key_info_holds_one_certificate_or_is_left_out(name: str) -> None:
    """Claim 27. Nothing that a signature says about its key is followed."""
    root = plain()
    KEY_INFOS[name](root)
    assert refusal(resealed(root)) is KEY_INFO


OBJECTS: dict[str, Bend] = {
    "any": add("ds:Signature", "<ds:Object>text</ds:Object>"),
    "empty": add("ds:Signature", "<ds:Object/>"),
    "manifest": add(
        "ds:Signature",
        f'<ds:Object><ds:Manifest><ds:Reference URI=""><ds:DigestMethod Algorithm="{SHA256}"/>'
        "<ds:DigestValue>AAAA</ds:DigestValue></ds:Reference></ds:Manifest></ds:Object>",
    ),
    "signature-properties": add(
        "ds:Signature",
        "<ds:Object><ds:SignatureProperties><ds:SignatureProperty Target='#x'>x"
        "</ds:SignatureProperty></ds:SignatureProperties></ds:Object>",
    ),
    "not-in-an-object": add("ds:Signature", "<x:QualifyingProperties Target='#x'/>"),
    "reference-instead-of-properties": add(
        "ds:Signature",
        "<ds:Object><x:QualifyingPropertiesReference URI='http://169.254.169.254/'/></ds:Object>",
    ),
}
XADES_OBJECTS: dict[str, Bend] = {
    "two": add("ds:Signature", "<ds:Object/>"),
    "twice": twice("//ds:Object"),
    "two-properties": add("//ds:Object", "<x:QualifyingProperties Target='#x'/>"),
    "unsigned-properties": add("//x:QualifyingProperties", "<x:UnsignedProperties/>"),
    "signed-twice": twice("//x:SignedProperties"),
    "manifest": add("//ds:Object", "<ds:Manifest/>"),
    "mime-type": put("//ds:Object", "MimeType", "text/xml"),
    "no-time": remove("//x:SigningTime"),
    "no-certificate": remove("//x:SigningCertificateV2"),
    "a-chain": twice("//x:Cert"),
    "both-certificates": lambda root: one(root, "//x:SigningCertificateV2").addprevious(
        part("<x:SigningCertificate/>")
    ),
    "a-certificate-elsewhere": put("//x:Cert", "URI", "http://169.254.169.254/"),
    "legacy-without-issuer": lambda root: setattr(
        one(root, "//x:SigningCertificateV2"),
        "tag",
        "{http://uri.etsi.org/01903/v1.3.2#}SigningCertificate",
    ),
    "something-unknown": add("//x:SignedSignatureProperties", "<x:Anything/>"),
    "something-foreign": add("//x:SignedDataObjectProperties", "<l:Anything/>"),
    "a-time-stamp": add("//x:SignedDataObjectProperties", "<x:AllDataObjectsTimeStamp/>"),
    "an-attribute": put("//x:SignedSignatureProperties", f"{XSI}type", "x"),
    "another-version": lambda root: setattr(
        one(root, "//x:SignedProperties"),
        "tag",
        "{http://uri.etsi.org/01903/v1.1.1#}SignedProperties",
    ),
}


@pytest.mark.parametrize("name", OBJECTS)
def test_a_plain_signature_carries_no_object(name: str) -> None:
    """Claim 25. What lies in a signature unsigned could be taken for signed."""
    root = plain()
    OBJECTS[name](root)
    assert refusal(resealed(root)) is STRUCTURE


@pytest.mark.parametrize("name", XADES_OBJECTS)
def test_a_xades_signature_carries_its_signed_properties_and_no_more(name: str) -> None:
    """Claim 25."""
    root = xades()
    XADES_OBJECTS[name](root)
    assert refusal(resealed(root)) is STRUCTURE


def test_a_counter_signature_is_a_second_signature() -> None:
    root = xades()
    add(
        "//x:QualifyingProperties",
        "<x:UnsignedProperties><x:UnsignedSignatureProperties><x:CounterSignature>"
        "<ds:Signature/></x:CounterSignature></x:UnsignedSignatureProperties>"
        "</x:UnsignedProperties>",
    )(root)
    assert refusal(resealed(root)) is Code.SIGNATURE_DOUBLED


@pytest.mark.parametrize(
    ("one_name", "other_name"),
    [
        ("Id", "Id"),
        ("Id", "ID"),
        ("Id", "id"),
        ("iD", "ID"),
        ("ID", f"{XML}id"),
        (f"{XML}id", f"{XML}id"),
        ("{urn:wsu}Id", "Id"),
    ],
)
def test_an_id_carried_twice_is_refused_whatever_its_spelling(
    one_name: str, other_name: str
) -> None:
    """Claim 30."""
    root = plain()
    one(root, "//l:GoodsLine").set(one_name, "same")
    one(root, "//l:Quantity").set(other_name, "same")
    with pytest.raises(Refused) as caught:
        check(resealed(root))
    (finding,) = caught.value.findings
    assert finding.code is Code.ID_DUPLICATED
    assert finding.value == "same"
    assert "same" in finding.english()
    assert finding.path


def test_ids_that_differ_or_only_look_like_ids_are_accepted() -> None:
    """What is no Id may repeat: `paid`, or a text that reads like an attribute."""
    root = envelope()
    for number, element in enumerate(root.iter("*")):
        element.set("paid", "yes")
        if element is not root:
            element.set("id", f"i{number}")
    root.attrib.clear()
    one(root, "//l:Quantity").text = 'id="a" id="a" Id="a"'
    assert accepted(read(partner().signer.sign(root, NOW)))


def test_an_id_of_the_payload_cannot_take_the_place_of_the_signed_properties() -> None:
    """Claim 30."""
    root = xades()
    name = one(root, "//x:SignedProperties").get("Id", "")
    one(root, "//l:GoodsLine").set("Id", name)
    assert refusal(resealed(root)) is Code.ID_DUPLICATED


@pytest.mark.parametrize(
    ("path", "attribute"),
    [
        (".", f"{XML}lang"),
        (".", f"{XML}base"),
        (".", f"{XML}id"),
        (".", "ID"),
        (".", "class"),
        (".", f"{XSI}schemaLocation"),
        ("ds:Signature", f"{XML}base"),
        ("ds:Signature", f"{XML}lang"),
        ("//ds:SignedInfo", f"{XML}space"),
        ("//ds:SignatureValue", "Encoding"),
        ("//ds:DigestMethod", "Length"),
    ],
)
def test_an_attribute_that_has_no_business_there_is_refused(path: str, attribute: str) -> None:
    """An `xml:` attribute above what is signed would be inherited by some canonical forms."""
    root = plain()
    one(root, path).set(attribute, "x")
    assert refusal(resealed(root)) is STRUCTURE


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("ds:Signature", "text"),
        ("ds:Signature", "\N{NO-BREAK SPACE}"),
        ("//ds:SignedInfo", "text"),
        ("//ds:SignatureMethod", "256"),
    ],
)
def test_text_between_the_parts_of_a_signature_is_refused(path: str, text: str) -> None:
    root = plain()
    one(root, path).text = text
    assert refusal(resealed(root)) is STRUCTURE


def test_text_behind_a_part_of_a_signature_is_refused() -> None:
    root = plain()
    one(root, "//ds:SignatureValue").tail = "text"
    assert refusal(resealed(root)) is STRUCTURE


def test_a_child_of_the_signature_method_is_refused() -> None:
    """A truncated HMAC would be asked for here."""
    root = plain()
    add("//ds:SignatureMethod", "<ds:HMACOutputLength>0</ds:HMACOutputLength>")(root)
    assert refusal(resealed(root)) is STRUCTURE


VALUES: dict[str, Callable[[str], str]] = {
    "empty": lambda value: "",
    "blank": lambda value: " \n",
    "a-character-outside": lambda value: value[:8] + "!" + value[8:],
    "url-safe": lambda value: base64.urlsafe_b64encode(b"\xfb\xff\xfe" * 22)[:88].decode(),
    "behind-the-padding": lambda value: value + "AAAA",
    "more-padding": lambda value: value + "=",
    "less-padding": lambda value: value.rstrip("="),
    "a-wide-space": lambda value: value[:8] + "\N{EM SPACE}" + value[8:],
    "arabic-digits": lambda value: value[:-4] + "٣٣==",
    "loose-bits": lambda value: value[:-3] + chr(ord(value[-3]) + 1) + "==",
}


@pytest.mark.parametrize("name", VALUES)
def test_junk_in_the_signature_value_is_refused(name: str) -> None:
    """Other verifiers skip it, so that one signature could be written in many ways."""
    root = plain()
    value = one(root, "//ds:SignatureValue")
    value.text = VALUES[name](value.text or "")
    assert refusal(root) is STRUCTURE


def test_an_element_in_the_signature_value_is_refused() -> None:
    root = plain()
    one(root, "//ds:SignatureValue").append(part("<l:x/>"))
    assert refusal(root) is STRUCTURE


def test_white_space_in_base64_and_between_the_parts_is_accepted() -> None:
    """Tools break lines at 64 or 76 characters, and indent."""
    root = xades()
    value = one(root, "//ds:SignatureValue")
    text = value.text or ""
    value.text = "\n" + "\r\n\t".join(text[i : i + 16] for i in range(0, len(text), 16)) + "\n"
    for element in one(root, "ds:Signature"):
        element.tail = "\n    "
    assert accepted(read(etree.tostring(root)))


AROUND: dict[str, tuple[Callable[[bytes], bytes], Code]] = {
    "comment-before": (lambda data: b"<!--x-->" + data, Code.COMMENT_FORBIDDEN),
    "comment-after": (lambda data: data + b"<!--x-->", Code.COMMENT_FORBIDDEN),
    "instruction-before": (lambda data: b"<?x y?>" + data, Code.COMMENT_FORBIDDEN),
    "instruction-after": (lambda data: data + b"<?x y?>", Code.COMMENT_FORBIDDEN),
    "comment-in-a-number": (
        lambda data: data.replace(b">100<", b">1<!-- -->00<"),
        Code.COMMENT_FORBIDDEN,
    ),
    "instruction-in-a-number": (
        lambda data: data.replace(b">100<", b">1<?x?>00<"),
        Code.COMMENT_FORBIDDEN,
    ),
    "comment-in-the-value": (
        lambda data: data.replace(b"<ds:SignatureValue>", b"<ds:SignatureValue><!-- -->"),
        Code.COMMENT_FORBIDDEN,
    ),
    "comment-in-the-signed-info": (
        lambda data: data.replace(b"<ds:SignedInfo>", b"<ds:SignedInfo><!-- -->"),
        Code.COMMENT_FORBIDDEN,
    ),
    "doctype": (lambda data: b"<!DOCTYPE x>" + data, Code.DOCTYPE_FORBIDDEN),
    "entity": (
        lambda data: b'<!DOCTYPE x [<!ENTITY e "00">]>' + data.replace(b">100<", b">1&e;<"),
        Code.DOCTYPE_FORBIDDEN,
    ),
    "id-by-doctype": (
        lambda data: b"<!DOCTYPE x [<!ATTLIST x y ID #IMPLIED>]>" + data,
        Code.DOCTYPE_FORBIDDEN,
    ),
    "text-after-the-signature": (
        lambda data: data.replace(b"</ds:Signature>", b"</ds:Signature>x"),
        Code.SIGNATURE_MISPLACED,
    ),
    "element-after-the-signature": (
        lambda data: data.replace(b"</ds:Signature>", b"</ds:Signature><x xmlns='urn:x'/>"),
        Code.SIGNATURE_MISPLACED,
    ),
    "another-root": (
        lambda data: data.replace(b"StandardBusinessDocument>", b"Document>").replace(
            b"<StandardBusinessDocument ", b"<Document "
        ),
        Code.ROOT_UNKNOWN,
    ),
    "another-namespace": (
        lambda data: data.replace(b'StandardBusinessDocumentHeader">', b'X">'),
        Code.ROOT_UNKNOWN,
    ),
}


@pytest.mark.parametrize("name", AROUND)
def test_comments_doctypes_and_what_stands_around_the_root_are_refused(name: str) -> None:
    """Claim 30. Here by the seal itself, whatever the parser let through."""
    bend, code = AROUND[name]
    data = partner().signer.sign_plain(envelope())
    changed = bend(data)
    assert changed != data
    assert refusal(read(changed)) is code


def test_white_space_added_to_the_document_is_refused() -> None:
    """White space is content in XML, and a changed document is a changed document."""
    data = partner().signer.sign_plain(envelope())
    for changed in (
        data.replace(b"</ds:Signature>", b"</ds:Signature>\n"),
        data.replace(b">100<", b"> 100<"),
        data.replace(b"><l:CommodityCode", b">\n<l:CommodityCode"),
    ):
        assert changed != data
        assert refusal(read(changed)) is Code.SIGNATURE_INVALID


def test_an_unsigned_document_is_refused() -> None:
    assert refusal(envelope()) is Code.UNSIGNED


def test_two_signatures_are_refused_even_when_both_are_true() -> None:
    root = plain()
    root.append(one(plain(), "ds:Signature"))
    assert refusal(root) is Code.SIGNATURE_DOUBLED


@pytest.mark.parametrize("path", ["l:LicenceApplication", "s:StandardBusinessDocumentHeader"])
def test_a_signature_inside_a_part_of_the_document_is_refused(path: str) -> None:
    """Claim 25."""
    root = plain()
    one(root, path).append(one(root, "ds:Signature"))
    assert refusal(resealed(root)) is Code.SIGNATURE_MISPLACED


def test_a_signature_that_is_not_last_is_refused() -> None:
    root = plain()
    root.insert(0, one(root, "ds:Signature"))
    assert refusal(resealed(root)) is Code.SIGNATURE_MISPLACED


def test_an_element_that_is_not_the_root_of_its_document_is_not_looked_at() -> None:
    holder = part("<l:x/>")
    holder.append(plain())
    with pytest.raises(Refused) as caught:
        check(holder[0])
    assert caught.value.findings[0].code is Code.ROOT_UNKNOWN


@pytest.mark.parametrize("name", ["urn:&lt;ds:Signature&gt;", "urn:x&quot;y", "urn: x"])
@pytest.mark.parametrize("declaration", ["xmlns", "xmlns:a"])
def test_a_namespace_cannot_smuggle_a_tag_into_the_canonical_form(
    declaration: str, name: str
) -> None:
    """libxml2 writes names of namespaces unescaped; that no such name is read is what saves us."""
    with pytest.raises(etree.XMLSyntaxError, match="not a valid URI"):
        read(f'<x {declaration}="{name}"/>')


def test_a_namespace_that_is_no_absolute_uri_is_refused() -> None:
    root = envelope()
    root.append(read('<l:x xmlns:l="relative"/>'))
    root.append(one(plain(), "ds:Signature"))
    assert refusal(read(etree.tostring(root))) is Code.SIGNATURE_INVALID


def test_an_ecdsa_value_in_der_is_refused() -> None:
    """Some tools write it so; XMLDSig wants r and s side by side."""
    root = plain()
    value = one(root, "//ds:SignatureValue")
    raw = base64.b64decode(value.text or "")
    der = b"\x30\x44\x02\x20" + raw[:32] + b"\x02\x20" + raw[32:]
    value.text = base64.b64encode(der).decode()
    assert refusal(root) is Code.SIGNATURE_INVALID


def test_a_finding_says_where_and_what() -> None:
    root = xades()
    one(root, "//ds:Reference[2]/ds:DigestMethod").set("Algorithm", f"{DS}sha1")
    with pytest.raises(Refused) as caught:
        check(root)
    (finding,) = caught.value.findings
    assert finding.path.endswith("/ds:Signature/ds:SignedInfo/ds:Reference[2]/ds:DigestMethod")
    assert one(root, finding.path).get("Algorithm") == f"{DS}sha1"
    assert finding.value == f"{DS}sha1"
    assert finding.line


def test_a_finding_repeats_only_the_beginning_of_a_long_value() -> None:
    root = plain()
    one(root, "//ds:SignatureMethod").set("Algorithm", "x" * 10_000)
    with pytest.raises(Refused) as caught:
        check(root)
    assert len(caught.value.findings[0].value or "") == 200


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
