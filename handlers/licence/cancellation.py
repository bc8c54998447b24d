"""The declarant gives a licence up: at once while nobody can use it.

A granted licence is recalled from customs. Its finding has a name of its own, so that the move can
lead to a state that waits for customs' acknowledgement without this handler changing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from handlers.licence.days import today
from handlers.licence.licence import Licence
from handlers.licence.lists import CANCELLATION_REASONS, unknown
from handlers.licence.notices import notify, tell_customs
from handlers.registry import Context, handles
from schemas.bindings.licence_cancellation_1 import LicenceCancellation
from schemas.bindings.licence_notice_1 import Action
from schemas.errors import Code, Refused
from schemas.workflow import Decision, Dossier, Move, Reply, Role

EVENT = "LicenceCancellation"

#: A licence with imputations is in another state, and has no move from it.
MOVES = (
    Move("licence", "saved", EVENT, "given-up", "cancelled"),
    Move("licence", "submitted", EVENT, "withdrawn", "cancelled"),
    Move("licence", "granted", EVENT, "recalled", "cancelling"),
)


@handles("LicenceCancellation", procedure="licence", roles={Role.DECLARANT})
def cancellation(message: LicenceCancellation, dossier: Dossier, context: Context) -> Decision:
    """Cancel a licence without imputations, and tell whoever had it before them."""
    day, code = today(context.now), message.reason_code
    wrong = unknown(CANCELLATION_REASONS, code, day, Code.REASON_CODE_UNKNOWN, "ReasonCode")
    if findings := tuple(wrong):
        raise Refused(*findings)
    licence = replace(Licence.of(dossier), reason=message.reason)
    finding, tell = _CONSEQUENCES[dossier.state]
    return Decision(
        finding=finding,
        content=licence.content(),
        replies=tell(licence, context),
        reprint=licence.visa is not None,
        note={"reason_code": message.reason_code, "reason": message.reason},
    )


def _tell_nobody(licence: Licence, context: Context) -> tuple[Reply, ...]:
    return ()


def _tell_ministry(licence: Licence, context: Context) -> tuple[Reply, ...]:
    """The ministry need not decide any more."""
    return (
        notify(
            Role.MINISTRY,
            licence,
            "licence-cancelled",
            fr=f"Le déclarant annule la demande {licence.number}. Motif : {licence.reason}",
            en=f"The declarant cancels the application {licence.number}. Reason: {licence.reason}",
        ),
    )


def _recall_from_customs(licence: Licence, context: Context) -> tuple[Reply, ...]:
    return (tell_customs(licence, Action.CANCEL, context.settings),)


#: By the state it is cancelled in: the finding, and who is told.
_CONSEQUENCES: dict[str, tuple[str, Callable[[Licence, Context], tuple[Reply, ...]]]] = {
    "saved": ("given-up", _tell_nobody),
    "submitted": ("withdrawn", _tell_ministry),
    "granted": ("recalled", _recall_from_customs),
}
