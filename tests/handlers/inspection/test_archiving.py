"""Closed dossiers go into the archive, and what is overdue is told to both sides."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from handlers.awaiting import ask
from handlers.inspection.archiving import archive
from handlers.inspection.awaiting import PENDING, no_answer
from handlers.inspection.closing import archive_timer
from handlers.inspection.inspection import Certificate, Inspection
from handlers.registry import registry
from schemas.bindings.archiving_1 import Archiving
from schemas.bindings.notification_1 import Notification
from schemas.errors import Code
from schemas.workflow import After, Decision, Role
from tests.handlers import crafts, deeds
from tests.handlers.crafts import AGENT, NOW, STRANGER, SUPERVISOR, Situation


def ring_archive(inspection: Inspection, about: str) -> Decision:
    situation = Situation(inspection=inspection)
    assert situation.dossier is not None
    return archive(situation.dossier, situation.ring(about))


def closed_for_good() -> tuple[Inspection, str]:
    """A closed dossier, and what its timer is about."""
    inspection = crafts.closed()
    assert inspection.closed_at is not None
    return inspection, archive_timer(inspection, inspection.closed_at, crafts.DEFAULTS).about


def test_a_closed_dossier_is_archived_after_the_days_of_the_settings() -> None:
    inspection = crafts.closed()
    for days in (90, 7):
        timer = archive_timer(inspection, NOW, crafts.Settings(archive_days=days))
        assert (timer.name, timer.due) == ("archive", NOW + timedelta(days=days))
    decision = ring_archive(*closed_for_good())
    assert decision.finding == "archived"
    assert deeds.news(decision) == {"dossier-archived": (crafts.EXPORTER, False)}
    moves = registry().procedures["inspection"].moves
    assert moves["closed", After("archive"), "archived"] == "archived"


def test_a_dossier_closed_anew_is_archived_by_its_newer_timer() -> None:
    inspection, about = closed_for_good()
    again = replace(inspection, closed_at=NOW)
    assert ring_archive(again, about).finding is None
    assert ring_archive(again, archive_timer(again, NOW, crafts.DEFAULTS).about).finding


def test_a_dossier_archived_before_is_left_alone() -> None:
    inspection, about = closed_for_good()
    assert ring_archive(replace(inspection, state="archived"), about).finding is None


def test_a_dossier_whose_certificate_is_to_be_replaced_waits_for_it() -> None:
    inspection, about = closed_for_good()
    revoked = Certificate(number="C-1", agent=AGENT, issued_at=NOW, revoked_at=NOW)
    for foreseen, finding in ((True, None), (False, "archived")):
        one = replace(revoked, to_be_replaced=foreseen)
        decision = ring_archive(replace(inspection, certificates=(one,)), about)
        assert decision.finding == finding


def test_a_supervisor_of_the_service_archives_before_the_time() -> None:
    after = deeds.after(crafts.closed(), Archiving(agent=SUPERVISOR))
    assert after.state == "archived"
    assert deeds.refused(crafts.closed(), Archiving(agent=AGENT)) == [Code.AGENT_NOT_SUPERVISOR]
    codes = deeds.refused(crafts.closed(), Archiving(agent=STRANGER))
    assert codes == [Code.AGENT_OF_OTHER_SERVICE]
    assert {
        key[0] for key in registry().procedures["inspection"].moves if key[1] == "Archiving"
    } == {"closed"}


def overdue(inspection: Inspection, days: int) -> Decision:
    """What rings when the assignment was due three days after it was asked for."""
    waiting, _, timer = ask(inspection, "Assignment", 1, role=Role.INSPECTION, now=NOW, days=3)
    situation = Situation(inspection=waiting, now=NOW + timedelta(days=days))
    assert situation.dossier is not None
    return no_answer(situation.dossier, situation.ring(timer.about))


def test_what_is_overdue_is_told_to_the_exporter_and_to_the_service() -> None:
    decision = overdue(crafts.submitted(), days=3)
    assert decision.finding == "unanswered"
    assert [reply.to for reply in decision.replies] == [crafts.EXPORTER, Role.INSPECTION]
    payload = decision.replies[0].payload
    assert isinstance(payload, Notification)
    assert "affectation du dossier" in payload.text[0].value
    assert "21/11/2026" in payload.text[0].value
    assert decision.note == {"answer": "Assignment", "role": "inspection"}


def test_nothing_is_told_before_the_time_nor_when_it_was_done_nor_twice() -> None:
    assert overdue(crafts.submitted(), days=2).finding is None
    done = Situation(inspection=crafts.assigned(), now=NOW + timedelta(days=9))
    assert done.dossier is not None
    assert no_answer(done.dossier, done.ring("Assignment 1")).finding is None
    content = overdue(crafts.submitted(), days=3).content
    assert content is not None
    told = replace(done.dossier, content=content, state="submitted")
    assert no_answer(told, done.ring("Assignment 1")).finding is None


@pytest.mark.parametrize("state", ["closed", "archived"])
def test_nobody_owes_anything_in_a_dossier_that_is_over(state: str) -> None:
    assert overdue(replace(crafts.submitted(), state=state), days=3).finding is None
    moves = registry().procedures["inspection"].moves
    assert {key[0] for key in moves if key[1] == After("no-answer")} == set(PENDING)
