"""Messages of every kind, most of them fitting and some not, drawn for a licence as it stands."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from xsdata.models.datatype import XmlDate, XmlDateTime

from handlers.days import today
from handlers.licence import STATES
from handlers.registry import registry
from schemas.bindings import acknowledgement_1 as acking
from schemas.bindings import clearance_decision_1 as clearing
from schemas.bindings import extension_decision_1 as extending
from schemas.bindings import imputation_1 as imputing
from schemas.bindings import repatriation_proof_1 as proving
from schemas.bindings import reservation_1 as reserving
from schemas.bindings import visa_decision_1 as deciding
from schemas.bindings.common_1 import (
    Amount,
    Attachment,
    Control,
    GoodsLine,
    MeasuredQuantity,
    Quantity,
)
from schemas.bindings.extension_request_1 import ExtensionRequest
from schemas.bindings.imputation_statement_1 import ImputationStatement, LineTotal
from schemas.bindings.licence_amendment_1 import LicenceAmendment
from schemas.bindings.licence_application_1 import Function, LicenceApplication
from schemas.bindings.licence_cancellation_1 import LicenceCancellation
from schemas.workflow import Role
from tests import letters
from tests.handlers.life import Life

#: A message and who sends it.
Drawn = tuple[Any, Role]
Draw = Callable[[Life, Random], Drawn]

OFFICE, PROCEDURE = letters.OFFICE, letters.PROCEDURE
CASKS = 1000  #: kilograms on each of the two lines


def _day(life: Life, days: int = 0) -> XmlDate:
    return XmlDate.from_date(today(life.now) + timedelta(days=days))


def asked_for(life: Life, **changes: Any) -> Any:
    """Two lines of a thousand kilograms, the second without a value."""
    lines: tuple[GoodsLine, ...] = (letters.line(1), letters.line(2, value=None))
    invoice = letters.invoice(issue_date=_day(life, -3))
    return letters.licence(goods_line=lines, invoice=(invoice,), **changes)


def application(life: Life, dice: Random) -> Drawn:
    function = dice.choice([Function.SAVE, Function.SUBMIT, Function.SUBMIT, Function.CHECK])
    wrong = {"incoterm": "FBO"} if dice.random() < 0.1 else {}
    asked = asked_for(life, **wrong)
    return LicenceApplication(function=function, licence=asked), Role.DECLARANT


def amendment(life: Life, dice: Random) -> Drawn:
    version = 1 if life.dossier is None else life.dossier.version
    stale = dice.random() < 0.2
    changes = {"currency": "USD"} if dice.random() < 0.1 else {}
    return (
        LicenceAmendment(base_version=version + stale, licence=asked_for(life, **changes)),
        Role.DECLARANT,
    )


def cancellation(life: Life, dice: Random) -> Drawn:
    code = "NONSENSE" if dice.random() < 0.1 else "ORDER-LOST"
    return LicenceCancellation(reason_code=code, reason="Commande perdue"), Role.DECLARANT


_SAID = deciding.Decision
#: What the ministry mostly says of a licence in this state.
FITTING = {
    "submitted": [*[_SAID.GRANTED] * 6, _SAID.REJECTED, _SAID.RETURNED],
    "granted": [_SAID.SUSPENDED, _SAID.SUSPENDED, _SAID.REVOKED],
    "partly_imputed": [_SAID.SUSPENDED, _SAID.SUSPENDED, _SAID.REVOKED],
    "suspended": [*[_SAID.REINSTATED] * 4, _SAID.REVOKED],
}


def visa(life: Life, dice: Random) -> Drawn:
    decision = dice.choice(FITTING.get(life.state or "", []) or [*deciding.Decision])
    if dice.random() < 0.1:
        decision = dice.choice([*deciding.Decision])
    granted = decision is deciding.Decision.GRANTED
    version = 1 if life.dossier is None else life.dossier.version
    less = dice.random() < 0.3
    return (
        letters.visa(
            decision,
            version=version + (dice.random() < 0.1),
            decision_date=_day(life),
            valid_from=None,
            valid_until=_day(life, dice.choice([20, 60, 200])) if granted else None,
            control=dice.choice([None, *Control]) if granted else None,
            granted_line=(_granted_line(dice),) if granted and less else (),
        ),
        Role.MINISTRY,
    )


def _granted_line(dice: Random) -> deciding.GrantedLine:
    quantity = MeasuredQuantity(value=Decimal(dice.choice([300, 1000, 1001])), unit="KGM")
    return deciding.GrantedLine(line=dice.choice([1, 2, 2, 3]), quantity=quantity)


def imputation(life: Life, dice: Random) -> Drawn:
    kind = dice.choice([*imputing.ImputationType, imputing.ImputationType.ORIGINAL])
    numbers = [entry.number for entry in _entries(life)]
    corrects = kind in {imputing.ImputationType.CONTRA, imputing.ImputationType.ADJUSTMENT}
    number = f"I-{dice.randrange(12)}"
    original = dice.choice([*numbers, f"I-{dice.randrange(12)}"]) if corrects else None
    found = next((entry for entry in _entries(life) if entry.number == original), None)
    declared = today(life.now) - timedelta(days=dice.choice([0, 0, 0, 10, 40]))
    if found is not None:
        line, declaration, declared = found.line, found.declaration, found.declared_on
    else:
        line, declaration = dice.choice([1, 2]), _declaration(dice, declared)
    quantity = Decimal(dice.choice(["1000", "600", "400", "0.5", "250", "1000.000001"]))
    value = (quantity * dice.choice([1, 12])).quantize(Decimal("0.01"))
    if found is not None and dice.random() < 0.6:  # all of it
        quantity, value = found.quantity, found.value
    return (
        letters.imputation(
            number,
            str(quantity),
            type_value=kind,
            original_number=original,
            declaration_number=declaration,
            declaration_date=XmlDate.from_date(declared),
            imputation_date=_day(life),
            line=line,
            value=Amount(value=value, currency="EUR"),
            last_use=dice.choice([None, None, None, None, True]),
        ),
        Role.CUSTOMS,
    )


def _entries(life: Life) -> tuple[Any, ...]:
    return () if life.dossier is None else life.dossier.entries


def _declaration(dice: Random, day: date) -> str:
    return f"{OFFICE}{PROCEDURE}{day.year}{dice.randrange(3):07d}"


def reservation(life: Life, dice: Random) -> Drawn:
    action = dice.choice([*reserving.Action])
    released = action is reserving.Action.RELEASE
    quantity = Quantity(value=Decimal(dice.choice([100, 500, 1001])), unit="KGM")
    return (
        reserving.Reservation(
            action=action,
            customs_office=OFFICE,
            declaration_number=_declaration(dice, today(life.now)),
            line=dice.choice([1, 2, 2, 3]),
            quantity=None if released else quantity,
            value=None,
            expiry_date=None if released else _day(life, dice.choice([-1, 3, 10])),
        ),
        Role.CUSTOMS,
    )


def statement(life: Life, dice: Random) -> Drawn:
    totals = tuple(
        LineTotal(
            line=line,
            quantity=MeasuredQuantity(value=Decimal(dice.choice([0, 400, 1000])), unit="KGM"),
            value=Amount(value=Decimal(dice.choice([0, 400])), currency="EUR"),
        )
        for line in (1, 2)
    )
    period = {"period_start": _day(life, -30), "period_end": _day(life)}
    return ImputationStatement(**period, line_total=totals), Role.CUSTOMS


def extension_request(life: Life, dice: Random) -> Drawn:
    until = _day(life, dice.choice([5, 100, 400]))
    return ExtensionRequest(valid_until=until, reason="Navire retardé"), Role.DECLARANT


def extension_decision(life: Life, dice: Random) -> Drawn:
    decision = dice.choice([*extending.Decision])
    granted = decision is extending.Decision.GRANTED
    pending = None if life.dossier is None else life.licence.extension
    until = today(life.now) + timedelta(days=50) if pending is None else pending.until
    return (
        extending.ExtensionDecision(
            decision=decision,
            valid_until=XmlDate.from_date(until) if granted else None,
            officer="N. Bennani",
            decision_date=_day(life),
            reason=None if granted else "Quota épuisé",
        ),
        Role.MINISTRY,
    )


def acknowledgement(life: Life, dice: Random) -> Drawn:
    """Customs or the ministry answers one of the last messages that it got, or one it never got."""
    role = dice.choice([Role.CUSTOMS, Role.CUSTOMS, Role.CUSTOMS, Role.MINISTRY])
    name = "adii" if role is Role.CUSTOMS else "mce"
    mine = [sent for sent in life.outbox if sent.receiver == name][-2:]
    strange = dice.random() < 0.1 or not mine
    answered = None if strange else dice.choice(mine)
    status = dice.choice(
        [
            (acking.StatusName.ACCEPTED, acking.StatusCode.VALUE_1),
            (acking.StatusName.ACCEPTED, acking.StatusCode.VALUE_1),
            (acking.StatusName.REFUSED, acking.StatusCode.VALUE_8),
        ]
    )
    return (
        acking.Acknowledgement(
            stage=acking.Stage.OUTCOME,
            status=acking.Status(value=status[0], code=status[1]),
            answers=acking.Answers(
                sender="passavant",
                instance_identifier="never-sent" if answered is None else answered.instance,
                type_value="LicenceNotice",
                digest=None if answered is None else answered.digest,
                received_date_time=XmlDateTime.from_datetime(life.now),
            ),
        ),
        role,
    )


def proof(life: Life, dice: Random) -> Drawn:
    owed = sorted({entry.declaration for entry in _entries(life)}) or ["30006020260000001"]
    declaration = dice.choice(owed)
    amount = Decimal(dice.choice([400, 1000, 12000, 24000]))
    kept = Decimal(dice.choice([0, 0, 100]))
    deduction = proving.Deduction(
        declaration_number=declaration,
        deduction_code=dice.choice(["BANK", "BANK", "NONSENSE"]),
        amount=kept or Decimal(1),
        attachment=Attachment(
            file_name="avis.pdf", media_type="application/pdf", content=letters.pdf("Avis")
        ),
    )
    return (
        proving.RepatriationProof(
            bank="Banque de l'Atlas",
            attestation_number=f"AT-{dice.randrange(40)}",
            attestation_date=_day(life),
            amount=Amount(value=amount + (dice.random() < 0.1), currency="EUR"),
            rate=Decimal("10.82"),
            split=(proving.Split(declaration_number=declaration, amount=amount),),
            deduction=(deduction,) if kept else (),
        ),
        dice.choice([Role.BANK, Role.DECLARANT]),
    )


def clearance(life: Life, dice: Random) -> Drawn:
    owed = sorted({entry.declaration for entry in _entries(life)}) or ["30006020260000001"]
    decision = dice.choice([*clearing.Decision, clearing.Decision.SHORTFALL])
    later = decision is clearing.Decision.MORE_TIME
    return (
        clearing.ClearanceDecision(
            declaration_number=dice.choice(owed),
            decision=decision,
            due_date=_day(life, 300) if later else None,
            officer="A. Idrissi",
            decision_date=_day(life),
            reason="Justifié",
        ),
        dice.choice([Role.EXCHANGE_OFFICE, Role.MINISTRY]),
    )


DRAWS: tuple[Draw, ...] = (
    application,
    amendment,
    cancellation,
    visa,
    imputation,
    reservation,
    statement,
    extension_request,
    extension_decision,
    acknowledgement,
    proof,
    clearance,
)

#: The message types they draw.
EVENTS = dict(
    zip(
        DRAWS,
        (
            "LicenceApplication",
            "LicenceAmendment",
            "LicenceCancellation",
            "VisaDecision",
            "Imputation",
            "Reservation",
            "ImputationStatement",
            "ExtensionRequest",
            "ExtensionDecision",
            "Acknowledgement",
            "RepatriationProof",
            "ClearanceDecision",
        ),
        strict=True,
    )
)

#: How often each is drawn where it may lead somewhere.
WEIGHTS = dict(zip(DRAWS, (6, 1, 1, 3, 8, 2, 1, 2, 4, 4, 3, 5), strict=True))
#: A licence in such a state is no longer of interest.
OVER = {state.name for state in STATES if state.final}


def step(life: Life, dice: Random) -> Drawn | None:
    """A message to send, one in eight of them out of place; None when time passed instead."""
    if dice.random() < 0.12:
        life.wait(timedelta(days=dice.choice([1, 5, 15, 40, 95, 130])))
        return None
    moves = registry().procedures["licence"].moves
    events = {event for state, event, _ in moves if state == life.state}
    fitting = [draw for draw in DRAWS if EVENTS[draw] in events]
    draws = list(DRAWS) if dice.random() < 0.12 or not fitting else fitting
    draw = dice.choices(draws, [WEIGHTS[one] for one in draws])[0]
    return draw(life, dice)
