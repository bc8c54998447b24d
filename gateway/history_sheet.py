"""A dossier's history as a real spreadsheet, in French; a cell says what it says and does nothing.

What partners write may begin like a formula: every text is written as a text, marked as one, and
nothing in the file is a formula, a link or a macro.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

import xlsxwriter

from handlers.registry import Procedure
from schemas.workflow import Dossier

NAME = "history.xlsx"
MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

#: Headings with the widths of their columns, in characters.
COLUMNS = (
    ("Date (UTC)", 20),
    ("Événement", 26),
    ("Auteur", 22),
    ("État avant", 26),
    ("État après", 26),
    ("الحالة", 22),
    ("Version", 9),
    ("Précisions", 70),
)
LONGEST = 32_767  #: characters that a cell may hold

_INERT = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
    "remove_timezone": True,
}


class Step(Protocol):
    """One line of a dossier's history."""

    @property
    def at(self) -> datetime: ...
    @property
    def event(self) -> str: ...
    @property
    def actor(self) -> str: ...
    @property
    def from_state(self) -> str | None: ...
    @property
    def to_state(self) -> str: ...
    @property
    def version(self) -> int: ...
    @property
    def note(self) -> Mapping[str, str]: ...


def write(dossier: Dossier, procedure: Procedure, steps: Sequence[Step]) -> bytes:
    """The .xlsx with one row a step, in the order given; the same bytes for the same history."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, _INERT)
    book.set_properties({"title": f"Historique {dossier.number}", "created": dossier.changed_at})
    _fill(book, dossier, procedure, steps)
    book.close()
    return target.getvalue()


def _fill(book: Any, dossier: Dossier, procedure: Procedure, steps: Sequence[Step]) -> None:
    title = book.add_format({"bold": True, "font_size": 14})
    heading = book.add_format({"bold": True, "bottom": 1, "text_wrap": True})
    text = book.add_format({"text_wrap": True, "valign": "top", "quote_prefix": True})
    instant = book.add_format({"num_format": "dd/mm/yyyy hh:mm:ss", "valign": "top"})
    number = book.add_format({"num_format": "0", "valign": "top"})
    sheet = book.add_worksheet("Historique")
    sheet.write_string(0, 0, _cut(f"Historique du dossier {dossier.number}"), title)
    for column, (name, width) in enumerate(COLUMNS):
        sheet.set_column(column, column, width)
        sheet.write_string(1, column, name, heading)
    sheet.freeze_panes(2, 0)
    for row, step in enumerate(steps, start=2):
        sheet.write_datetime(row, 0, step.at, instant)
        for column, words in _texts(step, procedure):
            if words:
                sheet.write_string(row, column, _cut(words), text)
        sheet.write_number(row, 6, step.version, number)


def _texts(step: Step, procedure: Procedure) -> list[tuple[int, str]]:
    before, after = procedure.state(step.from_state), procedure.state(step.to_state)
    facts = "\n".join(f"{name} : {value}" for name, value in step.note.items())
    return [
        (1, step.event),
        (2, step.actor),
        (3, "" if before is None else before.fr),
        (4, step.to_state if after is None else after.fr),
        (5, "" if after is None else after.ar),
        (7, facts),
    ]


def _cut(words: str) -> str:
    return words if len(words) <= LONGEST else f"{words[: LONGEST - 1]}…"
