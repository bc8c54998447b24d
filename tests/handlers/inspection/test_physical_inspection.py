"""A physical inspection: ordered for a day, moved with a reason, held with a result."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from xsdata.models.datatype import XmlDate

from handlers.days import end_of
from handlers.inspection.inspection import Inspection
from schemas.bindings.common_1 import Attachment
from schemas.bindings.physical_inspection_order_1 import PhysicalInspectionOrder
from schemas.bindings.physical_inspection_result_1 import PhysicalInspectionResult, Result
from schemas.errors import Code
from tests.handlers.crafts import AGENT, EXPORTER, NOW, OTHER_AGENT, accepted, taken
from tests.handlers.deeds import after, decide, findings, news, refused
from tests.handlers.dossiers import pdf

TODAY = date(2026, 11, 21)
DAY, NEXT = TODAY + timedelta(days=2), TODAY + timedelta(days=5)


def order(day: date = DAY, **given: Any) -> PhysicalInspectionOrder:
    said: dict[str, Any] = {"agent": AGENT, "message": "Déroulez les tapis."}
    return PhysicalInspectionOrder(inspection_date=XmlDate.from_date(day), **said | given)


def result(day: date = TODAY, **given: Any) -> PhysicalInspectionResult:
    said: dict[str, Any] = {"agent": AGENT, "result": Result.CONFORMING, "minutes": "Douze tapis."}
    return PhysicalInspectionResult(inspection_date=XmlDate.from_date(day), **said | given)


MINUTES = Attachment(file_name="pv.pdf", media_type="application/pdf", content=pdf())


def ordered() -> Inspection:
    return after(taken(), order())


def test_an_inspection_is_ordered_for_a_day_and_its_result_is_due_then() -> None:
    waiting = ordered()
    assert waiting.state == "awaiting_inspection"
    assert waiting.visits[0].day == DAY
    assert [(one.answer, one.by) for one in waiting.awaited] == [
        ("PhysicalInspectionResult", end_of(DAY))
    ]
    assert [timer.due for timer in decide(taken(), order()).timers] == [end_of(DAY)]


def test_the_exporter_reads_the_day_and_what_to_prepare_and_gets_it_by_mail() -> None:
    decision = decide(taken(), order())
    assert news(decision) == {"physical-inspection-ordered": (EXPORTER, True)}
    letter = decision.replies[0].letter
    assert letter is not None
    assert "23/11/2026" in letter.fr
    assert "Déroulez les tapis." in letter.fr


def test_goods_are_inspected_today_at_the_earliest() -> None:
    assert after(taken(), order(TODAY)).visits[0].day == TODAY
    assert refused(taken(), order(TODAY - timedelta(days=1))) == [Code.INSPECTION_DAY_PAST]


def test_another_day_takes_the_place_of_the_first_and_has_a_reason() -> None:
    moved = after(ordered(), order(NEXT, reason="Coopérative fermée"))
    assert [(visit.day, visit.reason) for visit in moved.visits] == [(NEXT, "Coopérative fermée")]
    assert [one.by for one in moved.awaited] == [end_of(NEXT)]
    decision = decide(ordered(), order(NEXT, reason="Coopérative fermée"))
    assert decision.note["reason"] == "Coopérative fermée"
    assert news(decision) == {"physical-inspection-moved": (EXPORTER, True)}
    (finding,) = findings(ordered(), order(NEXT))
    assert (finding.code, finding.path) == (Code.ELEMENT_MISSING, "Reason")


@pytest.mark.parametrize("found", Result)
def test_a_result_gives_the_dossier_back_to_its_agent_who_decides(found: Result) -> None:
    held = after(ordered(), result(result=found, attachment=MINUTES))
    assert held.state == "in_progress"
    (visit,) = held.visits
    assert (visit.result, visit.held_on, visit.minutes) == (found.value, TODAY, "Douze tapis.")
    assert len(visit.minutes_digest) == 64
    assert held.answer is None
    assert [one.answer for one in held.awaited] == ["InspectionDecision"]
    assert news(decide(ordered(), result())) == {"physical-inspection-held": (EXPORTER, True)}


def test_a_second_inspection_may_follow_the_first() -> None:
    again = after(after(ordered(), result()), order(NEXT))
    assert [visit.result for visit in again.visits] == ["conforming", ""]


def test_nothing_is_found_on_a_day_to_come() -> None:
    assert refused(ordered(), result(TODAY + timedelta(days=1))) == [Code.DATE_IN_FUTURE]


def test_minutes_that_are_attached_are_a_pdf() -> None:
    word = Attachment(file_name="pv.docx", media_type="application/msword", content=b"PK")
    (finding,) = findings(ordered(), result(attachment=word))
    assert (finding.code, finding.path) == (Code.ATTACHMENT_NOT_PDF, "Attachment/MediaType")


def test_nothing_is_inspected_once_the_answer_is_given() -> None:
    assert refused(accepted(), order()) == [Code.FORM_FROZEN]


def test_another_agent_neither_orders_nor_holds_an_inspection() -> None:
    assert refused(taken(), order(agent=OTHER_AGENT)) == [Code.AGENT_NOT_ASSIGNEE]
    assert refused(ordered(), result(agent=OTHER_AGENT)) == [Code.AGENT_NOT_ASSIGNEE]


def test_the_result_may_come_late() -> None:
    late = NOW + timedelta(days=9)
    assert after(ordered(), result(DAY), now=late).visits[0].held_on == DAY
