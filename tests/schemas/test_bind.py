"""Payloads become the same values that xsdata's own parser makes of them, and back."""

from __future__ import annotations

import copy
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from xsdata.formats.dataclass.context import XmlContext
from xsdata.formats.dataclass.parsers import XmlParser
from xsdata.formats.dataclass.parsers.config import ParserConfig
from xsdata.formats.dataclass.parsers.handlers import LxmlEventHandler
from xsdata.formats.dataclass.serializers import XmlSerializer
from xsdata.models.datatype import XmlDate

from schemas import bind
from schemas.bind import Unreadable
from schemas.bindings.balance_query_1 import BalanceQuery
from schemas.bindings.common_1 import Amount, Quantity
from schemas.bindings.imputation_1 import Imputation
from schemas.bindings.status_query_1 import StatusQuery
from schemas.catalogue import catalogue
from schemas.envelope import compose, payload, read_header
from schemas.parse import parse
from schemas.validate import validate
from tests.schemas.samples import FOLDER, SBDH, TEXTS, VALID, around, name

CONTEXT = XmlContext()
STRICT = ParserConfig(
    fail_on_unknown_properties=True,
    fail_on_unknown_attributes=True,
    fail_on_converter_warnings=True,
)
IMPUTATION = (FOLDER / "Imputation" / "valid-original.xml").read_text(encoding="utf-8")


def xsdata_reads(element: etree._Element, cls: type) -> object:
    """xsdata clears the tree it is given, and so it is given a copy."""
    parser = XmlParser(context=CONTEXT, config=STRICT, handler=LxmlEventHandler)
    return parser.parse(copy.deepcopy(element), cls)


def of(path: Path) -> tuple[etree._Element, type[Any]]:
    body = payload(parse(path.read_bytes()))
    return body, catalogue()[path.parent.name].binding


def written(value: object) -> etree._Element:
    return payload(parse(around(bind.write(value))))


@pytest.mark.parametrize("path", VALID, ids=name)
def test_payload_is_read_as_xsdata_reads_it(path: Path) -> None:
    body, cls = of(path)
    assert bind.read(body, cls) == xsdata_reads(body, cls)


@pytest.mark.parametrize("path", VALID, ids=name)
def test_payload_is_written_as_xsdata_writes_it(path: Path) -> None:
    body, cls = of(path)
    value = bind.read(body, cls)
    theirs = XmlSerializer(context=CONTEXT).render(value)
    envelope = f'<StandardBusinessDocument xmlns="{SBDH}">{theirs.partition("?>")[2].strip()}'
    again = payload(parse(f"{envelope}</StandardBusinessDocument>".encode()))
    assert bind.read(again, cls) == value
    assert [(node.tag, node.text) for node in written(value).iter()] == [
        (node.tag, node.text) for node in again.iter()
    ]


@pytest.mark.parametrize("path", VALID, ids=name)
def test_written_message_follows_the_schema(path: Path) -> None:
    root = parse(path.read_bytes())
    body, cls = of(path)
    again = parse(compose(read_header(root), bind.read(body, cls)))
    assert validate(again) == []
    assert bind.read(payload(again), cls) == bind.read(body, cls)


def imputation(old: str = "", new: str = "") -> Imputation:
    assert old in IMPUTATION
    return bind.read(payload(parse(IMPUTATION.replace(old, new, 1).encode())), Imputation)


def test_unchanged_imputation_is_readable() -> None:
    assert imputation().quantity == Quantity(value=Decimal("1500"), unit="LTR")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<Article>1</Article>", ""),
        ("<Article>1</Article>", "<Article>1</Article><Article>1</Article>"),
        ("<Article>1</Article>", "<Article>1</Article><Other/>"),
        ("<Article>1</Article>", '<Article xmlns="">1</Article>'),
        ("<Article>1</Article>", "<Article>1_000</Article>"),
        ("<Article>1</Article>", "<Article>٣</Article>"),
        ("<Article>1</Article>", "<Article><b/>1</Article>"),
        (">1500<", ">1e3<"),
        (">1500<", ">NaN<"),
        (">1500<", "><b/>1500<"),
        (">original<", ">other<"),
        (' unit="LTR"', ""),
        (' unit="LTR"', ' unit="LTR" size="2"'),
        (">false<", ">no<"),
        (">2026-11-20<", ">2026-13-27<"),
    ],
)
def test_what_the_binding_does_not_know_is_an_error(old: str, new: str) -> None:
    with pytest.raises(Unreadable):
        imputation(old, new)


def test_other_payload_is_an_error() -> None:
    with pytest.raises(Unreadable):
        bind.read(payload(parse(IMPUTATION.encode())), StatusQuery)


def test_hint_where_a_schema_may_be_found_is_no_value() -> None:
    hint = ' xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:schemaLocation="urn:x x.xsd"'
    assert imputation("<Imputation", f"<Imputation{hint}") == imputation()


@given(
    value=st.decimals(0, Decimal(10) ** 12 - 1, places=6),
    amount=st.decimals(0, Decimal(10) ** 15 - 1, places=3),
    day=st.dates(),
    line=st.integers(1, 999),
)
def test_written_numbers_and_days_are_read_back(
    value: Decimal, amount: Decimal, day: object, line: int
) -> None:
    query = BalanceQuery(
        line=line,
        quantity=Quantity(value=value, unit="KGM"),
        value=Amount(value=amount, currency="MAD"),
        imputation_date=XmlDate.from_string(str(day)),
    )
    element = written(query)
    assert bind.read(element, BalanceQuery) == query
    assert "E" not in "".join(element.itertext())


@given(text=TEXTS)
def test_text_and_attributes_are_written_as_libxml2_canonicalises_them(text: str) -> None:
    element = etree.Element("a", b=text)
    element.text = text
    ours = f"<a b={bind.quoted(text)}>{bind.escaped(text)}</a>"
    assert ours.encode() == etree.tostring(element, method="c14n")


def test_value_is_never_changed_once_read() -> None:
    with pytest.raises(AttributeError):
        imputation().article = 2  # type: ignore[misc]  # that is what must fail
