"""A licence that is changed, recalled, stopped and overtaken by time, as its partners live it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from xsdata.models.datatype import XmlDateTime

from gateway.client import Mail
from handlers.days import end_of, today
from schemas.bindings.acknowledgement_1 import (
    Acknowledgement,
    Answers,
    Stage,
    Status,
    StatusCode,
    StatusName,
)
from schemas.bindings.common_1 import LanguageCode, LocalText, Problem, Quantity
from schemas.bindings.extension_decision_1 import Decision as Extended
from schemas.bindings.extension_decision_1 import ExtensionDecision
from schemas.bindings.extension_request_1 import ExtensionRequest
from schemas.bindings.licence_amendment_1 import LicenceAmendment
from schemas.bindings.licence_notice_1 import Action, LicenceNotice
from schemas.bindings.visa_decision_1 import Decision
from tests import letters
from tests.journeys.test_clearance import post, said, told
from tests.town import Clock, Town


async def granted(place: Town, **visa: Any) -> str:
    """A licence with its visa."""
    filed = await said(place, "coop-atlas", letters.application())
    number = str(filed["dossier"]["number"])
    facts = await said(place, "mce", letters.visa(**visa), number)
    assert facts["dossier"]["state"] == "granted", facts
    return number


async def state(place: Town, number: str) -> str:
    """Where the licence stands."""
    client = await place.client("coop-atlas")
    return str((await client.look(f"/dossiers/{number}"))["state"])


async def notice(place: Town, action: Action, count: int) -> Mail:
    """The newest notice of the given number that customs receives, which must say this."""
    mail = (await post(place, "adii", "LicenceNotice", count))[-1]
    body = mail.payload()
    assert isinstance(body, LicenceNotice)
    assert body.action is action
    return mail


def acknowledged(mail: Mail, status: StatusName) -> Acknowledgement:
    """Customs' word on a notice."""
    refused = status is StatusName.REFUSED
    error = Problem(
        code="PSV-641",
        text=(
            LocalText(value="Une déclaration est en cours.", lang=LanguageCode.FR),
            LocalText(value="A declaration is under way.", lang=LanguageCode.EN),
        ),
    )
    return Acknowledgement(
        stage=Stage.OUTCOME,
        status=Status(value=status, code=StatusCode.VALUE_8 if refused else StatusCode.VALUE_1),
        answers=Answers(
            sender="passavant",
            instance_identifier=mail.header.instance,
            type_value=mail.header.type,
            digest=mail.digest,
            received_date_time=XmlDateTime.from_datetime(datetime.now(UTC)),
        ),
        error=(error,) if refused else (),
    )


async def test_an_amended_licence_waits_for_its_new_visa(place: Town) -> None:
    number = await granted(place)
    smaller = letters.licence(
        goods_line=(letters.line(quantity=Quantity(value=Decimal(500), unit="KGM")),)
    )
    amendment = LicenceAmendment(base_version=1, reason="Commande réduite.", licence=smaller)
    amended = await said(place, "coop-atlas", amendment, number)
    assert (amended["dossier"]["state"], amended["dossier"]["version"]) == ("submitted", 2)
    stale = await said(place, "coop-atlas", amendment, number)
    assert [error["code"] for error in stale["errors"]] == ["PSV-801"]
    unusable = await said(place, "adii", letters.imputation(), number)
    assert [error["code"] for error in unusable["errors"]] == ["PSV-801"]
    old = await said(place, "mce", letters.visa(), number)
    assert [error["code"] for error in old["errors"]] == ["PSV-802"]
    again = await said(place, "mce", letters.visa(version=2), number)
    assert again["dossier"]["state"] == "granted"
    actions = [mail.payload().action for mail in await post(place, "adii", "LicenceNotice", 3)]
    assert actions == [Action.INSERT, Action.REPLACE, Action.REPLACE]
    too_much = await said(place, "adii", letters.imputation("IMP-2", "501"), number)
    assert too_much["status"] == "refused"
    used = await said(place, "adii", letters.imputation("IMP-3", "500"), number)
    assert used["dossier"]["state"] == "imputed"
    late = replace(amendment, base_version=2)
    refused = await said(place, "coop-atlas", late, number)
    assert [error["code"] for error in refused["errors"]] == ["PSV-801"]


async def test_a_recalled_licence_is_cancelled_when_customs_lets_it_go(place: Town) -> None:
    number = await granted(place)
    recalled = await said(place, "coop-atlas", letters.cancellation(), number)
    assert recalled["dossier"]["state"] == "cancelling"
    mail = await notice(place, Action.CANCEL, 2)
    assert mail.header.expects_answer_by is not None
    word = acknowledged(mail, StatusName.ACCEPTED)
    forged = replace(word, answers=replace(word.answers, digest="0" * 64))
    refused = await said(place, "adii", forged, number)
    assert [error["code"] for error in refused["errors"]] == ["PSV-651"]
    stranger = await said(place, "mce", word, number)
    assert [error["code"] for error in stranger["errors"]] == ["PSV-649"]
    assert await state(place, number) == "cancelling"
    let_go = await said(place, "adii", word, number)
    assert let_go["dossier"]["state"] == "cancelled"
    assert await told(place, "licence-cancelled")


