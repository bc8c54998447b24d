"""Handicraft is inspected for its certificate, as exporter, service and customs live it."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from schemas.bindings.certificate_issue_1 import Action as Issuing
from schemas.bindings.certificate_notice_1 import Action, CertificateNotice
from schemas.bindings.common_1 import LanguageCode
from schemas.bindings.complement_request_1 import Action as Asking
from schemas.bindings.inspection_application_1 import Function
from schemas.bindings.inspection_decision_1 import Decision
from schemas.bindings.notification_1 import Notification
from schemas.bindings.visa_decision_1 import Decision as Visa
from tests import crafts, letters
from tests.crafts import CUSTOMS, EXPORTER, HOUSE
from tests.journeys.test_clearance import post, said, told
from tests.town import Clock, Town

YEAR = crafts.day().year


def codes(facts: dict[str, Any]) -> list[str]:
    """Why a message was refused."""
    assert facts["status"] in {"refused", "rejected"}, facts
    return [error["code"] for error in facts["errors"]]


async def led(place: Town, name: str, message: object, number: str | None, state: str) -> str:
    """A message that is accepted and leads to this state; returns the dossier's number."""
    facts = await said(place, name, message, number)
    assert facts["status"] == "accepted", facts
    assert facts["dossier"]["state"] == state, facts
    return str(facts["dossier"]["number"])


async def submitted(place: Town, **changes: Any) -> str:
    """A request that waits for a supervisor, in a hub whose services are open."""
    return await led(place, EXPORTER, crafts.application(**changes), None, "submitted")


async def assigned(place: Town, agent: str = crafts.AGENT) -> str:
    """A request that is given to an agent."""
    await crafts.open_services(place)
    number = await submitted(place)
    return await led(place, HOUSE, crafts.assignment(agent), number, "awaiting_processing")


async def taken(place: Town) -> str:
    """A request in its agent's hands."""
    return await led(place, HOUSE, crafts.taking(), await assigned(place), "in_progress")


async def closed(place: Town, verdict: Decision = Decision.ACCEPTED) -> str:
    """A request that was answered, and has its certificate if it was accepted."""
    number = await taken(place)
    if verdict is Decision.REFUSED:
        refusal = crafts.decision(verdict, "Les tapis ne sont pas faits à la main.")
        return await led(place, HOUSE, refusal, number, "closed")
    await led(place, HOUSE, crafts.decision(), number, "in_progress")
    return await led(place, HOUSE, crafts.issue(), number, "closed")


async def page(place: Town, number: str, name: str = EXPORTER) -> dict[str, Any]:
    """The dossier as a partner sees it."""
    return await (await place.client(name)).look(f"/dossiers/{number}")


async def notices(place: Town, name: str, count: int) -> list[CertificateNotice]:
    """What a partner was told of certificates."""
    return [mail.payload() for mail in await post(place, name, "CertificateNotice", count)]


async def told_of(place: Town, name: str, code: str) -> str:
    """What a partner is told by this notice, in French; nothing when it does not come."""
    for _ in range(15):
        for mail in await (await place.client(name)).collect(wait=1):
            notice = mail.payload()
            if isinstance(notice, Notification) and notice.code == code:
                return next(text.value for text in notice.text if text.lang is LanguageCode.FR)
    return ""


async def at_once(place: Town, number: str, *messages: object) -> list[dict[str, Any]]:
    """What became of messages of the service that were all sent before any was answered."""
    house = await place.client(HOUSE)
    ids = [f"at-once-{position}" for position, _ in enumerate(messages)]
    signed = [
        house.signed(message, dossier=number, instance=instance)
        for message, instance in zip(messages, ids, strict=True)
    ]
    for reply in await asyncio.gather(*map(house.send, signed)):
        assert reply.received, reply.facts
    return list(await asyncio.gather(*map(house.outcome, ids)))


