"""The service's answer to the request, which is final: refused, or accepted for a certificate."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from handlers.days import today
from handlers.inspection.closing import closed
from handlers.inspection.inspection import Answer, Inspection
from handlers.inspection.notices import tell
from handlers.inspection.processing import by_assignee, owed
from handlers.registry import Context, handles
from schemas.bindings.inspection_decision_1 import Decision as Verdict
from schemas.bindings.inspection_decision_1 import InspectionDecision
from schemas.errors import Code, Finding, Refused
from schemas.workflow import Decision, Dossier, Move, Role

EVENT = "InspectionDecision"

MOVES = (
    Move("inspection", "in_progress", EVENT, "accepted", "in_progress"),
    Move("inspection", "in_progress", EVENT, "refused", "closed"),
)


@handles("InspectionDecision", procedure="inspection", roles={Role.INSPECTION})
def inspection_decision(
    message: InspectionDecision, dossier: Dossier, context: Context
) -> Decision:
    """Record the answer and tell the exporter; from here the form does not change any more."""
    inspection = Inspection.of(dossier)
    wrong = by_assignee(message.agent, inspection, context)
    wrong += undecided(message, inspection)
    wrong += refusal_explained(message)
    wrong += complement_validated(message, inspection)
    if wrong:
        raise Refused(*wrong)
    answer = Answer(
        decision=message.decision.value,
        agent=message.agent,
        observation=message.observation or "",
        given_at=context.now,
    )
    decided = replace(inspection, answer=answer)
    ends = closed if message.decision is Verdict.REFUSED else owed
    decided, timer = ends(decided, context)
    news = tell(decided, f"application-{answer.decision}", observation=answer.observation)
    note = {"agent": answer.agent, "observation": answer.observation}
    return Decision(
        finding=answer.decision,
        content=decided.content(),
        replies=(news,),
        timers=(timer,),
        note={name: fact for name, fact in note.items() if fact},
    )


def undecided(message: InspectionDecision, inspection: Inspection) -> Iterator[Finding]:
    """An answer is final."""
    before = inspection.answer
    if before is not None:
        yield Finding(
            code=Code.ANSWER_FINAL,
            path="Decision",
            value=message.decision.value,
            fields={"answer": before.decision, "day": today(before.given_at)},
        )


def refusal_explained(message: InspectionDecision) -> Iterator[Finding]:
    """The exporter is told why, so that another request can be better."""
    if message.decision is Verdict.REFUSED and message.observation is None:
        yield Finding(code=Code.OBSERVATION_MISSING, path="Observation")


def complement_validated(message: InspectionDecision, inspection: Inspection) -> Iterator[Finding]:
    """What was asked last was found sufficient, or else the request is refused."""
    last = inspection.complements[-1:]
    if message.decision is Verdict.ACCEPTED and any(one.state != "validated" for one in last):
        yield Finding(
            code=Code.COMPLEMENT_NOT_VALIDATED,
            path="Decision",
            value=message.decision.value,
            fields={"number": last[0].number},
        )
