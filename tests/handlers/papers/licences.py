"""Licences worth printing: plain, used, long, and one in which every text is hostile."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from handlers.licence.licence import (
    Attached,
    Invoice,
    Licence,
    Line,
    Party,
    SupportingDocument,
    Visa,
)
from handlers.papers.frame import Issuer
from schemas.workflow import Entry

NOW = datetime(2026, 11, 21, 22, 40, tzinfo=UTC)
ISSUER = Issuer(name="Guichet unique Passavant", name_ar="الشباك الوحيد باسافان")
ADDRESS = "https://passavant.example/verify/7fK2mQx9Lw3TzVb8"
FILE = Attached(filename="facture.pdf", digest="0" * 64, size=1_000)


def line(number: int, description: str = "Huile d’argan vierge, en bouteilles de 250 ml") -> Line:
    return Line(
        number=number,
        code="1515909020",
        description=description,
        origin="MA",
        quantity=Decimal("12000"),
        unit="LTR",
        net_weight=Decimal("10920.5"),
        value=Decimal("1275000.00"),
        granted=Decimal("11500"),
    )


GRANTED = Licence(
    number="LE-2026-0000123",
    version=2,
    state="granted",
    owner="coop-atlas",
    opened_at=NOW,
    exporter=Party(
        name="Coopérative Atlas Argane",
        ice="001525315000035",
        register_centre="01",
        register_number="45821",
        address="14, rue des Arganiers, Inezgane",
        country="MA",
    ),
    consignee=Party(name="Ölmühle Rheinland GmbH", address="50735 Köln", country="DE"),
    category="LE",
    total=Decimal("1275000.50"),
    currency="MAD",
    customs_procedure="060",
    customs_office="309",
    payment_terms="VF",
    incoterm="FOB",
    countries=("DE", "NL"),
    invoices=(
        Invoice(
            number="FA-2026/0457",
            amount=Decimal("1275000.50"),
            issued_on=date(2026, 10, 28),
            attached=FILE,
        ),
    ),
    lines=(line(1),),
    documents=(
        SupportingDocument(
            kind="CONTRACT",
            description="Contrat du 12 octobre",
            issued_on=date(2026, 10, 12),
            attached=FILE,
        ),
    ),
    visa=Visa(
        number="V-2026-0098",
        officer="S. El Amrani",
        granted_on=date(2026, 11, 16),
        valid_from=date(2026, 11, 17),
        valid_until=date(2027, 5, 16),
        conditions=("Sortie par Casablanca",),
    ),
)


def entry(number: str, quantity: str, *, kind: str = "original", line: int = 1) -> Entry:
    return Entry(
        number=number,
        office="309",
        kind=kind,
        line=line,
        quantity=Decimal(quantity),
        value=Decimal(quantity) * 100,
        declaration="30906020260004512L",
        declared_on=date(2026, 11, 18),
        imputed_on=date(2026, 11, 19),
    )


def long(count: int) -> Licence:
    """A licence of that many lines, every seventh with a description of many words."""
    words = "tapis noués à la main en laine vierge du Haut Atlas " * 8
    return replace(
        GRANTED,
        lines=tuple(line(n, words if n % 7 == 0 else f"Lot {n}") for n in range(1, count + 1)),
    )


def hostile(text: str) -> Licence:
    """A granted licence with this text in every field that a partner writes freely."""
    party = Party(name=text, address=text, register_number=text, ice=text, country=text)
    return replace(
        GRANTED,
        exporter=party,
        consignee=party,
        category=text,
        customs_procedure=text,
        customs_office=text,
        payment_terms=text,
        incoterm=text,
        countries=(text,),
        reason=text,
        invoices=(replace(GRANTED.invoices[0], number=text),),
        lines=(replace(GRANTED.lines[0], code=text, description=text, origin=text, unit=text),),
        documents=(replace(GRANTED.documents[0], kind=text, description=text),),
        visa=Visa(
            number=text,
            officer=text,
            granted_on=date(2026, 11, 16),
            valid_from=date(2026, 11, 17),
            valid_until=date(2027, 5, 16),
            conditions=(text,),
        ),
        entries=(replace(entry(text, "1"), declaration=text, office=text, kind=text),),
    )
