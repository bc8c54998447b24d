"""The code that verifies without a network."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import segno
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.seal import qr
from gateway.seal.keys import UnusableKey, load_certificate, load_key, new_key
from gateway.seal.qr import (
    MOST,
    UnreadableCode,
    key_id,
    lines_digest,
    lines_text,
    read_lines,
    read_payload,
    sign_payload,
)
from handlers.papers.frame import StatedLine, Statement

NOW = datetime(2026, 11, 21, tzinfo=UTC)
KEY_PEM, CERTIFICATE_PEM = new_key("passavant", 30, NOW)
KEY, CERTIFICATE = load_key(KEY_PEM), load_certificate(CERTIFICATE_PEM)
OTHER = load_certificate(new_key("passavant", 30, NOW)[1])
SOURCE = "ab" * 32


def lines(count: int) -> tuple[StatedLine, ...]:
    return tuple(
        StatedLine(code=f"15159090{n:02}", quantity=Decimal(f"{11500 + n}.25"), unit="LTR")
        for n in range(count)
    )


STATEMENT = Statement(
    kind="LICENCE",
    number="LE-2026-0000123",
    version=2,
    holder="001525315000035",
    issued_on=date(2026, 11, 16),
    valid_from=date(2026, 11, 17),
    valid_until=date(2027, 5, 16),
    lines=lines(3),
)


def signed(statement: Statement = STATEMENT, source: str = SOURCE) -> str:
    return sign_payload(statement, source, KEY, CERTIFICATE)


def test_what_was_stated_is_read_back_with_the_certificate_alone() -> None:
    found = read_payload(signed(), CERTIFICATE)
    assert found.statement == STATEMENT
    assert (found.count, found.lines_digest) == (3, "")
    assert (found.source, found.key) == (SOURCE, CERTIFICATE.fingerprint[:16])


def test_what_is_not_known_stays_empty() -> None:
    bare = replace(
        STATEMENT, holder="", issued_on=None, valid_from=None, valid_until=None, lines=()
    )
    found = read_payload(signed(bare, source=""), CERTIFICATE)
    assert (found.statement, found.source, found.count) == (bare, "", 0)


def test_the_same_statement_gives_the_same_code() -> None:
    assert signed() == signed()


@pytest.mark.parametrize("count", [8, 60, 999])
def test_lines_that_do_not_fit_are_held_by_a_digest_over_all(count: int) -> None:
    whole = replace(STATEMENT, lines=lines(count))
    text = signed(whole)
    found = read_payload(text, CERTIFICATE)
    assert len(text) <= MOST
    assert found.count == count
    assert 0 < len(found.statement.lines) < count
    assert found.statement.lines == whole.lines[: len(found.statement.lines)]
    assert found.lines_digest == lines_digest(whole.lines)


def test_the_longest_code_is_one_that_a_telephone_reads() -> None:
    code = segno.make_qr("A" * MOST, error="m", boost_error=False)
    assert (code.version, code.mode) == (14, "alphanumeric")
    with pytest.raises(segno.DataOverflowError):
        segno.make_qr("A" * (MOST + 1), error="m", version=14, boost_error=False)


def test_no_character_of_a_code_can_be_changed() -> None:
    text = signed()
    for place in range(len(text)):
        other = "0" if text[place] != "0" else "1"
        with pytest.raises(UnreadableCode):
            read_payload(text[:place] + other + text[place + 1 :], CERTIFICATE)


@pytest.mark.parametrize("text", ["", "PSV1:", "PSV1:a", "PSV1:::::::", "https://x", "PSV2:00"])
def test_what_is_no_code_is_said_to_be_none(text: str) -> None:
    with pytest.raises(UnreadableCode):
        read_payload(text, CERTIFICATE)


def test_another_hub_s_code_does_not_hold() -> None:
    with pytest.raises(UnreadableCode, match="another key"):
        read_payload(signed(), OTHER)
    assert key_id(OTHER) != key_id(CERTIFICATE)


def test_a_rsa_key_signs_no_codes() -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=3072)
    with pytest.raises(UnusableKey):
        sign_payload(STATEMENT, SOURCE, key, CERTIFICATE)


def test_separators_in_a_partner_s_words_part_nothing() -> None:
    crafted = StatedLine(code="1|2;3:4", quantity=Decimal(1), unit="|;:")
    hostile = replace(STATEMENT, holder="1|2;3:4", lines=(crafted,))
    found = read_payload(signed(hostile), CERTIFICATE).statement
    assert found.holder == "1 2 3 4"
    assert found.lines == (StatedLine(code="1 2 3 4", quantity=Decimal(1), unit="   "),)


def test_lines_are_read_as_they_were_written() -> None:
    assert read_lines(lines_text(lines(60))) == lines(60)
    with pytest.raises(UnreadableCode):
        read_lines("1515:x:LTR")
    with pytest.raises(UnreadableCode):
        read_lines("1515")


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
def test_base_45_gives_back_every_byte_and_never_ends_in_a_space(content: bytes) -> None:
    text = qr._base45(content)
    assert qr._unbase45(text) == content
    assert not text.endswith(" ")
    assert len(text) == qr._encoded(len(content))
