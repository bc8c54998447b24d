"""What partners say of what the hub sent them: proof that they have it, and customs' last word."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from xsdata.models.datatype import XmlDateTime

from handlers.licence import STATES
from handlers.licence.acknowledgement import MOVES, acknowledgement
from handlers.licence.awaiting import awaits
from handlers.licence.customs_notice import inform
from handlers.licence.licence import Licence
from handlers.licence.notices import notify
from schemas.bindings.acknowledgement_1 import (
    Acknowledgement,
    Answers,
    Stage,
    Status,
    StatusCode,
    StatusName,
)
from schemas.bindings.common_1 import LanguageCode, LocalText, Problem
from schemas.bindings.licence_notice_1 import Action
from schemas.bindings.notification_1 import Notification
from schemas.errors import Code, Refused
from schemas.workflow import Decision, Role, Sent
from tests.handlers.dossiers import DECLARANT, DEFAULTS, NOW, NUMBER, Situation, dossier, granted

DIGEST = "ab" * 32
STATUS = {
    StatusName.RECEIVED: (Stage.RECEIPT, StatusCode.VALUE_43),
    StatusName.REJECTED: (Stage.RECEIPT, StatusCode.VALUE_8),
    StatusName.ACCEPTED: (Stage.OUTCOME, StatusCode.VALUE_1),
    StatusName.ACCEPTED_WITH_WARNINGS: (Stage.OUTCOME, StatusCode.VALUE_44),
    StatusName.REFUSED: (Stage.OUTCOME, StatusCode.VALUE_8),
}
ERROR = Problem(
    code="PSV-641",
    text=(
        LocalText(value="Une déclaration est en cours.", lang=LanguageCode.FR),
        LocalText(value="A declaration is under way.", lang=LanguageCode.EN),
    ),
)


def message(status: StatusName, **changes: Any) -> Acknowledgement:
    stage, code = STATUS[status]
    answers = Answers(
        sender="passavant",
        instance_identifier="notice-1",
        type_value="LicenceNotice",
        digest=DIGEST,
        received_date_time=XmlDateTime.from_datetime(NOW),
    )
    refused = status in (StatusName.REFUSED, StatusName.REJECTED)
    return Acknowledgement(
        stage=stage,
        status=Status(value=status, code=code),
        answers=replace(answers, **changes),
        error=(ERROR,) if refused else (),
    )


def told(action: Action, state: str) -> tuple[Licence, Sent]:
    """A licence of which customs was told, and the notice."""
    licence, reply, _ = inform(replace(granted(), state=state), action, DEFAULTS, NOW)
    return licence, sent(reply.payload)


def sent(payload: object, **changes: str) -> Sent:
    whole = Sent(
        instance="notice-1",
        type=type(payload).__name__,
        receiver="customs",
        dossier=NUMBER,
        digest=DIGEST,
        payload=payload,
    )
    return replace(whole, **changes)


def decide(
    licence: Licence,
    was_sent: Sent,
    answer: Acknowledgement,
    *,
    role: Role = Role.CUSTOMS,
    now: datetime = NOW,
) -> Decision:
    met = Situation(licence=licence, role=role, outbox=(was_sent,), now=now)
    return acknowledgement(answer, dossier(licence), met.context)


def after(licence: Licence, decision: Decision) -> Licence:
    assert decision.content is not None
    return Licence.of(replace(dossier(licence), content=decision.content))


def notifications(decision: Decision) -> list[tuple[object, str]]:
    return [
        (one.to, one.payload.code)
        for one in decision.replies
        if isinstance(one.payload, Notification)
    ]


@pytest.mark.parametrize("status", list(StatusName), ids=lambda one: one.value)
def test_any_word_on_a_new_licence_shows_that_customs_has_it(status: StatusName) -> None:
    licence, notice = told(Action.INSERT, "granted")
    assert awaits(licence, "Acknowledgement")
    decision = decide(licence, notice, message(status))
    assert decision.finding == "noted"
    assert not awaits(after(licence, decision), "Acknowledgement")
    assert decision.note == {
        "answers": "notice-1",
        "type": "LicenceNotice",
        "status": status.value,
    }


def test_the_ministry_hears_of_a_notice_that_customs_refuses() -> None:
    licence, notice = told(Action.INSERT, "granted")
    decision = decide(licence, notice, message(StatusName.REFUSED))
    assert notifications(decision) == [(Role.MINISTRY, "notice-refused")]
    (reply,) = decision.replies
    assert isinstance(reply.payload, Notification)
    french, english = (text.value for text in reply.payload.text)
    assert "Une déclaration est en cours." in french
    assert "A declaration is under way." in english
    assert not decide(licence, notice, message(StatusName.ACCEPTED)).replies


@pytest.mark.parametrize("status", [StatusName.ACCEPTED, StatusName.ACCEPTED_WITH_WARNINGS])
def test_a_licence_that_customs_lets_go_is_cancelled(status: StatusName) -> None:
    licence, notice = told(Action.CANCEL, "cancelling")
    decision = decide(licence, notice, message(status))
    assert decision.finding == "recalled"
    assert notifications(decision) == [(DECLARANT, "licence-cancelled")]
    assert not awaits(after(licence, decision), "Acknowledgement")
    assert decision.reprint


@pytest.mark.parametrize("status", [StatusName.REFUSED, StatusName.REJECTED])
def test_a_licence_that_customs_keeps_is_granted_again(status: StatusName) -> None:
    licence, notice = told(Action.CANCEL, "cancelling")
    licence = replace(licence, reason="Le client renonce.")
    decision = decide(licence, notice, message(status))
    assert decision.finding == "kept"
    assert notifications(decision) == [(DECLARANT, "cancellation-refused")]
    (reply,) = decision.replies
    assert isinstance(reply.payload, Notification)
    assert "Une déclaration est en cours." in reply.payload.text[0].value
    kept = after(licence, decision)
    assert kept.reason == ""
    assert not awaits(kept, "Acknowledgement")


#: 00:00 in Morocco after the last day of use, 9 May 2027.
END = datetime(2027, 5, 9, 23, 0, tzinfo=UTC)


def test_a_licence_that_customs_kept_too_long_expires() -> None:
    licence, notice = told(Action.CANCEL, "cancelling")
    refusal = message(StatusName.REFUSED)
    before = decide(licence, notice, refusal, now=END - timedelta(seconds=1))
    assert before.finding == "kept"
    late = decide(licence, notice, refusal, now=END)
    assert late.finding == "lapsed"
    assert [code for _, code in notifications(late)] == ["cancellation-refused", "licence-expired"]
    assert {timer.name for timer in late.timers} == {"no-answer", "purge"}


def test_a_receipt_of_a_recall_leaves_customs_owing_its_word() -> None:
    licence, notice = told(Action.CANCEL, "cancelling")
    decision = decide(licence, notice, message(StatusName.RECEIVED))
    assert decision.finding == "noted"
    assert awaits(after(licence, decision), "Acknowledgement", "cancel/1")


def test_a_recall_that_an_imputation_overtook_is_only_noted() -> None:
    licence, notice = told(Action.CANCEL, "cancelling")
    overtaken = replace(licence, state="partly_imputed")
    decision = decide(overtaken, notice, message(StatusName.ACCEPTED))
    assert (decision.finding, decision.replies) == ("noted", ())


def test_an_older_notice_says_nothing_of_a_recall() -> None:
    licence, _ = told(Action.CANCEL, "cancelling")
    _, older = told(Action.INSERT, "granted")
    decision = decide(licence, older, message(StatusName.ACCEPTED))
    assert decision.finding == "noted"
    assert awaits(after(licence, decision), "Acknowledgement", "cancel/1")


def test_what_is_no_notice_is_noted_and_nothing_else() -> None:
    licence, _ = told(Action.INSERT, "granted")
    mail = sent(notify("ministry", licence, "x", fr="x", en="x").payload, receiver="ministry")
    decision = decide(licence, mail, message(StatusName.ACCEPTED), role=Role.MINISTRY)
    assert decision.finding == "noted"
    assert after(licence, decision) == licence


@pytest.mark.parametrize(
    ("changed", "answers", "code"),
    [
        ({}, {"instance_identifier": "notice-2"}, Code.ANSWERED_UNKNOWN),
        ({}, {"instance_identifier": None}, Code.ANSWERED_UNKNOWN),
        ({"receiver": "bank"}, {}, Code.ANSWERED_UNKNOWN),
        ({"dossier": "LE-2026-0000043"}, {}, Code.ANSWERED_OTHER_DOSSIER),
        ({}, {"digest": "cd" * 32}, Code.ANSWERED_OTHER_CONTENT),
        ({}, {"digest": None}, Code.ANSWERED_OTHER_CONTENT),
    ],
)
def test_an_answer_to_something_else_is_refused(
    changed: dict[str, str], answers: dict[str, Any], code: Code
) -> None:
    licence, notice = told(Action.CANCEL, "cancelling")
    with pytest.raises(Refused) as refusal:
        decide(licence, replace(notice, **changed), message(StatusName.ACCEPTED, **answers))
    assert [finding.code for finding in refusal.value.findings] == [code]


@pytest.mark.parametrize("status", list(StatusName), ids=lambda one: one.value)
def test_a_status_of_the_other_stage_is_refused(status: StatusName) -> None:
    licence, notice = told(Action.INSERT, "granted")
    answer = message(status)
    other = Stage.OUTCOME if answer.stage is Stage.RECEIPT else Stage.RECEIPT
    with pytest.raises(Refused) as refusal:
        decide(licence, notice, replace(answer, stage=other))
    assert [one.code for one in refusal.value.findings] == [Code.STATUS_NOT_OF_STAGE]


def test_an_answer_is_noted_in_every_state() -> None:
    noted = {move.state for move in MOVES if move.finding == "noted"}
    assert noted == {state.name for state in STATES}
