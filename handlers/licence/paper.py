"""The licence as it is printed: every text formatted, nothing left for the template to decide."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from handlers.licence import STATES
from handlers.licence.accounts import Account
from handlers.licence.licence import Invoice, Licence, Line, Party, SupportingDocument, Visa
from handlers.papers import figures
from handlers.papers.frame import Frame, Issuer, StatedLine, Statement
from handlers.papers.labels import LABELS, PROVISIONAL, SPECIMEN, Label
from handlers.papers.parties import PartyView, party, several
from handlers.papers.words import amount_in_words
from schemas.workflow import Entry, State

#: The code lists whose labels the paper prints.
CATEGORIES = "licence-categories"
PROCEDURES = "export-procedures"
OFFICES = "customs-offices"
PAYMENT_TERMS = "payment-terms"
INCOTERMS = "incoterms"
DOCUMENTS = "document-types"
CENTRES = "commercial-register-centres"

#: The message types of which the last one accepted is what the paper is made from.
SOURCES = ("LicenceApplication", "LicenceAmendment")

#: The states in which the paper is good as it stands; in any other it bears a watermark, and no
#: code that would vouch for it where nobody can ask.
_GOOD = frozenset({"granted", "partly_imputed", "imputed", "cleared"})
_PROVISIONAL = frozenset({"saved", "submitted"})

#: The manual of customs calls an entry of the ledger by these words.
_KINDS = {
    "original": "Originale",
    "late": "Tardive",
    "adjustment": "Ajustement",
    "contra": "Contre-passation",
}

#: Rows left for customs to fill by hand; a licence already much used keeps at least a few.
_ROWS, _FEWEST_FREE = 19, 6


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodsRow:
    """One goods line."""

    number: str
    code: str
    description: str
    origin: str
    quantity: str
    supplementary: str
    net_weight: str
    value: str
    granted: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceRow:
    """One invoice."""

    number: str
    issued_on: str
    amount: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRow:
    """One document beside the invoices."""

    kind: str
    description: str
    issued_on: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VisaView:
    """The ministry's decision."""

    number: str
    officer: str
    granted_on: str
    valid_from: str
    valid_until: str
    conditions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImputationRow:
    """One ledger entry, with what remained on its line after it."""

    declaration: str
    declared_on: str
    number: str
    kind: str
    office: str
    line: str
    quantity: str
    value: str
    balance: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRow:
    """What one declaration owes, brought home and may keep, and how it stands."""

    declaration: str
    due_on: str
    imputed: str
    repatriated: str
    deducted: str
    standing: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LicencePaper:
    """What the template `licence` prints; an empty text is a box left empty."""

    frame: Frame
    exporter: PartyView
    consignee: PartyView | None
    category: str
    procedure: str
    office: str
    payment: str
    incoterm: str
    countries: tuple[str, ...]
    total: str
    currency: str
    currency_code: str
    in_words: str
    goods: tuple[GoodsRow, ...]
    net_weight: str
    value: str  #: empty unless every line has a value
    invoices: tuple[InvoiceRow, ...]
    documents: tuple[DocumentRow, ...]
    visa: VisaView | None
    reason: str
    imputations: tuple[ImputationRow, ...]
    free_rows: int
    accounts: tuple[AccountRow, ...] = ()


def view(
    licence: Licence,
    *,
    now: datetime,
    verify_url: str | None,
    issuer: Issuer,
    accounts: Iterable[Account] = (),
) -> LicencePaper:
    """The licence ready to print at `now` (aware), with a verification line if there is an address.

    A code that its list does not know is printed bare: a paper never fails for an old code.
    """
    return LicencePaper(
        frame=_frame(licence, now, verify_url, issuer),
        exporter=_party(licence.exporter),
        consignee=None if licence.consignee is None else _party(licence.consignee),
        category=figures.coded(CATEGORIES, licence.category),
        procedure=figures.coded(PROCEDURES, licence.customs_procedure),
        office=figures.coded(OFFICES, licence.customs_office),
        payment=figures.meaning(PAYMENT_TERMS, licence.payment_terms),
        incoterm=figures.coded(INCOTERMS, licence.incoterm),
        countries=tuple(figures.country(code) for code in licence.countries),
        total=figures.amount(licence.total, licence.currency) if licence.currency else "",
        currency=figures.currency(licence.currency),
        currency_code=figures.plain(licence.currency),
        in_words=amount_in_words(licence.total, licence.currency) if licence.currency else "",
        goods=tuple(_goods(line, licence.currency) for line in licence.lines),
        net_weight=figures.quantity(sum((line.net_weight for line in licence.lines), Decimal(0))),
        value=_value(licence),
        invoices=tuple(_invoice(invoice, licence.currency) for invoice in licence.invoices),
        documents=tuple(_document(document) for document in licence.documents),
        visa=None if licence.visa is None else _visa(licence.visa),
        reason=figures.plain(licence.reason),
        imputations=tuple(_imputations(licence)),
        free_rows=max(_FEWEST_FREE, _ROWS - len(licence.entries)),
        accounts=tuple(_account(one, licence.currency) for one in accounts),
    )


def _frame(licence: Licence, now: datetime, verify_url: str | None, issuer: Issuer) -> Frame:
    state = _state(licence.state)
    return Frame(
        title=LABELS["licence"]["title"],
        reference=licence.number,
        version=str(licence.version),
        state=Label(fr=state.fr, ar=state.ar),
        watermark=_watermark(state),
        issuer=issuer,
        produced_at=now,
        produced=figures.moment(now),
        digest=hashlib.sha256(licence.content().encode()).hexdigest(),
        verify_url=verify_url,
        sources=SOURCES,
        statement=_statement(licence),
    )


