"""What the cooperative wants to export: a TOML file of the story, as a licence and as papers."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from xsdata.models.datatype import XmlDate

from schemas.bindings import common_1 as xml

PDF = "application/pdf"
_CENTS = Decimal("0.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One goods line with its price, in the licence's currency per unit."""

    line: int
    code: str
    description: str
    packing: str
    origin: str
    quantity: Decimal
    unit: str
    unit_label: str
    unit_price: Decimal
    net_weight: Decimal  #: kilograms

    @property
    def value(self) -> Decimal:
        """The line's value."""
        return (self.quantity * self.unit_price).quantize(_CENTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """An invoice over some of the goods."""

    number: str
    issued_on: date
    items: tuple[Item, ...]

    @property
    def total(self) -> Decimal:
        """Its amount."""
        return sum((item.value for item in self.items), Decimal(0))

    @property
    def file(self) -> str:
        """The name of its PDF."""
        return f"{self.number}.pdf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A document beside the invoices; `rows` is what its table says."""

    kind: str
    number: str
    description: str
    issuer: str
    issued_on: date
    text: str
    rows: tuple[tuple[str, str], ...]

    @property
    def file(self) -> str:
        """The name of its PDF."""
        return f"{self.number}.pdf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deal:
    """A sale abroad for which a licence is asked."""

    exporter: dict[str, str]
    consignee: dict[str, str]
    terms: dict[str, str]  #: currency, procedure, office, payment, incoterm, place, category
    countries: tuple[str, ...]
    items: tuple[Item, ...]
    bills: tuple[Bill, ...]
    certificates: tuple[Certificate, ...]
    mistakes: dict[str, str]  #: what a hurried clerk types instead, for the dry run
    later: dict[str, Any]  #: what is asked for once it is granted: amendment, extension, the end

    @property
    def total(self) -> Decimal:
        """What all of it costs."""
        return sum((bill.total for bill in self.bills), Decimal(0))


def read(file: Path, today: date, *, amended: bool = False) -> Deal:
    """The deal of one TOML file, its papers dated as many days before `today` as it says.

    With `amended`, as the licence's amendment has it.
    """
    found: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8"))
    if amended:
        _amend(found, found["amendment"])
    items = tuple(
        Item(
            **{
                **row,
                **{key: Decimal(row[key]) for key in ("quantity", "unit_price", "net_weight")},
            }
        )
        for row in found["goods"]
    )
    return Deal(
        exporter=found["exporter"],
        consignee=found["consignee"],
        terms=found["terms"],
        countries=tuple(found["countries"]),
        items=items,
        bills=tuple(_bill(row, items, today) for row in found["invoice"]),
        certificates=tuple(_certificate(row, today) for row in found["document"]),
        mistakes=found.get("mistakes", {}),
        later={name: found.get(name) for name in ("amendment", "extension", "cancellation")},
    )


def _amend(found: dict[str, Any], change: dict[str, Any]) -> None:
    """Put the amendment's goods line and invoice in place of what they were."""
    line = change["goods"]["line"]
    next(row for row in found["goods"] if row["line"] == line).update(change["goods"])
    found["invoice"][0].update(change["invoice"])


def _bill(row: dict[str, Any], items: tuple[Item, ...], today: date) -> Bill:
    issued_on = today - timedelta(days=row["days_ago"])
    return Bill(
        number=row["number"].format(year=issued_on.year),
        issued_on=issued_on,
        items=tuple(item for item in items if item.line in row["lines"]),
    )


def _certificate(row: dict[str, Any], today: date) -> Certificate:
    issued_on = today - timedelta(days=row["days_ago"])
    return Certificate(
        kind=row["type"],
        number=row["number"].format(year=issued_on.year),
        description=row["description"],
        issuer=row["issuer"],
        issued_on=issued_on,
        text=row["text"],
        rows=tuple((left, right) for left, right in row["rows"]),
    )


def header(deal: Deal) -> xml.Licence:
    """What a draft says: who, on which terms, for how much."""
    terms = deal.terms
    return xml.Licence(
        exporter=xml.Exporter(
            name=deal.exporter["name"],
            ice=deal.exporter["ice"],
            register_centre=deal.exporter["register_centre"],
            register_number=deal.exporter["register_number"],
            address=deal.exporter["address"],
            email=deal.exporter["email"],
        ),
        consignee=xml.Consignee(
            name=deal.consignee["name"],
            address=deal.consignee["address"],
            country=deal.consignee["country"],
        ),
        category=terms["category"],
        total_amount=deal.total,
        currency=terms["currency"],
        customs_procedure=terms["customs_procedure"],
        customs_office=terms["customs_office"],
        payment_terms=terms["payment_terms"],
        incoterm=terms["incoterm"],
        destination_country=deal.countries,
    )


def invoice(bill: Bill, content: bytes) -> xml.Invoice:
    """An invoice with its PDF inside the message."""
    return xml.Invoice(
        number=bill.number,
        amount=bill.total,
        issue_date=XmlDate.from_date(bill.issued_on),
        attachment=xml.Attachment(file_name=bill.file, media_type=PDF, content=content),
    )


def document(certificate: Certificate, digest: str) -> xml.SupportingDocument:
    """A document whose PDF goes beside the message, named by its SHA-256 digest."""
    return xml.SupportingDocument(
        type_value=certificate.kind,
        description=certificate.description,
        issue_date=XmlDate.from_date(certificate.issued_on),
        attachment=xml.Attachment(file_name=certificate.file, media_type=PDF, digest=digest),
    )


def goods(item: Item) -> xml.GoodsLine:
    """One goods line."""
    return xml.GoodsLine(
        line=item.line,
        commodity_code=item.code,
        description=item.description,
        origin_country=item.origin,
        quantity=xml.Quantity(value=item.quantity, unit=item.unit),
        net_weight=item.net_weight,
        value=item.value,
    )
