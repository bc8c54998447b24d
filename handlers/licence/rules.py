"""The rules of an application, each one small function over what was asked.

`DRAFT` is what a licence must pass to be kept, `SUBMISSION` what it must pass to go to the
ministry. Paths name the XSD's elements from the payload, with positions from 1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Self

from handlers.attachments import File, quiet_pdfs
from handlers.currency import decimals_exceeded
from handlers.days import today
from handlers.identifiers import ice_valid
from handlers.licence import lists
from handlers.licence.read import CATEGORY, HEADER
from handlers.registry import Context
from schemas.bindings.common_1 import Licence, Quantity
from schemas.errors import Code, Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """An application's content with what its rules need to judge it."""

    licence: Licence
    files: tuple[File, ...]
    day: date  #: today in Morocco
    attachment_limit: int  #: in bytes

    @classmethod
    def of(cls, licence: Licence, files: tuple[File, ...], context: Context) -> Self:
        """What was asked in this message."""
        return cls(
            licence=licence,
            files=files,
            day=today(context.now),
            attachment_limit=context.settings.attachment_limit,
        )


Rule = Callable[[Asked], Iterator[Finding]]


def findings(rules: Iterable[Rule], asked: Asked) -> list[Finding]:
    """Every rule that is broken, all at once."""
    return [finding for rule in rules for finding in rule(asked)]


def header_complete(asked: Asked) -> Iterator[Finding]:
    """A licence can be kept once its header is there."""
    for element, field in HEADER.items():
        if getattr(asked.licence, field) is None:
            yield _missing(element)


def content_complete(asked: Asked) -> Iterator[Finding]:
    """A licence can be asked for with a destination, an invoice and a goods line."""
    licence = asked.licence
    for element, content in (
        ("DestinationCountry", licence.destination_country),
        ("Invoice", licence.invoice),
        ("GoodsLine", licence.goods_line),
    ):
        if not content:
            yield _missing(element)


def _missing(element: str) -> Finding:
    path = f"Licence/{element}"
    return Finding(code=Code.ELEMENT_MISSING, path=path, fields={"element": element})


def header_codes_known(asked: Asked) -> Iterator[Finding]:
    """Each code of the header stands in its list today."""
    licence = asked.licence
    exporter = licence.exporter
    for name, value, code, element in (
        (lists.CATEGORIES, licence.category or CATEGORY, Code.CATEGORY_UNKNOWN, "Category"),
        (lists.CURRENCIES, licence.currency, Code.CURRENCY_UNKNOWN, "Currency"),
        (lists.PROCEDURES, licence.customs_procedure, Code.PROCEDURE_UNKNOWN, "CustomsProcedure"),
        (lists.OFFICES, licence.customs_office, Code.OFFICE_UNKNOWN, "CustomsOffice"),
        (lists.PAYMENT_TERMS, licence.payment_terms, Code.PAYMENT_TERMS_UNKNOWN, "PaymentTerms"),
        (lists.INCOTERMS, licence.incoterm, Code.INCOTERM_UNKNOWN, "Incoterm"),
        (
            lists.REGISTER_CENTRES,
            exporter.register_centre if exporter else None,
            Code.REGISTER_CENTRE_UNKNOWN,
            "Exporter/RegisterCentre",
        ),
    ):
        if value is not None:
            yield from lists.unknown(name, value, asked.day, code, f"Licence/{element}")


def countries_known(asked: Asked) -> Iterator[Finding]:
    """Destinations, origins and the consignee's country are countries."""
    licence = asked.licence
    places = [
        (f"Licence/DestinationCountry[{position}]", country)
        for position, country in enumerate(licence.destination_country, 1)
    ]
    places += [
        (f"Licence/GoodsLine[{position}]/OriginCountry", line.origin_country)
        for position, line in enumerate(licence.goods_line, 1)
    ]
    if licence.consignee is not None:
        places.append(("Licence/Consignee/Country", licence.consignee.country))
    for path, country in places:
        yield from lists.unknown(lists.COUNTRIES, country, asked.day, Code.COUNTRY_UNKNOWN, path)


def ice_checked(asked: Asked) -> Iterator[Finding]:
    """The exporter's identifier has the right check digits (ISO 7064 mod 97-10)."""
    exporter = asked.licence.exporter
    if exporter is not None and not ice_valid(exporter.ice):
        yield Finding(
            code=Code.ICE_INVALID,
            path="Licence/Exporter/ICE",
            value=exporter.ice,
            fields={"found": exporter.ice},
        )


def amounts_written_in_currency(asked: Asked) -> Iterator[Finding]:
    """No amount has more decimals than the licence's currency."""
    licence = asked.licence
    if licence.currency is None:
        return
    amounts = [("Licence/TotalAmount", licence.total_amount)]
    amounts += [
        (f"Licence/Invoice[{position}]/Amount", invoice.amount)
        for position, invoice in enumerate(licence.invoice, 1)
    ]
    amounts += [
        (f"Licence/GoodsLine[{position}]/Value", line.value)
        for position, line in enumerate(licence.goods_line, 1)
    ]
    for path, amount in amounts:
        if amount is not None:
            yield from decimals_exceeded(path, amount, licence.currency)


