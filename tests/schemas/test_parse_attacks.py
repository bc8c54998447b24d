"""Hostile bytes are refused, and nothing is fetched, read or expanded for them."""

from __future__ import annotations

import select
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from schemas.errors import Code, Refused
from schemas.parse import parse
from schemas.validate import validate
from tests.schemas.samples import FOLDER, around

XML = b'<?xml version="1.0" encoding="UTF-8"?>'
QUERY = FOLDER / "StatusQuery" / "valid-default.xml"


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A port that nobody should knock at."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def address(listener: socket.socket) -> bytes:
    return b"http://127.0.0.1:%d/x" % listener.getsockname()[1]


def knocked(listener: socket.socket) -> bool:
    return bool(select.select([listener], [], [], 0.05)[0])


def refusal(data: bytes) -> Code:
    with pytest.raises(Refused) as caught:
        parse(data)
    return caught.value.findings[0].code


def billion_laughs() -> bytes:
    lines = [b'<!ENTITY l0 "lol">']
    lines += [
        b'<!ENTITY l%d "%b">' % (level, b"&l%d;" % (level - 1) * 10) for level in range(1, 10)
    ]
    return XML + b"<!DOCTYPE d [%b]>" % b"".join(lines) + around("&l9;")


@pytest.mark.parametrize(
    "doctype",
    [
        b"<!DOCTYPE d>",
        b'<!DOCTYPE d SYSTEM "@">',
        b'<!DOCTYPE d PUBLIC "-//W3C//DTD XHTML 1.0//EN" "@">',
        b'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        b'<!DOCTYPE d [<!ENTITY x SYSTEM "@">]>',
        b'<!DOCTYPE d [<!ENTITY % x SYSTEM "@"> %x;]>',
        b'<!DOCTYPE d [<!ENTITY x "y"><!ATTLIST d a CDATA "default">]>',
        b"\n\n<!DOCTYPE\td>",
    ],
)
def test_doctype_is_refused_unread(doctype: bytes, listener: socket.socket) -> None:
    document = XML + doctype.replace(b"@", address(listener)) + around("&x;")
    assert refusal(document) is Code.DOCTYPE_FORBIDDEN
    assert not knocked(listener)


def test_billion_laughs_are_refused() -> None:
    assert refusal(billion_laughs()) is Code.DOCTYPE_FORBIDDEN


def test_quadratic_blow_up_is_refused() -> None:
    entity = b'<!DOCTYPE d [<!ENTITY x "%b">]>' % (b"x" * 100_000)
    assert refusal(XML + entity + around("&x;" * 10_000)) is Code.DOCTYPE_FORBIDDEN


def test_entity_that_nobody_declared_is_refused() -> None:
    assert refusal(around("&x;")) is Code.NOT_XML


def test_doctype_after_the_root_is_refused() -> None:
    assert refusal(around("") + b"<!DOCTYPE d>") is Code.DOCTYPE_FORBIDDEN


@pytest.mark.parametrize(
    "hidden",
    [
        b"<a b='>'/><!-- x -->",
        b"<!-- <a b='-->'/> -->",
        b"1<!--x-->00",
        b"<?php x ?>",
        b"<a c='\">'/><?x?>",
        b"<![CDATA[>]]><!---->",
    ],
)
def test_comment_or_instruction_is_refused_wherever_it_hides(hidden: bytes) -> None:
    assert refusal(around(hidden)) is Code.COMMENT_FORBIDDEN
    assert refusal(around("") + hidden[hidden.index(b"<") :]) in {
        Code.COMMENT_FORBIDDEN,
        Code.NOT_XML,
    }


def test_comment_before_the_root_is_refused() -> None:
    assert refusal(XML + b"<!-- x -->" + around("")) is Code.COMMENT_FORBIDDEN


def test_xinclude_stays_an_element(listener: socket.socket) -> None:
    include = b'<i:include xmlns:i="http://www.w3.org/2001/XInclude" href="%b" parse="text"/>'
    root = parse(around(include % address(listener)))
    assert root[0].tag == "{http://www.w3.org/2001/XInclude}include"
    assert not knocked(listener)


def test_schema_location_is_not_followed(listener: socket.socket) -> None:
    hint = b' xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:schemaLocation="urn:x %b"'
    document = QUERY.read_bytes().replace(
        b"<StandardBusinessDocument", b"<StandardBusinessDocument" + hint % address(listener), 1
    )
    assert validate(parse(document)) == []
    assert validate(parse(document.replace(b">1.0<", b">9<", 1))) != []
    assert not knocked(listener)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("declared", ["", '<?xml version="1.0" encoding="UTF-16"?>'])
