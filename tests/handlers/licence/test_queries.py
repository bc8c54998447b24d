"""What customs and declarants may ask, and that asking changes nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from handlers.licence.balance_query import balance_query
from handlers.licence.history_query import history_query
from handlers.licence.imputation import imputation
from handlers.licence.licence import Licence
from handlers.licence.life import Reservation
from handlers.licence.status_query import status_query
from schemas.bindings.balance_query_1 import BalanceQuery
from schemas.bindings.balance_report_1 import BalanceReport
from schemas.bindings.common_1 import Amount, Quantity
from schemas.bindings.history_query_1 import HistoryQuery
from schemas.bindings.history_report_1 import HistoryReport
from schemas.bindings.status_query_1 import StatusQuery
from schemas.bindings.status_report_1 import StatusReport
from schemas.errors import Refused
from schemas.workflow import Decision, Event, Role
from tests.handlers.dossiers import (
    DEFAULTS,
    NOW,
    NUMBER,
    Settings,
    Situation,
    dossier,
    entry,
    granted,
    saved,
    submitted,
    used,
)
from tests.handlers.licence.test_imputation import ORIGINAL

ASKED = BalanceQuery(
    line=1,
    commodity_code="1509100000",
    quantity=Quantity(value=Decimal(601), unit="KGM"),
    value=Amount(value=Decimal(24000), currency="EUR"),
    customs_office="400",
    customs_procedure="061",
    imputation_date=ORIGINAL.imputation_date,
)


def unchanged(decision: Decision) -> bool:
    """Whether nothing but an answer follows."""
    return (decision.finding, decision.content, decision.entries) == (None, None, ())


def balance(
    message: BalanceQuery, licence: Licence, settings: Settings = DEFAULTS
) -> BalanceReport:
    situation = Situation(licence=licence, role=Role.CUSTOMS, settings=settings)
    decision = balance_query(message, dossier(licence), situation.context)
    assert unchanged(decision)
    (reply,) = decision.replies
    assert reply.to == "customs"
    assert isinstance(reply.payload, BalanceReport)
    return reply.payload


def status(licence: Licence, situation: Situation, changes: int | None = None) -> StatusReport:
    message = StatusQuery(changes=changes)
    decision = status_query(message, dossier(licence), situation.context)
    assert unchanged(decision)
    (reply,) = decision.replies
    assert isinstance(reply.payload, StatusReport)
    return reply.payload


def test_a_declaration_that_asks_finds_what_it_reserved() -> None:
    held = Reservation(
        owner="customs",
        office="309",
        declaration="30906020260004711A",
        line=1,
        quantity=Decimal(1000),
        value=Decimal(0),
        expires_on=NOW.date(),
    )
    licence = replace(granted(), reservations=(held,))
    asked = BalanceQuery(line=1, quantity=Quantity(value=Decimal(1000), unit="KGM"))
    assert [error.code for error in balance(asked, licence).error] == ["PSV-707"]
    mine = replace(asked, declaration_number=held.declaration)
    assert balance(mine, licence).error == ()


def test_a_balance_says_what_remains() -> None:
    report = balance(BalanceQuery(line=1), used([entry()]))
    (line,) = report.line_balance
    assert [line.granted, line.imputed, line.remaining] == [1000, 400, 600]
    assert line.unit == "KGM"
    assert report.remaining_amount is not None
    assert report.remaining_amount.value == 44000
    assert report.error == ()


def test_a_balance_query_meets_the_errors_of_the_imputation() -> None:
    licence, strict = used([entry()]), Settings(other_office="error", control="both")
    report = balance(ASKED, licence, strict)
    same = replace(
        ORIGINAL,
        commodity_code="1509100000",
        quantity=Quantity(value=Decimal(601), unit="KGM"),
        value=Amount(value=Decimal(24000), currency="EUR"),
        customs_office="400",
        customs_procedure="061",
        declaration_number="400061202600012399B",
    )
    situation = Situation(licence=licence, role=Role.CUSTOMS, settings=strict)
    try:
        imputation(same, dossier(licence), situation.context)
    except Refused as refusal:
        met = [finding.code.label for finding in refusal.findings]
    else:
        met = []
    assert [problem.code for problem in report.error] == met
    assert len(met) == 5


def test_an_error_of_a_balance_query_names_its_place_in_the_query() -> None:
    places = [problem.xpath for problem in balance(ASKED, used([entry()])).error]
    assert "/StandardBusinessDocument/BalanceQuery/Value/@currency" in places


def test_a_warning_is_no_error_of_a_balance() -> None:
    assert balance(BalanceQuery(line=1, customs_office="400"), granted()).error == ()


def test_a_line_that_is_not_there_has_an_error_and_no_balance() -> None:
    report = balance(BalanceQuery(line=7), granted())
    assert report.line_balance == ()
    assert [problem.code for problem in report.error] == ["PSV-702"]


def test_a_licence_without_a_visa_says_that_nothing_can_be_imputed() -> None:
    report = balance(BalanceQuery(line=1), submitted())
    assert report.state.value == "submitted"
    assert [problem.code for problem in report.error] == ["PSV-801"]


def test_a_query_without_a_day_asks_about_today() -> None:
    licence = granted()
    assert licence.visa is not None
    yesterday = NOW.date() - timedelta(days=1)
    ended = replace(licence, visa=replace(licence.visa, valid_until=yesterday))
    assert [one.code for one in balance(BalanceQuery(line=1), ended).error] == ["PSV-701"]


def test_a_status_tells_state_validity_balances_and_changes() -> None:
    event = Event(
        id=1,
        at=NOW - timedelta(days=3),
        event="LicenceApplication",
        actor="huilerie-souss",
        from_state=None,
        to_state="saved",
        version=1,
    )
    moved = replace(event, at=NOW, from_state="saved", to_state="submitted")
    licence = used([entry()])
    report = status(licence, Situation(licence=licence, events=(moved, event)))
    assert (report.dossier_number, report.state.value, report.state.fr) == (
        NUMBER,
        "partly_imputed",
        "Partiellement imputé",
    )
    assert report.visa_number == "MCE-2026-311"
    assert [line.remaining for line in report.line_balance] == [600, 500]
    assert [(one.from_value is None, one.to.value) for one in report.change] == [
        (False, "submitted"),
        (True, "saved"),
    ]


def test_a_status_tells_as_many_changes_as_asked() -> None:
    event = Event(
        id=1,
        at=NOW,
        event="Imputation",
        actor="customs",
        from_state="granted",
        to_state="imputed",
        version=1,
    )
    situation = Situation(licence=saved(), events=(event,) * 30)
    assert len(status(saved(), situation).change) == 10
    assert len(status(saved(), situation, 25).change) == 25
    assert status(saved(), situation, 0).change == ()


def reported(query: HistoryQuery, events: tuple[Event, ...]) -> HistoryReport:
    situation = Situation(licence=saved(), events=events)
    decision = history_query(query, dossier(saved()), situation.context)
    assert unchanged(decision)
    (reply,) = decision.replies
    assert isinstance(reply.payload, HistoryReport)
    return reply.payload


def test_a_history_is_told_page_by_page_with_its_facts() -> None:
    opened = Event(
        id=0,
        at=NOW,
        event="LicenceApplication",
        actor="huilerie-souss",
        from_state=None,
        to_state="saved",
        version=1,
        note={"reason": "x" * 3000, "officer": ""},
    )
    events = tuple(replace(opened, id=number) for number in range(120, 0, -1))
    first = reported(HistoryQuery(), events)
    assert [one.id for one in first.event] == list(range(120, 70, -1))
    assert [(fact.name, len(fact.value)) for fact in first.event[0].fact] == [("reason", 2000)]
    assert first.next == 71
    second = reported(HistoryQuery(before=first.next, limit=70), events)
    assert [one.id for one in second.event] == list(range(70, 0, -1))
    last = reported(HistoryQuery(before=second.next), events)
    assert (last.event, last.next) == ((), None)
