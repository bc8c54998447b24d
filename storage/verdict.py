"""What the journal's verifier says: whole, or which entry is the first that is not."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from typing_extensions import override


class Fault(StrEnum):
    """What was done to the record."""

    EDITED = "edited"
    DELETED = "deleted"
    REORDERED = "reordered"
    INSERTED = "inserted"
    CUT_OFF = "cut off"


class Part(StrEnum):
    """The kind of line that it was done to."""

    HEADER = "header"
    ENTRY = "entry"
    SEAL = "seal"
    CLOSING = "closing statement"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The first fault, if there is one, and how much stands proven before it.

    `position` counts entries in the order of the record, from 1: the place of the first entry
    concerned (of the last one, when all is well). `entry` is its id where the record still tells.
    """

    entries: int  #: entries proven whole and in order
    seals: int  #: seals proven whole and in order
    position: int
    fault: Fault | None = None
    part: Part | None = None
    entry: int | None = None
    seal: int | None = None

    @property
    def whole(self) -> bool:
        """Whether nothing was edited, deleted, reordered, added or cut off."""
        return self.fault is None

    @override
    def __str__(self) -> str:
        proven = f"{self.entries} entries under {self.seals} seals"
        if self.fault is None:
            return f"The record is whole: {proven}."
        where = f"at position {self.position}"
        if self.entry is not None:
            where = f"at entry {self.entry}, position {self.position}"
        what = self.part if self.seal is None else f"seal {self.seal}"
        return f"The {what} was {self.fault} {where}; before it, {proven} are whole."
