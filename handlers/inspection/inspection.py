"""The inspection as a value: what was asked, who treats it, what was found, what was issued.

Its JSON form is the dossier's `content`; amounts and measures are decimals written as text.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Self

from handlers.awaiting import Awaited
from handlers.plain import content_of, of_dossier
from schemas.workflow import Dossier


@dataclass(frozen=True, slots=True, kw_only=True)
class Exporter:
    """Who exports, with the registration of crafts that names the service."""

    name: str
    legal_form: str
    register_centre: str
    register_number: str
    tax_identifier: str
    ice: str
    address: str
    email: str
    mobile: str
    registration_number: str
    registration_place: str
    customs_code: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Consignee:
    """Who receives the goods."""

    name: str
    address: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CraftLine:
    """One goods line: weight in kilograms, surface in square metres, value in its currency."""

    number: int
    code: str
    category: str
    description: str
    weight: Decimal
    units: int
    value: Decimal
    currency: str
    product: str = ""
    quality: str = ""
    article: str = ""
    surface: Decimal | None = None
    local_value: Decimal | None = None  #: dirhams
    pottery_certificate: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """A document filed with the application or with a complement; `digest` is SHA-256 (hex)."""

    kind: str
    description: str
    issued_on: date
    filename: str
    digest: str
    size: int
    filed_at: datetime
    complement: int = 0  #: the complement it answers; 0 with the application


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """A document that a complement asks for again, or for the first time."""

    kind: str
    filename: str = ""
    remark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Complement:
    """A request for more documents: sent, then answered, then validated by the agent."""

    number: int
    agent: str
    message: str
    sent_at: datetime
    due: datetime
    flags: tuple[Flag, ...] = ()
    state: str = "sent"
    answer: str = ""
    answered_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A physical inspection: ordered for a day, held with a result."""

    agent: str
    message: str
    day: date
    ordered_at: datetime
    reason: str = ""  #: why the day was changed
    result: str = ""  #: conforming or not-conforming
    held_on: date | None = None
    minutes: str = ""
    minutes_digest: str = ""  #: of the minutes as a PDF, SHA-256 (hex)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The agent's answer: accepted or refused."""

    decision: str
    agent: str
    observation: str
    given_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A certificate; `replaces` names the one that it takes the place of.

    The names are those that the directory had for agent and service when it was issued.
    """

    number: str
    agent: str
    issued_at: datetime
    agent_name: str = ""
    service_name: str = ""
    replaces: str = ""
    revoked_at: datetime | None = None
    revoked_by: str = ""
    reason: str = ""
    to_be_replaced: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """A dossier of the inspection; empty fields are those that a draft may leave out."""

    number: str
    version: int
    state: str
    owner: str
    opened_at: datetime
    service: str
    exporter: Exporter
    consignee: Consignee | None = None
    transport: str = ""
    exit_point: str = ""
    customs_office: str = ""
    lines: tuple[CraftLine, ...] = ()
    documents: tuple[Filed, ...] = ()
    submitted_at: datetime | None = None
    assignee: str = ""
    assigned_at: datetime | None = None
    taken_at: datetime | None = None
    corrected: tuple[CraftLine, ...] = ()  #: the manual's « marchandise duplicata »
    corrected_by: str = ""
    complements: tuple[Complement, ...] = ()
    visits: tuple[Visit, ...] = ()
    answer: Answer | None = None
    certificates: tuple[Certificate, ...] = ()
    previewed: str = ""  #: the agent who asked for a preview of the certificate
    closed_at: datetime | None = None
    reason: str = ""  #: why it was withdrawn
    awaited: tuple[Awaited, ...] = ()

    @classmethod
    def of(cls, dossier: Dossier) -> Self:
        """The inspection a dossier holds."""
        return of_dossier(cls, dossier)

    def content(self) -> str:
        """The JSON that `of` reads back; what the dossier itself knows is left out."""
        return content_of(self)

    def with_complement(self, complement: Complement) -> Self:
        """The dossier with this complement, in the place of the one of its number."""
        others = (one for one in self.complements if one.number != complement.number)
        known = sorted((*others, complement), key=lambda one: one.number)
        return replace(self, complements=tuple(known))

    @property
    def goods(self) -> tuple[CraftLine, ...]:
        """The lines that the certificate shows: the agent's where there are any."""
        return self.corrected or self.lines

    @property
    def certificate(self) -> Certificate | None:
        """The certificate in force."""
        in_force = (one for one in self.certificates if one.revoked_at is None)
        return next(in_force, None)

    @property
    def awaits_replacement(self) -> bool:
        """Whether the last certificate was revoked so that a corrected one takes its place."""
        return self.certificate is None and any(
            one.to_be_replaced for one in self.certificates[-1:]
        )

    @property
    def pending_visit(self) -> Visit | None:
        """The physical inspection that was ordered and not held yet."""
        return next((one for one in self.visits[-1:] if not one.result), None)
