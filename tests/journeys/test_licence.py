"""The whole path of one licence, from a declarant's bytes to customs' last imputation."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from schemas.bindings.balance_report_1 import BalanceReport
from schemas.bindings.licence_application_1 import Function
from schemas.bindings.licence_notice_1 import LicenceNotice
from schemas.bindings.status_report_1 import StatusReport
from schemas.bindings.visa_decision_1 import Decision
from schemas.bindings.visa_request_1 import VisaRequest
from tests import letters
from tests.town import Town


async def filed(place: Town, **changes: Any) -> str:
    """A licence submitted by the cooperative; returns its number."""
    declarant = await place.client("coop-atlas")
    reply = await declarant.send(declarant.signed(letters.application(**changes)), wait=20)
    assert reply.facts["status"] == "accepted", reply.facts
    return str(reply.facts["dossier"]["number"])


async def granted(place: Town) -> str:
    """A licence with its visa."""
    number = await filed(place)
    ministry = await place.client("mce")
    reply = await ministry.send(ministry.signed(letters.visa(), dossier=number), wait=20)
    assert reply.facts["dossier"]["state"] == "granted", reply.facts
    return number


async def test_a_draft_keeps_its_number_until_it_is_submitted(place: Town) -> None:
    declarant = await place.client("coop-atlas")
    draft = letters.application(Function.SAVE, goods_line=(), invoice=())
    saved = await declarant.send(declarant.signed(draft), wait=20)
    assert saved.facts["dossier"]["state"] == "saved"
    number = saved.facts["dossier"]["number"]
    submitted = await declarant.send(
        declarant.signed(letters.application(), dossier=number), wait=20
    )
    assert submitted.facts["dossier"]["number"] == number
    assert submitted.facts["dossier"]["state"] == "submitted"


async def test_a_check_lists_every_mistake_at_once_and_leaves_nothing(place: Town) -> None:
    declarant = await place.client("coop-atlas")
    wrong = letters.application(
        Function.CHECK,
        incoterm="XXX",
        destination_country=("DE", "ZZ"),
        total_amount=Decimal("99.00"),
    )
    reply = await declarant.send(declarant.signed(wrong), wait=20)
    assert reply.facts["status"] == "refused"
    assert len({error["code"] for error in reply.facts["errors"]}) >= 3
    assert all(error["line"] and error["xpath"] for error in reply.facts["errors"])
    assert await place.count("dossiers") == 0


async def test_a_good_check_says_what_would_be_and_opens_nothing(place: Town) -> None:
    declarant = await place.client("coop-atlas")
    reply = await declarant.send(declarant.signed(letters.application(Function.CHECK)), wait=20)
    assert reply.facts["status"] == "accepted"
    assert reply.facts["dossier"]["would_be"] == "submitted"
    assert await place.count("dossiers") == 0
    assert await (await place.client("mce")).mailbox() == []


async def test_a_submission_reaches_the_ministry_with_its_deadline(place: Town) -> None:
    number = await filed(place)
    ministry = await place.client("mce")
    (mail,) = [m for m in await ministry.collect(wait=10) if m.header.type == "VisaRequest"]
    request = mail.payload()
    assert isinstance(request, VisaRequest)
    assert mail.header.dossier == number == request.dossier_number
    assert mail.header.expects_answer_by is not None
    assert request.licence.goods_line[0].commodity_code == letters.ARGAN


async def test_a_visa_reaches_customs_and_the_declarant(place: Town) -> None:
    number = await granted(place)
    customs = await place.client("adii")
    notices = [m for m in await customs.collect(wait=10) if m.header.type == "LicenceNotice"]
    notice = notices[0].payload()
    assert isinstance(notice, LicenceNotice)
    assert notice.dossier_number == number
    assert notice.line[0].granted == Decimal(1000)
    declarant = await place.client("coop-atlas")
    assert "Notification" in {m.header.type for m in await declarant.collect(wait=10)}


async def test_imputations_consume_and_a_contra_gives_back(place: Town) -> None:
    number = await granted(place)
    customs = await place.client("adii")

    async def impute(message: object) -> dict[str, Any]:
        reply = await customs.send(customs.signed(message, dossier=number), wait=20)
        return reply.facts

    first = await impute(letters.imputation("IMP-1", "400"))
    assert first["dossier"]["state"] == "partly_imputed"
    assert first["balances"][0]["remaining"] == "600"
    too_much = await impute(letters.imputation("IMP-2", "601"))
    assert too_much["status"] == "refused"
    assert (await impute(letters.imputation("IMP-3", "600")))["dossier"]["state"] == "imputed"
    back = await impute(letters.contra("IMP-4", "IMP-1", "400"))
    assert back["dossier"]["state"] == "partly_imputed"
    assert Decimal(back["balances"][0]["remaining"]) == 400
    again = await impute(letters.imputation("IMP-3", "1"))
    assert again["status"] == "refused"

    await customs.send(customs.signed(letters.balance_query(), dossier=number), wait=20)
    reports = [m.payload() for m in await customs.collect() if m.header.type == "BalanceReport"]
    assert isinstance(reports[0], BalanceReport)
    assert reports[0].line_balance[0].remaining == Decimal(400)


async def test_a_returned_application_is_amended_under_its_number(place: Town) -> None:
    number = await filed(place)
    ministry, declarant = await place.client("mce"), await place.client("coop-atlas")
    returned = letters.visa(Decision.RETURNED)
    reply = await ministry.send(ministry.signed(returned, dossier=number), wait=20)
    assert reply.facts["dossier"]["state"] == "saved"
    again = declarant.signed(letters.application(incoterm="CIF"), dossier=number)
    reply = await declarant.send(again, wait=20)
    assert reply.facts["dossier"]["state"] == "submitted"
    version = reply.facts["dossier"]["version"]
    stale = letters.visa(version=version + 1)
    refused = await ministry.send(ministry.signed(stale, dossier=number), wait=20)
    assert [error["code"] for error in refused.facts["errors"]] == ["PSV-802"]
    good = letters.visa(version=version)
    reply = await ministry.send(ministry.signed(good, dossier=number), wait=20)
    assert reply.facts["dossier"]["state"] == "granted"


async def test_a_cancelled_licence_takes_nothing_more(place: Town) -> None:
    number = await filed(place)
    declarant, customs = await place.client("coop-atlas"), await place.client("adii")
    reply = await declarant.send(declarant.signed(letters.cancellation(), dossier=number), wait=20)
    assert reply.facts["dossier"]["state"] == "cancelled", reply.facts
    refused = await customs.send(customs.signed(letters.imputation(), dossier=number), wait=20)
    assert refused.facts["status"] == "refused"


async def test_a_status_query_is_answered_with_the_history(place: Town) -> None:
    number = await granted(place)
    declarant = await place.client("coop-atlas")
    await declarant.send(declarant.signed(letters.status_query(), dossier=number), wait=20)
    reports = [m.payload() for m in await declarant.collect() if m.header.type == "StatusReport"]
    assert isinstance(reports[0], StatusReport)
    assert reports[0].state.value == "granted"
    assert reports[0].state.fr == "Visé"
    assert {change.event for change in reports[0].change} >= {"LicenceApplication", "VisaDecision"}


async def test_the_granted_licence_is_a_paper(place: Town) -> None:
    number = await granted(place)
    declarant = await place.client("coop-atlas")
    path = f"/dossiers/{number}/documents"
    paper = await declarant.download(f"{path}/licence.pdf", wait=60)
    assert paper.startswith(b"%PDF-")
    customs = await place.client("adii")
    await customs.send(customs.signed(letters.imputation(), dossier=number), wait=20)
    used = await declarant.download(f"{path}/licence.pdf", wait=60)
    assert used != paper
    found = await declarant.look(path)
    assert not found["printing"]
    assert [one["state"] for one in found["documents"] if one["name"] == "licence.pdf"] == [
        "superseded",
        "current",
    ]
    shown = await declarant.look(f"/dossiers/{number}")
    assert shown["state_fr"] == "Partiellement imputé"
    assert shown["balances"][0]["remaining"] == "600"
    events = (await declarant.look(f"/dossiers/{number}/history"))["events"]
    assert [event["to"] for event in events] == ["partly_imputed", "granted", "submitted"]


async def test_lists_show_the_latest_first_and_only_ones_own(place: Town) -> None:
    numbers = [await filed(place) for _ in range(3)]
    declarant, other = await place.client("coop-atlas"), await place.client("coop-souss")
    page = await declarant.look("/dossiers?limit=2")
    assert [one["number"] for one in page["dossiers"]] == numbers[:0:-1]
    rest = await declarant.look(f"/dossiers?limit=2&before={page['next'].replace('+', '%2B')}")
    assert [one["number"] for one in rest["dossiers"]] == [numbers[0]]
    assert (await other.look("/dossiers"))["dossiers"] == []
    assert len((await (await place.client("mce")).look("/dossiers"))["dossiers"]) == 3
