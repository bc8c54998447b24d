"""The published schemas: documented, bounded, and with one verdict for every tool."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
import xmlschema
from lxml import etree
from signxml.algorithms import CanonicalizationMethod, DigestAlgorithm, SignatureMethod
from signxml.signer import XMLSigner
from signxml.xades.xades import XAdESSigner

from gateway.seal.keys import load_certificate, load_key, new_key
from gateway.seal.sign import Signer
from schemas.errors import Refused
from schemas.parse import parse
from schemas.validate import validate
from tests.schemas.samples import ENTRY, INVALID, VALID, announced, name

XS = "{http://www.w3.org/2001/XMLSchema}"
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
NOW = datetime(2026, 11, 14, 10, tzinfo=UTC)
SCHEMAS = sorted(ENTRY.parent.glob("*.xsd"))
DOCUMENTED = {f"{XS}{kind}" for kind in ("element", "attribute", "simpleType", "complexType")}


def components(path: Path) -> Iterator[etree._Element]:
    """Every element of one of our own schema files."""
    return etree.parse(path).getroot().iter()  # noqa: TID251 (our own file)


def xmllint(paths: list[Path]) -> dict[Path, bool]:
    """What xmllint says of each file."""
    command = ["xmllint", "--noout", "--nonet", "--schema", str(ENTRY), *map(str, paths)]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stderr
    return {path: f"{path} validates" in said.splitlines() for path in paths}


@pytest.fixture(scope="module")
def signer() -> Signer:
    key, certificate = new_key("coop-atlas", 30, NOW)
    return Signer(load_key(key), load_certificate(certificate))


def test_xmllint_and_we_give_one_verdict_on_every_sample() -> None:
    ours = {}
    for path in (*VALID, *INVALID):
        try:
            ours[path] = not validate(parse(path.read_bytes()))
        except Refused:
            continue  # what we do not even read has no verdict of the schema
    assert xmllint(list(ours)) == ours
    assert {True, False} == set(ours.values())


def test_signed_samples_validate_anywhere(signer: Signer, tmp_path: Path) -> None:
    signed = []
    for number, path in enumerate(VALID):
        for form in ("xades", "plain"):
            root = parse(path.read_bytes())
            data = signer.sign(root, NOW) if form == "xades" else signer.sign_plain(root)
            target = tmp_path / f"{number}-{form}.xml"
            target.write_bytes(data)
            assert validate(parse(data)) == [], f"{path.name} signed as {form}"
            signed.append(target)
    assert all(xmllint(signed).values())


@pytest.mark.parametrize("signing", [XMLSigner, XAdESSigner])
def test_document_signed_by_another_tool_validates(
    signing: type[XMLSigner], tmp_path: Path
) -> None:
    key, certificate = new_key("coop-atlas", 30, NOW)
    tool = signing(
        signature_algorithm=SignatureMethod.ECDSA_SHA256,
        digest_algorithm=DigestAlgorithm.SHA256,
        c14n_algorithm=CanonicalizationMethod.CANONICAL_XML_1_0,
    )
    signed = tool.sign(parse(VALID[0].read_bytes()), key=key, cert=certificate.decode())
    target = tmp_path / "signed.xml"
    target.write_bytes(etree.tostring(signed))
    assert validate(parse(target.read_bytes())) == []
    assert xmllint([target]) == {target: True}


def test_xmlschema_agrees_that_valid_samples_are_valid() -> None:
    schema = xmlschema.XMLSchema10(ENTRY, allow="local")
    for path in VALID:
        source = xmlschema.XMLResource(cast("Any", parse(path.read_bytes())), allow="none")
        assert list(schema.iter_errors(source, use_location_hints=False)) == [], path.name


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: path.name)
def test_every_component_is_documented_in_french_and_english(path: Path) -> None:
    for component in components(path):
        if component.tag not in DOCUMENTED or component.get("ref"):
            continue
        if component.tag == f"{XS}simpleType" and component.get("name") is None:
            continue
        texts = component.findall(f"{XS}annotation/{XS}documentation")
        languages = [text.get(LANGUAGE) for text in texts if (text.text or "").strip()]
        where = f"{component.get('name')} at line {component.sourceline}"
        assert languages[:2] == ["fr", "en"], where


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: path.name)
def test_every_enumerated_value_is_documented(path: Path) -> None:
    for value in components(path):
        if value.tag == f"{XS}enumeration":
            assert len(value.findall(f"{XS}annotation/{XS}documentation")) == 2, value.get("value")


def patterns() -> list[tuple[str, str]]:
    return [
        (path.name, pattern.get("value", ""))
        for path in SCHEMAS
        for pattern in components(path)
        if pattern.tag == f"{XS}pattern"
    ]


@pytest.mark.parametrize(("file", "pattern"), patterns())
def test_pattern_matches_latin_digits_only_and_cannot_explode(file: str, pattern: str) -> None:
    assert not re.search(r"\\[dDwWiIcCpP]", pattern), file
    assert not re.search(r"[+*}]\)[+*{]", pattern), "a repetition inside a repetition"


def bounded(restriction: etree._Element) -> bool:
    """Is every text of this type limited in length?"""
    facets = {str(facet.tag).removeprefix(XS): facet.get("value", "") for facet in restriction}
    if "maxLength" in facets or "enumeration" in facets or "totalDigits" in facets:
        return True
    if "maxInclusive" in facets:
        return True
    pattern = facets.get("pattern", "")
    return bool(pattern) and not re.search(r"[*+](?![^\[]*\])|\{[0-9]+,\}", pattern)


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: path.name)
def test_every_simple_type_is_bounded(path: Path) -> None:
    for restriction in components(path):
        parent = restriction.getparent()
        if restriction.tag == f"{XS}restriction" and parent is not None:
            assert bounded(restriction), parent.get("name")


def test_only_known_built_in_types_are_used_bare() -> None:
    bare = {
        (component.get("name"), component.get("type"))
        for path in SCHEMAS
        for component in components(path)
        if (component.get("type") or "").startswith("xs:")
    }
    assert bare == {
        ("Content", "xs:base64Binary"),
        ("LastUse", "xs:boolean"),
        ("Line", "xs:positiveInteger"),
        ("Replacement", "xs:boolean"),
    }


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<c:NetWeight>3640<", "<c:NetWeight>+3640<"),
        ("<c:NetWeight>3640<", "<c:NetWeight>.5<"),
        ("<c:NetWeight>3640<", "<c:NetWeight>0<"),
        ("<c:NetWeight>3640<", "<c:NetWeight>26 775<"),
        ("<c:NetWeight>3640<", "<c:NetWeight>1_000<"),
        ("<c:NetWeight>3640<", "<c:NetWeight>1.0000001<"),
        ("<c:NetWeight>3640<", "<c:NetWeight>1234567890123<"),
        ("<c:NetWeight>3640<", "<c:NetWeight>NaN<"),
        ("<c:TotalAmount>142000.00<", "<c:TotalAmount>142000.0001<"),
        ("<c:TotalAmount>142000.00<", "<c:TotalAmount>-1<"),
        ("<c:Incoterm>FOB<", "<c:Incoterm>fob<"),
        ("<c:Incoterm>FOB<", "<c:Incoterm> FOB<"),
        (">submit<", "> submit <"),
        ("<c:Line>1<", "<c:Line>0<"),
        ("<c:Line>1<", "<c:Line>01<"),
        ("<c:Name>Union de coopératives Atlas<", "<c:Name>\n<"),
        ("<c:Name>Union de coopératives Atlas<", "<c:Name>Union\nde coopératives<"),
        ("<c:FileName>facture-0117.pdf<", "<c:FileName>../facture.pdf<"),
        ("<c:IssueDate>2026-11-05<", "<c:IssueDate>2026-11-05Z<"),
        ("<CreationDateAndTime>2026-11-14T10:00:00Z<", "<CreationDateAndTime>2026-11-14T10:00:00<"),
        (
            "<CreationDateAndTime>2026-11-14T10:00:00Z<",
            "<CreationDateAndTime>2026-11-14T24:00:00Z<",
        ),
        (
            "<Function>",
            '<Function xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:nil="true">',
        ),
        (
            "<c:NetWeight>3640<",
            '<c:NetWeight xmlns:i="http://www.w3.org/2001/XMLSchema-instance"'
            ' i:type="c:Quantity" unit="KGM">3640<',
        ),
    ],
)
def test_value_that_could_be_misread_is_refused(old: str, new: str, tmp_path: Path) -> None:
    [sample] = [path for path in VALID if path.stem == "valid-submit-argan-oil"]
    text = sample.read_text(encoding="utf-8")
    assert old in text
    changed = tmp_path / "changed.xml"
    changed.write_text(text.replace(old, new, 1), encoding="utf-8")
    assert validate(parse(changed.read_bytes()))
    assert xmllint([changed]) == {changed: False}


def test_samples_of_the_schema_are_of_the_codes_they_announce() -> None:
    wrong = [path for path in INVALID if announced(path) == 501]
    assert wrong
    for path in wrong:
        assert validate(parse(path.read_bytes())), name(path)
