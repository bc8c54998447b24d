"""The licence as a value: what was asked, what was granted, what remains.

Its JSON form is the dossier's `content`; amounts and quantities are decimals written as text.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Self

from handlers.licence.life import (
    Awaited,
    Clearance,
    Extension,
    Proof,
    Reservation,
    WaitingContra,
)
from handlers.plain import content_of, of_dossier
from schemas.workflow import Dossier, Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """An exporter or a consignee. `ice` (15 digits) and `register` (RC) are the exporter's."""

    name: str
    ice: str = ""
    register_centre: str = ""
    register_number: str = ""
    address: str = ""
    country: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attached:
    """A PDF that came with the message: its file name, SHA-256 (hex) and size in bytes."""

    filename: str
    digest: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice:
    """One invoice, in the licence's currency."""

    number: str
    amount: Decimal
    issued_on: date
    attached: Attached


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportingDocument:
    """A document beside the invoices; `kind` is a code of the document list."""

    kind: str
    description: str
    issued_on: date
    attached: Attached


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One goods line, numbered from 1. `granted` is what the ministry allowed, in `unit`."""

    number: int
    code: str  #: ten-digit commodity code
    description: str
    origin: str  #: ISO 3166 alpha-2
    quantity: Decimal
    unit: str  #: UNECE Rec 20
    net_weight: Decimal  #: kilograms
    supplementary_quantity: Decimal | None = None
    supplementary_unit: str = "KGM"
    value: Decimal | None = None
    granted: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Visa:
    """The ministry's decision that made the licence usable."""

    number: str
    officer: str
    granted_on: date
    valid_from: date
    valid_until: date
    conditions: tuple[str, ...] = ()
    control: str = ""  #: quantity, value, both or open; empty as the configuration says


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """What remains on one line, in the line's unit and the licence's currency."""

    line: int
    granted: Decimal
    imputed: Decimal
    remaining: Decimal
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Licence:
    """An export licence; empty fields are those a draft may leave out."""

    number: str
    version: int
    state: str
    owner: str
    opened_at: datetime
    exporter: Party
    consignee: Party | None
    category: str
    total: Decimal
    currency: str
    customs_procedure: str
    customs_office: str
    payment_terms: str
    incoterm: str
    countries: tuple[str, ...]
    invoices: tuple[Invoice, ...]
    lines: tuple[Line, ...]
    documents: tuple[SupportingDocument, ...]
    visa: Visa | None = None
    reason: str = ""  #: why it was returned, rejected, suspended, revoked or cancelled
    known_to_customs: bool = False  #: a notice of it was sent
    awaited: tuple[Awaited, ...] = ()
    reservations: tuple[Reservation, ...] = ()
    contras: tuple[WaitingContra, ...] = ()  #: waiting for their originals
    extension: Extension | None = None  #: asked for and not answered
    extensions: int = 0  #: granted so far
    proofs: tuple[Proof, ...] = ()
    clearances: tuple[Clearance, ...] = ()  #: every decision, in order; the last one counts
    entries: tuple[Entry, ...] = ()

    @classmethod
    def of(cls, dossier: Dossier) -> Self:
        """The licence a dossier holds."""
        return of_dossier(cls, dossier)

    def content(self) -> str:
        """The JSON that `of` reads back; what the dossier itself knows is left out."""
        return content_of(self)

    def line(self, number: int) -> Line | None:
        """The goods line of that number."""
        return next((line for line in self.lines if line.number == number), None)

    def balance(self, number: int, entries: Iterable[Entry] = ()) -> Balance:
        """What remains on a line after its ledger entries and the given new ones."""
        line = self.line(number)
        if line is None:
            raise LookupError(f"licence {self.number} has no line {number}")
        granted = line.quantity if line.granted is None else line.granted
        imputed = sum(
            (entry.quantity for entry in (*self.entries, *entries) if entry.line == number),
            Decimal(0),
        )
        return Balance(
            line=number,
            granted=granted,
            imputed=imputed,
            remaining=granted - imputed,
            unit=line.unit,
        )

    def granted(self, quantities: dict[int, Decimal], visa: Visa) -> Self:
        """The licence with its visa; a line not named is granted as asked."""
        lines = tuple(
            replace(line, granted=quantities.get(line.number, line.quantity)) for line in self.lines
        )
        return replace(self, lines=lines, visa=visa, reason="")

    def reserved(self, number: int, *, but_for: str = "") -> Decimal:
        """What declarations hold of a line in reservations, all but the named declaration."""
        return sum(
            (
                held.quantity
                for held in self.reservations
                if held.line == number and held.declaration != but_for
            ),
            Decimal(0),
        )


def visa_of(licence: Licence) -> Visa:
    """The visa of a licence that must have one; `ValueError` when it has none."""
    if licence.visa is None:
        raise ValueError(f"licence {licence.number} has no visa")
    return licence.visa
