"""The code lists say what they hold on a day, and what people read for a code."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from schemas.codelists import FOLDER, codelist, names, read

TODAY = date(2026, 11, 21)


@pytest.mark.parametrize("name", names())
def test_list_has_a_source_and_codes_in_force(name: str) -> None:
    found = codelist(name)
    assert found.source
    assert found.codes(TODAY)
    assert codelist(name) is found, "loaded once"


@pytest.mark.parametrize("name", sorted(path.stem for path in FOLDER.glob("*.csv")))
def test_own_list_is_dated_and_labelled_in_french_and_english(name: str) -> None:
    found = codelist(name)
    assert "Source: " in found.source
    assert "Valid from: " in found.source
    for entry in found.entries.values():
        assert entry.labels["fr"].strip()
        assert entry.labels["en"].strip()
        assert all(p.first is None or p.last is None or p.first <= p.last for p in entry.periods)


@pytest.mark.parametrize(
    ("name", "code", "label"),
    [
        ("customs-offices", "309", "Casablanca Port"),
        ("export-procedures", "060", "Exportation en simple sortie"),
        ("commercial-register-centres", "07", "Beni Mellal"),
        ("incoterms", "FOB", "franco à bord"),
        ("payment-terms", "VF", "Vente ferme"),
        ("payment-terms", "VC", "Vente en consignation"),
        ("deduction-codes", "FREIGHT", "Fret payé à l'étranger"),
        ("licence-categories", "LE", "Licence d'Exportation"),
        ("transport-modes", "4", "Aérienne"),
        ("exit-points", "BENI-MELLAL", "Béni Mellal"),
        ("craft-categories", "LEATHER", "Maroquinerie"),
        ("inspection-document-types", "REGISTRATION", "Copie du certificat d'inscription"),
        ("units", "LTR", "litre"),
        ("message-statuses", "43", "Reçu"),
        ("countries", "MA", "Maroc"),
        ("currencies", "MAD", "Dirham marocain"),
    ],
)
def test_code_is_read_in_french(name: str, code: str, label: str) -> None:
    assert codelist(name).label(code, "fr") == label
    assert codelist(name).holds(code, TODAY)


def test_incoterms_are_the_eleven_of_2020() -> None:
    eleven = "EXW FCA FAS FOB CFR CIF CPT CIP DAP DPU DDP"
    assert codelist("incoterms").codes(TODAY) == tuple(eleven.split())


def test_units_are_the_short_list() -> None:
    units = "KGM GRM TNE MTK MTR NAR H87 PR LTR CMK DZN SET"
    assert codelist("units").codes(TODAY) == tuple(units.split())


def test_withdrawn_unit_is_told_from_an_unknown_one() -> None:
    units = codelist("units")
    assert units.withdrawn("BX", TODAY)
    assert not units.holds("BX", TODAY)
    assert not units.withdrawn("XYZ", TODAY)
    assert not units.withdrawn("KGM", TODAY)


@pytest.mark.parametrize(
    ("code", "day", "holds"),
    [
        ("1515900029", date(2022, 6, 30), False),
        ("1515900029", date(2022, 7, 1), True),
        ("1515900029", TODAY, True),
        ("2005700000", date(2024, 12, 31), True),
        ("2005700000", date(2025, 1, 1), False),
        ("2005700000", TODAY, True),
        ("8703100000", TODAY, False),
    ],
)
def test_product_is_under_licence_on_its_days(code: str, day: date, holds: bool) -> None:
    assert codelist("licensed-products").holds(code, day) is holds


def test_licensed_products_stand_in_the_harmonized_system() -> None:
    subheadings = codelist("subheadings")
    for code in codelist("licensed-products").codes(TODAY):
        assert len(code) == 10
        assert subheadings.holds(code[:6], TODAY)


def test_handicraft_products_belong_to_a_category() -> None:
    categories = codelist("craft-categories")
    for product in codelist("craft-products").entries.values():
        assert categories.holds(product.facts["category"], TODAY), product.code


def test_customs_offices_of_exit_points_are_in_their_list() -> None:
    offices = codelist("customs-offices")
    given = [point.facts["customs_office"] for point in codelist("exit-points").entries.values()]
    assert any(given)
    for office in filter(None, given):
        assert offices.holds(office, TODAY), office


def test_documents_that_an_inspection_requires_are_the_three_of_the_manual() -> None:
    types = codelist("inspection-document-types").entries.values()
    required = [one.code for one in types if one.facts["required"] == "yes"]
    assert required == ["INVOICE", "PACKING", "REGISTRATION"]


def test_subheadings_have_six_digits() -> None:
    assert {len(code) for code in codelist("subheadings").entries} == {6}


def test_period_includes_both_ends() -> None:
    text = "code,fr,en,valid_from,valid_until\nA,a,a,2026-01-02,2026-01-03\n"
    letters = read("letters", text)
    days = [date(2026, 1, 1) + timedelta(days=number) for number in range(4)]
    assert [letters.holds("A", day) for day in days] == [False, True, True, False]


@pytest.mark.parametrize(("code", "language"), [("ZZZ", "fr"), ("KGM", "eo")])
def test_label_that_is_not_there_is_a_lookup_error(code: str, language: str) -> None:
    with pytest.raises(LookupError):
        codelist("units").label(code, language)


@pytest.mark.parametrize("name", ["nothing", "../codes/units", ""])
def test_list_that_is_not_there_is_a_lookup_error(name: str) -> None:
    with pytest.raises(LookupError):
        codelist(name)
