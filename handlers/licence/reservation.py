"""Customs holds a part of a line for a declaration that is not cleared yet, or gives it up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from handlers.days import end_of, today
from handlers.licence import imputation_rules as every
from handlers.licence.awaiting import answered
from handlers.licence.customs_notice import ACKNOWLEDGEMENT
from handlers.licence.imputation_rules import Use, is_warning, use_findings
from handlers.licence.licence import Licence
from handlers.licence.life import Reservation as Held
from handlers.licence.receipts import plain
from handlers.licence.reserved import held_by, reservation_ended, without
from handlers.licence.settings import LicenceSettings
from handlers.licence.units import convert
from handlers.registry import Context, Ring, handles, rings
from schemas.bindings.reservation_1 import Action, Reservation
from schemas.errors import Code, Finding, Refused
from schemas.workflow import After, Decision, Dossier, Role, Timer, stays

EVENT = "Reservation"
RESERVATION = "reservation"  #: the timer at the end of a reservation's last day

#: The states in which customs may reserve, and those in which it may still give back.
_OPEN = ("granted", "partly_imputed")
_KEPT = (*_OPEN, "imputed", "cancelling", "expired", "suspended", "revoked")

MOVES = (
    *stays("licence", EVENT, "held", *_OPEN),
    *stays("licence", EVENT, "released", *_KEPT),
    *stays("licence", After(RESERVATION), "lapsed", *_KEPT),
)

_RULES = (every.state_allows, *every.AGREEMENT, *every.LIMITS)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """A reservation's message with all that its rules look at; `held` is the one it names."""

    message: Reservation
    licence: Licence
    context: Context
    held: Held | None

    @property
    def settings(self) -> LicenceSettings:
        """The licence's settings."""
        settings: LicenceSettings = self.context.settings
        return settings


@handles("Reservation", procedure="licence", roles={Role.CUSTOMS})
def reservation(message: Reservation, dossier: Dossier, context: Context) -> Decision:
    """Place, change or release what a declaration holds of a line."""
    licence = Licence.of(dossier)
    asked = _Asked(
        message=message,
        licence=licence,
        context=context,
        held=held_by(licence, message.customs_office, message.declaration_number, message.line),
    )
    findings = list(_owned(asked))
    if message.action is not Action.RELEASE:
        findings += [*_complete(asked), *_declaration(asked), *_day(asked), *_fits(asked)]
    errors = [finding for finding in findings if not is_warning(finding, asked.settings)]
    if errors:
        raise Refused(*errors)
    return _release(asked) if message.action is Action.RELEASE else _hold(asked, tuple(findings))


def _hold(asked: _Asked, warnings: tuple[Finding, ...]) -> Decision:
    held = _reserved(asked)
    licence = without(answered(asked.licence, ACKNOWLEDGEMENT), asked.held, held)
    about = f"{held.office} {held.declaration} {held.line}"
    lapses = end_of(held.expires_on)
    return Decision(
        finding="held",
        content=licence.content(),
        warnings=warnings,
        timers=(Timer(name=RESERVATION, due=lapses, about=about),),
        note=_note(held, asked.message.action.value),
    )


def _reserved(asked: _Asked) -> Held:
    """The reservation that the message asks for; its parts are there, the rules have seen to it."""
    message, use = asked.message, _use(asked)
    line = asked.licence.line(message.line)
    if line is None or use.quantity is None or use.unit is None or message.expiry_date is None:
        raise ValueError("a reservation is made only after it has passed its rules")
    quantity = convert(use.quantity, use.unit, line.unit, use.day)
    return Held(
        owner=asked.context.sender,
        office=message.customs_office,
        declaration=message.declaration_number,
        line=message.line,
        quantity=quantity or Decimal(0),
        value=use.value or Decimal(0),
        expires_on=message.expiry_date.to_date(),
    )


def _release(asked: _Asked) -> Decision:
    if asked.held is None:
        raise ValueError("a reservation is released only after it was found")
    licence = without(asked.licence, asked.held)
    note = _note(asked.held, asked.message.action.value)
    return Decision(finding="released", content=licence.content(), note=note)


def _note(held: Held, action: str) -> dict[str, str]:
    return {
        "action": action,
        "declaration": held.declaration,
        "line": str(held.line),
        "quantity": plain(held.quantity),
        "value": plain(held.value),
        "until": held.expires_on.isoformat(),
    }


def _owned(asked: _Asked) -> Iterator[Finding]:
    """Placed once, and changed or released by who placed it."""
    message, held = asked.message, asked.held
    code = None
    if message.action is Action.PLACE:
        code = None if held is None else Code.RESERVATION_EXISTS
    elif held is None:
        code = Code.RESERVATION_UNKNOWN
    elif held.owner != asked.context.sender:
        code = Code.RESERVATION_OF_ANOTHER
    if code is not None:
        found = message.declaration_number
        yield Finding(
            code=code,
            path="DeclarationNumber",
            value=found,
            fields={"found": found, "line": message.line},
        )


def _complete(asked: _Asked) -> Iterator[Finding]:
    """How much is held, and until when."""
    message = asked.message
    for element, part in (("Quantity", message.quantity), ("ExpiryDate", message.expiry_date)):
        if part is None:
            yield Finding(
                code=Code.RESERVATION_INCOMPLETE, path=element, fields={"element": element}
            )


def _declaration(asked: _Asked) -> Iterator[Finding]:
    """The declaration's number begins with its office and the licence's procedure."""
    message = asked.message
    expected = f"{message.customs_office}{asked.licence.customs_procedure}"
    found = message.declaration_number[: len(expected)]
    if found != expected:
        yield Finding(
            code=Code.DECLARATION_NUMBER_DIFFERS,
            path="DeclarationNumber",
            value=message.declaration_number,
            fields={"found": found, "expected": expected},
        )


def _day(asked: _Asked) -> Iterator[Finding]:
    """It ends neither before today nor after the visa."""
    message, visa = asked.message, asked.licence.visa
    if message.expiry_date is None or visa is None:
        return
    start, day = today(asked.context.now), message.expiry_date.to_date()
    if not start <= day <= visa.valid_until:
        yield Finding(
            code=Code.RESERVATION_DAY_OUTSIDE,
            path="ExpiryDate",
            value=day.isoformat(),
            fields={"found": day, "start": start, "until": visa.valid_until},
        )


def _fits(asked: _Asked) -> Iterator[Finding]:
    """The licence may be used, and has so much left, as if it were imputed."""
    yield from use_findings(_use(asked), asked.licence, asked.settings, _RULES)


def _use(asked: _Asked) -> Use:
    message = asked.message
    quantity, value = message.quantity, message.value
    return Use(
        line=message.line,
        code=None,
        quantity=None if quantity is None else quantity.value,
        unit=None if quantity is None else quantity.unit,
        value=None if value is None else value.value,
        currency=None if value is None else value.currency,
        office=message.customs_office,
        procedure=None,
        day=today(asked.context.now),
        event=EVENT,
        declaration=message.declaration_number,
        states=frozenset(_OPEN),
    )


@rings(RESERVATION, procedure="licence")
def lapse(dossier: Dossier, ring: Ring) -> Decision:
    """A reservation is over after its last day; customs and declarant are told."""
    licence = Licence.of(dossier)
    office, declaration, line = ring.about.split(" ")
    held = held_by(licence, office, declaration, int(line))
    if held is None or today(ring.now) <= held.expires_on:
        return Decision()
    return Decision(
        finding="lapsed",
        content=without(licence, held).content(),
        replies=reservation_ended(licence, held, held.expires_on),
        note=_note(held, "lapse"),
    )
