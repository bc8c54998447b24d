"""Who owes an answer: asked for with a deadline, struck out when it comes, told when it does not.

So that nothing stays silent: when the deadline passes, the hub itself says who did not answer.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from handlers.licence import STATES
from handlers.licence.licence import Licence
from handlers.licence.life import Awaited
from handlers.licence.notices import notify, tell
from handlers.registry import Ring, rings
from schemas.workflow import After, Decision, Dossier, Role, Timer, stays

NO_ANSWER = "no-answer"  #: the timer

#: What is waited for, by the message type of the answer.
VISA_DECISION, EXTENSION_DECISION = "VisaDecision", "ExtensionDecision"

#: A notice may await its acknowledgement whatever became of the licence since.
MOVES = stays("licence", After(NO_ANSWER), "unanswered", *(state.name for state in STATES))


def ask(
    licence: Licence, answer: str, key: object, *, role: Role, now: datetime, days: int
) -> tuple[Licence, Awaited, Timer]:
    """The licence that waits for an answer, what it waits for, and the timer of its deadline."""
    awaited = Awaited(
        answer=answer, key=str(key), role=role.value, since=now, by=now + timedelta(days=days)
    )
    waiting = replace(licence, awaited=(*answered(licence, answer, key).awaited, awaited))
    timer = Timer(name=NO_ANSWER, due=awaited.by, about=f"{answer} {awaited.key}")
    return waiting, awaited, timer


def answered(licence: Licence, answer: str, key: object | None = None) -> Licence:
    """The licence that waits no longer for this answer; without a key, for none of that type."""
    return replace(
        licence,
        awaited=tuple(
            one
            for one in licence.awaited
            if one.answer != answer or (key is not None and one.key != str(key))
        ),
    )


def awaits(licence: Licence, answer: str, key: object | None = None) -> bool:
    """Whether the licence waits for this answer."""
    return answered(licence, answer, key) != licence


@rings(NO_ANSWER, procedure="licence")
def no_answer(dossier: Dossier, ring: Ring) -> Decision:
    """Say to the declarant, and to who was asked, that an answer is overdue; once."""
    licence = Licence.of(dossier)
    late = next((one for one in licence.awaited if f"{one.answer} {one.key}" == ring.about), None)
    if late is None or late.overdue or ring.now < late.by:
        return Decision()
    role = Role(late.role)
    told = replace(
        licence,
        awaited=tuple(replace(one, overdue=one is late or one.overdue) for one in licence.awaited),
    )
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
        note={"answer": late.answer, "role": late.role},
    )
