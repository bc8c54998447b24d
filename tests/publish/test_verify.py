"""The public page behind a paper's QR code: what the paper shows, and nothing more."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import aiohttp
import pytest

from gateway.hub import utc_now
from gateway.standing import public_paper
from gateway.token import paper_token
from handlers.licence import STATES
from handlers.licence.shown import PAPERS
from handlers.registry import Printing
from schemas.bindings.licence_application_1 import Function
from schemas.bindings.visa_decision_1 import VisaDecision
from schemas.workflow import State
from storage import dossiers
from tests import letters
from tests.town import Town, town


@pytest.fixture
async def place(tmp_path: Path, sqlite_url: str) -> AsyncIterator[Town]:
    async with town(tmp_path, sqlite_url) as found:
        yield found


async def filed(place: Town, function: Function) -> str:
    declarant = await place.client("coop-atlas")
    application = letters.application(function)
    reply = await declarant.send(declarant.signed(application), wait=20)
    return str(reply.facts["dossier"]["number"])


def decision() -> VisaDecision:
    """A visa until the last day of next year."""
    end = date(letters.today().year + 1, 12, 31)
    return letters.visa(valid_from=letters.day(letters.today()), valid_until=letters.day(end))


async def granted(place: Town) -> str:
    number = await filed(place, Function.SUBMIT)
    ministry = await place.client("mce")
    reply = await ministry.send(ministry.signed(decision(), dossier=number), wait=20)
    assert reply.facts["dossier"]["state"] == "granted", reply.facts
    return number


async def page(reader: aiohttp.ClientSession, token: str) -> tuple[int, str]:
    async with reader.get(f"/verify/{token}") as answer:
        assert answer.headers["Cache-Control"] == "no-store"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        return answer.status, await answer.text()


async def test_a_granted_licence_shows_number_state_version_and_validity(
    place: Town, reader: aiohttp.ClientSession
) -> None:
    number = await granted(place)
    status, shown = await page(reader, paper_token(place.hub, number))
    assert status == 200
    for words in (number, "Visé", "مؤشر عليه", "Valid", str(decision().valid_until)):
        assert words in shown
    assert "Valable" in shown
    assert "Échue" not in shown


async def test_the_page_names_no_person_and_no_goods(
    place: Town, reader: aiohttp.ClientSession
) -> None:
    number = await granted(place)
    _, shown = await page(reader, paper_token(place.hub, number))
    asked = letters.application().licence
    assert asked.exporter is not None
    for secret in (
        "coop-atlas",
        asked.exporter.name,
        asked.exporter.ice,
        asked.goods_line[0].description,
        asked.goods_line[0].commodity_code,
        decision().officer or "no officer",
    ):
        assert secret not in shown


async def test_a_validity_that_has_passed_is_said_to_have_ended(place: Town) -> None:
    number = await granted(place)
    later = replace(place.hub, clock=lambda: utc_now() + timedelta(days=800))
    async with place.hub.store.read() as connection:
        dossier = (await dossiers.load(connection, [number]))[number]
    now, then = public_paper(place.hub, dossier), public_paper(later, dossier)
    assert now is not None
    assert then is not None
    assert (now.standing.verdict.name, now.standing.verdict.good) == ("valid", True)
    assert (then.standing.verdict.name, then.standing.verdict.good) == ("expired", False)


async def test_a_draft_has_a_page_without_validity(
    place: Town, reader: aiohttp.ClientSession
) -> None:
    number = await filed(place, Function.SAVE)
    status, shown = await page(reader, paper_token(place.hub, number))
    assert (status, "Sauvegardé" in shown, "Validité" in shown) == (200, True, False)


async def test_whatever_is_not_ours_gets_the_same_404(
    place: Town, reader: aiohttp.ClientSession
) -> None:
    number = await filed(place, Function.SAVE)
    good = paper_token(place.hub, number)
    forged = [
        number,
        f"{number}.",
        f"{good[:-1]}{'A' if good[-1] != 'A' else 'B'}",
        paper_token(place.hub, "LE-2026-9999999"),
        "<script>alert(1)<script>",
        "%00",
        "é",
    ]
    answers = {await page(reader, token) for token in forged}
    assert len(answers) == 1
    status, shown = answers.pop()
    assert status == 404
    assert "Document inconnu" in shown
    assert number not in shown


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
async def test_every_state_says_whether_the_paper_may_be_relied_on(
    place: Town, state: State
) -> None:
    number = await granted(place)
    async with place.hub.store.read() as connection:
        dossier = (await dossiers.load(connection, [number]))[number]
    paper = public_paper(place.hub, replace(dossier, state=state.name))
    assert paper is not None
    assert paper.standing.verdict.good == (state.name in {"granted", "partly_imputed"})
    assert paper.standing.verdict.fr
    assert paper.standing.verdict.ar


async def test_programs_get_the_same_as_json(place: Town, reader: aiohttp.ClientSession) -> None:
    number = await granted(place)
    token = paper_token(place.hub, number)
    async with reader.get(f"/verify/{token}", headers={"Accept": "application/json"}) as answer:
        facts = await answer.json()
        assert answer.headers["Cache-Control"] == "no-store"
    assert (facts["number"], facts["verdict"], facts["good"]) == (number, "valid", True)
    assert facts["remaining"]
    async with reader.get("/verify/x", headers={"Accept": "application/json"}) as answer:
        assert (answer.status, await answer.json()) == (404, {"known": False})


async def test_the_digest_on_the_page_is_the_one_printed_on_the_paper(
    place: Town, reader: aiohttp.ClientSession
) -> None:
    number = await granted(place)
    async with place.hub.store.read() as connection:
        dossier = (await dossiers.load(connection, [number]))[number]
    printing = Printing(
        now=utc_now(), verify_url=None, issuer_fr="", issuer_ar="",
        settings=place.hub.settings.licence,
    )  # fmt: skip
    printed = PAPERS["licence.pdf"](dossier, printing)
    assert printed is not None
    _, view = printed
    _, shown = await page(reader, paper_token(place.hub, number))
    assert view.frame.digest in shown.replace("<wbr>", "")
