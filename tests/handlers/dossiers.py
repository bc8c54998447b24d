"""Licences in every state, and the context a handler is given, for the handlers' tests."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache

import pikepdf

from handlers.licence.licence import Attached, Invoice, Licence, Line, Party, Visa
from handlers.registry import Context, Ring
from schemas.workflow import Agent, Dossier, Entry, Event, Role, Sent, Serial, Service, Workload

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
DECLARANT = "huilerie-souss"
NUMBER = "LE-2026-0000042"
ARGAN = "1515900029"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The licence's settings as the hub has them by default."""

    attachment_limit: int = 3 * 1024 * 1024
    tolerance: Decimal = Decimal(0)
    validity_months: int = 6
    visa_days: int = 10
    other_office: str = "warning"
    control: str = "quantity"
    customs_days: int = 2
    extension_days: int = 10
    extensions: int = 1
    clearance_days: int = 30
    contra_days: int = 30
    expiry_alert_days: int = 15
    purge_days: int = 90
    repatriation_days: int = 150
    consignment_days: int = 180
    consignment_terms: tuple[str, ...] = ("VC",)
    repatriation_alert_days: int = 30


DEFAULTS = Settings()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledgers:
    """A reader over the given entries, whatever licence they stand on."""

    entries: tuple[Entry, ...] = ()
    events: tuple[Event, ...] = ()
    numbers: Mapping[tuple[str, str], str] = field(default_factory=dict)  #: taken
    outbox: tuple[Sent, ...] = ()

    def entry(self, office: str, number: str) -> tuple[str, Entry] | None:
        """The entry that bears this number at this office."""
        for entry in self.entries:
            if (entry.office, entry.number) == (office, number):
                return NUMBER, entry
        return None

    def history(self, number: str, limit: int, before: int | None = None) -> Sequence[Event]:
        """The newest events."""
        return [one for one in self.events if before is None or one.id < before][:limit]

    def taken(self, kind: str, value: str) -> str | None:
        """The licence in which this number has served."""
        return self.numbers.get((kind, value))

    def sent(self, instance: str) -> Sent | None:
        """What the hub sent under this identifier."""
        return next((one for one in self.outbox if one.instance == instance), None)

    def agent(self, identifier: str) -> Agent | None:
        """No agent treats licences."""

    def service_of(self, place: str) -> Service | None:
        """No service treats licences."""

    def workload(self, service: str) -> Sequence[Workload]:
        """Nor is any of its work counted."""
        return ()

    def next_serial(self, series: str, year: int) -> Serial:
        """No licence bears a serial."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What a message meets: a licence or none, who sends it, and the settings."""

    licence: Licence | None = None
    role: Role = Role.DECLARANT
    settings: Settings = DEFAULTS
    elsewhere: tuple[Entry, ...] = ()  #: entries of other licences
    events: tuple[Event, ...] = ()
    numbers: Mapping[tuple[str, str], str] = field(default_factory=dict)  #: taken
    outbox: tuple[Sent, ...] = ()  #: what the hub sent before
    parts: Mapping[str, bytes] = field(default_factory=dict)
    now: datetime = NOW

    @property
    def dossier(self) -> Dossier | None:
        """The licence as the store keeps it."""
        return None if self.licence is None else dossier(self.licence)

    @property
    def context(self) -> Context:
        """What the handler is told."""
        own = () if self.licence is None else self.licence.entries
        return Context(
            sender=DECLARANT if self.role is Role.DECLARANT else self.role.value,
            role=self.role,
            instance="message-1",
            now=self.now,
            new_number=NUMBER,
            settings=self.settings,
            read=self.reader(own),
            parts=self.parts,
        )

    def reader(self, own: tuple[Entry, ...]) -> Ledgers:
        """What may be looked up."""
        return Ledgers(
            entries=own + self.elsewhere,
            events=self.events,
            numbers=self.numbers,
            outbox=self.outbox,
        )

    @property
    def ring(self) -> Ring:
        """What a timer's handler is told; put in what it is about with `replace`."""
        own = () if self.licence is None else self.licence.entries
        return Ring(about="", now=self.now, settings=self.settings, read=self.reader(own))


def dossier(licence: Licence) -> Dossier:
    """A licence as the store keeps it."""
    return Dossier(
        number=licence.number,
        procedure="licence",
        owner=licence.owner,
        state=licence.state,
        version=licence.version,
        revision=1,
        opened_at=licence.opened_at,
        changed_at=NOW,
        content=licence.content(),
        entries=licence.entries,
    )


def saved() -> Licence:
    """A complete licence for two lines of argan oil, 60 000 MAD in all, not yet submitted."""
    return Licence(
        number=NUMBER,
        version=1,
        state="saved",
        owner=DECLARANT,
        opened_at=NOW - timedelta(days=3),
        exporter=Party(
            name="Huilerie du Souss",
            ice="001525713000039",
            register_centre="01",
            register_number="4711",
        ),
        consignee=Party(name="Aceites del Sur", country="ES"),
        category="LE",
        total=Decimal(60000),
        currency="MAD",
        customs_procedure="060",
        customs_office="309",
        payment_terms="VF",
        incoterm="FOB",
        countries=("ES",),
        invoices=(
            Invoice(
                number="F-118",
                amount=Decimal(60000),
                issued_on=date(2026, 11, 2),
                attached=Attached(filename="facture.pdf", digest="0" * 64, size=len(pdf())),
            ),
        ),
        lines=(
            Line(
                number=1,
                code=ARGAN,
                description="Huile d'argan alimentaire en fûts",
                origin="MA",
                quantity=Decimal(1000),
                unit="KGM",
                net_weight=Decimal(1000),
            ),
            Line(
                number=2,
                code=ARGAN,
                description="Huile d'argan alimentaire en bidons",
                origin="MA",
                quantity=Decimal(500),
                unit="LTR",
                net_weight=Decimal(455),
            ),
        ),
        documents=(),
    )


def submitted() -> Licence:
    """The licence waiting for the ministry."""
    return replace(saved(), state="submitted")


def granted(*, quantities: Mapping[int, Decimal] | None = None) -> Licence:
    """The licence with a visa from 10 November 2026 to 9 May 2027."""
    visa = Visa(
        number="MCE-2026-311",
        officer="S. Bennani",
        granted_on=date(2026, 11, 10),
        valid_from=date(2026, 11, 10),
        valid_until=date(2027, 5, 9),
    )
    return replace(submitted(), state="granted").granted(dict(quantities or {}), visa)


def used(entries: Iterable[Entry], state: str = "partly_imputed") -> Licence:
    """The granted licence with entries in its ledger."""
    return replace(granted(), state=state, entries=tuple(entries))


def entry(number: str = "I-1", quantity: int = 400, value: int = 16000, *, line: int = 1) -> Entry:
    """An original imputation at the licence's own office."""
    return Entry(
        number=number,
        office="309",
        kind="original",
        line=line,
        quantity=Decimal(quantity),
        value=Decimal(value),
        declaration="309060202600012345A",
        declared_on=date(2026, 11, 16),
        imputed_on=date(2026, 11, 17),
    )


@cache
def pdf() -> bytes:
    """A small whole PDF with one empty page."""
    with pikepdf.new() as document:
        document.add_blank_page(page_size=(595, 842))
        out = io.BytesIO()
        document.save(out)
        return out.getvalue()
