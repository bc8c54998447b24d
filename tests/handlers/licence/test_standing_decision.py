"""What the ministry decides on a granted licence: who may use it, and what everybody is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from xsdata.models.datatype import XmlDate

from handlers.licence.expiry import PURGE
from handlers.licence.licence import Licence
from handlers.licence.life import Awaited, Extension, Reservation
from handlers.licence.visa_decision import visa_decision
from handlers.registry import registry
from schemas.bindings.licence_notice_1 import Action, LicenceNotice
from schemas.bindings.notification_1 import Notification
from schemas.bindings.visa_decision_1 import Decision as Verdict
from schemas.bindings.visa_decision_1 import VisaDecision
from schemas.errors import Code, Refused
from schemas.workflow import Decision, Role
from tests.handlers.dossiers import (
    DECLARANT,
    DEFAULTS,
    NOW,
    Situation,
    dossier,
    entry,
    granted,
    used,
)

REASON = "Contrôle de l'origine."
HELD = Reservation(
    owner="adii",
    office="309",
    declaration="309060202600012346B",
    line=1,
    quantity=Decimal(10),
    value=Decimal(400),
    expires_on=date(2026, 12, 1),
)
ASKED = Extension(until=date(2027, 7, 1), reason="Navire reporté.", asked_at=NOW)
OWED = Awaited(
    answer="ExtensionDecision", key="1", role="ministry", since=NOW, by=NOW + timedelta(days=10)
)


def message(decision: Verdict, **changes: Any) -> VisaDecision:
    whole = VisaDecision(
        decision=decision,
        version=1,
        officer="S. Bennani",
        decision_date=XmlDate(2026, 11, 20),
        reason=REASON,
    )
    return replace(whole, **changes)


def decide(licence: Licence, decision: Verdict, now: datetime = NOW) -> Decision:
    met = Situation(licence=licence, role=Role.MINISTRY, now=now)
    return visa_decision(message(decision), dossier(licence), met.context)


def state_after(licence: Licence, decision: Decision) -> str | None:
    assert decision.finding is not None
    moves = registry().procedures["licence"].moves
    return moves.get((licence.state, "VisaDecision", decision.finding))


def after(licence: Licence, decision: Decision) -> Licence:
    assert decision.content is not None
    return Licence.of(replace(dossier(licence), content=decision.content))


def notice_of(decision: Decision) -> LicenceNotice:
    (notice,) = [one.payload for one in decision.replies if isinstance(one.payload, LicenceNotice)]
    return notice


@pytest.mark.parametrize("licence", [granted(), used([entry()])], ids=lambda one: one.state)
@pytest.mark.parametrize(
    ("verdict", "state"), [(Verdict.SUSPENDED, "suspended"), (Verdict.REVOKED, "revoked")]
)
def test_a_stopped_licence_is_told_to_customs_and_the_declarant(
    licence: Licence, verdict: Verdict, state: str
) -> None:
    decision = decide(licence, verdict)
    assert state_after(licence, decision) == state
    to_customs, to_declarant = decision.replies
    notice = notice_of(decision)
    assert to_customs.to is Role.CUSTOMS
    assert to_customs.expects_answer_by == NOW + timedelta(days=DEFAULTS.customs_days)
    assert (notice.action, notice.status and notice.status.value) == (Action.REPLACE, state)
    assert isinstance(to_declarant.payload, Notification)
    assert (to_declarant.to, to_declarant.payload.code) == (DECLARANT, f"licence-{state}")
    assert all(REASON in text.value for text in to_declarant.payload.text)
    assert after(licence, decision).reason == REASON
    assert decision.reprint
    assert [timer.name for timer in decision.timers] == ["no-answer"]


def test_a_suspension_leaves_reservations_and_the_question_of_an_extension() -> None:
    licence = replace(granted(), reservations=(HELD,), extension=ASKED, awaited=(OWED,))
    kept = after(licence, decide(licence, Verdict.SUSPENDED))
    assert (kept.reservations, kept.extension) == ((HELD,), ASKED)
    assert OWED in kept.awaited


def test_a_revocation_leaves_nothing_reserved_and_nothing_to_extend() -> None:
    licence = replace(granted(), reservations=(HELD,), extension=ASKED, awaited=(OWED,))
    kept = after(licence, decide(licence, Verdict.REVOKED))
    assert (kept.reservations, kept.extension) == ((), None)
    assert OWED not in kept.awaited


def test_a_suspended_licence_may_be_revoked() -> None:
    licence = replace(granted(), state="suspended")
    assert state_after(licence, decide(licence, Verdict.REVOKED)) == "revoked"


@pytest.mark.parametrize(
    ("licence", "state"),
    [
        (granted(), "granted"),
        (used([entry()]), "partly_imputed"),
        (used([entry(quantity=1000), entry("I-2", 500, line=2)]), "imputed"),
    ],
    ids=["unused", "part", "whole"],
)
def test_a_reinstated_licence_is_what_its_ledger_says(licence: Licence, state: str) -> None:
    suspended = replace(licence, state="suspended", reason="Contrôle")
    decision = decide(suspended, Verdict.REINSTATED)
    assert state_after(suspended, decision) == state
    status = notice_of(decision).status
    assert status is not None
    assert status.value == state
    assert after(suspended, decision).reason == ""
    assert decision.timers[-1].name == "no-answer"


#: 00:00 in Morocco after the last day of use, 9 May 2027.
END = datetime(2027, 5, 9, 23, 0, tzinfo=UTC)


def test_a_licence_reinstated_after_its_validity_expires_at_once() -> None:
    suspended = replace(used([entry()]), state="suspended", reservations=(HELD,))
    decision = decide(suspended, Verdict.REINSTATED, now=END)
    assert state_after(suspended, decision) == "expired"
    status = notice_of(decision).status
    assert status is not None
    assert status.value == "expired"
    assert after(suspended, decision).reservations == ()
    (purge,) = [timer for timer in decision.timers if timer.name == PURGE]
    assert purge.due == END + timedelta(days=DEFAULTS.purge_days)


def test_a_second_before_the_end_a_licence_is_reinstated_as_it_was() -> None:
    suspended = replace(granted(), state="suspended")
    decision = decide(suspended, Verdict.REINSTATED, now=END - timedelta(seconds=1))
    assert state_after(suspended, decision) == "granted"


def test_a_licence_used_up_is_reinstated_whatever_the_day() -> None:
    whole = used([entry(quantity=1000), entry("I-2", 500, line=2)], "suspended")
    assert state_after(whole, decide(whole, Verdict.REINSTATED, now=END)) == "imputed"


@pytest.mark.parametrize("verdict", [Verdict.SUSPENDED, Verdict.REVOKED, Verdict.REINSTATED])
@pytest.mark.parametrize(
    ("changes", "code"),
    [({"reason": None}, Code.REASON_MISSING), ({"version": 2}, Code.VERSION_STALE)],
)
def test_a_later_decision_says_why_and_of_which_version(
    verdict: Verdict, changes: dict[str, Any], code: Code
) -> None:
    licence = replace(granted(), state="suspended")
    met = Situation(licence=licence, role=Role.MINISTRY)
    with pytest.raises(Refused) as refusal:
        visa_decision(message(verdict, **changes), dossier(licence), met.context)
    assert [finding.code for finding in refusal.value.findings] == [code]


@pytest.mark.parametrize(
    ("state", "verdict"),
    [
        ("submitted", Verdict.SUSPENDED),
        ("imputed", Verdict.SUSPENDED),
        ("expired", Verdict.REVOKED),
        ("granted", Verdict.REINSTATED),
        ("revoked", Verdict.REINSTATED),
        ("cancelling", Verdict.REVOKED),
    ],
)
def test_what_is_not_usable_cannot_be_stopped_nor_what_runs_set_going(
    state: str, verdict: Verdict
) -> None:
    licence = replace(granted(), state=state)
    assert state_after(licence, decide(licence, verdict)) is None
