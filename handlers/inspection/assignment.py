"""A supervisor gives a dossier to an agent of the service, takes it over, or gives it to another.

The second of two supervisors at once finds the dossier assigned, and is told to whom.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from handlers.awaiting import answered, ask
from handlers.inspection.acting import OF_SERVICE, SUPERVISOR, Acting
from handlers.inspection.acting import findings as wrongs
from handlers.inspection.awaiting import ASSIGNMENT
from handlers.inspection.inspection import Inspection
from handlers.inspection.notices import tell
from handlers.inspection.settings import InspectionSettings
from handlers.registry import Context, handles
from schemas.bindings.assignment_1 import Action, Assignment
from schemas.errors import Code, Finding, Refused
from schemas.workflow import Decision, Dossier, Move, Role, Timer, stays

EVENT = ASSIGNMENT
TAKING_CHARGE = "TakingCharge"  #: what answers an assignment

MOVES = (
    Move("inspection", "submitted", EVENT, "assigned", "awaiting_processing"),
    *stays(
        "inspection",
        EVENT,
        "reassigned",
        "awaiting_processing",
        "in_progress",
        "awaiting_complement",
        "awaiting_inspection",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """An assignment with what its rules need to judge it; no assignee where none is named."""

    message: Assignment
    inspection: Inspection
    assignee: str
    context: Context


Rule = Callable[[Given], Iterator[Finding]]


@handles(EVENT, procedure="inspection", roles={Role.INSPECTION})
def assignment(message: Assignment, dossier: Dossier, context: Context) -> Decision:
    """Give the dossier to its agent, who owes to take charge of it while nobody has."""
    before = Inspection.of(dossier)
    given = Given(message=message, inspection=before, assignee=_assignee(message), context=context)
    wrong = [finding for rule in RULES for finding in rule(given)]
    if wrong:
        raise Refused(*wrong)
    assigned = replace(before, assignee=given.assignee, assigned_at=context.now)
    timers: tuple[Timer, ...] = ()
    if before.taken_at is None:
        assigned, timer = _to_be_taken(assigned, context)
        timers = (timer,)
    return Decision(
        finding="assigned" if dossier.state == "submitted" else "reassigned",
        content=assigned.content(),
        replies=(tell(assigned, "dossier-assigned"),),
        timers=timers,
        note=_note(given),
    )


def _assignee(message: Assignment) -> str:
    if message.action is Action.SELF:
        return message.agent
    return message.assignee or ""


def _to_be_taken(assigned: Inspection, context: Context) -> tuple[Inspection, Timer]:
    """What was asked of the supervisor is done; the assignee has a day to take charge by."""
    settings: InspectionSettings = context.settings
    waiting = answered(answered(assigned, ASSIGNMENT), TAKING_CHARGE)
    taken_by, _, timer = ask(
        waiting,
        TAKING_CHARGE,
        assigned.assignee,
        role=Role.INSPECTION,
        now=context.now,
        days=settings.taking_days,
    )
    return taken_by, timer


def _note(given: Given) -> dict[str, str]:
    message = given.message
    note = {"agent": message.agent, "action": message.action.value, "assignee": given.assignee}
    if given.inspection.assignee:
        note["before"] = given.inspection.assignee
    return note if message.reason is None else note | {"reason": message.reason}


def by_supervisor(given: Given) -> Iterator[Finding]:
    """Who assigns is a supervisor of the dossier's service."""
    acting = Acting.of(given.message.agent, given.inspection, given.context.read)
    yield from wrongs(SUPERVISOR, acting)


def assignee_named(given: Given) -> Iterator[Finding]:
    """Somebody is named to whom the dossier is given; who takes it over names nobody else."""
    message = given.message
    if not given.assignee:
        yield Finding(code=Code.ELEMENT_MISSING, path="Assignee", fields={"element": "Assignee"})
    elif message.assignee not in (None, given.assignee):
        yield _assignee_wrong(Code.SELF_FOR_ANOTHER, message.assignee or "")


def assignee_of_service(given: Given) -> Iterator[Finding]:
    """The assignee is an active agent of the dossier's service."""
    if given.message.action is not Action.SELF and given.assignee:
        acting = Acting.of(given.assignee, given.inspection, given.context.read, "Assignee")
        yield from wrongs(OF_SERVICE, acting)


def assigned_once(given: Given) -> Iterator[Finding]:
    """A dossier that has its agent is given to another one only as such, and with a reason."""
    reassigns, assignee = given.message.action is Action.REASSIGN, given.inspection.assignee
    action = given.message.action.value
    if assignee and not reassigns:
        yield Finding(
            code=Code.ASSIGNED_ALREADY, path="Action", value=action, fields={"assignee": assignee}
        )
    elif reassigns and not assignee:
        yield Finding(code=Code.NOT_ASSIGNED_YET, path="Action", value=action)


def given_to_another(given: Given) -> Iterator[Finding]:
    """Who is given the dossier anew does not have it already."""
    unchanged = given.assignee and given.assignee == given.inspection.assignee
    if given.message.action is Action.REASSIGN and unchanged:
        yield _assignee_wrong(Code.ASSIGNEE_UNCHANGED, given.assignee)


def reason_given(given: Given) -> Iterator[Finding]:
    """Why another agent shall treat the dossier is said."""
    if given.message.action is Action.REASSIGN and given.message.reason is None:
        fields = {"decision": given.message.action.value}
        yield Finding(code=Code.REASON_MISSING, path="Reason", fields=fields)


def _assignee_wrong(code: Code, found: str) -> Finding:
    return Finding(code=code, path="Assignee", value=found, fields={"found": found})


RULES: tuple[Rule, ...] = (
    by_supervisor,
    assignee_named,
    assignee_of_service,
    assigned_once,
    given_to_another,
    reason_given,
)
