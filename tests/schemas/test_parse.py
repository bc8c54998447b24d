"""Bytes become a tree within exact caps, or a named refusal."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import schemas.parse as parsing
from schemas.errors import Code, Refused
from schemas.parse import LIMITS, Limits, parse
from tests.schemas.samples import VALID, announced, around, name, provoking


def refusal(data: bytes, limits: Limits = LIMITS) -> Code:
    with pytest.raises(Refused) as caught:
        parse(data, limits)
    return caught.value.findings[0].code


def nested(levels: int) -> bytes:
    """A document of so many levels, its root included."""
    return around(b"<a>" * (levels - 1) + b"</a>" * (levels - 1))


@pytest.mark.parametrize("path", VALID, ids=name)
def test_valid_sample_is_read(path: Path) -> None:
    assert parse(path.read_bytes()).tag == parsing.ROOT


@pytest.mark.parametrize("path", provoking(*range(201, 210)), ids=name)
def test_sample_provokes_the_code_it_announces(path: Path) -> None:
    assert refusal(path.read_bytes()).number == announced(path)


def test_bytes_are_capped_exactly() -> None:
    data = around("text")
    assert parse(data, Limits(bytes=len(data))).text == "text"
    assert refusal(data, Limits(bytes=len(data) - 1)) is Code.BODY_TOO_LARGE


def test_nothing_at_all_is_refused_as_empty() -> None:
    assert refusal(b"") is Code.BODY_EMPTY


def test_depth_is_capped_exactly() -> None:
    assert len(parse(nested(LIMITS.depth))) == 1
    assert refusal(nested(LIMITS.depth + 1)) is Code.TOO_DEEP


def test_depth_beyond_the_library_own_cap_is_named_alike() -> None:
    assert refusal(nested(1_000)) is Code.TOO_DEEP


@pytest.mark.parametrize("form", [b"<a/>", b"<a></a>", b"<a b='>'/>", b"<a><![CDATA[<]]></a>"])
def test_elements_are_capped_exactly(form: bytes) -> None:
    limits = Limits(elements=20)
    assert len(parse(around(form * 19), limits)) == 19
    assert refusal(around(form * 20), limits) is Code.TOO_MANY_ELEMENTS


def test_closing_tags_inside_cdata_hide_no_elements() -> None:
    hidden = b"<a/>" * 20 + b"<![CDATA[" + b"</a>" * 20 + b"]]>"
    assert refusal(around(hidden), Limits(elements=20)) is Code.TOO_MANY_ELEMENTS


@pytest.mark.parametrize("first", [b"", b' c=">"', b' xmlns:x="urn:x"'])
def test_attributes_of_one_element_are_capped_exactly(first: bytes) -> None:
    least = 1 if b"c=" in first else 0
    for cap in (3, LIMITS.attributes):
        limits = Limits(attributes=cap)
        most = [b'a%d="="' % number for number in range(cap - least)]
        assert len(parse(around(b"<a%b %b/>" % (first, b" ".join(most))), limits)[0].keys()) == cap
        more = b" ".join([*most, b'b=""'])
        document = around(b"<a%b %b/>" % (first, more))
        assert refusal(document, limits) is Code.TOO_MANY_ATTRIBUTES


def test_namespaces_are_capped_exactly() -> None:
    limits = Limits(namespaces=4)  # the root declares the first
    declared = [b'xmlns:n%d="urn:n"' % number for number in range(4)]
    assert len(parse(around(b"<a %b/>" % b" ".join(declared[:3])), limits)) == 1
    assert refusal(around(b"<a %b/>" % b" ".join(declared)), limits) is Code.TOO_MANY_NAMESPACES


@pytest.mark.parametrize(
    "start",
    [
        b"",
        b"\xef\xbb\xbf",
        b"\n",
        b'<?xml version="1.0"?>',
        b"<?xml version='1.0' encoding='utf-8' standalone='yes'?>\n",
        b'\xef\xbb\xbf<?xml version="1.0" encoding="UTF-8"?>',
    ],
)
def test_utf_8_is_read_however_it_is_announced(start: bytes) -> None:
    assert parse(start + around("Béni Mellal خنيفرة")).text == "Béni Mellal خنيفرة"


def test_refusal_of_ill_formed_xml_names_its_line() -> None:
    with pytest.raises(Refused) as caught:
        parse(around("\n\n<a></b>"))
    assert caught.value.findings[0].line == 3
    assert "b" in str(caught.value.findings[0].fields["reason"])


def test_cdata_is_read_as_text() -> None:
    assert parse(around("<![CDATA[a < b & c]]>")).text == "a < b & c"


def test_attachment_of_three_megabytes_is_read() -> None:
    text = "QUJD" * 1_048_576
    assert len(parse(around(f"<a>{text}</a>"))[0].text or "") == len(text)


def test_names_of_strangers_are_not_kept_for_ever() -> None:
    for round_ in range(3):
        strange = b"".join(b"<n%dx%d/>" % (round_, number) for number in range(3_000))
        assert len(parse(around(strange))) == 3_000
    assert len(parsing._kept) <= parsing.KEPT_NAMES


def test_very_long_names_are_not_kept() -> None:
    long = b"n" * (parsing.LONGEST_NAME + 1)
    parse(around(b"<%b/>" % long))
    assert long not in parsing._kept


def test_tree_read_in_a_thread_of_its_own_outlives_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parsing, "KEPT_NAMES", 0)
    before = threading.active_count()
    root = parse(around('<never-seen-before kind="x">text</never-seen-before>'))
    assert (root[0].text, root[0].get("kind")) == ("text", "x")
    assert threading.active_count() == before


def test_threads_read_at_once() -> None:
    documents = [path.read_bytes() for path in VALID] * 5
    with ThreadPoolExecutor(max_workers=4) as pool:
        assert {root.tag for root in pool.map(parse, documents)} == {parsing.ROOT}
