"""(sender, id) for ever: the same again changes nothing, something else is refused."""

from __future__ import annotations

import asyncio

import aiohttp

from gateway.hub import utc_now
from schemas.parse import parse
from tests import letters
from tests.town import Town


async def test_the_same_message_twice_gets_the_same_receipt_bytes(place: Town) -> None:
    declarant = await place.client("coop-atlas")
    document = declarant.signed(letters.application())
    first, second = await declarant.send(document), await declarant.send(document)
    assert (first.status, second.status) == (202, 200)
    assert first.document == second.document
    await place.settled()
    assert await place.count("dossiers") == 1


async def test_the_same_content_signed_again_gets_the_same_receipt_bytes(place: Town) -> None:
    declarant = await place.client("coop-atlas")
    document = declarant.signed(letters.application())
    root = parse(document)
    root.remove(root[-1])
    signed_again = place.keys["coop-atlas"].signer.sign(root, utc_now())
    assert signed_again != document
    first, second = await declarant.send(document), await declarant.send(signed_again)
    assert (first.status, second.status) == (202, 200)
    assert first.document == second.document


async def test_same_id_with_other_content_is_refused(place: Town) -> None:
    declarant = await place.client("coop-atlas")
    first = await declarant.send(declarant.signed(letters.application(), instance="same"), wait=20)
    other = declarant.signed(letters.application(incoterm="CIF"), instance="same")
    refused = await declarant.send(other)
    assert refused.status == 409
    assert [error["code"] for error in refused.facts["errors"]] == ["PSV-404"]
    assert await place.count("dossiers") == 1
    assert (await declarant.outcome("same"))["digest"] == first.facts["digest"]


async def test_five_hundred_copies_at_once_give_one_effect_and_one_receipt(place: Town) -> None:
    """Claim 8."""
    declarant = await place.client("coop-atlas")
    document = declarant.signed(letters.application())

    async def post(http: aiohttp.ClientSession) -> tuple[int, bytes]:
        headers = {"Content-Type": "application/xml"}
        async with http.post(f"{place.url}/messages", data=document, headers=headers) as answer:
            return answer.status, await answer.read()

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=100)) as http:
        answers = await asyncio.gather(*(post(http) for _ in range(500)))
    assert sorted(status for status, _ in answers) == [200] * 499 + [202]
    assert len({receipt for _, receipt in answers}) == 1
    await place.settled()
    assert await place.count("messages") == 1
    assert await place.count("dossiers") == 1


async def test_two_partners_may_use_the_same_id(place: Town) -> None:
    for name in ("coop-atlas", "coop-souss"):
        declarant = await place.client(name)
        reply = await declarant.send(
            declarant.signed(letters.application(), instance="number-1"), wait=20
        )
        assert reply.facts["status"] == "accepted"
    assert await place.count("dossiers") == 2
