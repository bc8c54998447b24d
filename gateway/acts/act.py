"""What an act is: shown before it is done, done in one transaction, with a reason in the journal.

An act is a value, so that it can wait for a second person. It names what it is about *as the
operator saw it*: what has moved on since is not acted on, and the refusal says what changed.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from functools import cache
from typing import Any, ClassVar, Self

from multidict import MultiMapping
from pydantic import TypeAdapter

from gateway.hub import Hub
from schemas.errors import Finding
from schemas.workflow import LineBalance, State
from storage.engine import Connection


class Rank(IntEnum):
    """What an operator may do: each rank may do what those before it may."""

    VIEWER = 1
    OPERATOR = 2
    ADMINISTRATOR = 3

    @property
    def word(self) -> str:
        """As the database says it."""
        return self.name.lower()

    @classmethod
    def of(cls, word: str) -> Rank:
        """The rank of the database's word; KeyError for another word."""
        return cls[word.upper()]


@dataclass(frozen=True, slots=True, kw_only=True)
class By:
    """Who acts, of which rank, when, and why; `second` is who agreed, where two are needed."""

    name: str
    rank: Rank
    at: datetime
    reason: str
    second: str | None = None

    @property
    def actor(self) -> str:
        """As the journal names an operator."""
        return f"operator {self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """One fact about a target: what an act would make of it, or what it is since it was seen.

    `was` and `now` are words of the database, translated where they are shown, or values.
    """

    target: str
    fact: str  #: an English word or two: a msgid
    was: str
    now: str
    by: str | None = None  #: who changed it, where that is known


class Overtaken(Exception):
    """What the act is about moved on since it was shown: nothing was done."""

    def __init__(self, *changes: Changed) -> None:
        super().__init__("; ".join(map(_told, changes)))
        self.changes = changes


def _told(change: Changed) -> str:
    by = "" if change.by is None else f" ({change.by})"
    return f"{change.target}: {change.fact} {change.was} → {change.now}{by}"


class Impossible(Exception):
    """The act makes no sense here; the text is English prose for the operator, and a msgid."""

    def __init__(self, text: str, **fields: str) -> None:
        super().__init__(text % fields if fields else text)
        self.text, self.fields = text, fields


class NotAllowed(Exception):
    """The operator's rank is below what the act needs."""

    def __init__(self, needs: Rank) -> None:
        super().__init__(f"it takes an {needs.word}")
        self.needs = needs


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """A message or e-mail that the act would send: what, to whom, by `push`, `mailbox`, `mail`."""

    what: str
    to: str
    how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DryRun:
    """What a handler would decide now, with nothing kept."""

    dossier: str | None
    before: State | None
    after: State | None  #: the same as before where nothing moves
    version: int | None
    balances: tuple[LineBalance, ...] = ()  #: with what each line held before and would hold after
    sends: tuple[Sending, ...] = ()
    errors: tuple[Finding, ...] = ()  #: the message would be refused for these
    warnings: tuple[Finding, ...] = ()
    problem: str | None = None  #: it would fail as it did: the last line of a traceback, or a code


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What the act would do to one target: facts before and after, and the handler's dry run.

    `facts` are what one should know of the target besides: a word or two (a msgid) and a value.
    """

    target: str
    link: str | None = None  #: the target's page below /console
    facts: tuple[tuple[str, str], ...] = ()
    changes: tuple[Changed, ...] = ()
    sends: tuple[Sending, ...] = ()
    dry_run: DryRun | None = None
    due: datetime | None = None  #: when it would begin, for one of many


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What would happen, before it does; `more` targets are not shown one by one."""

    effects: tuple[Effect, ...]
    more: int = 0
    second_person: bool = False
    cautions: tuple[str, ...] = ()  #: English prose, msgids


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """What was done, in the journal's words: `kind` in the past, `subject`, short facts."""

    kind: str
    subject: str
    dossier: str | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    hints: tuple[str, ...] = ()  #: the kinds of work to wake after the commit


class Act(ABC):
    """One thing an operator may do; subclasses are frozen, slotted dataclasses of JSON values.

    A subclass in any module of this folder is found by `gateway.acts.registry`.
    """

    __slots__ = ()

    kind: ClassVar[str]  #: its word in URLs, commands and proposals
    title: ClassVar[str]  #: what it does, in the imperative, for headings and buttons: a msgid
    needs: ClassVar[Rank] = Rank.OPERATOR

    @classmethod
    @abstractmethod
    async def from_query(cls, query: MultiMapping[str], hub: Hub, conn: Connection) -> Self:
        """The act that a page or a command asks for, on its targets as they stand now.

        Raises `Impossible` (also for what is missing or no number) and `Refused(NOT_FOUND)`.
        """

    def to_json(self) -> str:
        """Its fields, for a proposal or for the hidden field of the form that confirms it."""
        return _adapter(type(self)).dump_json(self).decode()

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The very act that `to_json` wrote; ValueError for anything else."""
        act: Self = _adapter(cls).validate_json(text, strict=True)
        return act

    def second_person(self, hub: Hub) -> bool:
        """Whether the console has somebody else agree first."""
        return False

    @property
    @abstractmethod
    def subject(self) -> str:
        """What it is about, in one line."""

    @abstractmethod
    async def preview(self, hub: Hub, conn: Connection) -> Preview:
        """What would happen; raises `Overtaken`, `Impossible`, `Refused(NOT_FOUND)`."""

    @abstractmethod
    async def carry_out(self, hub: Hub, tx: Connection, by: By) -> tuple[Carried, ...]:
        """Do it inside the transaction; raises as `preview` does, and nothing is done."""


@cache
def _adapter(kind: type[Act]) -> TypeAdapter[Any]:
    return TypeAdapter(kind)
