"""What the exporter of an inspection is written: one e-mail for each act that asks or decides."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from schemas.bindings.inspection_decision_1 import Decision
from tests import crafts
from tests.crafts import EXPORTER, HOUSE
from tests.gateway.relay import Relay, relay
from tests.journeys.test_clearance import said
from tests.journeys.test_inspection import YEAR, submitted
from tests.journeys.test_mail import mail_to
from tests.town import Clock, Town, town

NUMBER = f"BM-{YEAR}-1"
REFUSAL = crafts.decision(Decision.REFUSED, "Les tapis ne sont pas faits à la main.")


async def subjects(place: Town, box: Relay) -> list[str]:
    """The subjects of all that was mailed, once nothing is left to do."""
    await place.settled()
    await asyncio.sleep(0.05)  # a second copy would come now
    assert set(box.recipients) <= {crafts.exporter().email}
    return [str(mail["Subject"]) for mail in box.mails]


async def test_each_act_that_asks_or_decides_is_mailed_once(
    tmp_path: Path, database_url: str
) -> None:
    acts = (
        (HOUSE, crafts.assignment(), None),
        (HOUSE, crafts.taking(), None),
        (HOUSE, crafts.complement(), "complément demandé"),
        (EXPORTER, crafts.complement_reply(), None),
        (HOUSE, crafts.validation(), "complément validé"),
        (HOUSE, crafts.visit(crafts.day(1)), "contrôle physique le"),
        (HOUSE, crafts.visit(crafts.day(), "Le camion est là."), "contrôle physique reporté au"),
        (HOUSE, crafts.visited(), "résultat du contrôle physique"),
        (HOUSE, crafts.correction(crafts.carpets(units=11), crafts.plates()), None),
        (HOUSE, crafts.decision(), "demande acceptée"),
        (HOUSE, crafts.issue(), f"certificat {NUMBER}/C1 délivré"),
        (HOUSE, crafts.revocation(replacement=False), f"certificat {NUMBER}/C1 révoqué"),
    )
    async with relay() as box, town(tmp_path, database_url, mail=mail_to(box)) as place:
        await crafts.open_services(place)
        assert await submitted(place) == NUMBER
        expected, found = ["soumis"], await subjects(place, box)
        assert len(found) == 1
        for name, message, words in acts:
            house = await place.client(name)
            signed = house.signed(message, dossier=NUMBER)
            for _ in range(2):  # a message that comes twice is one notice
                facts = (await house.send(signed, wait=20)).facts
                assert facts["status"] == "accepted", facts
            expected += [words] if words else []
            found = await subjects(place, box)
            assert len(found) == len(expected), (message, found)
        for subject, words in zip(found, expected, strict=True):
            assert NUMBER in subject
            assert words in subject


@pytest.mark.parametrize(("message", "words"), [(REFUSAL, "refusée"), (None, "retiré")])
async def test_the_end_of_a_request_is_mailed_once(
    tmp_path: Path, sqlite_url: str, message: object, words: str
) -> None:
    async with relay() as box, town(tmp_path, sqlite_url, mail=mail_to(box)) as place:
        await crafts.open_services(place)
        await submitted(place)
        if message is None:
            facts = await said(place, EXPORTER, crafts.withdrawal(), NUMBER)
        else:
            for before in (crafts.assignment(), crafts.taking()):
                await said(place, HOUSE, before, NUMBER)
            facts = await said(place, HOUSE, message, NUMBER)
        assert facts["status"] == "accepted", facts
        last = (await subjects(place, box))[1:]
        assert len(last) == 1
        assert words in last[0]


async def test_a_missed_deadline_is_mailed_once(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    monkeypatch.setattr("gateway.client.utc_now", clock)
    async with (
        relay() as box,
        town(tmp_path, database_url, clock=clock, mail=mail_to(box)) as place,
    ):
        await crafts.open_services(place)
        await submitted(place)
        for days in (2, 4, 5, 30):
            clock.leap = timedelta(days=days)
            await asyncio.sleep(0.5)
            late = [one for one in await subjects(place, box) if "un délai est passé" in one]
            assert len(late) == (1 if days > 3 else 0)
