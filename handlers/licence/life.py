"""What happens to a licence after it was asked for, as values: waits, reservations, proofs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from handlers.awaiting import Awaited as Awaited  # every procedure's


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """What a declaration holds of one line until its last day, in the line's own unit.

    `owner` is the partner who placed it; an office may change or release what it placed itself.
    """

    owner: str
    office: str
    declaration: str
    line: int
    quantity: Decimal
    value: Decimal
    expires_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingContra:
    """A contra that came before its original; `quantity` is in the unit of the line."""

    sender: str
    number: str
    office: str
    corrects: str
    line: int
    quantity: Decimal
    value: Decimal
    declaration: str
    declared_on: date
    imputed_on: date
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """A request for a later end of validity that the ministry has not answered yet."""

    until: date
    reason: str
    asked_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """The part of an attestation, in the licence's currency, that pays for one declaration."""

    declaration: str
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Deduction:
    """What was rightly kept from a declaration's proceeds; `digest` is its proof's SHA-256."""

    declaration: str
    code: str
    amount: Decimal
    description: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A bank's attestation of money that came home, split over declarations."""

    bank: str
    number: str
    attested_on: date
    amount: Decimal
    rate: Decimal
    shares: tuple[Share, ...]
    deductions: tuple[Deduction, ...] = ()
    filed_by: str  #: the partner who sent it


@dataclass(frozen=True, slots=True, kw_only=True)
class Clearance:
    """An authority's decision on one declaration: full, shortfall, refused or more-time."""

    declaration: str
    decision: str
    officer: str
    decided_on: date
    imputed: Decimal  #: the declaration's net value that it was decided on
    due_on: date | None = None  #: the new due date, for more time
    reason: str = ""
