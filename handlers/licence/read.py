"""Between the licence as a message writes it and the licence as the hub keeps it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from xsdata.models.datatype import XmlDate

from handlers.attachments import File, attached_file
from handlers.licence.licence import (
    Attached,
    Invoice,
    Licence,
    Line,
    Party,
    SupportingDocument,
)
from handlers.registry import Context
from schemas.bindings import common_1 as xml
from schemas.workflow import Dossier

#: What the licence's header must say before it can be kept at all, in the XSD's order.
HEADER = {
    "Exporter": "exporter",
    "TotalAmount": "total_amount",
    "Currency": "currency",
    "CustomsProcedure": "customs_procedure",
    "CustomsOffice": "customs_office",
    "PaymentTerms": "payment_terms",
    "Incoterm": "incoterm",
}
CATEGORY = "LE"  #: the only one, and the default (manual: « Par défaut »)


def files(licence: xml.Licence, parts: Mapping[str, bytes]) -> tuple[File, ...]:
    """Every attachment, whether it came inside the XML or beside it."""
    return tuple(
        attached_file(path, attachment, parts) for path, attachment in _attachments(licence)
    )


def _attachments(licence: xml.Licence) -> Iterator[tuple[str, xml.Attachment]]:
    for position, invoice in enumerate(licence.invoice, 1):
        yield f"Licence/Invoice[{position}]/Attachment", invoice.attachment
    for position, document in enumerate(licence.supporting_document, 1):
        yield f"Licence/SupportingDocument[{position}]/Attachment", document.attachment


def read(
    asked: xml.Licence, attached: tuple[File, ...], dossier: Dossier | None, context: Context
) -> Licence:
    """The licence that a message with a complete header asks for; `ValueError` without one."""
    if asked.exporter is None or asked.total_amount is None:
        raise ValueError("the header is incomplete")
    invoices = len(asked.invoice)
    before = None if dossier is None else Licence.of(dossier)
    asked_for = Licence(
        number=context.new_number if dossier is None else dossier.number,
        version=1 if dossier is None else dossier.version,
        state="saved",
        owner=context.sender if dossier is None else dossier.owner,
        opened_at=context.now if dossier is None else dossier.opened_at,
        exporter=_exporter(asked.exporter),
        consignee=None if asked.consignee is None else _consignee(asked.consignee),
        category=asked.category or CATEGORY,
        total=asked.total_amount,
        currency=asked.currency or "",
        customs_procedure=asked.customs_procedure or "",
        customs_office=asked.customs_office or "",
        payment_terms=asked.payment_terms or "",
        incoterm=asked.incoterm or "",
        countries=tuple(dict.fromkeys(asked.destination_country)),
        invoices=tuple(map(_invoice, asked.invoice, attached[:invoices])),
        lines=tuple(_line(line) for line in asked.goods_line),
        documents=tuple(map(_document, asked.supporting_document, attached[invoices:])),
    )
    return asked_for if before is None else _with_life_of(before, asked_for)


def _with_life_of(before: Licence, asked_for: Licence) -> Licence:
    """New content for a licence to which things have happened: who knows it, and what it awaits."""
    return replace(
        asked_for,
        known_to_customs=before.known_to_customs,
        awaited=before.awaited,
        contras=before.contras,
        proofs=before.proofs,
        clearances=before.clearances,
        entries=before.entries,
    )


def _exporter(party: xml.Exporter) -> Party:
    return Party(
        name=party.name,
        ice=party.ice,
        register_centre=party.register_centre,
        register_number=party.register_number,
        address=party.address or "",
        email=party.email or "",
    )


def _consignee(party: xml.Consignee) -> Party:
    return Party(name=party.name, address=party.address or "", country=party.country)


def _attached(file: File) -> Attached:
    return Attached(filename=file.filename, digest=file.digest, size=len(file.content or b""))


def _invoice(invoice: xml.Invoice, file: File) -> Invoice:
    return Invoice(
        number=invoice.number or "",
        amount=invoice.amount,
        issued_on=invoice.issue_date.to_date(),
        attached=_attached(file),
    )


def _document(document: xml.SupportingDocument, file: File) -> SupportingDocument:
    return SupportingDocument(
        kind=document.type_value,
        description=document.description,
        issued_on=document.issue_date.to_date(),
        attached=_attached(file),
    )


def _line(line: xml.GoodsLine) -> Line:
    extra = line.supplementary_quantity
    return Line(
        number=line.line,
        code=line.commodity_code,
        description=line.description,
        origin=line.origin_country,
        quantity=line.quantity.value,
        unit=line.quantity.unit,
        net_weight=line.net_weight,
        supplementary_quantity=None if extra is None else extra.value,
        supplementary_unit="KGM" if extra is None else extra.unit,
        value=line.value,
    )


def write(licence: Licence, attached: tuple[File, ...] = ()) -> xml.Licence:
    """The licence as a message writes it; a PDF at hand goes inside, another by its digest."""
    contents = {file.digest: file.content for file in attached}
    return xml.Licence(
        exporter=write_exporter(licence.exporter),
        consignee=None if licence.consignee is None else _write_consignee(licence.consignee),
        category=licence.category,
        total_amount=licence.total,
        currency=licence.currency,
        customs_procedure=licence.customs_procedure,
        customs_office=licence.customs_office,
        payment_terms=licence.payment_terms,
        incoterm=licence.incoterm,
        destination_country=licence.countries,
        invoice=tuple(
            xml.Invoice(
                number=invoice.number or None,
                amount=invoice.amount,
                issue_date=XmlDate.from_date(invoice.issued_on),
                attachment=_write_attached(invoice.attached, contents),
            )
            for invoice in licence.invoices
        ),
        goods_line=tuple(_write_line(line) for line in licence.lines),
        supporting_document=tuple(
            xml.SupportingDocument(
                type_value=document.kind,
                description=document.description,
                issue_date=XmlDate.from_date(document.issued_on),
                attachment=_write_attached(document.attached, contents),
            )
            for document in licence.documents
        ),
    )


def write_exporter(party: Party) -> xml.Exporter:
    """The exporter as a message writes it."""
    return xml.Exporter(
        name=party.name,
        ice=party.ice,
        register_centre=party.register_centre,
        register_number=party.register_number,
        address=party.address or None,
        email=party.email or None,
    )


def _write_consignee(party: Party) -> xml.Consignee:
    return xml.Consignee(name=party.name, address=party.address or None, country=party.country)


def _write_attached(attached: Attached, contents: Mapping[str, bytes | None]) -> xml.Attachment:
    content = contents.get(attached.digest)
    return xml.Attachment(
        file_name=attached.filename,
        media_type="application/pdf",
        content=content,
        digest=attached.digest if content is None else None,
    )


def _write_line(line: Line) -> xml.GoodsLine:
    extra = line.supplementary_quantity
    return xml.GoodsLine(
        line=line.number,
        commodity_code=line.code,
        description=line.description,
        origin_country=line.origin,
        quantity=xml.Quantity(value=line.quantity, unit=line.unit),
        net_weight=line.net_weight,
        supplementary_quantity=None
        if extra is None
        else xml.Quantity(value=extra, unit=line.supplementary_unit),
        value=line.value,
    )
