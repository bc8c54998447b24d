"""Who handles which message type; each handler module registers itself when it is imported.

Adding a message type adds a module under `handlers/<procedure>/`; nothing here is edited.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Any, Protocol

import handlers
from handlers.standing import Standing
from schemas.workflow import (
    After,
    Agent,
    Amounts,
    Cell,
    Decision,
    Dossier,
    Entry,
    Event,
    Move,
    Reply,
    Role,
    Sent,
    Serial,
    Service,
    State,
    Workload,
    check_machine,
)


class Reader(Protocol):
    """What a handler may look up besides its own dossier; reads only, never waits for a lock."""

    def entry(self, office: str, number: str) -> tuple[str, Entry] | None:
        """The dossier and ledger entry that bear this imputation number at this office."""

    def history(self, number: str, limit: int, before: int | None = None) -> Sequence[Event]:
        """What happened to a dossier, newest first, from below event id `before`."""

    def taken(self, kind: str, value: str) -> str | None:
        """The dossier in which this number, which serves once, has served already."""

    def sent(self, instance: str) -> Sent | None:
        """The message that the hub sent under this identifier."""

    def agent(self, identifier: str) -> Agent | None:
        """The agent of that identifier, active or not."""

    def service_of(self, place: str) -> Service | None:
        """The service to which a place of registration belongs."""

    def workload(self, service: str) -> Sequence[Workload]:
        """What each agent of a service has open and has closed."""

    def next_serial(self, series: str, year: int) -> Serial:
        """The number that the next dossier of a series gets; another one at each call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a handler is told besides the message: who sent it, when, and which number is free.

    `new_number` is the dossier number this message would get if it opens one: the same on every
    retry of the same message. `settings` are the procedure's assumptions, made configuration.
    """

    sender: str
    role: Role
    instance: str  #: the message's InstanceIdentifier
    now: datetime  #: aware, UTC
    new_number: str
    settings: Any
    read: Reader
    parts: Mapping[str, bytes]  #: attachments sent beside the XML, by SHA-256 (hex)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ring:
    """What the handler of a timer is told: when it rings, what about, under which settings."""

    about: str  #: as the timer was set
    now: datetime  #: aware, UTC
    settings: Any
    read: Reader


#: `(dossier, ring) → Decision`; a finding of None says that there is nothing to do any more.
Rings = Callable[[Dossier, Ring], Decision]

#: `(message, dossier, context) → Decision`; raises `Refused` with every finding at once.
Handle = Callable[[Any, Any, Context], Decision]


@dataclass(frozen=True, slots=True, kw_only=True)
class Handler:
    """One message type's handler: who may send it, and whether it needs a dossier."""

    type: str
    procedure: str
    roles: frozenset[Role]
    opens: bool  #: the message may come without a dossier, and may open one
    handle: Handle


@dataclass(frozen=True, slots=True, kw_only=True)
class Printing:
    """What every paper needs besides its dossier."""

    now: datetime
    verify_url: str | None
    issuer_fr: str
    issuer_ar: str
    settings: Any  #: the procedure's
    kept: Mapping[str, datetime] = field(default_factory=dict)  #: papers there are, when printed


#: `(dossier, printing) → (template, view)`: what one paper of a procedure shows; None while the
#: dossier has no such paper, or nothing new to print on it.
Print = Callable[[Dossier, Printing], tuple[str, Any] | None]


#: `(dossier, paper's name, its SHA-256) → replies`: who is told that a paper was sealed.
Printed = Callable[[Dossier, str, str], tuple[Reply, ...]]


#: `(dossier, today) → how its paper stands`, for whoever holds it.
Stands = Callable[[Dossier, date], Standing]


#: `dossier → what it adds to which cells of the procedure's reports`.
Tally = Callable[[Dossier], Mapping[Cell, Amounts]]


def counts_nothing(dossier: Dossier) -> Mapping[Cell, Amounts]:
    """What a procedure without reports adds to them."""
    return {}


