"""A partner who only consults asks whatever its role may ask, and does nothing."""

from __future__ import annotations

from storage import partners
from tests import letters
from tests.journeys.test_licence import filed
from tests.town import Town


async def only_consults(place: Town, name: str) -> None:
    async with place.hub.store.write() as tx:
        assert await partners.set_consults(tx, name, consults=True)
    place.hub.directory.forget()


async def test_a_partner_who_consults_may_ask_and_not_act(place: Town) -> None:
    number = await filed(place)
    await only_consults(place, "mce")
    ministry = await place.client("mce")
    for question in (letters.status_query(), letters.history_query()):
        reply = await ministry.send(ministry.signed(question, dossier=number), wait=20)
        assert reply.facts["status"] == "accepted", reply.facts
    act = await ministry.send(ministry.signed(letters.visa(), dossier=number), wait=20)
    assert act.status == 403
    assert [error["code"] for error in act.facts["errors"]] == ["PSV-410"]
    assert (await ministry.look(f"/dossiers/{number}"))["state"] == "submitted"
    assert (await ministry.look("/dossiers?mode=manage"))["dossiers"] == []
    assert len((await ministry.look("/dossiers"))["dossiers"]) == 1


async def test_a_declarant_who_consults_opens_nothing(place: Town) -> None:
    await only_consults(place, "coop-atlas")
    declarant = await place.client("coop-atlas")
    reply = await declarant.send(declarant.signed(letters.application()), wait=20)
    assert (reply.status, [error["code"] for error in reply.facts["errors"]]) == (403, ["PSV-410"])
    assert await place.count("dossiers") == 0
