"""What the hub tells others of a licence: notices to customs, notifications, reported balances."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from xsdata.models.datatype import XmlDate, XmlDateTime

from handlers.licence import STATES
from handlers.licence.ledger import control, imputed_value
from handlers.licence.letters import letter, said
from handlers.licence.licence import Licence, Line
from handlers.licence.read import write_exporter
from handlers.licence.settings import LicenceSettings
from handlers.notices import Said, notification
from schemas.bindings.common_1 import (
    Control,
    LineBalance,
    SignedAmount,
    StateLabel,
)
from schemas.bindings.licence_notice_1 import Action, LicenceNotice, NoticeLine
from schemas.workflow import Reply, Role


def tell_customs(licence: Licence, action: Action, settings: LicenceSettings) -> Reply:
    """The licence as customs must know it: its state, its lines, what remains, its validity."""
    visa = licence.visa
    return Reply(
        to=Role.CUSTOMS,
        payload=LicenceNotice(
            action=action,
            dossier_number=licence.number,
            version=licence.version,
            status=state_label(licence.state),
            control=Control(control(licence, settings)),
            visa_number=None if visa is None else visa.number,
            valid_from=None if visa is None else XmlDate.from_date(visa.valid_from),
            valid_until=None if visa is None else XmlDate.from_date(visa.valid_until),
            exporter=write_exporter(licence.exporter),
            customs_procedure=licence.customs_procedure,
            customs_office=licence.customs_office,
            currency=licence.currency,
            total_amount=licence.total,
            remaining_amount=licence.total - imputed_value(licence),
            destination_country=licence.countries,
            line=tuple(_notice_line(licence, line) for line in licence.lines),
            condition=() if visa is None else visa.conditions,
        ),
    )


def _notice_line(licence: Licence, line: Line) -> NoticeLine:
    balance = licence.balance(line.number)
    return NoticeLine(
        line=line.number,
        commodity_code=line.code,
        description=line.description,
        origin_country=line.origin,
        unit=line.unit,
        granted=balance.granted,
        remaining=balance.remaining,
        value=line.value,
    )


def tell(licence: Licence, code: str, /, **facts: object) -> Reply:
    """A notice to the declarant, signed, in three languages, and by e-mail to the exporter.

    Its words are a row of `texts.NOTICES`; the facts that it names must be given, but for the
    licence's number and what its visa says.
    """
    words = said(licence, code, facts)
    return replace(
        notify(licence.owner, licence, code, fr=words.fr, en=words.en, ar=words.ar),
        letter=letter(licence, code, **facts),
    )


def notify(
    to: str | Role | tuple[Role, ...],
    licence: Licence,
    code: str,
    *,
    fr: str,
    en: str,
    ar: str = "",
) -> Reply:
    """A notification about a licence, in its languages; a text too long is cut."""
    return Reply(to=to, payload=notification(code, licence.number, Said(fr=fr, en=en, ar=ar)))


def state_label(name: str) -> StateLabel:
    """A state of the licence with its French label."""
    state = next(state for state in STATES if state.name == name)
    return StateLabel(value=state.name, fr=state.fr)


def line_balance(licence: Licence, line: Line) -> LineBalance:
    """What was granted on a line, what was imputed, what remains."""
    balance = licence.balance(line.number)
    return LineBalance(
        line=line.number,
        commodity_code=line.code,
        unit=balance.unit,
        granted=balance.granted,
        imputed=balance.imputed,
        remaining=balance.remaining,
        reserved=licence.reserved(line.number) or None,
    )


def remaining_amount(licence: Licence) -> SignedAmount:
    """What no imputation has used of the total amount."""
    return SignedAmount(value=licence.total - imputed_value(licence), currency=licence.currency)


def at(moment: datetime) -> XmlDateTime:
    """A moment as a message writes it."""
    return XmlDateTime.from_datetime(moment)
