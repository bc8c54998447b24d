"""A line's balances are a chain: each link binds the one before, and every fact of its entry."""

from __future__ import annotations

import hashlib
import re
from dataclasses import fields, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.licence.receipts import Link, last_link, movements, plain
from tests.handlers.dossiers import NUMBER, entry, granted, used

PAGE = Path(__file__).parents[3] / "docs" / "explanation" / "balance-receipts.md"

FIRST = Link.of(used([entry()]), entry(), None, Decimal(0))


def test_the_explanation_shows_the_text_and_digest_of_this_link() -> None:
    page = PAGE.read_text(encoding="utf-8")
    (shown,) = re.findall(r"```text\n(.*?)```", page, re.DOTALL)
    assert shown == FIRST.text()
    assert hashlib.sha256(shown.encode()).hexdigest() == FIRST.digest()
    assert f"`{FIRST.digest()}`" in page


def test_the_explanation_names_every_field_in_its_order() -> None:
    table = re.findall(r"^\| `(\w+)=` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert table == re.findall(r"^(\w+)=", FIRST.text(), re.MULTILINE)
    assert set(table) == {field.name for field in fields(Link)}


OTHER: dict[str, Any] = {
    "previous": "0" * 64,
    "dossier": "LE-2026-0000043",
    "line": 2,
    "unit": "GRM",
    "office": "400",
    "number": "I-2",
    "kind": "late",
    "corrects": "I-1",
    "declaration": "309060202600012345B",
    "delta": Decimal(401),
    "before": Decimal(1),
    "after": Decimal("400.000001"),
    "value": Decimal("16000.01"),
    "currency": "EUR",
}


@pytest.mark.parametrize("field", [field.name for field in fields(Link)])
def test_whatever_is_altered_alters_the_digest(field: str) -> None:
    assert replace(FIRST, **{field: OTHER[field]}).digest() != FIRST.digest()


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("0", "0"),
        ("-0.00", "0"),
        ("0E+3", "0"),
        ("1500.00", "1500"),
        ("1.5E3", "1500"),
        ("-0.10", "-0.1"),
        ("999999999999.999999", "999999999999.999999"),
        ("1E-6", "0.000001"),
    ],
)
def test_a_decimal_has_one_form(number: str, text: str) -> None:
    assert plain(Decimal(number)) == text


@given(st.decimals(min_value=-(10**12), max_value=10**12, places=6))
def test_equal_decimals_have_one_form_and_it_reads_back(number: Decimal) -> None:
    assert plain(number) == plain(number.normalize()) == plain(number * Decimal("1.000"))
    assert Decimal(plain(number)) == number


def test_each_link_names_the_one_before_on_its_own_line() -> None:
    entries = [entry(), entry("I-2", 50, line=2), entry("I-3", 100), entry("I-4", 1, line=2)]
    receipts = [one.receipt for one in movements(granted(), entries)]
    first, second, third, fourth = (one for one in receipts if one is not None)
    assert (first.previous, second.previous) == (None, None)
    assert (third.previous, fourth.previous) == (first.digest, second.digest)
    assert len({one.digest for one in (first, second, third, fourth)}) == 4


def test_the_chain_is_made_again_from_the_ledger_alone() -> None:
    entries = [entry(f"I-{number}", 10) for number in range(5)]
    at_once = movements(granted(), entries)
    licence = granted()
    for one, expected in zip(entries, at_once, strict=True):
        assert movements(licence, [one]) == (expected,)
        licence = replace(licence, entries=(*licence.entries, one))
    receipt = at_once[-1].receipt
    assert receipt is not None
    assert last_link(licence, 1) == (receipt.digest, Decimal(50))
    assert last_link(licence, 2) == (None, Decimal(0))


def test_a_ledger_that_was_touched_no_longer_goes_on_from_its_receipts() -> None:
    entries = (entry(), entry("I-2", 50))
    touched = (replace(entry(), value=Decimal(15999)), entry("I-2", 50))
    assert last_link(used(entries), 1) != last_link(used(touched), 1)
    assert last_link(used(entries), 1) != last_link(used(reversed(entries)), 1)


def test_a_receipt_bears_the_number_of_its_licence() -> None:
    assert f"dossier={NUMBER}\n" in FIRST.text()
