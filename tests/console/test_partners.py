"""The room Partners: rights, certificates and their plan, what waits, a test ping."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from markupsafe import escape

from gateway.console.spans import plan
from schemas.workflow import Role
from storage import journal, outgoing, partners, traffic
from storage.partners import StoredCertificate
from storage.traffic import Passed
from tests.console.hostile import PARTNER
from tests.console.visitors import Visitor, visitor
from tests.gateway.house import message
from tests.town import Town, inbox, make_key, register, town

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@pytest.fixture
async def place(tmp_path: Path, sqlite_url: str) -> AsyncIterator[Town]:
    names = ("adii", "mce", "coop-atlas")
    push = {"adii": "http://127.0.0.1:9/inbox"}
    async with town(tmp_path, sqlite_url, workers=0, names=names, push=push) as found:
        async with found.hub.store.write() as tx:
            await outgoing.store(tx, [message(found.hub, f"m-{n}", "adii") for n in range(3)])
            now = found.hub.clock()
            counts = [
                traffic.Count(at=now, kind=kind, partner="coop-atlas", type="Licence", count=many)
                for kind, many in ((Passed.ACCEPTED, 7654), (Passed.REJECTED, 31))
            ]
            await traffic.count(tx, counts)
            refused = journal.Record(
                at=now,
                kind="message refused",
                subject="coop-atlas/m-77",
                dossier=None,
                actor="coop-atlas",
                digest=None,
                facts={"type": "LicenceApplication", "codes": "PSV-501 PSV-603"},
            )
            await journal.append(tx, [refused])
        yield found


async def page(who: Visitor, path: str) -> str:
    answer = await who.get(path)
    assert answer.status == 200, path
    return await answer.text()


async def test_partners_are_listed_with_their_days_and_traffic(place: Town) -> None:
    text = await page(await visitor(place, "viewer"), "/partners")
    assert text.index(">adii<") < text.index(">coop-atlas<") < text.index(">mce<")
    assert "364 days left" in text or "365 days left" in text
    assert "7,654" in text
    assert "http://127.0.0.1:9/inbox" in text
    assert "mailbox only" in text


async def test_one_partner_shows_rights_certificates_waiting_and_refusals(place: Town) -> None:
    viewer = await visitor(place, "viewer")
    text = await page(viewer, "/partners/coop-atlas")
    assert "LicenceApplication" in text
    assert place.keys["coop-atlas"].certificate.fingerprint in text
    assert '<rect class="good"' in text
    assert "PSV-603" in text
    assert "coop-atlas/m-77" in text
    assert "Nothing is to be done before" in text
    assert '<form method="post" action="/console/partners' not in text
    adii = await page(viewer, "/partners/adii")
    assert '<span class="figure">3</span><span class="quiet">Being pushed</span>' in adii
    assert "m-2" in adii


@pytest.mark.parametrize(("language", "words"), [("fr", "Ce qui l’attend"), ("ar", "ما ينتظره")])
async def test_a_partner_is_shown_in_the_visitors_language(
    place: Town, language: str, words: str
) -> None:
    assert words in await page(await visitor(place, language=language), "/partners/adii")


async def test_what_each_rank_may_do_is_offered_to_it(place: Town) -> None:
    operator = await page(await visitor(place), "/partners/adii")
    administrator = await page(await visitor(place, "administrator"), "/partners/adii")
    assert 'value="move-on"' in operator
    assert 'value="rotate"' not in operator
    assert 'value="rotate"' in administrator
    assert 'value="suspend-certificate"' in administrator


async def test_an_address_is_pinged_by_an_operator_and_that_is_written_down(
    place: Town,
) -> None:
    viewer, operator = await visitor(place, "viewer"), await visitor(place)
    async with inbox() as box:
        async with place.hub.store.write() as tx:
            await partners.set_push_url(tx, "adii", box.url)
        await viewer.get("/partners/adii")
        assert (await viewer.post("/partners/adii/ping")).status == 403
        await operator.get("/partners/adii")
        answer = await operator.post("/partners/adii/ping")
        text = await answer.text()
        assert answer.status == 200
        assert "it answers" in text
        assert "127.0.0.1" in text
        assert box.bodies == []
    async with place.hub.store.read() as connection:
        first, *_ = await journal.listing(connection)
    assert (first.record.kind, first.record.actor) == ("partner pinged", "operator operator-one")
    await operator.get("/partners/mce")
    assert (await operator.post("/partners/mce/ping")).status == 400
    assert (await operator.post("/partners/nobody/ping")).status == 404


async def test_a_dead_address_is_told_as_such(place: Town) -> None:
    operator = await visitor(place)
    await operator.get("/partners/adii")
    text = await (await operator.post("/partners/adii/ping")).text()
    assert "no answer" in text
    assert "Refused" in text


async def test_a_hostile_name_stays_text_and_has_its_page(place: Town) -> None:
    async with place.hub.store.write() as tx:
        await partners.add(
            tx, name=PARTNER, role=Role.BANK, now=place.hub.clock(), push_url="http://x/%3C"
        )
    viewer = await visitor(place, "administrator")
    text = await page(viewer, "/partners")
    assert PARTNER not in text
    assert str(escape(PARTNER)) in text
    assert PARTNER not in await page(viewer, f"/partners/{quote(PARTNER, safe='')}")
    assert (await viewer.get("/partners/nobody")).status == 404


async def test_many_partners_are_shown_page_by_page(place: Town) -> None:
    key = make_key("many")
    async with place.hub.store.write() as tx:
        for number in range(60):
            await partners.add(tx, name=f"p-{number:02}", role=Role.BANK, now=place.hub.clock())
    await register(place.hub, "z-last", Role.BANK, key)
    viewer = await visitor(place, "viewer")
    first = await page(viewer, "/partners")
    assert "z-last" not in first
    assert "/console/partners?after=p-46" in first
    assert "z-last" in await page(viewer, "/partners?after=p-46")


def certificate(begin: int, end: int, name: str = "a", **changes: object) -> StoredCertificate:
    """Valid from so many days after now to so many."""
    values: dict[str, object] = {
        "fingerprint": name * 64,
        "pem": "",
        "not_before": NOW + timedelta(days=begin),
        "not_after": NOW + timedelta(days=end),
        "added_at": NOW,
        **changes,
    }
    return StoredCertificate(**values)  # type: ignore[arg-type] # as they stand above


@pytest.mark.parametrize(
    ("certificates", "advice", "day"),
    [
        ((), "none", None),
        ((certificate(-9, 300, suspended_at=NOW),), "none", None),
        ((certificate(-9, -1),), "none", None),
        ((certificate(5, 300),), "begins", 5),
        ((certificate(-9, 20), certificate(25, 300)), "gap", 25),
        ((certificate(-9, 20),), "ask", 20),
        ((certificate(-300, 20), certificate(-2, 300)), "overlap", 20),
        ((certificate(-300, 200),), "quiet", 140),
    ],
)
def test_the_plan_says_what_to_do_when(
    certificates: tuple[StoredCertificate, ...], advice: str, day: int | None
) -> None:
    found = plan(certificates, NOW)
    assert found.advice == advice
    assert found.day == (None if day is None else NOW + timedelta(days=day))
    assert len(found.bars) == len(certificates)
    assert all(bar.x >= 0 and bar.x + bar.width <= 1000 for bar in found.bars)
