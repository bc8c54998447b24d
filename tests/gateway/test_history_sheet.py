"""The history as a spreadsheet says what happened, and does nothing, whatever partners wrote."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime, timedelta
from typing import Any

import openpyxl
import pytest

from gateway import history_sheet
from gateway import sheet as sheet_of
from handlers.registry import registry
from schemas.workflow import Event
from tests.handlers.dossiers import NOW, NUMBER, dossier, granted

HOSTILE = [
    "=cmd|'/C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(A1:A2)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    '=HYPERLINK("https://evil.example","ici")',
    "https://evil.example/",
    "mailto:evil@evil.example",
    "{=1+1}",
    "12345678901234567890",
    "1e9",
    "رفض الطلب \u202e=1+1",
    "_x000D_\x0b\x1b",
    "<t>&amp;]]>",
    "x" * 40_000,
]


def step(words: str, **changes: Any) -> Event:
    values: dict[str, Any] = {
        "id": 7,
        "at": NOW,
        "event": words,
        "actor": words,
        "from_state": "submitted",
        "to_state": "granted",
        "version": 1,
        "note": {"reason": words},
    }
    return Event(**{**values, **changes})


def written(*steps: Event) -> bytes:
    return history_sheet.write(dossier(granted()), registry().procedures["licence"], steps)


def sheet(content: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(content), rich_text=False)["Historique"]


def test_a_history_is_told_in_french_and_arabic_with_dates_as_dates() -> None:
    opened = step("LicenceApplication", from_state=None, to_state="saved", note={}, actor="coop")
    visa = step("VisaDecision", actor="mce", note={"reason": "مقبول", "officer": "N. Bennani"})
    found = sheet(written(visa, opened))
    assert found["A1"].value == f"Historique du dossier {NUMBER}"
    assert [cell.value for cell in found[2]] == [name for name, _ in history_sheet.COLUMNS]
    assert found.freeze_panes == "A3"
    assert [cell.value for cell in found[3]] == [
        NOW.replace(tzinfo=None),
        "VisaDecision",
        "mce",
        "Soumis pour Visa MCE",
        "Visé",
        "مؤشر عليه",
        1,
        "reason : مقبول\nofficer : N. Bennani",
    ]
    assert isinstance(found["A4"].value, datetime)
    assert found["D4"].value is None
    assert found.column_dimensions["H"].width > 60


@pytest.mark.parametrize("words", HOSTILE, ids=ascii)
def test_no_cell_is_anything_but_a_text_a_date_or_a_number(words: str) -> None:
    found = sheet(written(step(words)))
    assert {cell.data_type for row in found.iter_rows() for cell in row} <= {"s", "d", "n"}
    assert (found["B3"].data_type, found["H3"].data_type) == ("s", "s")
    assert all(cell.hyperlink is None for row in found.iter_rows() for cell in row)
    assert found["B3"].quotePrefix


def test_the_file_holds_no_formula_link_or_macro() -> None:
    content = written(*(step(words) for words in HOSTILE))
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        names = book.namelist()
        parts = {name: book.read(name) for name in names}
    assert not [n for n in names if "vba" in n.lower() or "external" in n.lower()]
    worksheet = parts["xl/worksheets/sheet1.xml"]
    assert b"<f>" not in worksheet
    assert b"<f " not in worksheet
    assert b"hyperlink" not in worksheet
    assert not [n for n in names if n.startswith("xl/worksheets/_rels")]


def test_a_text_longer_than_a_cell_is_cut_and_says_so() -> None:
    found = sheet(written(step("x" * 40_000)))
    assert len(found["B3"].value) == sheet_of.LONGEST
    assert found["B3"].value.endswith("…")


def test_the_same_history_is_the_same_file() -> None:
    steps = [step(words, at=NOW + timedelta(hours=n)) for n, words in enumerate(HOSTILE)]
    assert written(*steps) == written(*steps)
