"""Between the request as a message writes it and the inspection as the hub keeps it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from handlers.inspection.filing import Filing, file_documents
from handlers.inspection.goods_rules import read_line
from handlers.inspection.inspection import Consignee, Exporter, Filed, Inspection
from schemas.bindings import common_1 as xml


def with_content(
    inspection: Inspection, asked: xml.Inspection, filing: Filing, now: datetime
) -> Inspection:
    """The inspection with this content in place of what it had; its exporter must be there."""
    if asked.exporter is None:
        raise ValueError("the exporter is missing")
    return replace(
        inspection,
        exporter=read_exporter(asked.exporter),
        consignee=None if asked.consignee is None else _consignee(asked.consignee),
        transport=asked.transport_mode or "",
        exit_point=asked.exit_point or "",
        customs_office=asked.customs_office or "",
        lines=tuple(map(read_line, asked.goods_line)),
        documents=tuple(_since(inspection.documents, one) for one in file_documents(filing, now)),
    )


def _since(before: tuple[Filed, ...], filed: Filed) -> Filed:
    """A document that was there before has been filed since then."""
    same = next((one for one in before if replace(filed, filed_at=one.filed_at) == one), None)
    return filed if same is None else same


def read_exporter(exporter: xml.CraftExporter) -> Exporter:
    """The exporter as the hub keeps it."""
    return Exporter(
        name=exporter.name,
        legal_form=exporter.legal_form,
        register_centre=exporter.register_centre,
        register_number=exporter.register_number,
        tax_identifier=exporter.tax_identifier,
        ice=exporter.ice,
        address=exporter.address,
        email=exporter.email,
        mobile=exporter.mobile,
        registration_number=exporter.registration_number,
        registration_place=exporter.registration_place,
        customs_code=exporter.customs_code or "",
        phone=exporter.phone or "",
    )


def _consignee(party: xml.Consignee) -> Consignee:
    return Consignee(name=party.name, address=party.address or "", country=party.country)
