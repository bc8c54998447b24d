"""What a signature may hold: nothing in which something could be hidden.

Every document here is signed anew after it was bent, with the partner's own pinned key. So no
digest and no value is wrong: it is the profile that refuses, and the code says why.
"""

from __future__ import annotations

import base64
from collections.abc import Callable

import pytest
from lxml import etree

from schemas.errors import Code
from tests.attacks.bends import (
    KEY_INFO,
    SHA256,
    STRUCTURE,
    XML,
    XSI,
    Bend,
    add,
    first,
    plain,
    put,
    remove,
    twice,
    write,
    xades,
)
from tests.seal.documents import (
    accepted,
    one,
    part,
    read,
    refusal,
    resealed,
)

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


def test_an_ecdsa_value_in_der_is_refused() -> None:
    """Some tools write it so; XMLDSig wants r and s side by side."""
    root = plain()
    value = one(root, "//ds:SignatureValue")
    raw = base64.b64decode(value.text or "")
    der = b"\x30\x44\x02\x20" + raw[:32] + b"\x02\x20" + raw[32:]
    value.text = base64.b64encode(der).decode()
    assert refusal(root) is Code.SIGNATURE_INVALID
