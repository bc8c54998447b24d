"""What may stand around a signature: Ids that say one thing, no comments, one root, one place."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from lxml import etree

from gateway.seal.profile import check
from schemas.errors import Code, Refused
from tests.attacks.bends import (
    XML,
    plain,
    xades,
)
from tests.seal.documents import (
    DS,
    NOW,
    accepted,
    envelope,
    one,
    part,
    partner,
    read,
    refusal,
    resealed,
)


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