async def test_a_request_goes_from_a_draft_to_its_certificate(place: Town) -> None:
    await crafts.open_services(place)
    number = await led(place, EXPORTER, crafts.application(Function.SAVE, document=()), None, "new")
    assert number == f"BM-{YEAR}-1"
    checked = await said(place, EXPORTER, crafts.application(Function.CHECK), number)
    assert (checked["status"], checked["dossier"]["state"]) == ("accepted", "new")
    for name, message, state in (
        (EXPORTER, crafts.application(), "submitted"),
        (HOUSE, crafts.self_assignment(), "awaiting_processing"),
        (HOUSE, crafts.reassignment(crafts.AGENT), "awaiting_processing"),
        (HOUSE, crafts.taking(), "in_progress"),
        (HOUSE, crafts.complement(), "awaiting_complement"),
        (
            HOUSE,
            crafts.complement(Asking.CHANGE, message="Le seul bulletin."),
            "awaiting_complement",
        ),
        (EXPORTER, crafts.complement_reply(), "in_progress"),
        (HOUSE, crafts.validation(), "in_progress"),
        (HOUSE, crafts.visit(crafts.day(1)), "awaiting_inspection"),
        (HOUSE, crafts.visit(crafts.day(), "Le camion est là."), "awaiting_inspection"),
        (HOUSE, crafts.visited(), "in_progress"),
        (HOUSE, crafts.correction(crafts.carpets(units=11), crafts.plates()), "in_progress"),
        (HOUSE, crafts.issue(Issuing.PREVIEW), "in_progress"),
        (HOUSE, crafts.decision(), "in_progress"),
        (HOUSE, crafts.issue(), "closed"),
    ):
        assert await led(place, name, message, number, state) == number
    found = await page(place, number)
    assert found["assignee"] == crafts.AGENT
    assert [one["units"] for one in found["lines"]] == [12, 60]
    assert [one["units"] for one in found["corrected"]] == [11, 60]
    assert found["difference"] == [{"line": 1, "field": "units", "before": "12", "after": "11"}]
    assert [one["state"] for one in found["complements"]] == ["validated"]
    assert [(one["day"], one["result"]) for one in found["visits"]] == [
        (crafts.day().isoformat(), "conforming")
    ]
    assert [one["number"] for one in found["certificates"]] == [f"{number}/C1"]


async def test_references_follow_each_other_without_gap_or_double(place: Town) -> None:
    await crafts.open_services(place)
    incomplete = crafts.application(document=())
    assert codes(await said(place, EXPORTER, incomplete)) == ["PSV-863"] * 3
    facts = await asyncio.gather(
        *(said(place, EXPORTER, crafts.application()) for _ in range(3)),
        said(place, EXPORTER, incomplete),
        *(said(place, "coop-souss", crafts.application()) for _ in range(3)),
    )
    numbers = sorted(one["dossier"]["number"] for one in facts if one["status"] == "accepted")
    assert numbers == [f"BM-{YEAR}-{serial}" for serial in range(1, 7)]


async def test_a_place_of_another_service_opens_that_services_series(place: Town) -> None:
    await crafts.open_services(place)
    elsewhere = crafts.exporter(registration_place="GUELMIM")
    assert await submitted(place, exporter=elsewhere) == f"GM-{YEAR}-1"
    assert await submitted(place) == f"BM-{YEAR}-1"
    nowhere = crafts.application(exporter=crafts.exporter(registration_place="FES"))
    assert codes(await said(place, EXPORTER, nowhere)) == ["PSV-851"]


async def test_of_two_supervisors_at_once_one_assigns(place: Town) -> None:
    await crafts.open_services(place)
    number = await submitted(place)
    first, second = await at_once(
        place,
        number,
        crafts.assignment(crafts.AGENT),
        crafts.assignment(crafts.SECOND_AGENT, by=crafts.SECOND_SUPERVISOR),
    )
    assert {first["status"], second["status"]} == {"accepted", "refused"}
    lost = first if first["status"] == "refused" else second
    (error,) = lost["errors"]
    kept = crafts.SECOND_AGENT if lost is first else crafts.AGENT
    assert error["code"] == "PSV-866"
    assert kept in error["text"]["fr"]
    assert (await page(place, number))["assignee"] == kept


async def test_of_two_agents_at_once_the_assignee_takes_charge(place: Town) -> None:
    number = await assigned(place)
    other, mine = await at_once(
        place, number, crafts.taking(crafts.SECOND_AGENT), crafts.taking(crafts.AGENT)
    )
    assert mine["status"] == "accepted", mine
    # Which one came first decides whether the state or the name was in the way.
    assert codes(other)[0] in {"PSV-801", "PSV-844"}


