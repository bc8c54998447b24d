"""A granted licence is changed: what may change, and that nobody uses it until a new visa."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from handlers.licence.amendment import MOVES, amendment
from handlers.licence.awaiting import awaits
from handlers.licence.licence import Licence
from handlers.licence.life import Awaited, Proof, Reservation
from schemas.bindings.common_1 import Licence as Asked
from schemas.bindings.licence_amendment_1 import LicenceAmendment
from schemas.bindings.licence_notice_1 import Action, LicenceNotice
from schemas.bindings.visa_request_1 import VisaRequest
from schemas.errors import Code, Refused
from schemas.workflow import Decision, Move, Role
from tests.handlers.dossiers import DEFAULTS, NOW, NUMBER, Situation, dossier, granted
from tests.handlers.licence.test_application import HEADER, LINE, WHOLE

ICE = "002741865000045"
BEFORE = replace(
    granted(),
    known_to_customs=True,
    exporter=replace(granted().exporter, ice=ICE),
    extensions=1,
)
HELD = Reservation(
    owner="adii",
    office="309",
    declaration="309060202600012346B",
    line=1,
    quantity=Decimal(10),
    value=Decimal(400),
    expires_on=date(2026, 11, 21),
)


def decide(licence: Licence = BEFORE, asked: Asked = WHOLE, base: int = 1) -> Decision:
    message = LicenceAmendment(base_version=base, reason="Commande réduite.", licence=asked)
    return amendment(message, dossier(licence), Situation(licence=licence).context)


def refused(licence: Licence = BEFORE, asked: Asked = WHOLE, base: int = 1) -> list[Code]:
    with pytest.raises(Refused) as refusal:
        decide(licence, asked, base)
    return [finding.code for finding in refusal.value.findings]


def after(decision: Decision) -> Licence:
    assert decision.content is not None
    return Licence.of(replace(dossier(BEFORE), content=decision.content))


def test_an_amendment_is_a_new_version_that_asks_for_a_new_visa() -> None:
    decision = decide()
    assert (decision.finding, decision.version) == ("amended", 2)
    request = decision.replies[0].payload
    assert isinstance(request, VisaRequest)
    assert (request.dossier_number, request.version) == (NUMBER, 2)
    assert request.licence.destination_country == ("ES", "PT")
    assert decision.replies[0].to is Role.MINISTRY
    assert decision.replies[0].expects_answer_by == NOW + timedelta(days=DEFAULTS.visa_days)
    assert awaits(after(decision), "VisaDecision", 2)
    assert decision.reprint
    assert decision.note == {"reason": "Commande réduite."}


def test_nobody_uses_it_meanwhile() -> None:
    decision = decide()
    notice = decision.replies[1].payload
    assert isinstance(notice, LicenceNotice)
    assert decision.replies[1].to is Role.CUSTOMS
    assert (notice.action, notice.version, notice.visa_number) == (Action.REPLACE, 2, None)
    assert notice.status is not None
    assert notice.status.value == "submitted"
    amended = after(decision)
    assert (amended.visa, amended.lines[0].granted) == (None, None)
    assert awaits(amended, "Acknowledgement", "replace/2")
    assert [timer.name for timer in decision.timers] == ["no-answer", "no-answer"]


def test_what_happened_to_the_licence_is_kept() -> None:
    owed = Awaited(answer="Acknowledgement", key="insert/1", role="customs", since=NOW, by=NOW)
    proof = Proof(
        bank="Banque du Souss",
        number="B-1",
        attested_on=date(2026, 11, 20),
        amount=Decimal(1),
        rate=Decimal(1),
        shares=(),
        filed_by="banque",
    )
    amended = after(decide(replace(BEFORE, awaited=(owed,), proofs=(proof,))))
    assert amended.known_to_customs
    assert owed in amended.awaited
    assert amended.proofs == (proof,)


def test_a_new_visa_may_be_extended_anew() -> None:
    assert after(decide()).extensions == 0


def test_an_older_version_is_refused_with_the_current_one() -> None:
    with pytest.raises(Refused) as refusal:
        decide(replace(BEFORE, version=3), base=2)
    (finding,) = refusal.value.findings
    assert (finding.code, finding.path) == (Code.VERSION_STALE, "BaseVersion")
    assert finding.fields["current"] == 3


def test_the_currency_is_frozen() -> None:
    asked = replace(WHOLE, currency="EUR")
    assert refused(asked=asked) == [Code.CURRENCY_FROZEN]


def test_the_licence_does_not_pass_to_another_exporter() -> None:
    assert WHOLE.exporter is not None
    other = replace(WHOLE.exporter, ice="001561191000066", name="Un autre")
    assert refused(asked=replace(WHOLE, exporter=other)) == [Code.EXPORTER_FROZEN]
    renamed = replace(WHOLE.exporter, name="Huilerie du Souss SARL")
    assert decide(asked=replace(WHOLE, exporter=renamed)).finding == "amended"


def test_a_reservation_stands_in_the_way_until_its_last_day_is_over() -> None:
    assert refused(replace(BEFORE, reservations=(HELD,))) == [Code.LICENCE_RESERVED]
    lapsed = replace(HELD, expires_on=date(2026, 11, 20))
    assert decide(replace(BEFORE, reservations=(lapsed,))).finding == "amended"


def test_the_content_must_be_whole() -> None:
    assert refused(asked=HEADER) == [Code.ELEMENT_MISSING] * 3


def test_every_mistake_is_told_at_once() -> None:
    asked = replace(WHOLE, currency="EUR", goods_line=(LINE,))
    codes = refused(replace(BEFORE, reservations=(HELD,)), asked, base=7)
    assert set(codes) == {
        Code.VERSION_STALE,
        Code.LICENCE_RESERVED,
        Code.CURRENCY_FROZEN,
        Code.LINE_VALUES_DIFFER,
    }


def test_only_a_granted_licence_is_amended() -> None:
    assert (Move("licence", "granted", "LicenceAmendment", "amended", "submitted"),) == MOVES
