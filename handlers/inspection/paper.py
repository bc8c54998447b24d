"""The inspection certificate as it is printed: every text formatted, nothing left to decide."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from handlers.days import today
from handlers.inspection import lists
from handlers.inspection.inspection import (
    Certificate,
    CraftLine,
    Exporter,
    Filed,
    Inspection,
    Visit,
)
from handlers.papers import figures
from handlers.papers.frame import Frame, Issuer, StatedLine, Statement
from handlers.papers.labels import LABELS, Label
from handlers.papers.parties import PartyView, party, several
from handlers.plain import freeze
from handlers.registry import Print, Printing
from schemas.workflow import Dossier, State

#: The certificate, and what an agent looks at before it is issued.
CERTIFICATE, PREVIEW = "certificate.pdf", "preview.pdf"

#: The message types of which the last one accepted is what the paper is made from.
SOURCES = ("InspectionApplication", "InspectionAmendment")

#: A line counts pieces (UNECE Rec 20).
PIECES = "H87"
DIRHAMS = "MAD"

#: How a certificate stands, whatever its dossier's state; a preview is of none.
IN_FORCE = State(name="in-force", fr="En vigueur", ar="سارية", en="In force")
REVOKED = State(name="revoked", fr="Révoqué", ar="مسحوبة", en="Revoked")
PREVIEWED = State(name="preview", fr="Aperçu", ar="معاينة", en="Preview")

_RESULTS = {"conforming": "Conforme", "not-conforming": "Non conforme"}
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodsRow:
    """One goods line as it was found."""

    number: str
    code: str
    category: str
    product: str
    description: str
    article: str
    pottery: str
    quality: str
    surface: str
    weight: str
    units: str
    value: str
    local_value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """All lines together; a total to which no line adds is empty."""

    surface: str
    weight: str
    units: str
    values: tuple[str, ...]  #: one for each currency


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRow:
    """One document that was filed."""

    kind: str
    description: str
    issued_on: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitRow:
    """One physical inspection: its day, what came of it, who held it."""

    day: str
    result: str
    agent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificatePaper:
    """What the template `certificate` prints; an empty text is a box left empty."""

    frame: Frame
    dossier: str
    service: str
    issued_on: str
    revoked_on: str
    reason: str
    replaces: str
    exporter: PartyView
    consignee: PartyView | None
    transport: str
    exit_point: str
    office: str
    goods: tuple[GoodsRow, ...]
    totals: Totals
    documents: tuple[DocumentRow, ...]
    visits: tuple[VisitRow, ...]
    controller: str
    observation: str


def view(
    inspection: Inspection,
    certificate: Certificate | None,
    *,
    now: datetime,
    verify_url: str | None,
    issuer: Issuer,
) -> CertificatePaper:
    """A certificate of the dossier ready to print at `now` (aware), or, without one, a preview.

    A code that its list does not know is printed bare: a paper never fails for an old code.
    """
    consignee, answer = inspection.consignee, inspection.answer
    revoked_at = None if certificate is None else certificate.revoked_at
    goods = inspection.goods
    return CertificatePaper(
        frame=_frame(inspection, certificate, now, verify_url, issuer),
        dossier=inspection.number,
        service=figures.plain(_service(inspection, certificate)),
        issued_on="" if certificate is None else figures.day(today(certificate.issued_at)),
        revoked_on="" if revoked_at is None else figures.day(today(revoked_at)),
        reason="" if certificate is None else figures.plain(certificate.reason),
        replaces="" if certificate is None else figures.plain(certificate.replaces),
        exporter=_exporter(inspection.exporter),
        consignee=None
        if consignee is None
        else party(consignee.name, consignee.address, consignee.country),
        transport=figures.meaning(lists.TRANSPORT_MODES, inspection.transport),
        exit_point=figures.meaning(lists.EXIT_POINTS, inspection.exit_point),
        office=figures.coded(lists.OFFICES, inspection.customs_office),
        goods=tuple(_goods(line) for line in goods),
        totals=_totals(goods),
        documents=tuple(_document(one) for one in inspection.documents),
        visits=tuple(_visit(one) for one in inspection.visits),
        controller=figures.plain(_controller(inspection, certificate)),
        observation="" if answer is None else figures.plain(answer.observation),
    )


def _service(inspection: Inspection, certificate: Certificate | None) -> str:
    """The service's code, and its name where the certificate knows it."""
    name = "" if certificate is None else certificate.service_name
    return f"{inspection.service} – {name}" if name else inspection.service


def _controller(inspection: Inspection, certificate: Certificate | None) -> str:
    """Who answers for the certificate, by name where it knows one; who asked for a preview."""
    if certificate is None:
        return inspection.previewed
    return certificate.agent_name or certificate.agent


def digest(inspection: Inspection, certificate: Certificate | None) -> str:
    """SHA-256 (hex) of all that a certificate says, and of nothing that changes beside it."""
    said = {
        "certificate": certificate,
        "dossier": inspection.number,
        "version": inspection.version,
        "service": inspection.service,
        "exporter": inspection.exporter,
        "consignee": inspection.consignee,
        "transport": inspection.transport,
        "exit_point": inspection.exit_point,
        "customs_office": inspection.customs_office,
        "goods": inspection.goods,
        "documents": inspection.documents,
        "visits": inspection.visits,
        "answer": inspection.answer,
    }
    return hashlib.sha256(freeze(said).encode()).hexdigest()