async def test_a_licence_that_customs_keeps_is_used_after_all(place: Town) -> None:
    number = await granted(place)
    await said(place, "coop-atlas", letters.cancellation(), number)
    mail = await notice(place, Action.CANCEL, 2)
    kept = await said(place, "adii", acknowledged(mail, StatusName.REFUSED), number)
    assert kept["dossier"]["state"] == "granted"
    assert await told(place, "cancellation-refused")
    used = await said(place, "adii", letters.imputation(), number)
    assert used["dossier"]["state"] == "partly_imputed"


async def test_a_suspended_licence_is_used_only_when_it_is_reinstated(place: Town) -> None:
    number = await granted(place)
    await said(place, "adii", letters.imputation(), number)
    suspended = await said(place, "mce", letters.visa(Decision.SUSPENDED), number)
    assert suspended["dossier"]["state"] == "suspended"
    unusable = await said(place, "adii", letters.imputation("IMP-2", "100"), number)
    assert [error["code"] for error in unusable["errors"]] == ["PSV-801"]
    again = await said(place, "mce", letters.visa(Decision.REINSTATED), number)
    assert again["dossier"]["state"] == "partly_imputed"
    used = await said(place, "adii", letters.imputation("IMP-3", "600"), number)
    assert used["dossier"]["state"] == "imputed"
    assert await told(place, "licence-suspended", "licence-reinstated")


async def test_a_revoked_licence_takes_nothing_more(place: Town) -> None:
    number = await granted(place)
    revoked = await said(place, "mce", letters.visa(Decision.REVOKED), number)
    assert revoked["dossier"]["state"] == "revoked"
    unusable = await said(place, "adii", letters.imputation(), number)
    assert [error["code"] for error in unusable["errors"]] == ["PSV-801"]
    back = await said(place, "mce", letters.visa(Decision.REINSTATED), number)
    assert [error["code"] for error in back["errors"]] == ["PSV-801"]


async def test_a_visa_that_is_never_answered_is_told_to_both(later: tuple[Town, Clock]) -> None:
    place, clock = later
    filed = await said(place, "coop-atlas", letters.application())
    number = str(filed["dossier"]["number"])
    clock.leap = timedelta(days=10, minutes=1)
    for name in ("coop-atlas", "mce"):
        (mail,) = await post(place, name, "Notification")
        assert (mail.payload().code, mail.header.dossier) == ("no-answer", number)
        assert mail.header.sender == "passavant"
    late = await said(place, "mce", letters.visa(), number)
    assert late["dossier"]["state"] == "granted"


def at(moment: datetime, place: Town, clock: Clock) -> None:
    """Set the town's clock."""
    clock.leap += moment - place.hub.clock()


async def test_a_licence_expires_at_midnight_in_morocco(later: tuple[Town, Clock]) -> None:
    place, clock = later
    last = today(place.hub.clock()) + timedelta(days=40)
    number = await granted(place, valid_until=letters.day(last))
    at(end_of(last) - timedelta(seconds=60), place, clock)
    assert await told(place, "licence-expiring")
    in_time = letters.imputation("IMP-1", "100", imputation_date=letters.day(last))
    assert (await said(place, "adii", in_time, number))["status"] == "accepted"
    assert await state(place, number) == "partly_imputed"
    at(end_of(last), place, clock)
    assert await told(place, "licence-expired")
    assert await state(place, number) == "expired"
    after = letters.day(last + timedelta(days=1))
    too_late = letters.imputation("IMP-2", "100", imputation_date=after)
    refused = await said(place, "adii", too_late, number)
    assert "PSV-801" in [error["code"] for error in refused["errors"]]


async def test_an_extension_decided_late_brings_the_licence_back(
    later: tuple[Town, Clock],
) -> None:
    place, clock = later
    last = today(place.hub.clock()) + timedelta(days=40)
    number = await granted(place, valid_until=letters.day(last))
    asked = ExtensionRequest(
        valid_until=letters.day(last + timedelta(days=60)), reason="Navire reporté."
    )
    assert (await said(place, "coop-atlas", asked, number))["status"] == "accepted"
    (mail,) = await post(place, "mce", "ExtensionRequest")
    assert mail.payload().declarant == "coop-atlas"
    at(end_of(last), place, clock)
    assert await told(place, "licence-expired")
    decision = ExtensionDecision(
        decision=Extended.GRANTED,
        valid_until=asked.valid_until,
        officer="N. Bennani",
        decision_date=letters.day(last),
    )
    back = await said(place, "mce", decision, number)
    assert back["dossier"]["state"] == "granted", back
    assert await told(place, "extension-granted")
    at(end_of(last + timedelta(days=60)), place, clock)
    assert await told(place, "licence-expired")
    clock.leap += timedelta(days=place.hub.settings.licence.purge_days)
    assert await told(place, "licence-closed-unused")
    assert await state(place, number) == "closed_unused"
