"""The answers a licence waits for, and who is told when one does not come."""

from __future__ import annotations

from handlers.awaiting import NO_ANSWER, answered, ask, awaits, overdue, owed
from handlers.licence import STATES
from handlers.licence.licence import Licence
from handlers.licence.notices import notify, tell
from handlers.registry import Ring, rings
from schemas.workflow import After, Decision, Dossier, Role, stays

__all__ = [
    "EXTENSION_DECISION",
    "MOVES",
    "NO_ANSWER",
    "VISA_DECISION",
    "answered",
    "ask",
    "awaits",
    "no_answer",
]

#: What is waited for, by the message type of the answer.
VISA_DECISION, EXTENSION_DECISION = "VisaDecision", "ExtensionDecision"

#: A notice may await its acknowledgement whatever became of the licence since.
MOVES = stays("licence", After(NO_ANSWER), "unanswered", *(state.name for state in STATES))


@rings(NO_ANSWER, procedure="licence")
def no_answer(dossier: Dossier, ring: Ring) -> Decision:
    """Say to the declarant, and to who was asked, that an answer is overdue; once."""
    licence = Licence.of(dossier)
    noticed = overdue(licence, ring)
    if noticed is None:
        return Decision()
    told, late = noticed
    role = Role(late.role)
    return Decision(
        finding="unanswered",
        content=told.content(),
        replies=(
            tell(licence, NO_ANSWER, partner=role, type=late.answer, since=late.since),
            notify(
                (role, Role.MINISTRY),
                licence,
                NO_ANSWER,
                fr=f"Votre réponse {late.answer} sur la licence {licence.number}, demandée"
                f" le {late.since:%d/%m/%Y}, n'est pas arrivée.",
                en=f"Your {late.answer} on the licence {licence.number}, asked for"
                f" on {late.since:%Y-%m-%d}, has not come.",
            ),
        ),
        note=owed(late),
    )
