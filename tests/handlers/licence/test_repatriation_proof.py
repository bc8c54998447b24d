"""Money that came home: noted once, reported in excess, proposed for clearance when it is all."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from xsdata.models.datatype import XmlDate

from handlers.licence.awaiting import awaits
from handlers.licence.licence import Licence
from handlers.licence.repatriation_proof import MOVES, repatriation_proof
from handlers.licence.repatriation_rules import ATTESTATION
from schemas.bindings.clearance_proposal_1 import ClearanceProposal, Proposal
from schemas.bindings.common_1 import Amount, Attachment
from schemas.bindings.notification_1 import Notification
from schemas.bindings.repatriation_proof_1 import Deduction, RepatriationProof, Split
from schemas.errors import Code, Refused
from schemas.workflow import Decision, Role, Taken
from tests.handlers.clearing import DECLARATION, OTHER, clearance, contra, entry_of
from tests.handlers.dossiers import NOW, Situation, dossier, entry, pdf, used

TWO = used([entry(), entry_of(OTHER)])


def attested(*shares: tuple[str, str], **changes: Any) -> RepatriationProof:
    """An attestation of 20 November 2026 over these declarations."""
    total = sum((Decimal(amount) for _, amount in shares), Decimal(0))
    message = RepatriationProof(
        bank="Banque Atlas",
        attestation_number="BA-2026-0001",
        attestation_date=XmlDate(2026, 11, 20),
        amount=Amount(value=total, currency="MAD"),
        rate=Decimal(1),
        split=tuple(
            Split(declaration_number=declaration, amount=Decimal(amount))
            for declaration, amount in shares
        ),
    )
    return replace(message, **changes)


def kept(declaration: str, amount: str, **changes: Any) -> Deduction:
    """A deduction with its proof."""
    attachment = Attachment(file_name="avis.pdf", media_type="application/pdf", content=pdf())
    deduction = Deduction(
        declaration_number=declaration,
        deduction_code="BANK",
        amount=Decimal(amount),
        attachment=attachment,
    )
    return replace(deduction, **changes)


def decide(
    message: RepatriationProof,
    licence: Licence = TWO,
    *,
    role: Role = Role.BANK,
    situation: Situation | None = None,
) -> Decision:
    met = situation or Situation(licence=licence, role=role)
    return repatriation_proof(message, dossier(licence), met.context)


def after(decision: Decision, licence: Licence = TWO) -> Licence:
    assert decision.content is not None
    return Licence.of(replace(dossier(licence), content=decision.content))


def proposals(decision: Decision) -> list[ClearanceProposal]:
    return [one.payload for one in decision.replies if isinstance(one.payload, ClearanceProposal)]


def refusal(message: RepatriationProof, situation: Situation | None = None) -> dict[Code, str]:
    with pytest.raises(Refused) as refused:
        decide(message, situation=situation)
    return {finding.code: finding.path for finding in refused.value.findings}


def test_a_part_of_the_money_is_noted_and_nothing_is_proposed() -> None:
    decision = decide(attested((DECLARATION, "10000")))
    (proof,) = after(decision).proofs
    assert decision.finding == "proved"
    assert (proof.bank, proof.number, proof.amount) == (
        "Banque Atlas",
        "BA-2026-0001",
        Decimal(10000),
    )
    assert (proof.attested_on, proof.filed_by) == (date(2026, 11, 20), "bank")
    assert proposals(decision) == []
    assert (decision.timers, decision.warnings) == ((), ())
    assert decision.reprint


def test_the_exact_amount_is_proposed_for_full_clearance() -> None:
    decision = decide(attested((DECLARATION, "16000")))
    (reply,) = [one for one in decision.replies if isinstance(one.payload, ClearanceProposal)]
    (proposal,) = proposals(decision)
    assert reply.to == (Role.EXCHANGE_OFFICE, Role.MINISTRY)
    assert reply.expects_answer_by == NOW + timedelta(days=30)
    assert proposal.proposal is Proposal.FULL
    assert proposal.imputed == proposal.repatriated == Amount(value=Decimal(16000), currency="MAD")
    assert proposal.due_date == XmlDate(2027, 4, 16)
    assert awaits(after(decision), "ClearanceDecision", DECLARATION)
    assert not awaits(after(decision), "ClearanceDecision", OTHER)
    assert [timer.name for timer in decision.timers] == ["no-answer"]


def test_one_cent_less_is_not_proposed() -> None:
    assert proposals(decide(attested((DECLARATION, "15999.99")))) == []


def test_a_deduction_that_makes_up_the_rest_is_proposed_as_a_shortfall() -> None:
    message = attested((DECLARATION, "15900"), deduction=(kept(DECLARATION, "100"),))
    decision = decide(message)
    (proposal,) = proposals(decision)
    (deduction,) = after(decision).proofs[0].deductions
    assert proposal.proposal is Proposal.SHORTFALL
    assert (proposal.repatriated.value, proposal.deducted.value) == (Decimal(15900), Decimal(100))
    assert deduction.digest == hashlib.sha256(pdf()).hexdigest()


def test_one_attestation_may_cover_several_declarations() -> None:
    decision = decide(attested((DECLARATION, "16000"), (OTHER, "9000")))
    assert [one.declaration_number for one in proposals(decision)] == [DECLARATION, OTHER]
    assert len({timer.about for timer in decision.timers}) == 2
    assert awaits(after(decision), "ClearanceDecision", DECLARATION)


def test_a_second_attestation_completes_the_first() -> None:
    licence = after(decide(attested((DECLARATION, "10000"))))
    second = attested((DECLARATION, "6000"), attestation_number="BA-2026-0002")
    assert len(proposals(decide(second, licence))) == 1


def test_what_the_authority_looks_at_already_is_not_proposed_again() -> None:
    licence = after(decide(attested((DECLARATION, "16000"))))
    second = attested((DECLARATION, "1"), attestation_number="BA-2026-0002")
    assert proposals(decide(second, licence)) == []


def test_a_cleared_declaration_is_not_proposed_again() -> None:
    licence = replace(TWO, clearances=(clearance("full"),))
    assert proposals(decide(attested((DECLARATION, "16000")), licence)) == []


def test_the_declarant_is_told_what_a_bank_filed() -> None:
    (reply,) = decide(attested((DECLARATION, "100"))).replies
    assert isinstance(reply.payload, Notification)
    assert reply.payload.code == "repatriation-recorded"
    assert reply.to == TWO.owner
    assert decide(attested((DECLARATION, "100")), role=Role.DECLARANT).replies == ()


def test_money_in_excess_is_taken_with_a_warning() -> None:
    decision = decide(attested((DECLARATION, "16000.01")))
    (warning,) = decision.warnings
    assert warning.code is Code.REPATRIATED_IN_EXCESS
    assert warning.path == "Split[1]/Amount"
    assert warning.fields["owed"] == Decimal(16000)
    assert len(proposals(decision)) == 1


def test_money_for_a_declaration_that_was_given_back_is_in_excess() -> None:
    licence = used([entry(), contra("I-1", 16000)])
    decision = decide(attested((DECLARATION, "1")), licence)
    assert [one.code for one in decision.warnings] == [Code.REPATRIATED_IN_EXCESS]
    assert proposals(decision) == []


@pytest.mark.parametrize(("day", "warned"), [(9, True), (10, False)])
def test_money_before_the_visa_is_a_payment_in_advance(day: int, warned: bool) -> None:
    message = attested((DECLARATION, "10"), attestation_date=XmlDate(2026, 11, day))
    codes = [one.code for one in decide(message).warnings]
    assert codes == ([Code.PAID_IN_ADVANCE] if warned else [])


def test_an_attestation_is_taken_however_it_is_written() -> None:
    message = attested(
        (DECLARATION, "10"), bank="  BANQUE   Atlas ", attestation_number="ba-2026-0001"
    )
    expected = Taken(kind=ATTESTATION, value="banque atlas ba-2026-0001")
    assert decide(message).takes == (expected,) == decide(attested((DECLARATION, "1"))).takes


def test_an_attestation_that_served_before_is_refused_without_naming_where() -> None:
    numbers = {(ATTESTATION, "banque atlas ba-2026-0001"): "LE-2026-0000041"}
    situation = Situation(licence=TWO, role=Role.BANK, numbers=numbers)
    with pytest.raises(Refused) as refused:
        decide(attested((DECLARATION, "10")), situation=situation)
    (finding,) = refused.value.findings
    assert finding.code is Code.ATTESTATION_USED
    assert "LE-2026-0000041" not in finding.english()
    other = attested((DECLARATION, "10"), attestation_number="BA-2026-0002")
    assert decide(other, situation=situation).finding == "proved"


def test_every_fault_is_told_at_once() -> None:
    message = attested(
        (DECLARATION, "10.005"),
        (DECLARATION, "20"),
        ("309060202600099999Z", "30"),
        amount=Amount(value=Decimal(100), currency="EUR"),
        attestation_date=XmlDate(2026, 11, 22),
        deduction=(
            kept("309060202600099999Z", "1", deduction_code="BAKSHEESH"),
            kept(
                DECLARATION,
                "1",
                attachment=Attachment(
                    file_name="avis.pdf", media_type="application/pdf", digest="0" * 64
                ),
            ),
        ),
        attachment=Attachment(
            file_name="attestation.pdf", media_type="application/pdf", content=b"MZ"
        ),
    )
    assert refusal(message) == {
        Code.CURRENCY_DIFFERS: "Amount/@currency",
        Code.AMOUNT_DECIMALS: "Split[1]/Amount",
        Code.SPLIT_DIFFERS: "Amount",
        Code.SPLIT_REPEATED: "Split[2]/DeclarationNumber",
        Code.DECLARATION_UNKNOWN: "Deduction[1]/DeclarationNumber",
        Code.DATE_IN_FUTURE: "AttestationDate",
        Code.DEDUCTION_CODE_UNKNOWN: "Deduction[1]/DeductionCode",
        Code.ATTACHMENT_ABSENT: "Deduction[2]/Attachment/Digest",
        Code.ATTACHMENT_NOT_PDF: "Attachment/FileName",
    }


def test_a_proof_that_came_beside_the_message_is_found_by_its_digest() -> None:
    digest = hashlib.sha256(pdf()).hexdigest()
    beside = Attachment(file_name="avis.pdf", media_type="application/pdf", digest=digest)
    message = attested((OTHER, "10"), deduction=(kept(DECLARATION, "1", attachment=beside),))
    situation = Situation(licence=TWO, role=Role.BANK, parts={digest: pdf()})
    assert decide(message, situation=situation).finding == "proved"


def test_money_comes_home_in_every_state_of_a_used_licence_that_is_not_cleared() -> None:
    assert {move.state for move in MOVES} == {
        "partly_imputed",
        "imputed",
        "expired",
        "suspended",
        "revoked",
    }
    assert all(move.to == move.state for move in MOVES)
