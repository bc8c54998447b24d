"""Customs holds a part of a line for a declaration: until it imputes, releases, or a day passes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from xsdata.models.datatype import XmlDate

from handlers.licence.awaiting import ask, awaits
from handlers.licence.balance_query import balance_query
from handlers.licence.licence import Licence
from handlers.licence.reservation import lapse, reservation
from handlers.licence.shown import show
from handlers.registry import Ring, registry
from schemas.bindings.balance_query_1 import BalanceQuery
from schemas.bindings.balance_report_1 import BalanceReport
from schemas.bindings.common_1 import Amount, Quantity
from schemas.bindings.notification_1 import Notification
from schemas.bindings.reservation_1 import Action, Reservation
from schemas.errors import Code, Refused
from schemas.workflow import Decision, Role
from tests.handlers.dossiers import (
    DECLARANT,
    DEFAULTS,
    NOW,
    Ledgers,
    Settings,
    Situation,
    dossier,
    entry,
    granted,
    used,
)

DECLARATION = "309060202600012399B"
PLACE = Reservation(
    action=Action.PLACE,
    customs_office="309",
    declaration_number=DECLARATION,
    line=1,
    quantity=Quantity(value=Decimal(600), unit="KGM"),
    value=Amount(value=Decimal(24000), currency="MAD"),
    expiry_date=XmlDate(2026, 11, 30),
)
CHANGE = replace(PLACE, action=Action.CHANGE)
RELEASE = replace(PLACE, action=Action.RELEASE, quantity=None, value=None, expiry_date=None)
KEPT = ["granted", "partly_imputed", "imputed", "cancelling", "expired", "suspended", "revoked"]


def decide(
    message: Reservation, licence: Licence, settings: Settings = DEFAULTS, sender: str = "customs"
) -> Decision:
    context = Situation(licence=licence, role=Role.CUSTOMS, settings=settings).context
    return reservation(message, dossier(licence), replace(context, sender=sender))


def codes(message: Reservation, licence: Licence, settings: Settings = DEFAULTS) -> list[Code]:
    with pytest.raises(Refused) as refusal:
        decide(message, licence, settings)
    return [finding.code for finding in refusal.value.findings]


def after(message: Reservation, licence: Licence) -> Licence:
    content = decide(message, licence).content
    assert content is not None
    return Licence.of(replace(dossier(licence), content=content))


def quantity(amount: str, unit: str = "KGM") -> Quantity:
    return Quantity(value=Decimal(amount), unit=unit)


def test_what_is_placed_is_held_until_its_last_day() -> None:
    decision = decide(PLACE, granted())
    assert decision.finding == "held"
    (held,) = after(PLACE, granted()).reservations
    assert [held.quantity, held.value, held.owner] == [600, 24000, "customs"]
    (timer,) = decision.timers
    assert timer.name == "reservation"
    assert timer.due == datetime(2026, 11, 30, 23, tzinfo=UTC)  # midnight in Morocco


def test_it_is_held_in_the_lines_own_unit() -> None:
    (held,) = after(replace(PLACE, quantity=quantity("0.6", "TNE")), granted()).reservations
    assert held.quantity == 600


def test_no_more_is_held_than_others_leave() -> None:
    licence = after(PLACE, used([entry(quantity=300)]))
    other = replace(PLACE, declaration_number="309060202600012400C")
    assert decide(replace(other, quantity=quantity("100")), licence).finding == "held"
    assert codes(replace(other, quantity=quantity("100.001")), licence) == [Code.QUANTITY_EXCEEDED]


def test_a_change_replaces_what_was_held_and_until_when() -> None:
    placed = after(PLACE, granted())
    changed = replace(CHANGE, quantity=quantity("1000"), expiry_date=XmlDate(2026, 12, 1))
    (held,) = after(changed, placed).reservations
    assert [held.quantity, held.expires_on] == [1000, date(2026, 12, 1)]
    assert codes(replace(CHANGE, quantity=quantity("1001")), placed) == [Code.QUANTITY_EXCEEDED]


def test_a_value_is_held_where_value_is_controlled() -> None:
    settings = Settings(control="value")
    much = replace(PLACE, value=Amount(value=Decimal(60001), currency="MAD"))
    assert codes(much, granted(), settings) == [Code.VALUE_EXCEEDED]
    assert decide(much, granted()).finding == "held"


@pytest.mark.parametrize("state", KEPT)
def test_it_is_released_in_whatever_state_the_licence_has_come_to(state: str) -> None:
    placed = replace(after(PLACE, granted()), state=state)
    assert decide(RELEASE, placed).finding == "released"
    assert after(RELEASE, placed).reservations == ()
    assert registry().procedures["licence"].moves[state, "Reservation", "released"] == state


@pytest.mark.parametrize("state", [state for state in KEPT if state not in KEPT[:2]])
@pytest.mark.parametrize("message", [PLACE, CHANGE])
def test_only_a_usable_licence_is_reserved(state: str, message: Reservation) -> None:
    licence = after(PLACE, granted()) if message is CHANGE else granted()
    assert codes(message, replace(licence, state=state)) == [Code.MOVE_FORBIDDEN]


def test_only_who_placed_it_changes_or_releases_it() -> None:
    placed = after(PLACE, granted())
    for message in (CHANGE, RELEASE):
        with pytest.raises(Refused) as refusal:
            decide(message, placed, sender="another-customs")
        assert [one.code for one in refusal.value.findings] == [Code.RESERVATION_OF_ANOTHER]


def test_placed_twice_and_changed_before_it_is_placed_are_refused() -> None:
    assert codes(PLACE, after(PLACE, granted())) == [Code.RESERVATION_EXISTS]
    assert codes(CHANGE, granted()) == [Code.RESERVATION_UNKNOWN]
    assert codes(RELEASE, granted()) == [Code.RESERVATION_UNKNOWN]


def test_two_lines_of_one_declaration_are_two_reservations() -> None:
    second = replace(PLACE, line=2, quantity=quantity("500", "LTR"), value=None)
    assert len(after(second, after(PLACE, granted())).reservations) == 2


def test_how_much_and_until_when_must_be_said() -> None:
    empty = replace(PLACE, quantity=None, expiry_date=None)
    assert codes(empty, granted()) == [Code.RESERVATION_INCOMPLETE] * 2


@pytest.mark.parametrize(
    ("day", "good"),
    [
        (date(2026, 11, 20), False),
        (date(2026, 11, 21), True),
        (date(2027, 5, 9), True),
        (date(2027, 5, 10), False),
    ],
)
def test_it_ends_between_today_and_the_end_of_the_visa(day: date, good: bool) -> None:
    message = replace(PLACE, expiry_date=XmlDate.from_date(day))
    if good:
        assert decide(message, granted()).finding == "held"
    else:
        assert codes(message, granted()) == [Code.RESERVATION_DAY_OUTSIDE]


def test_another_office_is_a_warning_or_an_error_by_the_settings() -> None:
    message = replace(PLACE, customs_office="400", declaration_number="400060202600012399B")
    assert [one.code for one in decide(message, granted()).warnings] == [Code.OTHER_OFFICE]
    assert codes(message, granted(), Settings(other_office="error")) == [Code.OTHER_OFFICE]


def test_customs_that_reserves_knows_the_licence() -> None:
    waiting, _, _ = ask(
        granted(), "Acknowledgement", "insert/1", role=Role.CUSTOMS, now=NOW, days=2
    )
    assert not awaits(after(PLACE, waiting), "Acknowledgement")


def ring(licence: Licence, now: datetime) -> Decision:
    about = f"309 {DECLARATION} 1"
    return lapse(dossier(licence), Ring(about=about, now=now, settings=DEFAULTS, read=Ledgers()))


def test_after_its_last_day_it_is_gone_and_both_sides_are_told() -> None:
    decision = ring(after(PLACE, granted()), datetime(2026, 11, 30, 23, tzinfo=UTC))
    assert decision.finding == "lapsed"
    assert decision.content is not None
    assert Licence.of(replace(dossier(granted()), content=decision.content)).reservations == ()
    assert [reply.to for reply in decision.replies] == ["customs", DECLARANT]
    assert all(isinstance(reply.payload, Notification) for reply in decision.replies)


def test_the_timer_of_one_prolonged_or_released_does_nothing() -> None:
    placed = after(PLACE, granted())
    night = datetime(2026, 11, 30, 23, tzinfo=UTC)
    longer = after(replace(CHANGE, expiry_date=XmlDate(2026, 12, 1)), placed)
    assert ring(longer, night) == Decision()
    assert ring(after(RELEASE, placed), night) == Decision()


def test_everybody_with_a_right_to_the_licence_sees_it() -> None:
    placed = after(PLACE, granted())
    situation = Situation(licence=placed)
    decision = balance_query(BalanceQuery(line=1), dossier(placed), situation.context)
    report = decision.replies[0].payload
    assert isinstance(report, BalanceReport)
    assert [report.line_balance[0].remaining, report.line_balance[0].reserved] == [1000, 600]
    (shown,) = show(dossier(placed), DEFAULTS)["reservations"]
    assert (shown["declaration"], shown["quantity"]) == (DECLARATION, "600")


def test_a_query_says_what_reservations_leave() -> None:
    placed = after(PLACE, granted())
    message = BalanceQuery(line=1, quantity=quantity("401"))
    situation = Situation(licence=placed, role=Role.CUSTOMS)
    report = balance_query(message, dossier(placed), situation.context).replies[0].payload
    assert isinstance(report, BalanceReport)
    assert [error.code for error in report.error] == ["PSV-707"]
