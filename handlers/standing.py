"""How a paper stands today, in words for whoever holds it: all that the public may know of it.

Nothing here names a person or goods: numbers, states, days, and what remains on each line.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from schemas.workflow import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether the paper may be relied on, by a name for programs and in three languages."""

    name: str
    good: bool
    fr: str
    ar: str
    en: str


def good(name: str, fr: str, ar: str, en: str) -> Verdict:
    """A paper that may be relied on."""
    return Verdict(name=name, good=True, fr=fr, ar=ar, en=en)


def bad(name: str, fr: str, ar: str, en: str) -> Verdict:
    """A paper that may not."""
    return Verdict(name=name, good=False, fr=fr, ar=ar, en=en)


@dataclass(frozen=True, slots=True, kw_only=True)
class Remaining:
    """What a line still allows, as text, in its unit (Rec 20)."""

    line: int
    quantity: str
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """A paper of the same dossier that was taken back, and the one in its place, if there is."""

    number: str
    revoked_on: date
    replaced_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What a procedure says of a dossier's paper.

    `number` and `state` are those that the paper bears, `content` the SHA-256 (hex) of what it
    says, `papers` the names of the files that may be compared with it.
    """

    number: str
    state: State
    verdict: Verdict
    content: str
    papers: frozenset[str]
    valid_from: date | None = None
    valid_until: date | None = None
    remaining: tuple[Remaining, ...] = ()
    earlier: tuple[Earlier, ...] = ()
