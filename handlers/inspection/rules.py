"""The rules of a request for an inspection certificate, each one small function.

`DRAFT` is what a dossier must pass to be kept, `SUBMISSION` what the service may expect of it.
Paths name the XSD's elements from the payload, with positions from 1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Self

from handlers.days import today
from handlers.identifiers import ice_valid
from handlers.inspection import lists
from handlers.inspection.filing import Filing, filing_findings
from handlers.inspection.goods_rules import Goods, goods_findings
from handlers.inspection.inspection import Inspection
from handlers.lists import unknown
from handlers.registry import Context
from schemas.bindings import common_1 as xml
from schemas.codelists import COUNTRIES, codelist
from schemas.errors import Code, Finding
from schemas.workflow import Service


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request's content with what its rules need to judge it."""

    content: xml.Inspection
    filing: Filing
    before: Inspection | None  #: the dossier as it stands
    service: Service | None  #: that of the exporter's place of registration
    day: date  #: today in Morocco
    attachment_limit: int  #: in bytes

    @classmethod
    def of(cls, content: xml.Inspection, before: Inspection | None, context: Context) -> Self:
        """What was asked in this message."""
        exporter, day = content.exporter, today(context.now)
        place = None if exporter is None else exporter.registration_place
        return cls(
            content=content,
            filing=Filing(
                documents=content.document, parts=context.parts, day=day, within="Inspection/"
            ),
            before=before,
            service=None if place is None else context.read.service_of(place),
            day=day,
            attachment_limit=context.settings.attachment_limit,
        )


Rule = Callable[[Asked], Iterator[Finding]]


def findings(rules: Iterable[Rule], asked: Asked) -> list[Finding]:
    """Every rule that is broken, all at once."""
    return [finding for rule in rules for finding in rule(asked)]


def exporter_named(asked: Asked) -> Iterator[Finding]:
    """A dossier can be kept once its exporter is there, whose service gives it its number."""
    if asked.content.exporter is None:
        yield _missing("Exporter")


def content_complete(asked: Asked) -> Iterator[Finding]:
    """A request says to whom, how, from where and what."""
    content = asked.content
    for element, value in (
        ("Consignee", content.consignee),
        ("TransportMode", content.transport_mode),
        ("ExitPoint", content.exit_point),
        ("GoodsLine", content.goods_line),
    ):
        if not value:
            yield _missing(element)


def _missing(element: str) -> Finding:
    path = f"Inspection/{element}"
    return Finding(code=Code.ELEMENT_MISSING, path=path, fields={"element": element})


def place_served(asked: Asked) -> Iterator[Finding]:
    """The exporter's place of registration is known, and a service treats its dossiers."""
    exporter = asked.content.exporter
    if exporter is None:
        return
    path, place = "Inspection/Exporter/RegistrationPlace", exporter.registration_place
    code = Code.REGISTRATION_PLACE_UNKNOWN
    not_listed = list(unknown(lists.PLACES, place, asked.day, code, path))
    yield from not_listed
    if asked.service is None and not not_listed:
        code = Code.PLACE_WITHOUT_SERVICE
        yield Finding(code=code, path=path, value=place, fields={"found": place})


def service_kept(asked: Asked) -> Iterator[Finding]:
    """A dossier stays with the service whose code its reference bears."""
    exporter, before, service = asked.content.exporter, asked.before, asked.service
    if exporter is None or before is None or service is None or service.code == before.service:
        return
    yield Finding(
        code=Code.SERVICE_FROZEN,
        path="Inspection/Exporter/RegistrationPlace",
        value=exporter.registration_place,
        fields={"found": exporter.registration_place, "expected": before.service},
    )


def exporter_kept(asked: Asked) -> Iterator[Finding]:
    """A dossier that the service has seen does not pass to another exporter."""
    exporter, before = asked.content.exporter, asked.before
    if exporter is None or before is None or before.state == "new":
        return
    if exporter.ice != before.exporter.ice:
        yield Finding(
            code=Code.EXPORTER_OF_DOSSIER_DIFFERS,
            path="Inspection/Exporter/ICE",
            value=exporter.ice,
            fields={"found": exporter.ice, "expected": before.exporter.ice},
        )


def exporter_codes_known(asked: Asked) -> Iterator[Finding]:
    """The exporter's legal form and register stand in their lists today."""
    exporter = asked.content.exporter
    if exporter is None:
        return
    for name, value, code, element in (
        (lists.LEGAL_FORMS, exporter.legal_form, Code.LEGAL_FORM_UNKNOWN, "LegalForm"),
        (
            lists.REGISTER_CENTRES,
            exporter.register_centre,
            Code.REGISTER_CENTRE_UNKNOWN,
            "RegisterCentre",
        ),
    ):
        yield from unknown(name, value, asked.day, code, f"Inspection/Exporter/{element}")


def journey_codes_known(asked: Asked) -> Iterator[Finding]:
    """Each code of where the goods go and how stands in its list today."""
    content = asked.content
    country = None if content.consignee is None else content.consignee.country
    for name, value, code, element in (
        (COUNTRIES, country, Code.COUNTRY_UNKNOWN, "Consignee/Country"),
        (
            lists.TRANSPORT_MODES,
            content.transport_mode,
            Code.TRANSPORT_MODE_UNKNOWN,
            "TransportMode",
        ),
        (lists.EXIT_POINTS, content.exit_point, Code.EXIT_POINT_UNKNOWN, "ExitPoint"),
        (lists.OFFICES, content.customs_office, Code.OFFICE_UNKNOWN, "CustomsOffice"),
    ):
        if value is not None:
            yield from unknown(name, value, asked.day, code, f"Inspection/{element}")


def ice_checked(asked: Asked) -> Iterator[Finding]:
    """The exporter's identifier has the right check digits (ISO 7064 mod 97-10)."""
    exporter = asked.content.exporter
    if exporter is not None and not ice_valid(exporter.ice):
        yield Finding(
            code=Code.ICE_INVALID,
            path="Inspection/Exporter/ICE",
            value=exporter.ice,
            fields={"found": exporter.ice},
        )


def goods_rightly_written(asked: Asked) -> Iterator[Finding]:
    """The rules of the goods hold for each line."""
    lines = asked.content.goods_line
    yield from goods_findings(Goods(lines=lines, day=asked.day, within="Inspection/"))


def documents_rightly_written(asked: Asked) -> Iterator[Finding]:
    """The rules of documents hold for each of them."""
    yield from filing_findings(asked.filing, asked.attachment_limit)


def required_documents_there(asked: Asked) -> Iterator[Finding]:
    """Invoice, packing list and copy of the registration certificate are filed."""
    filed = {document.type_value for document in asked.content.document}
    for kind in lists.required_documents():
        if kind not in filed:
            yield Finding(
                code=Code.DOCUMENT_REQUIRED,
                path="Inspection",
                fields={"type": kind, "label": codelist(lists.DOCUMENTS).label(kind)},
            )


#: What is there must be well-formed, even in a draft.
DRAFT: tuple[Rule, ...] = (
    exporter_named,
    place_served,
    service_kept,
    exporter_kept,
    exporter_codes_known,
    journey_codes_known,
    ice_checked,
    goods_rightly_written,
    documents_rightly_written,
)

#: And a request is complete.
SUBMISSION: tuple[Rule, ...] = (*DRAFT, content_complete, required_documents_there)
