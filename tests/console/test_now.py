"""The page Now tells how the hub stands, live, to whoever is still signed in."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from gateway.config import DeliverySettings
from gateway.console import charts, lookout, now
from gateway.console.charts import chart
from storage import partners, processes, sessions, traffic
from storage.traffic import Count, Passed, Point, Span
from tests import letters
from tests.console import hostile
from tests.console.visitors import Visitor, visitor
from tests.storage.test_processes import PROCESS
from tests.storage.values import NOW
from tests.town import Town, town

SLOW = DeliverySettings(allow_private=True, first_delay=timedelta(minutes=9))


@pytest.fixture
async def place(tmp_path: Path, sqlite_url: str) -> AsyncIterator[Town]:
    """A hub whose ministry is never there."""
    push = {"mce": "http://127.0.0.1:9/inbox"}
    async with town(tmp_path, sqlite_url, push=push, delivery=SLOW) as found:
        yield found


async def text(who: Visitor, path: str = "/") -> str:
    answer = await who.get(path)
    assert answer.status == 200
    return await answer.text()


async def file(place: Town, times: int = 1) -> None:
    atlas = await place.client("coop-atlas")
    for _ in range(times):
        assert (await atlas.send(atlas.signed(letters.application()), wait=10)).status == 200


async def failed(place: Town) -> None:
    """Wait until the ministry was tried and not reached."""
    for _ in range(200):
        if await place.count("attempts"):
            return
        await asyncio.sleep(0.05)
    raise TimeoutError("nobody tried")


async def test_now_shows_what_is_outstanding_and_whom_nothing_reaches(place: Town) -> None:
    await file(place)
    await failed(place)
    page = await text(await visitor(place, "viewer"))
    assert "Nothing reaches <bdi>" in page or "Nothing reaches mce." in page
    assert "Open: nothing gets through" in page
    assert "Cannot connect" in page or "ClientConnectorError" in page
    assert 'href="/console/messages?in=sent&amp;partner=mce&amp;type=VisaRequest' in page
    assert place.running.heart.name in page
    assert "No worker holds a job" in page


async def test_a_partner_that_is_suspended_is_shown_as_held(place: Town) -> None:
    await file(place)
    await failed(place)
    async with place.hub.store.write() as tx:
        await partners.suspend(tx, "mce", "key lost", place.hub.clock())
    place.hub.directory.forget()
    page = await text(await visitor(place, "viewer"))
    assert "Held: the partner is suspended" in page


async def test_a_process_that_says_nothing_is_silent(place: Town) -> None:
    now_ = place.hub.clock()
    silent = replace(PROCESS, seen_at=now_ - timedelta(minutes=3), name=hostile.SCRIPTS[0])
    async with place.hub.store.write() as tx:
        await processes.beat(tx, silent)
    page = await text(await visitor(place, "viewer"))
    assert "Silent since" in page
    assert "Alive" in page
    assert "<script>window" not in page


async def test_traffic_is_drawn_and_told_in_numbers(place: Town) -> None:
    now_ = place.hub.clock()
    minute = Span.MINUTE.beginning(now_) - timedelta(minutes=1)
    async with place.hub.store.write() as tx:
        await traffic.count(
            tx,
            [
                Count(at=minute, kind=kind, partner="coop-atlas", type="A", count=count)
                for kind, count in ((Passed.ACCEPTED, 4321), (Passed.REJECTED, 7))
            ],
        )
    page = await text(await visitor(place, "viewer"))
    assert page.count("4,321</span>") == 2  # in the last minute, and in the hour
    assert "Received: 4,321 (at most 4,321)" in page
    assert '<td class="number">4,321</td><td class="number">7</td>' in page
    assert page.count("<svg") == 3
    assert "style=" not in page
    part = await text(await visitor(place, "viewer"), "/now/charts")
    assert part.count("<svg") == 3
    assert "<html" not in part


def test_bars_are_as_high_as_what_they_count() -> None:
    at = Span.MINUTE.beginning(NOW)
    points = [
        Point(at=at, counts={Passed.ACCEPTED: 10, Passed.REFUSED: 1, Passed.REJECTED: 2}),
        Point(at=at - timedelta(minutes=59), counts={Passed.ACCEPTED: 5}),
        Point(at=at - timedelta(minutes=60), counts={Passed.ACCEPTED: 99}),  # before the chart
    ]
    made = chart("hour", points, Span.MINUTE, NOW, 60)
    received, refused, delivered = made.rows
    assert [bar.height for bar in received.bars] == [charts.ROW / 2, charts.ROW]
    assert (received.most, received.total) == (10, 15)
    assert received.bars[1].x + received.bars[1].width <= charts.WIDTH
    assert refused.total == 3
    assert delivered.bars == ()
    assert made.lines == ((at, (10, 3, 0)), (at - timedelta(minutes=59), (5, 0, 0)))


class Watching:
    """One stream being read, event by event."""

    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self.answer = answer

    async def event(self) -> str | None:
        """The next picture; None when the stream has ended."""
        lines: list[str] = []
        async for line in self.answer.content:
            if line == b"\n":
                return "\n".join(lines)
            assert line.startswith(b"data: ")
            lines.append(line[6:].decode().rstrip("\n"))
        return None


def watch(who: Visitor) -> Any:
    return who.http.get(who.address("/now/live"), headers={"Accept": "text/event-stream"})


async def test_the_stream_ends_when_the_session_is_revoked(
    place: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(now, "EVERY", 0.1)
    monkeypatch.setattr(lookout, "AGE", 0.0)
    who = await visitor(place, "viewer")
    async with asyncio.timeout(20), watch(who) as answer:
        assert answer.status == 200
        assert answer.content_type == "text/event-stream"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        watching = Watching(answer)
        first = await watching.event()
        assert first is not None
        assert 'id="now-figures"' in first
        assert "<html" not in first
        await watching.event()
        async with place.hub.store.write() as tx:
            await sessions.revoke_all(tx, "viewer-one")
        seen = 0
        while await watching.event() is not None:
            seen += 1
        assert seen <= 2
    async with watch(who) as again:
        assert again.status == 401


async def test_a_stream_ends_after_its_time_and_with_the_hub(
    tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(now, "EVERY", 0.1)
    monkeypatch.setattr(now, "LONGEST", 0.25)
    async with town(tmp_path, sqlite_url, workers=0) as place:
        who = await visitor(place, "viewer")
        async with asyncio.timeout(20), watch(who) as answer:
            watching = Watching(answer)
            while await watching.event() is not None:
                pass
        monkeypatch.setattr(now, "LONGEST", 600.0)
        monkeypatch.setattr(now, "EVERY", 60.0)
        stream = Watching(await watch(who))
        assert await stream.event() is not None
        begun = asyncio.get_running_loop().time()
    stream.answer.close()
    assert asyncio.get_running_loop().time() - begun < 8


async def test_one_reading_serves_all_who_watch(
    place: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    readings = 0
    snapshot = lookout._snapshot

    async def counted(hub: Any) -> Any:
        nonlocal readings
        readings += 1
        return await snapshot(hub)

    monkeypatch.setattr(lookout, "_snapshot", counted)
    monkeypatch.setattr(lookout, "AGE", 60.0)
    french = await visitor(place, "viewer", "amina", language="fr")
    arabic = await visitor(place, "viewer", "badr", language="ar")
    pages = await asyncio.gather(*(text(who) for who in (french, arabic, french)))
    assert readings == 1
    assert "tâches" in pages[0] or "message" in pages[0].lower()
    assert re.search(r"[\u0600-\u06ff]", pages[1])
