"""The end of validity, to the second, whatever became of the licence since its timers were set."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from handlers.days import end_of
from handlers.licence import STATES
from handlers.licence.awaiting import awaits
from handlers.licence.expiry import (
    EXPIRING,
    EXPIRY,
    MOVES,
    PURGE,
    expiring,
    expiry,
    over,
    purge,
    timers,
)
from handlers.licence.licence import Licence
from handlers.licence.life import Clearance, Extension, Reservation
from handlers.registry import Rings
from schemas.bindings.licence_notice_1 import Action, LicenceNotice
from schemas.bindings.notification_1 import Notification
from schemas.workflow import Decision, Reply
from tests.handlers.dossiers import (
    DECLARANT,
    DEFAULTS,
    NOW,
    Settings,
    Situation,
    dossier,
    entry,
    granted,
    used,
)

#: 00:00 in Morocco after the last day of use, 9 May 2027.
END = datetime(2027, 5, 9, 23, 0, tzinfo=UTC)
ABOUT = "1 2027-05-09"
HELD = Reservation(
    owner="adii",
    office="309",
    declaration="309060202600012346B",
    line=1,
    quantity=Decimal(10),
    value=Decimal(400),
    expires_on=date(2027, 6, 1),
)
CLEARED = Clearance(
    declaration=entry().declaration,
    decision="full",
    officer="S. El Fassi",
    decided_on=date(2027, 5, 20),
    imputed=Decimal(16000),
)


def ring(handler: Rings, licence: Licence, now: datetime = END, about: str = ABOUT) -> Decision:
    met = Situation(licence=licence, now=now)
    return handler(dossier(licence), replace(met.ring, about=about))


def notified(decision: Decision) -> list[tuple[object, str]]:
    return [
        (one.to, one.payload.code)
        for one in decision.replies
        if isinstance(one.payload, Notification)
    ]


def until(licence: Licence, day: date) -> Licence:
    assert licence.visa is not None
    return replace(licence, visa=replace(licence.visa, valid_until=day))


@pytest.mark.parametrize("hours", [-12, -5, 0, 1, 14])
def test_a_day_ends_at_one_moment_in_every_time_zone(hours: int) -> None:
    zone = timezone(timedelta(hours=hours))
    moment = END.astimezone(zone)
    assert end_of(date(2027, 5, 9)) == END
    assert over(granted(), moment)
    assert not over(granted(), moment - timedelta(seconds=1))


def test_a_visa_sets_a_warning_and_the_end() -> None:
    found = {timer.name: (timer.due, timer.about) for timer in timers(granted(), DEFAULTS, NOW)}
    warning = END - timedelta(days=DEFAULTS.expiry_alert_days)
    assert found == {EXPIRING: (warning, ABOUT), EXPIRY: (END, ABOUT)}


def test_a_visa_too_short_for_a_warning_has_only_its_end() -> None:
    settings = Settings(expiry_alert_days=400)
    assert [timer.name for timer in timers(granted(), settings, NOW)] == [EXPIRY]


def test_without_a_visa_nothing_ends() -> None:
    assert timers(replace(granted(), visa=None), DEFAULTS, NOW) == ()


@pytest.mark.parametrize("licence", [granted(), used([entry()])], ids=lambda one: one.state)
def test_the_declarant_is_warned_before_the_end(licence: Licence) -> None:
    decision = ring(expiring, licence, END - timedelta(days=30))
    assert decision.finding == "warned"
    assert notified(decision) == [(DECLARANT, "licence-expiring")]


@pytest.mark.parametrize("licence", [granted(), used([entry()])], ids=lambda one: one.state)
def test_a_licence_expires_and_everybody_knows(licence: Licence) -> None:
    decision = ring(expiry, licence)
    assert decision.finding == "expired"
    assert notified(decision) == [(DECLARANT, "licence-expired")]
    notice = decision.replies[0].payload
    assert isinstance(notice, LicenceNotice)
    assert (notice.action, notice.status and notice.status.value) == (Action.REPLACE, "expired")
    assert decision.reprint
    (closing,) = [timer for timer in decision.timers if timer.name == PURGE]
    assert (closing.due, closing.about) == (END + timedelta(days=DEFAULTS.purge_days), ABOUT)


def test_a_second_too_early_nothing_ends() -> None:
    assert ring(expiry, granted(), END - timedelta(seconds=1)) == Decision()


def test_reservations_lapse_and_the_question_of_an_extension_stays() -> None:
    asked = Extension(until=date(2027, 7, 1), reason="Navire reporté.", asked_at=NOW)
    licence = replace(granted(), reservations=(HELD,), extension=asked)
    decision = ring(expiry, licence)
    assert decision.content is not None
    expired = Licence.of(replace(dossier(licence), content=decision.content))
    assert (expired.reservations, expired.extension) == ((), asked)
    assert awaits(expired, "Acknowledgement", "replace/1")
    told = [reply for reply in decision.replies if code_of(reply) == "reservation-ended"]
    assert {reply.to for reply in told} == {HELD.owner, licence.owner}


def code_of(reply: Reply) -> str:
    return reply.payload.code if isinstance(reply.payload, Notification) else ""


@pytest.mark.parametrize("handler", [expiring, expiry, purge])
def test_an_extended_licence_does_not_hear_its_old_timers(handler: Rings) -> None:
    state = "expired" if handler is purge else "granted"
    extended = until(replace(granted(), state=state), date(2027, 7, 9))
    assert ring(handler, extended, END + timedelta(days=400)) == Decision()


@pytest.mark.parametrize("handler", [expiring, expiry, purge])
def test_a_new_visa_does_not_hear_the_timers_of_the_old_one(handler: Rings) -> None:
    state = "expired" if handler is purge else "granted"
    assert ring(handler, replace(granted(), state=state, version=2)) == Decision()


def test_a_licence_being_cancelled_is_looked_at_again_a_day_later() -> None:
    decision = ring(expiry, replace(granted(), state="cancelling"))
    assert (decision.finding, decision.replies) == ("waits", ())
    (again,) = decision.timers
    assert (again.name, again.due, again.about) == (EXPIRY, END + timedelta(days=1), ABOUT)


@pytest.mark.parametrize("handler", [expiring, expiry, purge])
def test_a_timer_only_finds_what_its_state_can_follow(handler: Rings) -> None:
    """The gateway parks a timer whose finding has no move."""
    moved = {(move.state, move.finding) for move in MOVES}
    for state in STATES:
        for now in (END - timedelta(seconds=1), END):
            finding = ring(handler, replace(granted(), state=state.name), now).finding
            assert finding is None or (state.name, finding) in moved


def test_a_suspended_licence_does_not_expire() -> None:
    assert ring(expiry, replace(granted(), state="suspended")) == Decision()


def test_a_licence_never_used_is_closed() -> None:
    decision = ring(purge, replace(granted(), state="expired"))
    assert decision.finding == "unused"
    assert notified(decision) == [(DECLARANT, "licence-closed-unused")]


def test_a_licence_that_owes_nothing_is_cleared() -> None:
    licence = replace(used([entry()], "expired"), clearances=(CLEARED,))
    decision = ring(purge, licence)
    assert decision.finding == "cleared"
    assert notified(decision) == [(DECLARANT, "licence-cleared")]


def test_a_licence_that_owes_proceeds_stays_expired() -> None:
    assert ring(purge, used([entry()], "expired")) == Decision()


def test_a_licence_that_is_not_expired_is_not_closed() -> None:
    assert ring(purge, granted()) == Decision()
