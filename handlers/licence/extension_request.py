"""The declarant asks for a later end of validity; the ministry is asked to decide."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

from xsdata.models.datatype import XmlDate

from handlers.days import today
from handlers.licence.awaiting import EXTENSION_DECISION, ask
from handlers.licence.expiry import over
from handlers.licence.licence import Licence, visa_of
from handlers.licence.life import Extension
from handlers.licence.notices import at
from handlers.licence.settings import LicenceSettings
from handlers.registry import Context, handles
from schemas.bindings.extension_request_1 import ExtensionRequest
from schemas.errors import Code, Finding, Refused
from schemas.workflow import Decision, Dossier, Reply, Role, stays

EVENT = "ExtensionRequest"

MOVES = stays("licence", EVENT, "asked", "granted", "partly_imputed")

Rule = Callable[[ExtensionRequest, Licence, Context], Iterator[Finding]]


@handles("ExtensionRequest", procedure="licence", roles={Role.DECLARANT})
def extension_request(message: ExtensionRequest, dossier: Dossier, context: Context) -> Decision:
    """Keep the request, and pass it to the ministry with what the hub knows."""
    licence = Licence.of(dossier)
    findings = [finding for rule in RULES for finding in rule(message, licence, context)]
    if findings:
        raise Refused(*findings)
    settings: LicenceSettings = context.settings
    until = message.valid_until.to_date()
    extension = Extension(until=until, reason=message.reason, asked_at=context.now)
    asking, awaited, timer = ask(
        replace(licence, extension=extension),
        EXTENSION_DECISION,
        licence.extensions + 1,
        role=Role.MINISTRY,
        now=context.now,
        days=settings.extension_days,
    )
    forwarded = replace(
        message,
        dossier_number=licence.number,
        current_valid_until=XmlDate.from_date(visa_of(licence).valid_until),
        declarant=licence.owner,
        deadline=at(awaited.by),
    )
    return Decision(
        finding="asked",
        content=asking.content(),
        replies=(Reply(to=Role.MINISTRY, payload=forwarded, expects_answer_by=awaited.by),),
        timers=(timer,),
        note={"valid_until": until.isoformat(), "reason": message.reason},
    )


def end_is_later(
    message: ExtensionRequest, licence: Licence, context: Context
) -> Iterator[Finding]:
    """The new end lies after the present one."""
    found, until = message.valid_until.to_date(), visa_of(licence).valid_until
    if found <= until:
        yield Finding(
            code=Code.EXTENSION_TOO_EARLY,
            path="ValidUntil",
            value=found.isoformat(),
            fields={"found": found, "earliest": until + timedelta(days=1)},
        )


def still_valid(message: ExtensionRequest, licence: Licence, context: Context) -> Iterator[Finding]:
    """What has ended is not extended."""
    if over(licence, context.now):
        until = visa_of(licence).valid_until
        yield Finding(code=Code.VALIDITY_OVER, fields={"until": until, "today": today(context.now)})


def not_too_often(
    message: ExtensionRequest, licence: Licence, context: Context
) -> Iterator[Finding]:
    """A licence is extended only so many times."""
    most = context.settings.extensions
    if licence.extensions >= most:
        yield Finding(code=Code.EXTENSIONS_USED, fields={"most": most})


def none_pending(
    message: ExtensionRequest, licence: Licence, context: Context
) -> Iterator[Finding]:
    """One question at a time."""
    if licence.extension is not None:
        asked = licence.extension
        yield Finding(
            code=Code.EXTENSION_PENDING,
            fields={"until": asked.until, "asked": today(asked.asked_at)},
        )


RULES: tuple[Rule, ...] = (end_is_later, still_valid, not_too_often, none_pending)
