"""What is shown of a dossier, what it is found by, and what it adds to the two reports."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from handlers.inspection.inspection import Certificate, Inspection
from handlers.inspection.queries import history_query, status_query
from handlers.inspection.shown import facets, show, tally
from schemas.bind import write
from schemas.bindings.history_query_1 import HistoryQuery
from schemas.bindings.history_report_1 import HistoryReport
from schemas.bindings.status_query_1 import StatusQuery
from schemas.bindings.status_report_1 import StatusReport
from schemas.errors import Code, Refused
from schemas.workflow import Amounts, Cell, Event, Role
from tests.handlers import crafts
from tests.handlers.crafts import AGENT, NOW, Situation

EVENTS = tuple(
    Event(
        id=number,
        at=NOW,
        event="Assignment",
        actor=crafts.HOUSE,
        from_state="submitted" if number > 1 else None,
        to_state="awaiting_processing",
        version=1,
        note={"assignee": AGENT, "reason": "x" * 3000, "before": ""},
    )
    for number in range(60, 0, -1)
)


def tallied(inspection: Inspection) -> dict[Cell, Amounts]:
    return dict(tally(crafts.dossier(inspection)))


def cell(report: str, state: str, *, category: str = "", agent: str = AGENT) -> Cell:
    return Cell(
        report=report, period="2026-11", service="BM", agent=agent, category=category, state=state
    )


def test_a_dossier_is_shown_as_it_stands_and_as_json() -> None:
    shown = show(crafts.dossier(crafts.closed()), crafts.DEFAULTS)
    assert shown["assignee"] == AGENT
    assert shown["answer"]["decision"] == "refused"
    assert [line["weight"] for line in shown["lines"]] == ["230.4", "96"]
    assert [document["type"] for document in shown["documents"]] == [
        "INVOICE",
        "PACKING",
        "REGISTRATION",
    ]
    json.dumps(shown)
    draft = replace(crafts.new(), consignee=None, lines=(), documents=())
    assert show(crafts.dossier(draft), crafts.DEFAULTS)["assignee"] is None


def test_a_dossier_is_found_by_what_people_ask_for() -> None:
    certificate = Certificate(number="BM-2026-1088/C1", agent=AGENT, issued_at=NOW)
    found = facets(crafts.dossier(replace(crafts.closed(), certificates=(certificate,))))
    assert found >= {
        ("exporter", "cooperative"),
        ("exporter", "zerbia"),
        ("ice", "003182755000049"),
        ("registration", "ART-BM-02218"),
        ("service", "BM"),
        ("assignee", AGENT),
        ("exit_point", "SALE"),
        ("transport", "4"),
        ("category", "CARPETS"),
        ("category", "POTTERY"),
        ("code", "5701101000"),
        ("certificate", "BM-2026-1088/C1"),
    }
    assert not {value for name, value in found if name == "assignee" and not value}
    assert "assignee" not in {name for name, _ in facets(crafts.dossier(crafts.submitted()))}


def test_a_draft_counts_in_no_report() -> None:
    assert tallied(crafts.new()) == {}


def test_a_dossier_counts_once_as_a_whole_and_in_each_of_its_categories() -> None:
    worth = Decimal("92793.60")
    assert tallied(crafts.taken()) == {
        cell("general", "in_progress"): Amounts(dossiers=1, lines=2, value=worth),
        cell("category", "in_progress", category="CARPETS"): Amounts(
            dossiers=1, lines=1, value=worth
        ),
        cell("category", "in_progress", category="POTTERY"): Amounts(dossiers=1, lines=1),
    }
    assert cell("general", "submitted", agent="") in tallied(crafts.submitted())


def test_a_closed_dossier_counts_the_seconds_that_it_took() -> None:
    amounts = tallied(crafts.closed())[cell("general", "closed")]
    assert (amounts.finished, amounts.seconds) == (1, 47 * 3600)


def test_the_reports_count_the_goods_as_the_agent_found_them() -> None:
    found = replace(crafts.carpet(), local_value=Decimal(80000))
    amounts = tallied(replace(crafts.taken(), corrected=(found,)))
    assert amounts[cell("general", "in_progress")] == Amounts(
        dossiers=1, lines=1, value=Decimal(80000)
    )


def test_the_month_of_a_dossier_is_that_of_its_submission_in_morocco() -> None:
    late = replace(crafts.submitted(), submitted_at=datetime(2026, 10, 31, 23, 30, tzinfo=UTC))
    assert {one.period for one in tallied(late)} == {"2026-11"}
    early = replace(crafts.submitted(), submitted_at=NOW - timedelta(days=40))
    assert {one.period for one in tallied(early)} == {"2026-10"}


def test_the_status_has_nothing_of_licences() -> None:
    situation = Situation(inspection=crafts.taken(), events=EVENTS)
    assert situation.dossier is not None
    for asked, count in ((None, 10), (3, 3), (0, 0)):
        query = StatusQuery(changes=asked)
        (reply,) = status_query(query, situation.dossier, situation.context).replies
        report = reply.payload
        assert isinstance(report, StatusReport)
        assert (reply.to, report.procedure) == (crafts.HOUSE, "inspection")
        assert (report.state.value, report.state.fr) == (
            "in_progress",
            "Dossier en cours de traitement",
        )
        assert len(report.change) == count
        licence_only = (report.visa_number, report.valid_from, report.remaining_amount)
        assert licence_only == (None, None, None)
        assert report.line_balance == ()
        write(report)


@pytest.mark.parametrize("state", ["new", "archived"])
def test_what_was_never_submitted_is_told_to_its_exporter_only(state: str) -> None:
    draft = replace(crafts.new(), state=state)
    for role in (Role.DECLARANT, Role.INSPECTION):
        situation = Situation(inspection=draft, role=role, events=EVENTS)
        assert situation.dossier is not None
        for query, ask in ((status_query, StatusQuery()), (history_query, HistoryQuery())):
            if role is Role.DECLARANT:
                assert query(ask, situation.dossier, situation.context).replies
                continue
            with pytest.raises(Refused) as refusal:
                query(ask, situation.dossier, situation.context)
            assert [one.code for one in refusal.value.findings] == [Code.DOSSIER_UNKNOWN]


def history(limit: int | None, before: int | None = None) -> HistoryReport:
    situation = Situation(inspection=crafts.taken(), events=EVENTS)
    assert situation.dossier is not None
    query = HistoryQuery(limit=limit, before=before)
    (reply,) = history_query(query, situation.dossier, situation.context).replies
    assert isinstance(reply.payload, HistoryReport)
    write(reply.payload)
    return reply.payload


def test_the_history_comes_in_pages_newest_first() -> None:
    first = history(None)
    assert [event.id for event in first.event] == list(range(60, 10, -1))
    last = history(None, first.next)
    assert [event.id for event in last.event] == list(range(10, 0, -1))
    assert last.next is None
    assert history(10, 11).next is None


def test_the_facts_of_an_event_are_told_cut_to_length_and_none_is_empty() -> None:
    facts = {fact.name: fact.value for fact in history(1).event[0].fact}
    assert facts == {"assignee": AGENT, "reason": "x" * 2000}
