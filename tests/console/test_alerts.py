"""The room Alerts: what it shows, to whom, and what people do there."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from markupsafe import escape

from storage import alerts, journal
from storage.alerts import Alert, Cause
from tests.console.hostile import PARTNER, SCRIPTS
from tests.console.visitors import Visitor, visitor
from tests.town import Town, town

CAUSES = (
    Cause(
        cause="partner-unreachable/adii",
        family="partner-unreachable",
        subject="adii",
        level=4,
        facts={"since": "2026-11-21T09:00:00+00:00", "error": "the partner answered 503"},
        count=40,
    ),
    Cause(
        cause="certificate/mce",
        family="certificate",
        subject="mce",
        level=6,
        facts={"days": "0", "until": "2026-11-21T09:00:00+00:00"},
    ),
    Cause(cause="disk", family="disk", subject="/srv", level=2, facts={"percent": "12"}),
)


@pytest.fixture
async def place(tmp_path: Path, sqlite_url: str) -> AsyncIterator[Town]:
    """A hub with three alerts and nobody at work."""
    async with town(tmp_path, sqlite_url, workers=0, names=()) as found:
        async with found.hub.store.write() as tx:
            families = {cause.family: timedelta() for cause in CAUSES}
            await alerts.observe(tx, CAUSES, families, found.hub.clock())
        yield found


async def page(who: Visitor, path: str) -> str:
    answer = await who.get(path)
    assert answer.status == 200, path
    return await answer.text()


async def alert(place: Town, number: int) -> Alert:
    async with place.hub.store.read() as connection:
        found = await alerts.find(connection, number)
    assert found is not None
    return found


async def entries(place: Town) -> list[journal.Record]:
    async with place.hub.store.read() as connection:
        return [one.record for one in await journal.listing(connection)]


async def attend(who: Visitor, number: int, done: str, **fields: Any) -> Any:
    await who.get(f"/alerts/{number}")
    return await who.post(f"/alerts/{number}/{done}", **{"reason": "I am on it", **fields})


async def test_alerts_stand_by_family_the_worst_first(place: Town) -> None:
    text = await page(await visitor(place, "viewer"), "/alerts")
    headings = re.findall(r"<h2[^>]*>([^<]*)</h2>", text)
    assert headings == ["Certificates of partners", "Partners that cannot be reached", "Disk space"]
    assert "No certificate of <bdi>mce</bdi> is in force" in text
    assert ">Urgent<" in text
    assert "the partner answered 503" in text


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("fr", "Les envois vers <bdi>adii</bdi> échouent"),
        ("ar", "عمليات الإرسال إلى <bdi>adii</bdi>"),
    ],
)
async def test_alerts_are_told_in_the_visitors_language(
    place: Town, language: str, words: str
) -> None:
    text = await page(await visitor(place, "viewer", language=language), "/alerts")
    assert words in text


async def test_an_alert_tells_what_it_means_and_where_it_is_mended(place: Town) -> None:
    text = await page(await visitor(place), "/alerts/1")
    assert "nothing is lost" in text
    assert 'href="/console/partners/adii"' in text
    assert "six-bad-nights.md#partner-down" in text
    assert (await (await visitor(place)).get("/alerts/4711")).status == 404


async def test_a_viewer_looks_and_an_operator_acts(place: Town) -> None:
    viewer = await visitor(place, "viewer")
    assert "<textarea" not in await page(viewer, "/alerts/1")
    for done in ("acknowledge", "mute", "unmute", "resolve"):
        assert (await attend(viewer, 1, done)).status == 403
    assert (await alert(place, 1)).state == "open"


async def test_what_is_acknowledged_names_who_and_why(place: Town) -> None:
    operator = await visitor(place)
    answer = await attend(operator, 1, "acknowledge")
    assert (answer.status, answer.headers["Location"]) == (303, "/console/alerts?said=acknowledge")
    found = await alert(place, 1)
    assert (found.state, found.acknowledged_by) == ("acknowledged", "operator-one")
    (entry,) = await entries(place)
    assert (entry.kind, entry.actor, entry.subject) == (
        "alert acknowledged",
        "operator operator-one",
        "partner-unreachable/adii",
    )
    assert entry.facts["reason"] == "I am on it"
    assert "The alert is acknowledged." in await page(operator, "/alerts?said=acknowledge")


async def test_what_is_muted_is_muted_for_its_hours_and_told_again_by_hand(place: Town) -> None:
    operator = await visitor(place)
    assert (await attend(operator, 1, "mute", hours="24")).status == 303
    until = (await alert(place, 1)).muted_until
    assert until is not None
    assert timedelta(hours=23) < until - place.hub.clock() <= timedelta(hours=24)
    assert (await attend(operator, 1, "mute", hours="9999")).status == 400
    assert (await attend(operator, 1, "unmute")).status == 303
    assert (await alert(place, 1)).muted_until is None
    assert (await attend(operator, 1, "unmute")).status == 409


async def test_what_somebody_else_resolved_is_not_resolved_again(place: Town) -> None:
    operator = await visitor(place)
    assert (await attend(operator, 1, "resolve")).status == 303
    again = await attend(operator, 1, "resolve")
    assert again.status == 409
    assert "It moved on meanwhile" in await again.text()
    found = await alert(place, 1)
    assert (found.state, found.note) == ("resolved", "I am on it")
    assert 'id="alert-1"' not in await page(operator, "/alerts")
    assert 'id="alert-1"' in await page(operator, "/alerts?state=resolved")


async def test_nothing_is_done_without_a_reason_or_without_the_consoles_form(place: Town) -> None:
    operator = await visitor(place)
    assert (await attend(operator, 1, "resolve", reason="  ")).status == 400
    assert (await operator.post("/alerts/1/resolve", _csrf="forged", reason="why")).status == 403
    assert (await attend(operator, 99, "resolve")).status == 404
    assert (await alert(place, 1)).state == "open"


@pytest.mark.parametrize("query", ["state=weird", "before=abc", "before=-1", "state=open&before=x"])
async def test_a_bad_address_is_said_and_the_page_shown(place: Town, query: str) -> None:
    answer = await (await visitor(place)).get(f"/alerts?{query}")
    assert answer.status == 400
    assert "does not exist" in await answer.text()


async def test_more_alerts_than_a_page_are_shown_page_by_page(place: Town) -> None:
    many = [
        Cause(cause=f"disk/{number}", family="disk", subject="/srv", level=2)
        for number in range(60)
    ]
    async with place.hub.store.write() as tx:
        await alerts.observe(tx, many, {}, place.hub.clock())
    operator = await visitor(place)
    first = await page(operator, "/alerts?state=open")
    found = re.search(r'href="(/console/alerts\?state=open&amp;before=\d+)"', first)
    assert found is not None
    rest = await page(operator, found.group(1).replace("&amp;", "&"))
    assert first.count("<article") + rest.count("<article") == 63


async def test_hostile_text_in_an_alert_stays_text(place: Town) -> None:
    hostile = [
        Cause(
            cause=f"messages-parked/{number}",
            family="messages-parked",
            subject=text,
            level=4,
            facts={"error": text, "since": "2026-11-21T09:00:00+00:00"},
        )
        for number, text in enumerate((*SCRIPTS, PARTNER))
    ]
    async with place.hub.store.write() as tx:
        await alerts.observe(tx, hostile, {}, place.hub.clock())
    text = await page(await visitor(place), "/alerts")
    for one in (*SCRIPTS, PARTNER):
        assert str(escape(one)) in text
        assert str(escape(one)) == one or one not in text