async def test_an_agent_at_two_desks_takes_charge_once(place: Town) -> None:
    number = await assigned(place)
    found = await at_once(place, number, crafts.taking(), crafts.taking())
    assert sorted(one["status"] for one in found) == ["accepted", "refused"]
    assert [codes(one) for one in found if one["status"] == "refused"] == [["PSV-801"]]


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (crafts.assignment(by=crafts.AGENT), "PSV-843"),
        (crafts.assignment(by=crafts.STRANGER), "PSV-842"),
        (crafts.assignment(by=crafts.RETIRED), "PSV-841"),
        (crafts.assignment(by=crafts.NOBODY), "PSV-840"),
        (crafts.assignment(crafts.STRANGER), "PSV-842"),
    ],
)
async def test_nobody_assigns_but_a_supervisor_of_the_service(
    place: Town, message: object, code: str
) -> None:
    await crafts.open_services(place)
    number = await submitted(place)
    assert codes(await said(place, HOUSE, message, number)) == [code]
    assert (await page(place, number))["state"] == "submitted"


async def test_nobody_treats_a_dossier_but_its_agent(place: Town) -> None:
    number = await taken(place)
    for agent, code in ((crafts.SECOND_AGENT, "PSV-844"), (crafts.SUPERVISOR, "PSV-844")):
        issue = crafts.complement(agent=agent)
        assert codes(await said(place, HOUSE, issue, number)) == [code]
    assert "PSV-842" in codes(
        await said(place, HOUSE, crafts.complement(agent=crafts.STRANGER), number)
    )
    for name, message in (
        (EXPORTER, crafts.decision()),
        (CUSTOMS, crafts.decision()),
        (HOUSE, crafts.complement_reply()),
    ):
        assert codes(await said(place, name, message, number)) == ["PSV-401"]
    assert (await page(place, number))["state"] == "in_progress"


async def test_a_dossier_is_its_exporters_and_its_services(place: Town) -> None:
    number = await assigned(place)
    assert (await page(place, number, HOUSE))["number"] == number
    for name in ("coop-souss", "mce", CUSTOMS):
        with pytest.raises(aiohttp.ClientResponseError, match="Not Found"):
            await page(place, number, name)
    theirs = await said(place, "coop-souss", crafts.withdrawal(), number)
    assert codes(theirs) == ["PSV-402"]


async def test_a_licence_is_no_matter_of_the_service_nor_an_inspection_of_the_ministry(
    place: Town,
) -> None:
    number = await assigned(place)
    assert codes(await said(place, "mce", letters.visa(Visa.GRANTED), number)) == ["PSV-402"]
    licence = await said(place, EXPORTER, letters.application())
    facts = await said(place, HOUSE, crafts.taking(), licence["dossier"]["number"])
    assert codes(facts) == ["PSV-402"]


async def test_a_revoked_certificate_is_replaced_by_a_corrected_one(place: Town) -> None:
    number = await closed(place)
    assert codes(await said(place, HOUSE, crafts.issue(), number)) == ["PSV-889"]
    await led(place, HOUSE, crafts.revocation(replacement=True), number, "closed")
    lines = (crafts.carpets(), crafts.plates(weight=crafts.plates().weight - 6))
    await led(place, HOUSE, crafts.correction(*lines), number, "closed")
    await led(place, HOUSE, crafts.issue(), number, "closed")
    old, new = (await page(place, number))["certificates"]
    assert (old["number"], new["number"]) == (f"{number}/C1", f"{number}/C2")
    assert old["revoked_at"] is not None
    assert (new["replaces"], new["revoked_at"]) == (old["number"], None)
    assert await told(place, "certificate-issued", "certificate-revoked")


async def test_a_certificate_revoked_for_good_is_followed_by_none(place: Town) -> None:
    number = await closed(place)
    await led(place, HOUSE, crafts.revocation(replacement=False), number, "closed")
    assert codes(await said(place, HOUSE, crafts.issue(), number)) == ["PSV-891"]
    again = await said(place, HOUSE, crafts.revocation(replacement=False), number)
    assert codes(again) == ["PSV-892"]
    (told_customs,) = [
        one for one in await notices(place, CUSTOMS, 1) if one.action is Action.REVOKED
    ]
    assert told_customs.certificate_number == f"{number}/C1"
    assert told_customs.revocation is not None
    assert not told_customs.revocation.replacement