def test_wide_encoding_is_refused(encoding: str, declared: str) -> None:
    data = (declared + around("").decode()).encode(encoding)
    assert refusal(data) is Code.ENCODING_NOT_UTF8


@pytest.mark.parametrize("encoding", ["UTF-7", "ISO-8859-1", "windows-1252", "UTF-16", "IBM037"])
def test_other_encoding_is_refused_by_its_name(encoding: str) -> None:
    data = f"<?xml version='1.0' encoding='{encoding}'?>".encode() + around("")
    assert refusal(data) is Code.ENCODING_NOT_UTF8


def test_utf_7_without_its_name_is_not_xml() -> None:
    assert refusal(b"+ADw-d+AD4-") is Code.NOT_XML


def test_ebcdic_is_not_guessed() -> None:
    assert refusal("<?xml version='1.0'?><d/>".encode("cp037")) is Code.NOT_XML


@pytest.mark.parametrize("octets", [b"\xff", b"\xc3(", b"\xed\xa0\x80", b"\xc0\xaf", b"caf\xe9"])
def test_octets_that_are_not_utf_8_are_refused(octets: bytes) -> None:
    assert refusal(around(octets)) is Code.ENCODING_NOT_UTF8


@pytest.mark.parametrize("text", [b"a\0b", b"&#0;", b"\x01", b"&#x1F;", b"\xef\xbf\xbe"])
def test_characters_that_xml_forbids_are_refused(text: bytes) -> None:
    assert refusal(around(text)) is Code.NOT_XML


def test_xml_1_1_is_refused() -> None:
    assert refusal(b"<?xml version='1.1'?>" + around("")) is Code.NOT_XML


def test_second_declaration_is_refused() -> None:
    assert refusal(XML + XML + around("")) in {Code.NOT_XML, Code.COMMENT_FORBIDDEN}


def test_duplicate_attribute_is_refused() -> None:
    assert refusal(around("<a b='1' b='2'/>")) is Code.NOT_XML


def test_duplicate_attribute_by_two_prefixes_is_refused() -> None:
    assert refusal(around("<a xmlns:p='u' xmlns:q='u' p:b='1' q:b='2'/>")) is Code.NOT_XML


def test_prefix_that_nobody_declared_is_refused() -> None:
    assert refusal(around("<p:a/>")) is Code.NOT_XML


def test_root_of_another_namespace_is_refused() -> None:
    assert refusal(b"<StandardBusinessDocument/>") is Code.ROOT_UNKNOWN


def test_million_elements_are_refused() -> None:
    assert refusal(around(b"<a/>" * 1_000_000)) is Code.TOO_MANY_ELEMENTS


@pytest.mark.parametrize("first", [b"", b' c=">"'])
def test_hundred_thousand_attributes_are_refused(first: bytes) -> None:
    many = b" ".join(b'a%d=""' % number for number in range(100_000))
    assert refusal(around(b"<a%b %b/>" % (first, many))) is Code.TOO_MANY_ATTRIBUTES


def test_hundred_thousand_namespaces_are_refused() -> None:
    many = b" ".join(b'xmlns:n%d="u"' % number for number in range(100_000))
    assert refusal(around(b"<a %b/>" % many)) is Code.TOO_MANY_NAMESPACES


@pytest.mark.parametrize("attribute", ["Id", "other"])
def test_huge_attribute_never_passes_the_schema(attribute: str) -> None:
    huge = f'<StandardBusinessDocument {attribute}="{"x" * 5_000_000}"'
    document = QUERY.read_bytes().replace(b"<StandardBusinessDocument", huge.encode(), 1)
    assert validate(parse(document)) != []


def test_deep_document_never_closed_is_refused() -> None:
    assert refusal(around("")[:-27] + b"<a>" * 100_000) in {
        Code.TOO_DEEP,
        Code.NOT_XML,
        Code.TOO_MANY_ELEMENTS,
    }


def test_file_of_this_machine_is_never_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("the secret")
    include = f'<i:include xmlns:i="http://www.w3.org/2001/XInclude" href="{secret.as_uri()}"/>'
    assert "the secret" not in "".join(parse(around(include)).itertext())
