"""The journal is counted once, and its messages' words are kept, whoever reads and whoever dies."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from gateway import census
from gateway.census import Census, counts, words_of
from gateway.heartbeat import Heart, Repeats
from gateway.serve import opened
from schemas.envelope import payload
from schemas.parse import parse
from storage import StoreUnavailable, found, processes, progress, traffic, words
from storage.found import Wanted
from storage.journal import Happening, Record
from storage.traffic import Passed, Span
from tests import letters
from tests.storage.values import NOW, rows_of
from tests.town import Town, inbox, make_key, settings_for, town

SAMPLES = Path(__file__).parents[2] / "samples"


async def passed(place: Town, **more: Any) -> dict[Passed, int]:
    """Everything counted, whatever the hour."""
    async with place.hub.store.read() as connection:
        points = await traffic.series(connection, Span.HOUR, NOW, **more)
    totals: dict[Passed, int] = {}
    for point in points:
        for kind, count in point.counts.items():
            totals[kind] = totals.get(kind, 0) + count
    return totals


async def counted(place: Town, **wanted: int) -> dict[Passed, int]:
    """The counts, once these are reached."""
    totals: dict[Passed, int] = {}
    for _ in range(200):
        totals = await passed(place)
        if all(totals.get(Passed[kind], 0) >= count for kind, count in wanted.items()):
            return totals
        await asyncio.sleep(0.05)
    raise TimeoutError(f"counted {totals}")


async def test_what_passes_the_hub_is_counted_by_partner_and_its_words_found(
    tmp_path: Path, database_url: str
) -> None:
    async with (
        inbox() as ministry,
        town(tmp_path, database_url, push={"mce": ministry.url}) as place,
    ):
        atlas, souss = await place.client("coop-atlas"), await place.client("coop-souss")
        document = atlas.signed(letters.application())
        assert (await atlas.send(document)).status == 202
        assert (await atlas.send(document)).status == 200
        assert (await souss.send(souss.signed(letters.visa()))).status == 403
        await ministry.waited(1)
        await place.settled()
        await place.running.heart.beat()
        totals = await counted(place, ACCEPTED=1, REJECTED=1, HANDLED=1, SIGNED=2, DELIVERED=1)
        assert totals[Passed.REPEATED] == 1
        assert await passed(place, partner="coop-souss") == {Passed.REJECTED: 1}
        assert (await passed(place, partner="mce"))[Passed.DELIVERED] == 1
        async with place.hub.store.read() as connection:
            types = await traffic.by_type(connection, Span.HOUR, NOW)
            none = await found.received(connection, Wanted(words="passavant"))
            told = await found.received(connection, Wanted(words=letters.exporter().name))
    assert types["LicenceApplication"][Passed.ACCEPTED] == 1
    assert types["VisaRequest"][Passed.DELIVERED] == 1
    assert [row.sender for row in told.rows] == ["coop-atlas"]
    assert none.rows == []  # the envelope has its own fields


async def test_each_entry_counts_once_though_two_read_and_one_dies(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with town(tmp_path, database_url, workers=0) as place:
        atlas = await place.client("coop-atlas")
        for _ in range(3):
            assert (await atlas.send(atlas.signed(letters.application()))).status == 202
            await place.running._seal()
        first, second = Census(place.hub), Census(place.hub)
        keep = words.keep

        async def dies(*_: object) -> None:
            raise StoreUnavailable("killed")

        monkeypatch.setattr(words, "keep", dies)
        with pytest.raises(StoreUnavailable):
            await first.turn()
        monkeypatch.setattr(words, "keep", keep)
        assert await passed(place) == {}
        monkeypatch.setattr(census, "REST", 0)
        for _ in range(4):
            await asyncio.gather(first.turn(), second.turn())
        assert await passed(place) == {Passed.ACCEPTED: 3}
        async with place.hub.store.read() as connection:
            assert await progress.unread(connection, census.NAME) is None
            assert await progress.reached(connection, census.NAME) == 3
            page = await found.received(connection, Wanted(words=letters.exporter().name))
    assert len(page.rows) == 3


def entry(kind: str, **facts: str) -> Happening:
    record = Record(
        at=NOW, kind=kind, subject="s", dossier=None, actor="atlas", digest=None, facts=facts
    )
    return Happening(id=1, record=record, seal=1)


def test_entries_count_by_what_they_say() -> None:
    found_ = counts(
        [
            entry("message accepted", type="A"),
            entry("message refused", type="A", codes="PSV-501"),
            entry("dossier moved", type="A", outcome="accepted-with-warnings"),
            entry("message handled", type="A", outcome="refused"),
            entry("dossier moved", type="validity"),  # a timer
            entry("reply signed", type="B", to="mce"),
            entry("delivery parked", type="B"),
            entry("paper rendered"),
            entry("job released"),
        ]
    )
    assert [(one.kind, one.partner, one.type) for one in found_] == [
        (Passed.ACCEPTED, "atlas", "A"),
        (Passed.REJECTED, "atlas", "A"),
        (Passed.HANDLED, "atlas", "A"),
        (Passed.REFUSED, "atlas", "A"),
        (Passed.SIGNED, "mce", "B"),
        (Passed.PARKED, "atlas", "B"),
    ]


def _by_reading(document: bytes) -> set[str]:
    """The same words, by reading the message as XML."""
    runs = " ".join(payload(parse(document)).itertext()).split()
    readable = [run for run in runs if len(run) <= census.RUN or not run.isascii()]
    return set(words.fold(" ".join(readable)[: census.TEXT]))


def test_the_words_of_a_message_are_what_people_wrote_in_it() -> None:
    key = make_key("coop-atlas")
    for sample in sorted(SAMPLES.glob("*/valid-*.xml")):
        document = sample.read_bytes()
        kept = words_of(document)
        assert set(kept) == _by_reading(document), sample
        assert len(kept) == len(set(kept))
        assert kept == words_of(key.signer.sign(parse(document), NOW))


def test_words_are_told_from_tags_however_they_are_written() -> None:
    envelope = b"<x:StandardBusinessDocumentHeader>non</x:StandardBusinessDocumentHeader >%s<ds:S/>"
    inside = b"<P a='un > deux'>d&#233;j&agrave;&amp;l&#xE0;<![CDATA[ c & d ]]></P>"
    assert {"deja", "la", "c"} <= set(words_of(envelope % inside))
    assert "non" not in words_of(envelope % inside)
    signed = b"<P>oui</P><Signature xmlns='x'>non</Signature>"
    assert words_of(envelope % signed) == ["oui"]
    assert words_of(envelope % b"&#1114112;&#xFFFFFFFF;&\xff<<<") is not None
    assert words_of(b"<no") == words_of(b"") == []


async def test_repeats_that_cannot_be_written_down_count_on(
    tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with town(tmp_path, sqlite_url, workers=0) as place:
        repeats = Repeats()
        heart = Heart(place.hub, repeats)
        for _ in range(2):
            repeats.count(place.hub.clock(), "coop-atlas", "LicenceApplication")
        count = traffic.count

        async def fails(*_: object) -> None:
            raise StoreUnavailable("full")

        monkeypatch.setattr(traffic, "count", fails)
        with pytest.raises(StoreUnavailable):
            await heart.beat()
        repeats.count(place.hub.clock(), "coop-atlas", "LicenceApplication")
        monkeypatch.setattr(traffic, "count", count)
        await heart.beat()
        await heart.beat()
        assert await passed(place) == {Passed.REPEATED: 3}


async def test_a_process_is_on_the_list_while_it_runs_with_every_loop(
    tmp_path: Path, database_url: str
) -> None:
    async with town(tmp_path, database_url, workers=2) as place:
        await place.running.heart.beat()
        async with place.hub.store.read() as connection:
            (process,) = await processes.alive(connection)
    assert process.name == place.running.heart.name
    assert {"deliver", "seal", "census", "work", "work 2", "render"} <= set(process.loops)
    async with opened(settings_for(tmp_path, database_url)) as hub, hub.store.read() as connection:
        assert await rows_of(connection, "processes") == 0
