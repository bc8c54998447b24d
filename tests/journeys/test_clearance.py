"""Money comes home, declaration by declaration, until the authority clears the licence."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

from gateway.client import Mail
from schemas.bindings.clearance_decision_1 import Decision as Verdict
from schemas.bindings.clearance_proposal_1 import ClearanceProposal, Proposal
from schemas.bindings.notification_1 import Notification
from tests import letters
from tests.town import Clock, Town

FIRST = f"{letters.OFFICE}{letters.PROCEDURE}{letters.today().year}0000123"
SECOND = f"{letters.OFFICE}{letters.PROCEDURE}{letters.today().year}0000124"


async def said(
    place: Town, name: str, message: object, number: str | None = None
) -> dict[str, Any]:
    """What the hub decided on a partner's message."""
    partner = await place.client(name)
    reply = await partner.send(partner.signed(message, dossier=number), wait=20)
    return reply.facts


async def used(place: Town, *, whole: bool = True) -> str:
    """A licence of 25 000 EUR, used by two declarations of 10 000 and 15 000 EUR."""
    filed = await said(place, "coop-atlas", letters.application())
    number = str(filed["dossier"]["number"])
    await said(place, "mce", letters.visa(), number)
    first = letters.imputation(f"{number}-1", "400", declaration_number=FIRST)
    facts = await said(place, "adii", first, number)
    if whole:
        second = letters.imputation(f"{number}-2", "600", declaration_number=SECOND)
        facts = await said(place, "adii", second, number)
    assert facts["dossier"]["state"] == ("imputed" if whole else "partly_imputed"), facts
    return number


async def post(place: Town, name: str, kind: str, count: int = 1) -> list[Mail]:
    """What a partner has received of a type, once there are so many."""
    partner = await place.client(name)
    found: list[Mail] = []
    for _ in range(40):
        found += [mail for mail in await partner.collect(wait=1) if mail.header.type == kind]
        if len(found) >= count:
            break
    return found


async def told(place: Town, *codes: str) -> bool:
    """Whether the declarant is told of all these."""
    missing = set(codes)
    partner = await place.client("coop-atlas")
    for _ in range(40):
        for mail in await partner.collect(wait=1):
            notice = mail.payload()
            missing -= {notice.code} if isinstance(notice, Notification) else set()
        if not missing:
            return True
    return False


async def test_a_licence_is_cleared_declaration_by_declaration(place: Town) -> None:
    number = await used(place)
    part = letters.proof("BA-1", {FIRST: "9000.00", SECOND: "14500.00"})
    facts = await said(place, "banque-atlas", part, number)
    assert facts["status"] == "accepted", facts
    assert await post(place, "office-changes", "ClearanceProposal", 0) == []
    rest = letters.proof("BA-2", {FIRST: "1000.00"}, deduction=(letters.deduction(SECOND, "500"),))
    facts = await said(place, "coop-atlas", rest, number)
    assert facts["dossier"]["state"] == "imputed", facts

    mails = await post(place, "office-changes", "ClearanceProposal", 2)
    proposals = [mail.payload() for mail in mails]
    assert all(isinstance(one, ClearanceProposal) for one in proposals)
    assert {one.declaration_number: one.proposal for one in proposals} == {
        FIRST: Proposal.FULL,
        SECOND: Proposal.SHORTFALL,
    }
    assert all(mail.header.expects_answer_by is not None for mail in mails)

    too_good = await said(place, "office-changes", letters.clearance(SECOND), number)
    assert [error["code"] for error in too_good["errors"]] == ["PSV-762"]
    facts = await said(place, "office-changes", letters.clearance(FIRST), number)
    assert facts["dossier"]["state"] == "imputed", facts
    justified = letters.clearance(SECOND, Verdict.SHORTFALL)
    facts = await said(place, "office-changes", justified, number)
    assert facts["dossier"]["state"] == "cleared", facts
    assert await told(place, "repatriation-recorded", "clearance-decided", "licence-cleared")

    late = await said(place, "banque-atlas", letters.proof("BA-3", {FIRST: "1"}), number)
    assert [error["code"] for error in late["errors"]] == ["PSV-801"]
    bank = await place.client("banque-atlas")
    shown = await bank.look(f"/dossiers/{number}")
    assert [one["cleared"] for one in shown["accounts"]] == [True, True]
    assert [one["deducted"] for one in shown["accounts"]] == ["0", "500"]


async def test_an_attestation_serves_once_in_the_whole_hub(place: Town) -> None:
    one, other = await used(place, whole=False), await used(place, whole=False)
    message = letters.proof("BA-7", {FIRST: "100.00"})
    assert (await said(place, "banque-atlas", message, one))["status"] == "accepted"
    for number in (one, other):
        again = letters.proof("ba-7", {FIRST: "50.00"}, bank="BANQUE  ATLAS")
        refused = await said(place, "coop-atlas", again, number)
        assert [error["code"] for error in refused["errors"]] == ["PSV-755"]


async def test_two_licences_never_share_an_attestation_that_comes_at_once(place: Town) -> None:
    numbers = [await used(place, whole=False), await used(place, whole=False)]
    message = letters.proof("BA-8", {FIRST: "100.00"})
    facts = await asyncio.gather(
        *(said(place, "banque-atlas", message, number) for number in numbers)
    )
    assert sorted(one["status"] for one in facts) == ["accepted", "refused"]


async def test_who_may_prove_and_who_may_clear(place: Town) -> None:
    number = await used(place, whole=False)
    for name, message in (
        ("adii", letters.proof("BA-9", {FIRST: "1.00"})),
        ("banque-atlas", letters.clearance(FIRST)),
        ("coop-atlas", letters.clearance(FIRST)),
    ):
        facts = await said(place, name, message, number)
        assert [error["code"] for error in facts["errors"]] == ["PSV-401"], name
    stranger = await said(place, "coop-souss", letters.proof("BA-9", {FIRST: "1.00"}), number)
    assert [error["code"] for error in stranger["errors"]] == ["PSV-402"]


async def test_money_that_is_late_is_told_and_asked_about(later: tuple[Town, Clock]) -> None:
    place, clock = later
    number = await used(place, whole=False)
    await said(place, "banque-atlas", letters.proof("BA-5", {FIRST: "4000.00"}), number)
    clock.leap = timedelta(days=121)
    assert await told(place, "repatriation-due")
    assert await post(place, "office-changes", "ClearanceProposal", 0) == []
    clock.leap = timedelta(days=152)
    assert await told(place, "repatriation-overdue")
    (mail,) = await post(place, "office-changes", "ClearanceProposal")
    proposal = mail.payload()
    assert isinstance(proposal, ClearanceProposal)
    assert (proposal.declaration_number, proposal.proposal) == (FIRST, Proposal.SHORTFALL)
    assert str(proposal.repatriated.value) == "4000.00"
