"""Inspections in every state, the directory, and the context a handler is given, for the tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from handlers.inspection.inspection import (
    Answer,
    Consignee,
    CraftLine,
    Exporter,
    Filed,
    Inspection,
)
from handlers.registry import Context, Ring
from schemas.workflow import (
    Agent,
    Dossier,
    Entry,
    Event,
    Role,
    Sent,
    Serial,
    Service,
    Workload,
)

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
EXPORTER = "coop-zerbia"
HOUSE = "artisanat"  #: the partner whose system signs for the services
NUMBER = "BM-2026-1088"
SUPERVISOR, OTHER_SUPERVISOR = "sup-bm-1", "supbeni"
AGENT, OTHER_AGENT = "agent-bm-1", "agent-bm-2"
RETIRED, STRANGER, NOBODY = "agent-bm-9", "sup-gm-1", "agent-bm-0"

SERVICES = (
    Service(code="BM", name="Béni Mellal", places=("BENI-MELLAL", "AZILAL", "FKIH-BEN-SALEH")),
    Service(code="GM", name="Guelmim", places=("GUELMIM",)),
)
AGENTS = (
    Agent(identifier=SUPERVISOR, name="S. Amrani", service="BM", supervisor=True),
    Agent(identifier=OTHER_SUPERVISOR, name="B. Tazi", service="BM", supervisor=True),
    Agent(identifier=AGENT, name="H. Ouali", service="BM", supervisor=False),
    Agent(identifier=OTHER_AGENT, name="L. Idrissi", service="BM", supervisor=False),
    Agent(identifier=RETIRED, name="M. Filali", service="BM", supervisor=True, active=False),
    Agent(identifier=STRANGER, name="K. Naciri", service="GM", supervisor=True),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The inspection's settings as the hub has them by default."""

    attachment_limit: int = 3 * 1024 * 1024
    assignment_days: int = 3
    taking_days: int = 3
    processing_days: int = 10
    complement_days: int = 15
    archive_days: int = 90


DEFAULTS = Settings()


