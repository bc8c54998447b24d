"""The words of the workflow: states, moves, dossiers, ledger entries and a handler's decision.

A handler says what it found; the table of moves says where that leads. Both are data, so that the
machine can be checked at start, drawn in the documentation and guarded by the database.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from schemas.errors import Finding


class Role(StrEnum):
    """What a partner is to the hub; a partner has one role."""

    DECLARANT = "declarant"
    MINISTRY = "ministry"
    CUSTOMS = "customs"
    BANK = "bank"
    INSPECTION = "inspection"
    EXCHANGE_OFFICE = "exchange-office"


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """One state of a procedure; `fr` is the manual's label."""

    name: str
    fr: str
    ar: str
    en: str
    final: bool = False


@dataclass(frozen=True, slots=True)
class After:
    """A timer as the event of a move, named by what it waits for."""

    timer: str


@dataclass(frozen=True, slots=True)
class Move:
    """`(procedure, state, event, finding) → to`; `state` is None before the dossier exists."""

    procedure: str
    state: str | None
    event: str | After
    finding: str
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of a licence's ledger: what an imputation consumed, or gave back, on one line.

    `quantity` is in the granted line's own unit and `value` in the licence's currency; both are
    positive when they consume and negative when they give back. Entries are never changed: an
    adjustment or a contra is a new entry that names in `corrects` the number it corrects.
    """

    number: str  #: the imputation's number, unique per customs office
    office: str
    kind: str  #: original, late, adjustment, contra
    line: int
    quantity: Decimal
    value: Decimal
    declaration: str
    declared_on: date
    imputed_on: date
    corrects: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """A case as it stands: `content` is the procedure's own JSON, opaque to storage.

    `revision` counts every change and is what the compare-and-swap compares; `version` is the
    business version that a visa answers.
    """

    number: str
    procedure: str
    owner: str  #: the partner who filed it
    state: str
    version: int
    revision: int
    opened_at: datetime
    changed_at: datetime
    content: str
    entries: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One line of a dossier's history; `event` is a message type or a timer, `note` its facts."""

    id: int
    at: datetime
    event: str
    actor: str
    from_state: str | None
    to_state: str
    version: int
    note: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What an e-mail says, in French and in Arabic; `to` is one address, the subject one line."""

    to: str
    subject_fr: str
    subject_ar: str
    fr: str
    ar: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A message the hub will sign and send: `payload` is a binding of one of the catalogue's types.

    `to` is a partner's name, a role (then the partner who holds it), or several roles (then the
    first that anybody holds). `expects_answer_by` asks the receiver for an answer in time. With a
    `letter` the same news goes by e-mail too.
    """

    to: str | Role | tuple[Role, ...]
    payload: object
    expects_answer_by: datetime | None = None
    letter: Letter | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A message the hub sent: what an acknowledgement may name.

    `digest` is the SHA-256 (hex) of its signed content, `payload` its binding.
    """

    instance: str
    type: str
    receiver: str
    dossier: str | None
    digest: str
    payload: object


@dataclass(frozen=True, slots=True, kw_only=True)
class Timer:
    """A moment at which the hub looks at a dossier again, and what for.

    A timer is never taken back: when it rings, its handler sees whether there is still anything to
    do. `about` says which of several things of that name it is, in one line without `|`.
    """

    name: str
    due: datetime
    about: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A number that serves once in the whole hub, such as a bank's attestation."""

    kind: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Serial:
    """The next number of a series in a year: taken without gaps, by the dossier that it opens."""

    series: str
    year: int
    number: int

    @property
    def reference(self) -> str:
        """Such as `BM-2026-1088`."""
        return f"{self.series}-{self.year}-{self.number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A service that treats dossiers, and the places of registration that are its own."""

    code: str  #: two to four capitals, the series of its dossiers
    name: str
    places: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """A person of a service: named in messages, which the service's system signs."""

    identifier: str
    name: str
    service: str
    supervisor: bool  #: may assign dossiers
    email: str = ""
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """How many dossiers an agent has open, and has closed."""

    agent: str
    open: int
    closed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One place of a procedure's reports: what is counted together. Empty texts count for all.

    `period` is a month (`2026-11`), that of filing.
    """

    report: str  #: such as general, category
    period: str
    service: str
    agent: str
    category: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Amounts:
    """What a dossier adds to a cell: itself, its goods' value, and the seconds it took so far.

    `finished` counts what `seconds` were added for, so that their mean can be told.
    """

    dossiers: int = 0
    lines: int = 0
    value: Decimal = Decimal(0)
    finished: int = 0
    seconds: int = 0


class LineOutcome(StrEnum):
    """What became of one line that a message speaks of."""

    ACCEPTED = "accepted"
    ALREADY_SEEN = "already-seen"
    WAITING = "waiting"
    AGREES = "agrees"
    DIFFERS = "differs"


@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceReceipt:
    """One link of a line's chain of balances: the ledger entry, and the digests that bind it.

    `previous` is the digest of the link before (None on a line's first), `digest` this link's own;
    both SHA-256 in hex. A chain of them proves a balance without the hub. `currency` is that of
    the entry's value.
    """

    entry: Entry
    currency: str
    previous: str | None
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LineBalance:
    """One line's balance around an act: `delta` is what the act imputes (negative: gives back)."""

    line: int
    unit: str
    granted: Decimal
    before: Decimal  #: imputed before the act
    delta: Decimal
    after: Decimal  #: imputed after it
    remaining: Decimal
    outcome: LineOutcome | None = None
    receipt: BalanceReceipt | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a handler found, and everything that follows from it, as values.

    `finding` picks the move; None leaves the dossier alone (queries). A `dry` decision is reported
    in the outcome as if it had been carried out, and is not. `content`, `version` replace the
    dossier's when given. `balances` go into the outcome, line by line. `timers` are set, and
    `takes` taken for ever, in the transaction that moves the dossier. A dossier that is opened
    bears its `serial` as its number, or else the number the context gave.
    """

    finding: str | None = None
    dry: bool = False
    content: str | None = None
    version: int | None = None
    entries: tuple[Entry, ...] = ()
    replies: tuple[Reply, ...] = ()
    reprint: bool = False  #: the dossier's papers show something new
    warnings: tuple[Finding, ...] = ()
    note: Mapping[str, str] = field(default_factory=dict)  #: facts for the dossier's history
    balances: tuple[LineBalance, ...] = ()
    timers: tuple[Timer, ...] = ()
    takes: tuple[Taken, ...] = ()
    serial: Serial | None = None


def stays(procedure: str, event: str | After, finding: str, *states: str) -> tuple[Move, ...]:
    """The moves of an event that leaves the dossier in the state it is in."""
    return tuple(Move(procedure, state, event, finding, state) for state in states)


class BrokenMachine(Exception):
    """The table of moves contradicts itself; the hub does not start."""


def check_machine(
    procedure: str, states: Sequence[State], moves: Iterable[Move]
) -> dict[tuple[str | None, str | After, str], str]:
    """Index a procedure's moves, or say what is wrong with them.

    Refused: an unknown state, the same move twice, a state that nothing reaches, a state that is
    not final and that nothing leaves.
    """
    names = {state.name for state in states}
    table: dict[tuple[str | None, str | After, str], str] = {}
    for move in moves:
        key = (move.state, move.event, move.finding)
        if move.procedure != procedure:
            raise BrokenMachine(f"{move} belongs to another procedure than {procedure}")
        if move.to not in names or (move.state is not None and move.state not in names):
            raise BrokenMachine(f"{move} names an unknown state")
        if key in table:
            raise BrokenMachine(f"{move} stands twice")
        table[key] = move.to
    reached = set(table.values())
    left = {state for state, _, _ in table if state is not None}
    if unreachable := names - reached:
        raise BrokenMachine(f"{procedure}: nothing reaches {sorted(unreachable)}")
    if dead := {state.name for state in states if not state.final} - left:
        raise BrokenMachine(f"{procedure}: nothing leaves {sorted(dead)}")
    return table