def _frame(
    inspection: Inspection,
    certificate: Certificate | None,
    now: datetime,
    verify_url: str | None,
    issuer: Issuer,
) -> Frame:
    state = standing_of(certificate)
    good = state is IN_FORCE
    return Frame(
        title=LABELS["certificate"]["title"],
        reference=inspection.number if certificate is None else certificate.number,
        version=str(inspection.version),
        state=Label(fr=state.fr, ar=state.ar),
        watermark=None if good else Label(fr=state.fr.upper(), ar=state.ar),
        issuer=issuer,
        produced_at=now,
        produced=figures.moment(now),
        digest=digest(inspection, certificate),
        verify_url=verify_url,
        sources=SOURCES,
        statement=_statement(inspection, certificate) if certificate and good else None,
    )


def standing_of(certificate: Certificate | None) -> State:
    """How a certificate stands, or that there is none."""
    if certificate is None:
        return PREVIEWED
    return IN_FORCE if certificate.revoked_at is None else REVOKED


def _statement(inspection: Inspection, certificate: Certificate) -> Statement:
    """What the code says of a certificate in force."""
    return Statement(
        kind="CERTIFICATE",
        number=certificate.number,
        version=inspection.version,
        holder=inspection.exporter.ice,
        issued_on=today(certificate.issued_at),
        valid_from=None,
        valid_until=None,
        lines=tuple(
            StatedLine(
                code=line.code, quantity=Decimal(line.units), unit=PIECES, weight=line.weight
            )
            for line in inspection.goods
        ),
    )


def _exporter(exporter: Exporter) -> PartyView:
    centre = figures.coded(lists.REGISTER_CENTRES, exporter.register_centre)
    place = figures.meaning(lists.PLACES, exporter.registration_place)
    form = figures.meaning(lists.LEGAL_FORMS, exporter.legal_form)
    return party(
        several(exporter.name, form),
        exporter.address,
        "",
        registration=several(exporter.registration_number, place),
        ice=exporter.ice,
        register=several(exporter.register_number, centre),
        tax=exporter.tax_identifier,
        customs_code=exporter.customs_code,
        phone=several(exporter.mobile, exporter.phone),
        email=exporter.email,
    )


def _goods(line: CraftLine) -> GoodsRow:
    return GoodsRow(
        number=str(line.number),
        code=figures.commodity(line.code),
        category=figures.meaning(lists.CATEGORIES, line.category),
        product=figures.meaning(lists.PRODUCTS, line.product),
        description=figures.plain(line.description),
        article=figures.plain(line.article),
        pottery=figures.plain(line.pottery_certificate),
        quality=figures.meaning(lists.QUALITIES, line.quality),
        surface="" if line.surface is None else figures.quantity(line.surface),
        weight=figures.quantity(line.weight),
        units=figures.quantity(Decimal(line.units)),
        value=_money(line.value, line.currency),
        local_value="" if line.local_value is None else _money(line.local_value, DIRHAMS),
    )


def _money(value: Decimal, currency: str) -> str:
    return f"{figures.amount(value, currency)} {figures.plain(currency)}"


def _totals(goods: Iterable[CraftLine]) -> Totals:
    lines = tuple(goods)
    surfaces = [line.surface for line in lines if line.surface is not None]
    values: dict[str, Decimal] = {}
    for line in lines:
        values[line.currency] = values.get(line.currency, Decimal(0)) + line.value
    return Totals(
        surface=figures.quantity(sum(surfaces, Decimal(0))) if surfaces else "",
        weight=figures.quantity(sum((line.weight for line in lines), Decimal(0))),
        units=figures.quantity(Decimal(sum(line.units for line in lines))),
        values=tuple(_money(value, currency) for currency, value in values.items()),
    )


def _document(document: Filed) -> DocumentRow:
    return DocumentRow(
        kind=figures.meaning(lists.DOCUMENTS, document.kind),
        description=figures.plain(document.description),
        issued_on=figures.day(document.issued_on),
    )


def _visit(visit: Visit) -> VisitRow:
    return VisitRow(
        day=figures.day(visit.held_on or visit.day),
        result=_RESULTS.get(visit.result, figures.plain(visit.result)),
        agent=figures.plain(visit.agent),
    )


def _certificate(dossier: Dossier, printing: Printing) -> tuple[str, CertificatePaper] | None:
    """The certificate issued last; nothing before it is issued, or while nothing is new about it.

    Its bytes, which partners were told of, stay the same while the dossier goes on without it.
    """
    inspection = Inspection.of(dossier)
    if not inspection.certificates:
        return None
    last = inspection.certificates[-1]
    if printing.kept.get(CERTIFICATE, _NEVER) >= (last.revoked_at or last.issued_at):
        return None
    return "certificate", _viewed(inspection, last, printing)


def _preview(dossier: Dossier, printing: Printing) -> tuple[str, CertificatePaper] | None:
    """What would be certified, once an agent asked to see it and until it is."""
    inspection = Inspection.of(dossier)
    if not inspection.previewed or inspection.certificate is not None:
        return None
    return "certificate", _viewed(inspection, None, printing)


def _viewed(
    inspection: Inspection, certificate: Certificate | None, printing: Printing
) -> CertificatePaper:
    issuer = Issuer(name=printing.issuer_fr, name_ar=printing.issuer_ar)
    return view(
        inspection,
        certificate,
        now=printing.now,
        verify_url=printing.verify_url,
        issuer=issuer,
    )


PAPERS: Mapping[str, Print] = {CERTIFICATE: _certificate, PREVIEW: _preview}