def tells_nobody(dossier: Dossier, name: str, digest: str) -> tuple[Reply, ...]:
    """What a procedure does with a sealed paper that nobody waits for."""
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reports:
    """The reports of a procedure: their French and Arabic titles by name, and who reads them.

    `done` are the states of work that is finished; `categories` is the code list that names them.
    """

    titles: Mapping[str, tuple[str, str]]
    readers: frozenset[Role]
    done: frozenset[str]
    categories: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Procedure:
    """A procedure: states in order, prefix of its numbers, checked moves, and how it is shown.

    `readers` see every dossier of the procedure, other partners their own. `show` gives a
    dossier's facts, under the procedure's settings, for the HTTP interface, `facets` what it is
    found by, `papers` its documents by name, `standing` what the public may know of them. Drafts
    are seen by their owner alone. `lists` are the working lists by name, each with its states, and
    `reports` those of the procedure.
    """

    name: str
    series: str
    states: tuple[State, ...]
    moves: dict[tuple[str | None, str | After, str], str]
    readers: frozenset[Role]
    show: Callable[[Dossier, Any], dict[str, Any]]
    facets: Callable[[Dossier], frozenset[tuple[str, str]]]
    printed: Printed
    tally: Tally
    papers: Mapping[str, Print]
    standing: Stands
    drafts: frozenset[str] = frozenset()
    lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    reports: Reports | None = None

    def state(self, name: str | None) -> State | None:
        """The state of that name."""
        return next((state for state in self.states if state.name == name), None)


_handlers: dict[tuple[str, str], Handler] = {}
_rings: dict[tuple[str, str], Rings] = {}


def handles(
    message_type: str, *, procedure: str, roles: set[Role], opens: bool = False
) -> Callable[[Handle], Handle]:
    """Register a function as the one handler of a message type in a procedure."""

    def register(handle: Handle) -> Handle:
        if (message_type, procedure) in _handlers:
            raise ValueError(f"{message_type} already has a handler in {procedure}")
        _handlers[message_type, procedure] = Handler(
            type=message_type,
            procedure=procedure,
            roles=frozenset(roles),
            opens=opens,
            handle=handle,
        )
        return handle

    return register


def rings(timer: str, *, procedure: str) -> Callable[[Rings], Rings]:
    """Register a function as what a procedure does when this timer of its dossiers rings."""

    def register(ring: Rings) -> Rings:
        if (timer, procedure) in _rings:
            raise ValueError(f"the timer {timer} rings already in {procedure}")
        _rings[timer, procedure] = ring
        return ring

    return register


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """Every handler by message type and procedure, every timer, and every procedure by name.

    A query that several procedures answer has a handler in each; the dossier says which is meant.
    """

    handlers: dict[tuple[str, str], Handler]
    rings: dict[tuple[str, str], Rings]
    procedures: dict[str, Procedure]

    def handler(self, message_type: str, procedure: str | None) -> Handler | None:
        """The handler of a type for a dossier of this procedure; None without one.

        Without a dossier it is the type's only handler, or the one that may open a dossier.
        """
        if procedure is not None:
            return self.handlers.get((message_type, procedure))
        of_type = self.of_type(message_type)
        return next((one for one in of_type if one.opens), of_type[0] if of_type else None)

    def of_type(self, message_type: str) -> list[Handler]:
        """The handlers of a type, one for each procedure that knows it."""
        return [one for one in self.handlers.values() if one.type == message_type]


@cache
def registry() -> Registry:
    """Import every handler module once and check every procedure's machine.

    A procedure is a package under `handlers/` whose `__init__` names `SERIES`, `STATES` and
    `READERS`, and may name `DRAFTS`, `LISTS` and `REPORTS`; its module `shown` has `show`, `facets`
    and `PAPERS`, its module `standing` the function of that name; each module may add `MOVES`.
    """
    procedures: dict[str, Procedure] = {}
    for package in pkgutil.iter_modules(handlers.__path__, "handlers."):
        if not package.ispkg:
            continue
        home = importlib.import_module(package.name)
        if not hasattr(home, "STATES"):
            continue
        moves: list[Move] = []
        for module in pkgutil.walk_packages(home.__path__, f"{package.name}."):
            moves.extend(getattr(importlib.import_module(module.name), "MOVES", ()))
        name = package.name.rpartition(".")[2]
        procedures[name] = Procedure(
            name=name,
            series=home.SERIES,
            states=home.STATES,
            moves=check_machine(name, home.STATES, moves),
            readers=home.READERS,
            show=(shown := importlib.import_module(f"{package.name}.shown")).show,
            facets=shown.facets,
            printed=getattr(shown, "printed", tells_nobody),
            tally=getattr(shown, "tally", counts_nothing),
            papers=shown.PAPERS,
            standing=importlib.import_module(f"{package.name}.standing").standing,
            drafts=getattr(home, "DRAFTS", frozenset()),
            lists=getattr(home, "LISTS", {}),
            reports=getattr(home, "REPORTS", None),
        )
    return Registry(handlers=dict(_handlers), rings=dict(_rings), procedures=procedures)