async def test_a_refused_request_says_why_and_gets_no_certificate(place: Town) -> None:
    number = await taken(place)
    silent = await said(place, HOUSE, crafts.decision(Decision.REFUSED), number)
    assert codes(silent) == ["PSV-894"]
    refusal = crafts.decision(Decision.REFUSED, "Les tapis ne sont pas faits à la main.")
    await led(place, HOUSE, refusal, number, "closed")
    assert codes(await said(place, HOUSE, crafts.issue(), number)) == ["PSV-888"]
    assert await told(place, "application-refused")
    assert (await page(place, number))["answer"]["observation"] == refusal.observation


async def test_a_request_is_withdrawn_until_it_is_treated(place: Town) -> None:
    number = await assigned(place)
    assert await led(place, EXPORTER, crafts.withdrawal(), number, "archived")
    assert await told_of(place, HOUSE, "dossier-withdrawn")
    assert codes(await said(place, HOUSE, crafts.taking(), number)) == ["PSV-801"]
    treated = await submitted(place)
    await led(place, HOUSE, crafts.assignment(), treated, "awaiting_processing")
    await led(place, HOUSE, crafts.taking(), treated, "in_progress")
    assert codes(await said(place, EXPORTER, crafts.withdrawal(), treated)) == ["PSV-801"]


async def test_the_goods_stand_as_answered(place: Town) -> None:
    number = await taken(place)
    await led(place, HOUSE, crafts.decision(), number, "in_progress")
    late = crafts.correction(crafts.carpets(units=11), crafts.plates())
    assert codes(await said(place, HOUSE, late, number)) == ["PSV-878"]
    assert codes(await said(place, HOUSE, crafts.decision(), number)) == ["PSV-879"]


async def test_who_does_not_assign_in_time_is_told_and_so_is_the_exporter(
    later: tuple[Town, Clock],
) -> None:
    place, clock = later
    await crafts.open_services(place)
    number = await submitted(place)
    clock.leap = timedelta(days=3, hours=1)
    assert await told(place, "no-answer")
    assert await told_of(place, HOUSE, "no-answer")
    await led(place, HOUSE, crafts.assignment(), number, "awaiting_processing")


async def test_a_complement_that_does_not_come_is_told_to_both(later: tuple[Town, Clock]) -> None:
    place, clock = later
    number = await taken(place)
    await led(place, HOUSE, crafts.complement(), number, "awaiting_complement")
    clock.leap = timedelta(days=15, hours=1)
    assert await told(place, "no-answer")
    assert await told_of(place, HOUSE, "no-answer")
    # The agent need not wait for ever: the dossier goes on with what there is.
    await led(place, HOUSE, crafts.validation(), number, "in_progress")
    await led(place, HOUSE, crafts.decision(), number, "in_progress")


@pytest.mark.parametrize(
    ("acts", "days", "owed"),
    [
        ((), 3, "prise en charge"),
        ((crafts.taking(),), 10, "réponse à la demande"),
        ((crafts.taking(), crafts.decision()), 10, "délivrance du certificat"),
        ((crafts.taking(), crafts.visit(crafts.day())), 1, "résultat du contrôle physique"),
    ],
    ids=["taking charge", "answer", "certificate", "physical inspection"],
)
async def test_what_the_agent_owes_is_told_when_it_is_overdue(
    later: tuple[Town, Clock], acts: tuple[object, ...], days: int, owed: str
) -> None:
    place, clock = later
    number = await assigned(place)
    for act in acts:
        facts = await said(place, HOUSE, act, number)
        assert facts["status"] == "accepted", facts
    clock.leap = timedelta(days=days, hours=1)
    for name in (EXPORTER, HOUSE):
        assert owed in await told_of(place, name, "no-answer")


async def test_a_closed_dossier_is_archived_after_ninety_days(later: tuple[Town, Clock]) -> None:
    place, clock = later
    number = await closed(place, Decision.REFUSED)
    clock.leap = timedelta(days=89)
    await place.settled()
    assert (await page(place, number))["state"] == "closed"
    clock.leap = timedelta(days=90, minutes=1)
    assert await told(place, "dossier-archived")
    assert (await page(place, number))["state"] == "archived"
