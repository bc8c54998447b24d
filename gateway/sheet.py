"""Tables as real spreadsheets: a cell says what it says and does nothing.

What partners write may begin like a formula: every text is written as a text, marked as one, and
nothing in the file is a formula, a link or a macro.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import xlsxwriter

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

LONGEST = 32_767  #: characters that a cell may hold
EXACT = 15  #: digits that a spreadsheet's number keeps

#: What a cell may be; an empty text, or None, leaves it empty.
Value = str | int | Decimal | datetime | None

_INERT = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
    "remove_timezone": True,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A sheet: its name, the title over it, headings with widths in characters, and its rows."""

    name: str
    title: str
    columns: Sequence[tuple[str, int]]
    rows: Iterable[Sequence[Value]]


def written(table: Table, *, title: str, created: datetime) -> bytes:
    """The .xlsx; the same bytes for the same table and moment of creation."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, _INERT)
    book.set_properties({"title": title, "created": created})
    _fill(book, table)
    book.close()
    return target.getvalue()


def _fill(book: Any, table: Table) -> None:
    heading = book.add_format({"bold": True, "bottom": 1, "text_wrap": True})
    sheet = book.add_worksheet(table.name)
    sheet.write_string(0, 0, cut(table.title), book.add_format({"bold": True, "font_size": 14}))
    for column, (name, width) in enumerate(table.columns):
        sheet.set_column(column, column, width)
        sheet.write_string(1, column, name, heading)
    sheet.freeze_panes(2, 0)
    cells = _Cells(book, sheet)
    for row, values in enumerate(table.rows, start=2):
        for column, value in enumerate(values):
            cells.write(row, column, value)


class _Cells:
    """Writes each value as what it is, in one format per kind."""

    def __init__(self, book: Any, sheet: Any) -> None:
        self._sheet = sheet
        self._text = book.add_format({"text_wrap": True, "valign": "top", "quote_prefix": True})
        self._instant = book.add_format({"num_format": "dd/mm/yyyy hh:mm:ss", "valign": "top"})
        self._whole = book.add_format({"num_format": "0", "valign": "top"})
        self._amount = book.add_format({"num_format": "#,##0.00", "valign": "top"})

    def write(self, row: int, column: int, value: Value) -> None:
        """One cell; a number of more digits than a spreadsheet keeps is written as a text."""
        if isinstance(value, datetime):
            self._sheet.write_datetime(row, column, value, self._instant)
        elif isinstance(value, Decimal | int) and _fits(value):
            form = self._whole if isinstance(value, int) else self._amount
            self._sheet.write_number(row, column, value, form)
        elif value not in (None, ""):
            self._sheet.write_string(row, column, cut(str(value)), self._text)


def _fits(value: Decimal | int) -> bool:
    return len(Decimal(value).normalize().as_tuple().digits) <= EXACT


def cut(words: str) -> str:
    """A text no longer than a cell holds; one that was longer ends in an ellipsis."""
    return words if len(words) <= LONGEST else f"{words[: LONGEST - 1]}…"
