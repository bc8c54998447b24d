"""A dossier's history as a real spreadsheet, in French."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from gateway import sheet
from gateway.sheet import MEDIA_TYPE as MEDIA_TYPE
from handlers.registry import Procedure
from schemas.workflow import Dossier

NAME = "history.xlsx"

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
    table = sheet.Table(
        name="Historique",
        title=f"Historique du dossier {dossier.number}",
        columns=COLUMNS,
        rows=(_row(step, procedure) for step in steps),
    )
    return sheet.written(table, title=f"Historique {dossier.number}", created=dossier.changed_at)


def _row(step: Step, procedure: Procedure) -> tuple[sheet.Value, ...]:
    before, after = procedure.state(step.from_state), procedure.state(step.to_state)
    return (
        step.at,
        step.event,
        step.actor,
        "" if before is None else before.fr,
        step.to_state if after is None else after.fr,
        "" if after is None else after.ar,
        step.version,
        "\n".join(f"{name} : {value}" for name, value in step.note.items()),
    )
