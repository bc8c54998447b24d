"""More time: asked for before the end, decided by the ministry, and told to customs."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from xsdata.models.datatype import XmlDate

from handlers.licence.awaiting import awaits
from handlers.licence.expiry import EXPIRY
from handlers.licence.extension_decision import extension_decision
from handlers.licence.extension_request import extension_request
from handlers.licence.licence import Licence
from handlers.licence.life import Extension
from handlers.registry import registry
from schemas.bindings.extension_decision_1 import Decision as Verdict
from schemas.bindings.extension_decision_1 import ExtensionDecision
from schemas.bindings.extension_request_1 import ExtensionRequest
from schemas.bindings.licence_notice_1 import Action, LicenceNotice
from schemas.bindings.notification_1 import Notification
from schemas.errors import Code, Refused
from schemas.workflow import Decision, Role
from tests.handlers.dossiers import (
    DECLARANT,
    DEFAULTS,
    NOW,
    NUMBER,
    Settings,
    Situation,
    dossier,
    entry,
    granted,
    used,
)

#: 00:00 in Morocco after the last day of use, 9 May 2027.
END = datetime(2027, 5, 9, 23, 0, tzinfo=UTC)
REQUEST = ExtensionRequest(valid_until=XmlDate(2027, 7, 9), reason="Navire reporté.")
EXTENDED = ExtensionDecision(
    decision=Verdict.GRANTED,
    valid_until=XmlDate(2027, 7, 9),
    officer="S. Bennani",
    decision_date=XmlDate(2026, 11, 20),
)
REFUSED = replace(
    EXTENDED, decision=Verdict.REJECTED, valid_until=None, reason="Le contingent est clos."
)


def ask(
    licence: Licence,
    message: ExtensionRequest = REQUEST,
    *,
    now: datetime = NOW,
    settings: Settings = DEFAULTS,
) -> Decision:
    met = Situation(licence=licence, now=now, settings=settings)
    return extension_request(message, dossier(licence), met.context)


def decide(
    licence: Licence, message: ExtensionDecision = EXTENDED, now: datetime = NOW
) -> Decision:
    met = Situation(licence=licence, role=Role.MINISTRY, now=now)
    return extension_decision(message, dossier(licence), met.context)


def codes(act: object) -> list[Code]:
    with pytest.raises(Refused) as refusal:
        act()  # type: ignore[operator]  # a lambda around the call that is refused
    return [finding.code for finding in refusal.value.findings]


def after(licence: Licence, decision: Decision) -> Licence:
    assert decision.content is not None
    return Licence.of(replace(dossier(licence), content=decision.content))


def asking(licence: Licence | None = None) -> Licence:
    before = licence or granted()
    return replace(after(before, ask(before)), entries=before.entries)


def test_a_request_reaches_the_ministry_with_what_the_hub_knows() -> None:
    decision = ask(granted())
    (reply,) = decision.replies
    deadline = NOW + timedelta(days=DEFAULTS.extension_days)
    assert (reply.to, reply.expects_answer_by) == (Role.MINISTRY, deadline)
    request = reply.payload
    assert isinstance(request, ExtensionRequest)
    assert (request.dossier_number, request.declarant) == (NUMBER, DECLARANT)
    assert request.current_valid_until == XmlDate(2027, 5, 9)
    assert request.deadline is not None
    assert request.deadline.to_datetime() == deadline
    assert (request.valid_until, request.reason) == (REQUEST.valid_until, REQUEST.reason)


def test_the_hub_does_not_believe_what_only_the_hub_knows() -> None:
    lied = replace(REQUEST, dossier_number="LE-1", declarant="coop-atlas")
    (reply,) = ask(granted(), lied).replies
    assert isinstance(reply.payload, ExtensionRequest)
    assert (reply.payload.dossier_number, reply.payload.declarant) == (NUMBER, DECLARANT)


def test_the_ministry_owes_a_decision() -> None:
    licence = asking()
    assert licence.extension == Extension(
        until=date(2027, 7, 9), reason="Navire reporté.", asked_at=NOW
    )
    assert awaits(licence, "ExtensionDecision", 1)
    (timer,) = ask(granted()).timers
    assert timer.name == "no-answer"


def test_the_new_end_lies_after_the_present_one() -> None:
    same = replace(REQUEST, valid_until=XmlDate(2027, 5, 9))
    assert codes(lambda: ask(granted(), same)) == [Code.EXTENSION_TOO_EARLY]
    assert ask(granted(), replace(REQUEST, valid_until=XmlDate(2027, 5, 10))).finding == "asked"


def test_an_extension_is_asked_for_before_the_end() -> None:
    assert ask(granted(), now=END - timedelta(seconds=1)).finding == "asked"
    assert codes(lambda: ask(granted(), now=END)) == [Code.VALIDITY_OVER]


def test_a_licence_is_extended_as_often_as_the_settings_say() -> None:
    once = replace(granted(), extensions=1)
    assert codes(lambda: ask(once)) == [Code.EXTENSIONS_USED]
    assert ask(once, settings=Settings(extensions=2)).finding == "asked"


def test_one_request_at_a_time() -> None:
    assert codes(lambda: ask(asking())) == [Code.EXTENSION_PENDING]


def test_more_time_is_granted() -> None:
    decision = decide(asking())
    extended = after(granted(), decision)
    assert decision.finding == "extended"
    assert extended.visa is not None
    assert extended.visa.valid_until == date(2027, 7, 9)
    assert (extended.extension, extended.extensions) == (None, 1)
    assert not awaits(extended, "ExtensionDecision")
    assert decision.reprint
    notice, told = decision.replies
    assert isinstance(notice.payload, LicenceNotice)
    assert (notice.to, notice.payload.action) == (Role.CUSTOMS, Action.REPLACE)
    assert notice.payload.valid_until == XmlDate(2027, 7, 9)
    assert isinstance(told.payload, Notification)
    assert (told.to, told.payload.code) == (DECLARANT, "extension-granted")
    assert "09/07/2027" in told.payload.text[0].value
    (end,) = [timer for timer in decision.timers if timer.name == EXPIRY]
    assert end.due == datetime(2027, 7, 9, 23, 0, tzinfo=UTC)


def test_a_shorter_extension_than_asked_stands() -> None:
    shorter = replace(EXTENDED, valid_until=XmlDate(2027, 6, 1))
    visa = after(granted(), decide(asking(), shorter)).visa
    assert visa is not None
    assert visa.valid_until == date(2027, 6, 1)


def test_a_refusal_says_why_and_leaves_the_end_where_it_was() -> None:
    decision = decide(asking(), REFUSED)
    kept = after(granted(), decision)
    assert decision.finding == "refused"
    assert (kept.extension, kept.extensions, kept.visa) == (None, 0, granted().visa)
    (told,) = decision.replies
    assert isinstance(told.payload, Notification)
    assert told.payload.code == "extension-refused"
    assert "Le contingent est clos." in told.payload.text[0].value
    assert ask(kept).finding == "asked"


@pytest.mark.parametrize(
    ("licence", "state"),
    [
        (granted(), "granted"),
        (used([entry()]), "partly_imputed"),
        (used([entry(quantity=1000), entry("I-2", 500, line=2)]), "imputed"),
    ],
    ids=["unused", "part", "whole"],
)
def test_an_expired_licence_comes_back_as_its_ledger_says(licence: Licence, state: str) -> None:
    expired = replace(asking(licence), state="expired")
    decision = decide(expired, now=END + timedelta(days=3))
    moves = registry().procedures["licence"].moves
    assert moves["expired", "ExtensionDecision", decision.finding or ""] == state
    notice = decision.replies[0].payload
    assert isinstance(notice, LicenceNotice)
    assert notice.status is not None
    assert notice.status.value == state


@pytest.mark.parametrize("state", ["granted", "partly_imputed", "suspended", "imputed"])
def test_a_decision_does_not_change_any_other_state(state: str) -> None:
    moves = registry().procedures["licence"].moves
    licence = replace(asking(), state=state)
    for message in (EXTENDED, REFUSED):
        finding = decide(licence, message).finding
        assert moves[state, "ExtensionDecision", finding or ""] == state


def test_a_refusal_leaves_an_expired_licence_expired() -> None:
    moves = registry().procedures["licence"].moves
    finding = decide(replace(asking(), state="expired"), REFUSED).finding
    assert moves["expired", "ExtensionDecision", finding or ""] == "expired"


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (replace(EXTENDED, valid_until=None), Code.EXTENSION_END_MISSING),
        (replace(EXTENDED, valid_until=XmlDate(2027, 5, 9)), Code.EXTENSION_TOO_EARLY),
        (replace(EXTENDED, valid_until=XmlDate(2027, 7, 10)), Code.EXTENSION_EXCEEDS_ASKED),
        (replace(EXTENDED, decision_date=XmlDate(2026, 11, 22)), Code.DATE_IN_FUTURE),
        (replace(REFUSED, reason=None), Code.REASON_MISSING),
    ],
)
def test_a_decision_that_cannot_stand_is_refused(message: ExtensionDecision, code: Code) -> None:
    assert codes(lambda: decide(asking(), message)) == [code]


def test_nothing_is_decided_that_nobody_asked_for() -> None:
    assert codes(lambda: decide(granted())) == [Code.EXTENSION_NOT_ASKED]
    assert codes(lambda: decide(granted(), REFUSED)) == [Code.EXTENSION_NOT_ASKED]


def test_an_end_that_has_passed_is_no_extension() -> None:
    expired = replace(asking(), state="expired")
    short = replace(EXTENDED, valid_until=XmlDate(2027, 6, 1))
    last_moment = datetime(2027, 6, 1, 22, 59, 59, tzinfo=UTC)
    assert decide(expired, short, last_moment).finding == "unused"
    too_late = last_moment + timedelta(seconds=1)
    assert codes(lambda: decide(expired, short, too_late)) == [Code.EXTENSION_TOO_EARLY]
