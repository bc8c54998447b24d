"""The licence as a value: what was asked, what was granted, what remains.

Its JSON form is the dossier's `content`; amounts and quantities are decimals written as text.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Self

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
    reason: str = ""  #: why it was returned, rejected or cancelled
    entries: tuple[Entry, ...] = ()

    @classmethod
    def of(cls, dossier: Dossier) -> Self:
        """The licence a dossier holds."""
        content: dict[str, Any] = json.loads(dossier.content)
        return cls(
            number=dossier.number,
            version=dossier.version,
            state=dossier.state,
            owner=dossier.owner,
            opened_at=dossier.opened_at,
            entries=dossier.entries,
            exporter=Party(**content["exporter"]),
            consignee=None if content["consignee"] is None else Party(**content["consignee"]),
            category=content["category"],
            total=Decimal(content["total"]),
            currency=content["currency"],
            customs_procedure=content["customs_procedure"],
            customs_office=content["customs_office"],
            payment_terms=content["payment_terms"],
            incoterm=content["incoterm"],
            countries=tuple(content["countries"]),
            invoices=tuple(_invoice(item) for item in content["invoices"]),
            lines=tuple(_line(item) for item in content["lines"]),
            documents=tuple(_document(item) for item in content["documents"]),
            visa=None if content["visa"] is None else _visa(content["visa"]),
            reason=content["reason"],
        )

    def content(self) -> str:
        """The JSON that `of` reads back; what the dossier itself knows is left out."""
        content = {name: getattr(self, name) for name in _CONTENT}
        return json.dumps(content, ensure_ascii=False, default=_plain, separators=(",", ":"))

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


#: The parts of the content; what the dossier itself knows is not among them.
_CONTENT = tuple(
    field.name
    for field in fields(Licence)
    if field.name not in {"number", "version", "state", "owner", "opened_at", "entries"}
)


def _plain(value: Any) -> Any:
    """A part as JSON can write it: its fields by name, or a day or decimal as text."""
    if isinstance(value, date | Decimal):
        return str(value)
    return {name: getattr(value, name) for name in value.__slots__}


def _attached(item: dict[str, Any]) -> Attached:
    return Attached(**item)


def _invoice(item: dict[str, Any]) -> Invoice:
    return Invoice(
        number=item["number"],
        amount=Decimal(item["amount"]),
        issued_on=date.fromisoformat(item["issued_on"]),
        attached=_attached(item["attached"]),
    )


def _document(item: dict[str, Any]) -> SupportingDocument:
    return SupportingDocument(
        kind=item["kind"],
        description=item["description"],
        issued_on=date.fromisoformat(item["issued_on"]),
        attached=_attached(item["attached"]),
    )


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _line(item: dict[str, Any]) -> Line:
    return Line(
        **{
            **item,
            "quantity": Decimal(item["quantity"]),
            "net_weight": Decimal(item["net_weight"]),
            "supplementary_quantity": _decimal(item["supplementary_quantity"]),
            "value": _decimal(item["value"]),
            "granted": _decimal(item["granted"]),
        }
    )


def _visa(item: dict[str, Any]) -> Visa:
    return Visa(
        number=item["number"],
        officer=item["officer"],
        granted_on=date.fromisoformat(item["granted_on"]),
        valid_from=date.fromisoformat(item["valid_from"]),
        valid_until=date.fromisoformat(item["valid_until"]),
        conditions=tuple(item["conditions"]),
    )
