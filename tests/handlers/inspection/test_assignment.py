"""Supervisors give dossiers to the agents of their service."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from handlers.awaiting import ask
from handlers.inspection.acting import ASSIGNEE, SUPERVISOR, Acting, findings
from handlers.inspection.inspection import Inspection
from handlers.registry import registry
from schemas.bindings.assignment_1 import Action, Assignment
from schemas.errors import Code
from schemas.workflow import Role
from tests.handlers import crafts, deeds
from tests.handlers.crafts import (
    AGENT,
    NOBODY,
    NOW,
    OTHER_AGENT,
    OTHER_SUPERVISOR,
    RETIRED,
    STRANGER,
)
from tests.handlers.crafts import (
    SUPERVISOR as BOSS,
)

WHY = "L'agent est en mission à Azilal."


def assign(assignee: str | None = AGENT, by: str = BOSS) -> Any:
    return Assignment(agent=by, action=Action.ASSIGN, assignee=assignee)


def take_over(by: str = BOSS, assignee: str | None = None) -> Any:
    return Assignment(agent=by, action=Action.SELF, assignee=assignee)


def reassign(assignee: str | None = OTHER_AGENT, by: str = BOSS, reason: str | None = WHY) -> Any:
    return Assignment(agent=by, action=Action.REASSIGN, assignee=assignee, reason=reason)


def in_state(state: str) -> Inspection:
    return replace(crafts.taken(), state=state)


OPEN = [
    crafts.assigned(),
    crafts.taken(),
    in_state("awaiting_complement"),
    in_state("awaiting_inspection"),
]


def test_an_assigned_dossier_awaits_its_agent_who_has_days_to_take_charge() -> None:
    submitted, _, _ = ask(
        crafts.submitted(), "Assignment", 1, role=Role.INSPECTION, now=NOW, days=3
    )
    decision = deeds.decide(submitted, assign())
    assigned = deeds.after(submitted, assign())
    assert assigned.state == "awaiting_processing"
    assert (assigned.assignee, assigned.assigned_at) == (AGENT, NOW)
    assert [(one.answer, one.key) for one in assigned.awaited] == [("TakingCharge", AGENT)]
    assert [timer.due for timer in decision.timers] == [NOW + timedelta(days=3)]
    assert deeds.news(decision) == {"dossier-assigned": (crafts.EXPORTER, False)}
    assert decision.note == {"agent": BOSS, "action": "assign", "assignee": AGENT}


def test_a_supervisor_who_takes_a_dossier_over_is_its_agent() -> None:
    assert deeds.after(crafts.submitted(), take_over()).assignee == BOSS
    assert deeds.after(crafts.submitted(), take_over(assignee=BOSS)).assignee == BOSS
    assert deeds.refused(crafts.submitted(), take_over(assignee=AGENT)) == [Code.SELF_FOR_ANOTHER]


def test_somebody_must_be_named_to_whom_the_dossier_is_given() -> None:
    assert deeds.refused(crafts.submitted(), assign(None)) == [Code.ELEMENT_MISSING]
    assert deeds.refused(crafts.assigned(), reassign(None)) == [Code.ELEMENT_MISSING]


@pytest.mark.parametrize("second", [assign(OTHER_AGENT, OTHER_SUPERVISOR), take_over()])
def test_the_second_of_two_supervisors_is_told_who_has_the_dossier(second: Any) -> None:
    (finding,) = deeds.findings(crafts.assigned(), second)
    assert finding.code is Code.ASSIGNED_ALREADY
    assert finding.fields == {"assignee": AGENT}


@pytest.mark.parametrize("before", OPEN, ids=lambda one: one.state)
def test_a_dossier_is_given_to_another_agent_until_it_is_closed(before: Inspection) -> None:
    after = deeds.after(before, reassign())
    assert (after.state, after.assignee) == (before.state, OTHER_AGENT)
    note = deeds.decide(before, reassign()).note
    assert (note["before"], note["reason"]) == (AGENT, WHY)


def test_a_closed_dossier_is_given_to_nobody() -> None:
    moves = registry().procedures["inspection"].moves
    assert {key[0] for key in moves if key[1] == "Assignment"} == {
        "submitted",
        *(one.state for one in OPEN),
    }


def test_a_new_agent_has_days_to_take_charge_only_of_what_nobody_has_taken() -> None:
    decision = deeds.decide(crafts.assigned(), reassign())
    assert [timer.about for timer in decision.timers] == [f"TakingCharge {OTHER_AGENT}"]
    after = deeds.after(crafts.assigned(), reassign())
    assert [one.key for one in after.awaited] == [OTHER_AGENT]
    assert deeds.decide(crafts.taken(), reassign()).timers == ()


def test_a_reassignment_names_another_agent_and_a_reason() -> None:
    assert deeds.refused(crafts.submitted(), reassign()) == [Code.NOT_ASSIGNED_YET]
    assert deeds.refused(crafts.taken(), reassign(AGENT)) == [Code.ASSIGNEE_UNCHANGED]
    assert deeds.refused(crafts.taken(), reassign(reason=None)) == [Code.REASON_MISSING]


@pytest.mark.parametrize(
    ("by", "code"),
    [
        (NOBODY, Code.AGENT_UNKNOWN),
        (RETIRED, Code.AGENT_INACTIVE),
        (STRANGER, Code.AGENT_OF_OTHER_SERVICE),
        (OTHER_AGENT, Code.AGENT_NOT_SUPERVISOR),
    ],
)
def test_only_an_active_supervisor_of_the_service_assigns(by: str, code: Code) -> None:
    for inspection, message in (
        (crafts.submitted(), assign(by=by)),
        (crafts.submitted(), take_over(by)),
        (crafts.taken(), reassign(BOSS, by)),
    ):
        assert deeds.refused(inspection, message) == [code]


@pytest.mark.parametrize(
    ("assignee", "code"),
    [
        (NOBODY, Code.AGENT_UNKNOWN),
        (RETIRED, Code.AGENT_INACTIVE),
        (STRANGER, Code.AGENT_OF_OTHER_SERVICE),
    ],
)
def test_only_an_active_agent_of_the_service_is_assigned(assignee: str, code: Code) -> None:
    (finding,) = deeds.findings(crafts.submitted(), assign(assignee))
    assert (finding.code, finding.path, finding.value) == (code, "Assignee", assignee)
    assert deeds.refused(crafts.taken(), reassign(assignee)) == [code]


def test_a_supervisor_may_be_given_a_dossier_by_another() -> None:
    assert deeds.refused(crafts.submitted(), assign(OTHER_SUPERVISOR)) == []


def test_the_assignee_alone_passes_the_guard_of_the_assignee() -> None:
    read = crafts.Directory()
    codes = {
        name: [one.code for one in findings(ASSIGNEE, Acting.of(name, crafts.taken(), read))]
        for name in (AGENT, OTHER_AGENT, BOSS, NOBODY)
    }
    assert codes == {
        AGENT: [],
        OTHER_AGENT: [Code.AGENT_NOT_ASSIGNEE],
        BOSS: [Code.AGENT_NOT_ASSIGNEE],
        NOBODY: [Code.AGENT_UNKNOWN],
    }
    assert findings(SUPERVISOR, Acting.of(BOSS, crafts.taken(), read)) == []