def lines_numbered_once(asked: Asked) -> Iterator[Finding]:
    """A visa and an imputation name a line by its number."""
    seen: set[int] = set()
    for position, line in enumerate(asked.licence.goods_line, 1):
        if line.line in seen:
            yield Finding(
                code=Code.LINE_NUMBER_REPEATED,
                path=f"Licence/GoodsLine[{position}]/Line",
                value=str(line.line),
                fields={"found": line.line},
            )
        seen.add(line.line)


def units_known(asked: Asked) -> Iterator[Finding]:
    """Quantities are in a unit of the list that is not withdrawn."""
    for position, line in enumerate(asked.licence.goods_line, 1):
        path = f"Licence/GoodsLine[{position}]"
        yield from _unit_known(line.quantity, f"{path}/Quantity", asked.day)
        if line.supplementary_quantity is not None:
            path = f"{path}/SupplementaryQuantity"
            yield from _unit_known(line.supplementary_quantity, path, asked.day)


def _unit_known(quantity: Quantity, path: str, day: date) -> Iterator[Finding]:
    withdrawn = lists.withdrawn(lists.UNITS, quantity.unit, day)
    code = Code.UNIT_WITHDRAWN if withdrawn else Code.UNIT_UNKNOWN
    yield from lists.unknown(lists.UNITS, quantity.unit, day, code, f"{path}/@unit")


def goods_classified(asked: Asked) -> Iterator[Finding]:
    """A commodity code begins with a subheading of the HS, and is under licence today."""
    for position, line in enumerate(asked.licence.goods_line, 1):
        found = line.commodity_code
        path = f"Licence/GoodsLine[{position}]/CommodityCode"
        if not lists.is_subheading(found[:6]):
            code = Code.COMMODITY_CODE_UNKNOWN
        elif not lists.is_licensed(found, asked.day):
            code = Code.PRODUCT_NOT_LICENSED
        else:
            continue
        yield Finding(code=code, path=path, value=found, fields={"found": found, "day": asked.day})


def document_types_known(asked: Asked) -> Iterator[Finding]:
    """Each document is of a type of the list."""
    for position, document in enumerate(asked.licence.supporting_document, 1):
        path = f"Licence/SupportingDocument[{position}]/Type"
        yield from lists.unknown(
            lists.DOCUMENTS, document.type_value, asked.day, Code.DOCUMENT_TYPE_UNKNOWN, path
        )


def days_have_come(asked: Asked) -> Iterator[Finding]:
    """No invoice and no document is of a day to come."""
    licence = asked.licence
    days = [
        (f"Licence/Invoice[{position}]/IssueDate", invoice.issue_date)
        for position, invoice in enumerate(licence.invoice, 1)
    ]
    days += [
        (f"Licence/SupportingDocument[{position}]/IssueDate", document.issue_date)
        for position, document in enumerate(licence.supporting_document, 1)
    ]
    for path, written in days:
        if (day := written.to_date()) > asked.day:
            yield Finding(
                code=Code.DATE_IN_FUTURE,
                path=path,
                value=day.isoformat(),
                fields={"found": day, "today": asked.day},
            )


def attachments_are_quiet_pdfs(asked: Asked) -> Iterator[Finding]:
    """Every attachment of the application may be kept."""
    yield from quiet_pdfs(asked.files, asked.attachment_limit)


def invoices_make_total(asked: Asked) -> Iterator[Finding]:
    """The invoices add up to the total amount."""
    licence = asked.licence
    total = sum((invoice.amount for invoice in licence.invoice), Decimal(0))
    if licence.invoice and licence.total_amount not in (None, total):
        yield _total(Code.INVOICES_DIFFER, licence, total)


def values_make_total(asked: Asked) -> Iterator[Finding]:
    """Where every line has a value they add up to the total; where some have, they fit into it."""
    licence = asked.licence
    values = [line.value for line in licence.goods_line if line.value is not None]
    if not values or licence.total_amount is None:
        return
    total = sum(values, Decimal(0))
    whole = len(values) == len(licence.goods_line)
    if total > licence.total_amount or (whole and total != licence.total_amount):
        yield _total(Code.LINE_VALUES_DIFFER, licence, total)


def _total(code: Code, licence: Licence, found: Decimal) -> Finding:
    return Finding(
        code=code,
        path="Licence/TotalAmount",
        value=str(licence.total_amount),
        fields={
            "sum": found,
            "total": licence.total_amount,
            "currency": licence.currency or "",
        },
    )


#: What is there must be well-formed, even in a draft.
DRAFT: tuple[Rule, ...] = (
    header_complete,
    header_codes_known,
    ice_checked,
    countries_known,
    amounts_written_in_currency,
    lines_numbered_once,
    units_known,
    goods_classified,
    document_types_known,
    days_have_come,
    attachments_are_quiet_pdfs,
)

#: And a submission is complete, and its sums agree.
SUBMISSION: tuple[Rule, ...] = (
    *DRAFT,
    content_complete,
    invoices_make_total,
    values_make_total,
)