def _statement(licence: Licence) -> Statement | None:
    """What is stated of a licence that is good; nothing where only the hub can tell."""
    visa = licence.visa
    if visa is None or licence.state not in _GOOD:
        return None
    return Statement(
        kind="LICENCE",
        number=licence.number,
        version=licence.version,
        holder=licence.exporter.ice,
        issued_on=visa.granted_on,
        valid_from=visa.valid_from,
        valid_until=visa.valid_until,
        lines=tuple(_stated(line) for line in licence.lines),
    )


def _stated(line: Line) -> StatedLine:
    granted = line.quantity if line.granted is None else line.granted
    return StatedLine(code=line.code, quantity=granted, unit=line.unit)


def blank(*, now: datetime, issuer: Issuer) -> LicencePaper:
    """The empty form: the same boxes, each with what it is for; says nothing of any dossier."""
    nobody = PartyView()
    frame = Frame(
        title=LABELS["licence"]["title"],
        reference=SPECIMEN.fr,
        version="—",
        state=SPECIMEN,
        watermark=SPECIMEN,
        issuer=issuer,
        produced_at=now,
        produced=figures.day(now.date()),
        digest="",
        verify_url=None,
        specimen=True,
    )
    return LicencePaper(
        frame=frame,
        exporter=nobody,
        consignee=None,
        category="",
        procedure="",
        office="",
        payment="",
        incoterm="",
        countries=(),
        total="",
        currency="",
        currency_code="",
        in_words="",
        goods=(),
        net_weight="",
        value="",
        invoices=(),
        documents=(),
        visa=None,
        reason="",
        imputations=(),
        free_rows=_ROWS,
    )


def _state(name: str) -> State:
    return next(state for state in STATES if state.name == name)


def _watermark(state: State) -> Label | None:
    """Nothing on a good licence; PROVISOIRE before the visa; else the state itself, in capitals."""
    if state.name in _GOOD:
        return None
    if state.name in _PROVISIONAL:
        return PROVISIONAL
    return Label(fr=state.fr.upper(), ar=state.ar)


def _party(trader: Party) -> PartyView:
    return party(
        trader.name,
        trader.address,
        trader.country,
        ice=trader.ice,
        register=several(trader.register_number, figures.coded(CENTRES, trader.register_centre)),
    )


def _goods(line: Line, currency: str) -> GoodsRow:
    extra = line.supplementary_quantity
    return GoodsRow(
        number=str(line.number),
        code=figures.commodity(line.code),
        description=figures.plain(line.description),
        origin=figures.country(line.origin),
        quantity=figures.quantity(line.quantity, line.unit),
        supplementary="" if extra is None else figures.quantity(extra, line.supplementary_unit),
        net_weight=figures.quantity(line.net_weight),
        value="" if line.value is None else figures.amount(line.value, currency),
        granted="" if line.granted is None else figures.quantity(line.granted, line.unit),
    )


def _value(licence: Licence) -> str:
    values = [line.value for line in licence.lines if line.value is not None]
    if not values or len(values) < len(licence.lines):
        return ""
    return figures.amount(sum(values, Decimal(0)), licence.currency)


def _invoice(invoice: Invoice, currency: str) -> InvoiceRow:
    return InvoiceRow(
        number=figures.plain(invoice.number),
        issued_on=figures.day(invoice.issued_on),
        amount=figures.amount(invoice.amount, currency),
    )


def _document(document: SupportingDocument) -> DocumentRow:
    return DocumentRow(
        kind=figures.meaning(DOCUMENTS, document.kind),
        description=figures.plain(document.description),
        issued_on=figures.day(document.issued_on),
    )


def _visa(visa: Visa) -> VisaView:
    return VisaView(
        number=figures.plain(visa.number),
        officer=figures.plain(visa.officer),
        granted_on=figures.day(visa.granted_on),
        valid_from=figures.day(visa.valid_from),
        valid_until=figures.day(visa.valid_until),
        conditions=tuple(figures.plain(condition) for condition in visa.conditions),
    )


def _imputations(licence: Licence) -> Iterator[ImputationRow]:
    """The ledger in its order, each entry with the balance that it left on its line."""
    units = {line.number: line.unit for line in licence.lines}
    left = {number: licence.balance(number).granted for number in units}
    for entry in licence.entries:
        left[entry.line] -= entry.quantity
        yield _imputation(entry, units[entry.line], left[entry.line], licence.currency)


def _imputation(entry: Entry, unit: str, left: Decimal, currency: str) -> ImputationRow:
    return ImputationRow(
        declaration=figures.plain(entry.declaration),
        declared_on=figures.day(entry.declared_on),
        number=figures.plain(entry.number),
        kind=_KINDS.get(entry.kind, entry.kind),
        office=figures.coded(OFFICES, entry.office),
        line=str(entry.line),
        quantity=figures.quantity(entry.quantity, unit),
        value=figures.amount(entry.value, currency),
        balance=figures.quantity(left, unit),
    )


def _account(account: Account, currency: str) -> AccountRow:
    return AccountRow(
        declaration=figures.plain(account.declaration),
        due_on=figures.day(account.due_on),
        imputed=figures.amount(account.imputed, currency),
        repatriated=figures.amount(account.repatriated, currency),
        deducted=figures.amount(account.deducted, currency),
        standing=_standing(account, currency),
    )


def _standing(account: Account, currency: str) -> str:
    if account.closed:
        return "Apuré"
    if account.covered:
        return "Couvert, à apurer"
    return f"Reste {figures.amount(account.missing, currency)}"