@dataclass(slots=True, kw_only=True)
class Directory:
    """A reader over the agents and services above, that counts its serials."""

    agents: tuple[Agent, ...] = AGENTS
    events: tuple[Event, ...] = ()
    numbers: Mapping[tuple[str, str], str] = field(default_factory=dict)  #: taken
    last: dict[tuple[str, int], int] = field(default_factory=lambda: {("BM", 2026): 1087})

    def entry(self, office: str, number: str) -> tuple[str, Entry] | None:
        """Inspections have no ledger."""

    def history(self, number: str, limit: int, before: int | None = None) -> Sequence[Event]:
        """The newest events."""
        return [one for one in self.events if before is None or one.id < before][:limit]

    def taken(self, kind: str, value: str) -> str | None:
        """The dossier in which this number has served."""
        return self.numbers.get((kind, value))

    def sent(self, instance: str) -> Sent | None:
        """Nothing that the hub sent is answered here."""

    def agent(self, identifier: str) -> Agent | None:
        """The agent of that identifier, active or not."""
        return next((one for one in self.agents if one.identifier == identifier), None)

    def service_of(self, place: str) -> Service | None:
        """The service to which a place of registration belongs."""
        return next((one for one in SERVICES if place in one.places), None)

    def workload(self, service: str) -> Sequence[Workload]:
        """Nobody has anything to do."""
        return ()

    def next_serial(self, series: str, year: int) -> Serial:
        """The next number, another one at each call."""
        self.last[series, year] = number = self.last.get((series, year), 0) + 1
        return Serial(series=series, year=year, number=number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What a message meets: an inspection or none, who sends it, and the settings."""

    inspection: Inspection | None = None
    role: Role = Role.INSPECTION
    settings: Settings = DEFAULTS
    agents: tuple[Agent, ...] = AGENTS
    events: tuple[Event, ...] = ()
    numbers: Mapping[tuple[str, str], str] = field(default_factory=dict)  #: taken
    parts: Mapping[str, bytes] = field(default_factory=dict)
    now: datetime = NOW

    @property
    def dossier(self) -> Dossier | None:
        """The inspection as the store keeps it."""
        return None if self.inspection is None else dossier(self.inspection)

    @property
    def context(self) -> Context:
        """What the handler is told."""
        return Context(
            sender=EXPORTER if self.role is Role.DECLARANT else HOUSE,
            role=self.role,
            instance="message-1",
            now=self.now,
            new_number="IC-2026-0000042",
            settings=self.settings,
            read=self.reader,
            parts=self.parts,
        )

    @property
    def reader(self) -> Directory:
        """What may be looked up."""
        return Directory(agents=self.agents, events=self.events, numbers=self.numbers)

    def ring(self, about: str) -> Ring:
        """What a timer's handler is told."""
        return Ring(about=about, now=self.now, settings=self.settings, read=self.reader)


def dossier(inspection: Inspection) -> Dossier:
    """An inspection as the store keeps it."""
    return Dossier(
        number=inspection.number,
        procedure="inspection",
        owner=inspection.owner,
        state=inspection.state,
        version=inspection.version,
        revision=1,
        opened_at=inspection.opened_at,
        changed_at=NOW,
        content=inspection.content(),
    )


def new() -> Inspection:
    """A whole request for a carpet and a plate, not yet submitted."""
    opened = NOW - timedelta(days=3)
    return Inspection(
        number=NUMBER,
        version=1,
        state="new",
        owner=EXPORTER,
        opened_at=opened,
        service="BM",
        exporter=Exporter(
            name="Coopérative Zerbia de la Tassaout",
            legal_form="COOP",
            register_centre="07",
            register_number="11927",
            tax_identifier="40218853",
            ice="003182755000049",
            address="3, derb Sidi Bouyacoub, 23000 Béni Mellal, Maroc",
            email="bureau@coop-zerbia.example",
            mobile="+212 6 00 00 00 11",
            registration_number="ART-BM-02218",
            registration_place="BENI-MELLAL",
        ),
        consignee=Consignee(name="Tapis & Terres d'Oc SAS", country="FR"),
        transport="4",
        exit_point="SALE",
        lines=(carpet(), plate()),
        documents=tuple(
            Filed(
                kind=kind,
                description="",
                issued_on=date(2026, 11, 6),
                filename=f"{kind.lower()}.pdf",
                digest=f"{position}" * 64,
                size=1024,
                filed_at=opened,
            )
            for position, kind in enumerate(("INVOICE", "PACKING", "REGISTRATION"), 1)
        ),
    )


def carpet() -> CraftLine:
    """Twelve knotted carpets."""
    return CraftLine(
        number=1,
        code="5701101000",
        category="CARPETS",
        product="CARPET-KNOTTED",
        description="Tapis noués en laine du Moyen Atlas",
        quality="SUPERIOR",
        article="TN-12",
        weight=Decimal("230.4"),
        surface=Decimal("57.60"),
        units=12,
        local_value=Decimal("92793.60"),
        value=Decimal("8640.00"),
        currency="EUR",
    )


def plate() -> CraftLine:
    """Sixty plates, whose value in dirhams was not given."""
    return CraftLine(
        number=2,
        code="6912000000",
        category="POTTERY",
        product="POTTERY-TABLE",
        description="Plats en terre cuite émaillée",
        weight=Decimal(96),
        units=60,
        value=Decimal("1260.00"),
        currency="EUR",
        pottery_certificate="CP-2026-0457",
    )


def submitted() -> Inspection:
    """The request as its service sees it."""
    return replace(new(), state="submitted", submitted_at=NOW - timedelta(days=2))


def assigned(agent: str = AGENT) -> Inspection:
    """The request when it is given to an agent."""
    return replace(
        submitted(),
        state="awaiting_processing",
        assignee=agent,
        assigned_at=NOW - timedelta(days=1),
    )


def taken(agent: str = AGENT) -> Inspection:
    """The request in the agent's hands."""
    return replace(assigned(agent), state="in_progress", taken_at=NOW - timedelta(hours=5))


def accepted(agent: str = AGENT) -> Inspection:
    """The request when it was accepted, before its certificate."""
    answer = Answer(
        decision="accepted", agent=agent, observation="", given_at=NOW - timedelta(hours=2)
    )
    return replace(taken(agent), answer=answer)


def closed(agent: str = AGENT) -> Inspection:
    """The request when it was refused, and is over."""
    answer = Answer(
        decision="refused",
        agent=agent,
        observation="Pièces non conformes.",
        given_at=NOW - timedelta(hours=1),
    )
    shut = replace(taken(agent), state="closed", answer=answer)
    return replace(shut, closed_at=NOW - timedelta(hours=1))
