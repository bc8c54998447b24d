"""The declarant's application: kept as a draft, checked without effect, or submitted for a visa."""

from __future__ import annotations

from decimal import Decimal

from handlers.licence.licence import Licence
from handlers.licence.read import files, read
from handlers.licence.rules import DRAFT, SUBMISSION, Asked, findings
from handlers.licence.visa_asking import ask_for_visa
from handlers.registry import Context, handles
from schemas.bindings.licence_application_1 import Function, LicenceApplication
from schemas.errors import Refused
from schemas.workflow import Decision, Dossier, LineBalance, Move, Role

EVENT = "LicenceApplication"

MOVES = (
    Move("licence", None, EVENT, "draft", "saved"),
    Move("licence", None, EVENT, "complete", "submitted"),
    Move("licence", "saved", EVENT, "draft", "saved"),
    Move("licence", "saved", EVENT, "complete", "submitted"),
)


@handles("LicenceApplication", procedure="licence", roles={Role.DECLARANT}, opens=True)
def application(message: LicenceApplication, dossier: Dossier | None, context: Context) -> Decision:
    """Open a licence, or replace the content of one that is still saved."""
    attached = files(message.licence, context.parts)
    draft = message.function is Function.SAVE
    wrong = findings(
        DRAFT if draft else SUBMISSION,
        Asked.of(message.licence, attached, context),
    )
    if wrong:
        raise Refused(*wrong)
    licence = read(message.licence, attached, dossier, context)
    if draft:
        return Decision(finding="draft", content=licence.content())
    if message.function is Function.CHECK:
        return Decision(finding="complete", dry=True, balances=_balances(licence))
    asking, request, timer = ask_for_visa(licence, attached, context)
    return Decision(
        finding="complete", content=asking.content(), replies=(request,), timers=(timer,)
    )


def _balances(licence: Licence) -> tuple[LineBalance, ...]:
    """The balances that a visa as asked would open."""
    zero = Decimal(0)
    return tuple(
        LineBalance(
            line=line.number,
            unit=line.unit,
            granted=line.quantity,
            before=zero,
            delta=zero,
            after=zero,
            remaining=line.quantity,
        )
        for line in licence.lines
    )
