"""Whoever the dossier is given to takes charge of it, and nobody else."""

from __future__ import annotations

from datetime import timedelta

import pytest

from handlers.awaiting import ask, awaits
from handlers.registry import registry
from schemas.bindings.taking_charge_1 import TakingCharge
from schemas.errors import Code
from schemas.workflow import Role
from tests.handlers.crafts import (
    AGENT,
    EXPORTER,
    NOBODY,
    NOW,
    OTHER_AGENT,
    RETIRED,
    STRANGER,
    SUPERVISOR,
    assigned,
)
from tests.handlers.deeds import after, decide, news, refused

BY_ASSIGNEE = TakingCharge(agent=AGENT)


def test_the_assignee_takes_charge_and_owes_an_answer_in_time() -> None:
    given, _, _ = ask(assigned(), "TakingCharge", AGENT, role=Role.INSPECTION, now=NOW, days=3)
    taken = after(given, BY_ASSIGNEE)
    assert (taken.state, taken.taken_at) == ("in_progress", NOW)
    assert not awaits(taken, "TakingCharge")
    (owed,) = taken.awaited
    assert (owed.answer, owed.by) == ("InspectionDecision", NOW + timedelta(days=10))
    (timer,) = decide(given, BY_ASSIGNEE).timers
    assert (timer.name, timer.due) == ("no-answer", owed.by)


def test_the_exporter_reads_who_treats_the_dossier() -> None:
    assert news(decide(assigned(), BY_ASSIGNEE)) == {"dossier-taken": (EXPORTER, False)}


def test_a_supervisor_who_took_the_dossier_over_is_its_assignee() -> None:
    assert after(assigned(SUPERVISOR), TakingCharge(agent=SUPERVISOR)).state == "in_progress"


@pytest.mark.parametrize(
    ("agent", "codes"),
    [
        (OTHER_AGENT, [Code.AGENT_NOT_ASSIGNEE]),
        (SUPERVISOR, [Code.AGENT_NOT_ASSIGNEE]),
        (NOBODY, [Code.AGENT_UNKNOWN]),
        (STRANGER, [Code.AGENT_OF_OTHER_SERVICE, Code.AGENT_NOT_ASSIGNEE]),
    ],
)
def test_nobody_but_the_assignee_takes_charge(agent: str, codes: list[Code]) -> None:
    assert refused(assigned(), TakingCharge(agent=agent)) == codes


def test_an_assignee_who_left_takes_nothing() -> None:
    assert refused(assigned(RETIRED), TakingCharge(agent=RETIRED)) == [Code.AGENT_INACTIVE]


def test_a_dossier_is_taken_once() -> None:
    moves = registry().procedures["inspection"].moves
    assert {state for state, event, _ in moves if event == "TakingCharge"} == {
        "awaiting_processing"
    }
