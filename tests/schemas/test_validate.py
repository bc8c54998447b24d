"""The schema's faults are told all at once, with place, line, value and reason in two languages."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from schemas.errors import Code, Finding
from schemas.parse import parse
from schemas.validate import MOST_FINDINGS, place, prepare, validate
from tests.schemas.samples import FOLDER, VALID, name, provoking

APPLICATION = FOLDER / "LicenceApplication"
ARGAN = (APPLICATION / "valid-submit-argan-oil.xml").read_text(encoding="utf-8")
LICENCE = "/StandardBusinessDocument/LicenceApplication/Licence"


def faults(text: str) -> list[Finding]:
    return validate(parse(text.encode()))


def one(old: str, new: str) -> Finding:
    """The only fault after one change of a good application."""
    assert old in ARGAN
    [finding] = faults(ARGAN.replace(old, new, 1))
    return finding


@pytest.mark.parametrize("path", VALID, ids=name)
def test_valid_sample_has_no_fault(path: Path) -> None:
    assert validate(parse(path.read_bytes())) == []


@pytest.mark.parametrize("path", provoking(501), ids=name)
def test_fault_of_a_sample_is_explained(path: Path) -> None:
    found = validate(parse(path.read_bytes()))
    assert found
    for finding in found:
        assert finding.code is Code.SCHEMA_INVALID
        assert finding.path.startswith("/StandardBusinessDocument")
        assert finding.line
        assert finding.english() != finding.french()


def test_all_faults_are_told_at_once() -> None:
    text = (APPLICATION / "invalid-PSV-501-many-faults.xml").read_text(encoding="utf-8")
    assert [finding.path for finding in faults(text)] == [
        "/StandardBusinessDocument/LicenceApplication/Function",
        f"{LICENCE}/Consignee/Country",
        f"{LICENCE}/Currency",
        f"{LICENCE}/GoodsLine[1]/Quantity",
    ]


def test_wrong_value_is_told_with_its_form_and_meaning() -> None:
    finding = one("<c:Incoterm>FOB<", "<c:Incoterm>fob<")
    assert (finding.path, finding.value) == (f"{LICENCE}/Incoterm", "fob")
    assert finding.line == ARGAN[: ARGAN.index("<c:Incoterm>")].count("\n") + 1
    assert "[A-Z]{3}" in finding.english()
    assert "An Incoterms 2020 rule" in finding.english()


def test_unknown_word_is_told_with_the_known_ones() -> None:
    finding = one(">submit<", ">approve<")
    assert finding.english().endswith("Function is one of: save, check, submit.")
    assert finding.french().endswith("Function est l'une de ces valeurs : save, check, submit.")


def test_misplaced_element_is_told_with_what_was_expected() -> None:
    finding = one("<c:ICE>002741865000045</c:ICE>", "")
    assert finding.path == f"{LICENCE}/Exporter/RegisterCentre"
    assert finding.english().endswith("may not stand here, expected: ICE.")
    assert finding.french().endswith("ne peut se trouver ici, attendu : ICE.")


def test_missing_end_is_told_at_its_parent() -> None:
    text = (FOLDER / "BalanceQuery" / "valid-line-only.xml").read_text(encoding="utf-8")
    [finding] = faults(text.replace("<Line>1</Line>", ""))
    assert finding.path == "/StandardBusinessDocument/BalanceQuery"
    assert finding.french().endswith("BalanceQuery est incomplet, attendu : Line.")


def test_attributes_are_told_by_name() -> None:
    assert "“unit” of Quantity is missing" in one(' unit="LTR"', "").english()
    assert "no attribute “size”" in one(' unit="LTR"', ' unit="LTR" size="2"').english()
    wrong = one(' unit="LTR"', ' unit="litre"')
    assert (wrong.path, wrong.value) == (f"{LICENCE}/GoodsLine[1]/Quantity/@unit", "litre")


def test_day_that_does_not_exist_is_told_in_both_languages() -> None:
    finding = one("2026-11-05", "2026-02-30")
    assert "IssueDate is not an existing day" in finding.english()
    assert "IssueDate n'est pas un jour qui existe" in finding.french()


def test_text_between_elements_is_told() -> None:
    assert "text between the elements" in one("<c:Exporter>", "stray <c:Exporter>").english()


def test_fault_beside_an_attachment_of_megabytes_is_told() -> None:
    large = ARGAN.replace("<c:Content>", "<c:Content>" + "QUJD" * 500_000, 1)
    found = faults(large.replace(">submit<", ">approve<"))
    assert [finding.value for finding in found] == ["approve"]


def test_long_text_is_judged_although_it_is_not_explained() -> None:
    finding = one("<c:Address>", "<c:Address>" + "x" * 20_000)
    assert finding.path == f"{LICENCE}/Exporter/Address"
    assert "512" in finding.english()


def test_thousands_of_faults_are_told_up_to_a_limit() -> None:
    many = ARGAN.replace(
        "<c:DestinationCountry>",
        "<c:DestinationCountry>f</c:DestinationCountry>" * 2_000 + "<c:DestinationCountry>",
        1,
    )
    assert 0 < len(faults(many)) <= 2 * MOST_FINDINGS


def test_place_counts_only_elements_of_the_same_name() -> None:
    root = parse(ARGAN.encode())
    lines = root.findall(".//{urn:passavant:common:1}GoodsLine")
    assert [place(line) for line in lines] == [f"{LICENCE}/GoodsLine[1]", f"{LICENCE}/GoodsLine[2]"]


def test_threads_do_not_mix_their_faults() -> None:
    prepare()
    texts = [ARGAN.replace(">submit<", f">word{number}<") for number in range(40)]
    with ThreadPoolExecutor(max_workers=4) as pool:
        found = list(pool.map(faults, texts))
    assert [[finding.value for finding in one] for one in found] == [
        [f"word{number}"] for number in range(40)
    ]
