"""A licence given up: at once while nobody may use it, else when customs lets it go."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from handlers.licence.awaiting import awaits
from handlers.licence.cancellation import MOVES, cancellation
from handlers.licence.licence import Licence
from handlers.licence.life import Awaited, Reservation
from schemas.bindings.licence_cancellation_1 import LicenceCancellation
from schemas.bindings.licence_notice_1 import Action, LicenceNotice
from schemas.bindings.notification_1 import Notification
from schemas.errors import Code, Refused
from schemas.workflow import Decision, Role
from tests.handlers.dossiers import DEFAULTS, NOW, Situation, dossier, granted, saved, submitted

MESSAGE = LicenceCancellation(reason_code="ORDER-LOST", reason="Le client renonce.")
KNOWN = replace(granted(), known_to_customs=True)
HELD = Reservation(
    owner="adii",
    office="309",
    declaration="309060202600012346B",
    line=1,
    quantity=Decimal(10),
    value=Decimal(400),
    expires_on=date(2026, 11, 21),
)


def decide(licence: Licence, message: LicenceCancellation = MESSAGE) -> Decision:
    return cancellation(message, dossier(licence), Situation(licence=licence).context)


def refused(licence: Licence, message: LicenceCancellation = MESSAGE) -> list[Code]:
    with pytest.raises(Refused) as refusal:
        decide(licence, message)
    return [finding.code for finding in refusal.value.findings]


def after(licence: Licence, decision: Decision) -> Licence:
    assert decision.content is not None
    return Licence.of(replace(dossier(licence), content=decision.content))


def to(licence: Licence, decision: Decision) -> str:
    moves = {(move.state, move.finding): move.to for move in MOVES}
    return moves[licence.state, decision.finding or ""]


def test_a_draft_is_given_up_without_a_word_to_anybody() -> None:
    decision = decide(saved())
    assert (decision.finding, decision.replies) == ("given-up", ())
    assert to(saved(), decision) == "cancelled"


def test_the_ministry_is_told_when_it_had_the_application() -> None:
    owed = Awaited(answer="VisaDecision", key="1", role="ministry", since=NOW, by=NOW)
    waiting = replace(submitted(), awaited=(owed,))
    decision = decide(waiting)
    (reply,) = decision.replies
    assert reply.to is Role.MINISTRY
    assert isinstance(reply.payload, Notification)
    assert reply.payload.code == "licence-cancelled"
    assert all("Le client renonce." in text.value for text in reply.payload.text)
    assert after(waiting, decision).awaited == ()
    assert to(waiting, decision) == "cancelled"


def test_a_granted_licence_is_recalled_from_customs_which_has_the_last_word() -> None:
    decision = decide(KNOWN)
    (reply,) = decision.replies
    assert to(KNOWN, decision) == "cancelling"
    assert reply.to is Role.CUSTOMS
    assert reply.expects_answer_by == NOW + timedelta(days=DEFAULTS.customs_days)
    assert isinstance(reply.payload, LicenceNotice)
    assert reply.payload.action is Action.CANCEL
    assert reply.payload.status is not None
    assert reply.payload.status.value == "cancelling"
    assert awaits(after(KNOWN, decision), "Acknowledgement", "cancel/1")
    (timer,) = decision.timers
    assert (timer.name, timer.about) == ("no-answer", "Acknowledgement cancel/1")


@pytest.mark.parametrize("state", ["saved", "submitted"])
def test_a_licence_that_customs_knows_from_an_earlier_visa_is_recalled_too(state: str) -> None:
    licence = replace(KNOWN, state=state, version=2, visa=None)
    decision = decide(licence)
    notice = decision.replies[-1].payload
    assert isinstance(notice, LicenceNotice)
    assert (notice.action, notice.version) == (Action.CANCEL, 2)
    assert to(licence, decision) == "cancelled"


@pytest.mark.parametrize("licence", [saved(), submitted(), KNOWN], ids=lambda one: one.state)
def test_the_reason_is_kept(licence: Licence) -> None:
    decision = decide(licence)
    assert after(licence, decision).reason == "Le client renonce."
    assert decision.note["reason_code"] == "ORDER-LOST"


def test_a_reason_outside_the_list_is_refused() -> None:
    assert refused(KNOWN, replace(MESSAGE, reason_code="WEATHER")) == [Code.REASON_CODE_UNKNOWN]


def test_a_reservation_stands_in_the_way_until_its_last_day_is_over() -> None:
    assert refused(replace(KNOWN, reservations=(HELD,))) == [Code.LICENCE_RESERVED]
    lapsed = replace(HELD, expires_on=date(2026, 11, 20))
    assert decide(replace(KNOWN, reservations=(lapsed,))).finding == "recalled"


def test_no_move_leads_from_a_licence_with_imputations() -> None:
    assert {move.state for move in MOVES} == {"saved", "submitted", "granted"}
