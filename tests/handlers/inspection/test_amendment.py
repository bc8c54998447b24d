"""The exporter changes or withdraws a request that nobody treats yet."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from handlers.awaiting import ask
from handlers.inspection.inspection import Inspection
from handlers.registry import registry
from schemas.bindings.common_1 import Inspection as Asked
from schemas.bindings.inspection_amendment_1 import InspectionAmendment
from schemas.bindings.inspection_withdrawal_1 import InspectionWithdrawal
from schemas.errors import Code
from schemas.workflow import Role
from tests.handlers import crafts, deeds
from tests.handlers.inspection_requests import ASKED

EARLY = [crafts.new(), crafts.submitted(), crafts.assigned()]
LATE = [crafts.taken(), crafts.closed()]


def amendment(content: Asked = ASKED, base: int = 1, reason: str | None = None) -> Any:
    return InspectionAmendment(base_version=base, inspection=content, reason=reason)


def withdrawal(code: str = "SHIPMENT") -> Any:
    return InspectionWithdrawal(reason_code=code, reason="L'envoi est reporté.")


def states(event: str) -> set[str | None]:
    """The states from which the table of moves lets the event happen."""
    return {key[0] for key in registry().procedures["inspection"].moves if key[1] == event}


def test_a_request_is_changed_and_withdrawn_only_until_somebody_treats_it() -> None:
    early = {"new", "submitted", "awaiting_processing"}
    assert states("InspectionAmendment") == states("InspectionWithdrawal") == early


@pytest.mark.parametrize("before", EARLY, ids=lambda one: one.state)
def test_an_amendment_is_a_new_version_in_the_same_state(before: Inspection) -> None:
    decision = deeds.decide(before, amendment())
    assert decision.version == 2
    amended = deeds.after(before, amendment())
    assert amended.state == before.state
    assert [line.number for line in amended.lines] == [1, 2, 3, 4]
    assert amended.assignee == before.assignee
    assert amended.submitted_at == before.submitted_at


def test_an_amendment_starts_from_the_version_that_stands() -> None:
    before = crafts.submitted()
    assert deeds.refused(before, amendment(base=2)) == [Code.VERSION_STALE]
    assert deeds.refused(before, amendment(base=1)) == []


def test_a_draft_may_stay_incomplete_and_what_was_submitted_may_not() -> None:
    bare = replace(ASKED, document=())
    assert deeds.refused(crafts.new(), amendment(bare)) == []
    assert deeds.refused(crafts.submitted(), amendment(bare)) == [Code.DOCUMENT_REQUIRED] * 3


def test_a_submitted_request_does_not_pass_to_another_exporter() -> None:
    assert ASKED.exporter is not None
    other = replace(ASKED, exporter=replace(ASKED.exporter, ice="002741865000045"))
    codes = deeds.refused(crafts.submitted(), amendment(other))
    assert codes == [Code.EXPORTER_OF_DOSSIER_DIFFERS]
    assert deeds.refused(crafts.new(), amendment(other)) == []


def test_the_service_is_told_of_a_change_once_the_dossier_has_its_agent() -> None:
    assert deeds.news(deeds.decide(crafts.new(), amendment())) == {}
    assert deeds.news(deeds.decide(crafts.submitted(), amendment())) == {}
    decision = deeds.decide(crafts.assigned(), amendment(reason="Autre emballage"))
    assert deeds.news(decision) == {"dossier-amended": (Role.INSPECTION, False)}
    assert decision.note == {"reason": "Autre emballage"}


@pytest.mark.parametrize("before", EARLY, ids=lambda one: one.state)
def test_a_withdrawn_request_is_archived_and_nobody_owes_anything(before: Inspection) -> None:
    waiting, _, _ = ask(before, "Assignment", 1, role=Role.INSPECTION, now=crafts.NOW, days=3)
    withdrawn = deeds.after(waiting, withdrawal())
    assert withdrawn.state == "archived"
    assert withdrawn.awaited == ()
    assert withdrawn.reason == "L'envoi est reporté."


def test_only_a_service_that_has_seen_the_request_is_told_of_its_withdrawal() -> None:
    told = [reply.to for reply in deeds.decide(crafts.new(), withdrawal()).replies]
    assert told == [crafts.EXPORTER]
    told = [reply.to for reply in deeds.decide(crafts.submitted(), withdrawal()).replies]
    assert told == [crafts.EXPORTER, Role.INSPECTION]


def test_a_withdrawal_gives_a_reason_of_the_list() -> None:
    assert deeds.refused(crafts.submitted(), withdrawal("WEATHER")) == [Code.REASON_CODE_UNKNOWN]
    assert deeds.refused(crafts.submitted(), withdrawal("OTHER")) == []
