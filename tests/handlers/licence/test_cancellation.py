"""A licence given up: at once, and whoever had it is told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from handlers.licence.cancellation import MOVES, cancellation
from handlers.licence.licence import Licence
from schemas.bindings.licence_cancellation_1 import LicenceCancellation
from schemas.bindings.licence_notice_1 import Action, LicenceNotice
from schemas.bindings.notification_1 import Notification
from schemas.errors import Code, Refused
from schemas.workflow import Decision, Role
from tests.handlers.dossiers import Situation, dossier, granted, saved, submitted

MESSAGE = LicenceCancellation(reason_code="ORDER-LOST", reason="Le client renonce.")


def decide(licence: Licence, message: LicenceCancellation = MESSAGE) -> Decision:
    return cancellation(message, dossier(licence), Situation(licence=licence).context)


def test_a_draft_is_given_up_without_a_word_to_anybody() -> None:
    decision = decide(saved())
    assert (decision.finding, decision.replies) == ("given-up", ())


def test_the_ministry_is_told_when_it_had_the_application() -> None:
    (reply,) = decide(submitted()).replies
    assert reply.to is Role.MINISTRY
    assert isinstance(reply.payload, Notification)
    assert reply.payload.code == "licence-cancelled"
    assert all("Le client renonce." in text.value for text in reply.payload.text)


def test_a_granted_licence_is_recalled_from_customs() -> None:
    decision = decide(granted())
    (reply,) = decision.replies
    assert decision.finding == "recalled"
    assert reply.to is Role.CUSTOMS
    assert isinstance(reply.payload, LicenceNotice)
    assert reply.payload.action is Action.CANCEL


@pytest.mark.parametrize("licence", [saved(), submitted(), granted()], ids=lambda one: one.state)
def test_the_reason_is_kept_and_the_move_exists(licence: Licence) -> None:
    decision = decide(licence)
    assert decision.content is not None
    content = Licence.of(replace(dossier(licence), content=decision.content))
    assert content.reason == "Le client renonce."
    assert decision.note["reason_code"] == "ORDER-LOST"
    assert (licence.state, decision.finding) in {(move.state, move.finding) for move in MOVES}


def test_a_reason_outside_the_list_is_refused() -> None:
    with pytest.raises(Refused) as refusal:
        decide(granted(), replace(MESSAGE, reason_code="WEATHER"))
    (finding,) = refusal.value.findings
    assert (finding.code, finding.path) == (Code.REASON_CODE_UNKNOWN, "ReasonCode")


def test_no_move_leads_from_a_licence_with_imputations() -> None:
    assert {move.state for move in MOVES} == {"saved", "submitted", "granted"}
