"""The ministry's decision: what it opens, what it sends back, what is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from xsdata.models.datatype import XmlDate

from handlers.licence.awaiting import awaits
from handlers.licence.licence import Licence
from handlers.licence.life import Awaited
from handlers.licence.visa_decision import visa_decision
from schemas.bindings.common_1 import Control, MeasuredQuantity
from schemas.bindings.licence_notice_1 import Action, LicenceNotice
from schemas.bindings.notification_1 import Notification
from schemas.bindings.visa_decision_1 import Decision as Verdict
from schemas.bindings.visa_decision_1 import GrantedLine, VisaDecision
from schemas.errors import Code, Refused
from schemas.workflow import Decision, Role
from tests.handlers.dossiers import (
    DECLARANT,
    DEFAULTS,
    NOW,
    Settings,
    Situation,
    dossier,
    submitted,
)

GRANTED = VisaDecision(
    decision=Verdict.GRANTED,
    version=1,
    visa_number="MCE-2026-311",
    officer="S. Bennani",
    decision_date=XmlDate(2026, 11, 20),
    valid_from=XmlDate(2026, 11, 23),
    valid_until=XmlDate(2027, 5, 22),
    condition=("Exportation par le port de Casablanca.",),
)
REJECTED = replace(
    GRANTED, decision=Verdict.REJECTED, visa_number=None, reason="Quota annuel épuisé."
)
RETURNED = replace(REJECTED, decision=Verdict.RETURNED, reason="Facture illisible.")


def line(number: int, quantity: str, unit: str = "KGM") -> GrantedLine:
    return GrantedLine(line=number, quantity=MeasuredQuantity(value=Decimal(quantity), unit=unit))


def decide(
    message: VisaDecision, settings: Settings = DEFAULTS, licence: Licence | None = None
) -> Decision:
    met = licence or submitted()
    situation = Situation(licence=met, role=Role.MINISTRY, settings=settings)
    return visa_decision(message, dossier(met), situation.context)


def after(decision: Decision) -> Licence:
    """The licence with the content that was decided."""
    assert decision.content is not None
    return Licence.of(replace(dossier(submitted()), content=decision.content))


def codes(message: VisaDecision) -> list[Code]:
    with pytest.raises(Refused) as refusal:
        decide(message)
    return [finding.code for finding in refusal.value.findings]


def test_a_grant_opens_the_licence_for_customs() -> None:
    decision = decide(replace(GRANTED, granted_line=(line(1, "800"),)))
    assert decision.finding == "granted"
    to_customs, to_declarant = decision.replies
    notice = to_customs.payload
    assert isinstance(notice, LicenceNotice)
    assert to_customs.to is Role.CUSTOMS
    assert (notice.action, notice.control) == (Action.INSERT, Control.QUANTITY)
    assert [one.line for one in notice.line] == [1, 2]
    assert [one.granted for one in notice.line] == [800, 500]
    assert [one.remaining for one in notice.line] == [800, 500]
    assert notice.remaining_amount == 60000
    assert to_declarant.to == DECLARANT
    assert decision.reprint


def test_a_grant_is_kept_with_its_visa_and_quantities() -> None:
    licence = after(decide(replace(GRANTED, granted_line=(line(1, "800"),))))
    assert licence.visa is not None
    assert (licence.visa.valid_from, licence.visa.valid_until) == (
        date(2026, 11, 23),
        date(2027, 5, 22),
    )
    assert licence.visa.conditions == ("Exportation par le port de Casablanca.",)
    assert [one.granted for one in licence.lines] == [800, 500]


def test_a_visa_without_an_end_lasts_the_months_of_the_settings() -> None:
    endless = replace(
        GRANTED, valid_from=None, valid_until=None, decision_date=XmlDate(2025, 8, 31)
    )
    visa = after(decide(endless)).visa
    assert visa is not None
    assert (visa.valid_from, visa.valid_until) == (date(2025, 8, 31), date(2026, 2, 28))
    longer = after(decide(endless, Settings(validity_months=18))).visa
    assert longer is not None
    assert longer.valid_until == date(2027, 2, 28)


def notices(decision: Decision) -> list[Action]:
    payloads = [reply.payload for reply in decision.replies]
    return [one.action for one in payloads if isinstance(one, LicenceNotice)]


AGAIN = replace(submitted(), known_to_customs=True)


def test_customs_is_told_what_the_ministry_lets_it_control() -> None:
    decision = decide(replace(GRANTED, control=Control.BOTH))
    notice = decision.replies[0].payload
    assert isinstance(notice, LicenceNotice)
    assert (notice.control, notice.condition) == (Control.BOTH, GRANTED.condition)
    assert notice.status is not None
    assert notice.status.value == "granted"
    visa = after(decision).visa
    assert visa is not None
    assert visa.control == "both"


def test_a_new_visa_replaces_what_customs_knows() -> None:
    assert notices(decide(GRANTED)) == [Action.INSERT]
    assert notices(decide(GRANTED, licence=AGAIN)) == [Action.REPLACE]
    assert after(decide(GRANTED)).known_to_customs


def test_a_rejected_amendment_is_recalled_from_customs() -> None:
    assert notices(decide(REJECTED, licence=AGAIN)) == [Action.CANCEL]
    assert notices(decide(REJECTED)) == []


@pytest.mark.parametrize("message", [GRANTED, REJECTED, RETURNED], ids=lambda one: one.decision)
def test_the_ministry_owes_no_decision_any_more(message: VisaDecision) -> None:
    owed = Awaited(answer="VisaDecision", key="1", role="ministry", since=NOW, by=NOW)
    waiting = replace(submitted(), awaited=(owed,))
    assert not awaits(after(decide(message, licence=waiting)), "VisaDecision")


def test_customs_owes_an_acknowledgement_and_the_end_is_set() -> None:
    decision = decide(GRANTED)
    assert awaits(after(decision), "Acknowledgement", "insert/1")
    assert decision.replies[0].expects_answer_by == NOW + timedelta(days=DEFAULTS.customs_days)
    assert [timer.name for timer in decision.timers] == ["no-answer", "expiring", "expiry"]


@pytest.mark.parametrize(
    ("message", "finding", "code"),
    [(REJECTED, "rejected", "licence-rejected"), (RETURNED, "returned", "licence-returned")],
)
def test_a_refusal_tells_the_declarant_why(message: VisaDecision, finding: str, code: str) -> None:
    decision = decide(message)
    assert decision.finding == finding
    (reply,) = decision.replies
    assert isinstance(reply.payload, Notification)
    assert (reply.to, reply.payload.code) == (DECLARANT, code)
    assert message.reason is not None
    assert all(message.reason in text.value for text in reply.payload.text)
    assert after(decision).reason == message.reason


def test_a_returned_application_becomes_a_new_version() -> None:
    assert decide(RETURNED).version == 2
    assert decide(REJECTED).version is None


def test_a_long_reason_still_fits_the_notification() -> None:
    (reply,) = decide(replace(REJECTED, reason="é" * 2000)).replies
    assert isinstance(reply.payload, Notification)
    assert all(1000 <= len(text.value) <= 2000 for text in reply.payload.text)


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (replace(GRANTED, version=2), Code.VERSION_STALE),
        (replace(REJECTED, version=2), Code.VERSION_STALE),
        (replace(REJECTED, reason=None), Code.REASON_MISSING),
        (replace(RETURNED, reason=None), Code.REASON_MISSING),
        (replace(GRANTED, visa_number=None), Code.VISA_NUMBER_MISSING),
        (replace(GRANTED, valid_until=XmlDate(2026, 11, 22)), Code.VALIDITY_INVERTED),
        (replace(GRANTED, decision_date=XmlDate(2026, 11, 22)), Code.DATE_IN_FUTURE),
        (replace(GRANTED, granted_line=(line(3, "1"),)), Code.GRANTED_LINE_UNKNOWN),
        (replace(GRANTED, granted_line=(line(1, "1"),) * 2), Code.GRANTED_LINE_REPEATED),
        (replace(GRANTED, granted_line=(line(1, "1", "TNE"),)), Code.GRANTED_UNIT_DIFFERS),
        (replace(GRANTED, granted_line=(line(1, "1000.001"),)), Code.GRANTED_EXCEEDS_ASKED),
        (
            replace(GRANTED, granted_line=(line(1, "0"), line(2, "0", "LTR"))),
            Code.NOTHING_GRANTED,
        ),
    ],
)
def test_a_decision_that_cannot_stand_is_refused(message: VisaDecision, expected: Code) -> None:
    assert codes(message) == [expected]


def test_a_line_may_be_granted_nothing_when_another_is() -> None:
    licence = after(decide(replace(GRANTED, granted_line=(line(1, "0"),))))
    assert [one.granted for one in licence.lines] == [0, 500]


def test_a_validity_of_one_day_stands() -> None:
    assert decide(replace(GRANTED, valid_until=XmlDate(2026, 11, 23))).finding == "granted"
