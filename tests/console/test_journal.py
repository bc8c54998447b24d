"""The journal in the console: who did what, and whether the chain of its seals holds."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from gateway.console.journal import fault_of
from gateway.verifying import signed_by
from storage import chain, journal, journal_search, verifications
from storage.journal_search import Wanted
from tests import letters
from tests.console import hostile
from tests.console.visitors import Visitor, stranger, visitor
from tests.storage.values import record
from tests.town import Town, town


@pytest.fixture
async def place(tmp_path: Path, database_url: str) -> AsyncIterator[Town]:
    """A hub with its partners, on either engine."""
    async with town(tmp_path, database_url) as found:
        yield found


async def page_of(visitor: Visitor, path: str, status: int = 200) -> str:
    answer = await visitor.get(path)
    text = await answer.text()
    assert answer.status == status, text
    return " ".join(text.split())


def shown(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


def entries_of(html: str) -> str:
    """What the table of entries says."""
    found = re.search(r'<table class="stack card journal">(.*?)</table>', html)
    return "" if found is None else shown(found[1])


def chain_of(html: str) -> str:
    found = re.search(r'<section id="chain".*?</section>', html)
    assert found is not None
    return shown(found[0])


async def keep(place: Town, *records: journal.Record) -> None:
    async with place.hub.store.write() as tx:
        await journal.append(tx, records)
    place.hub.store.hint("seal")


def act(operator: str, subject: str, **changes: Any) -> journal.Record:
    return record(
        subject,
        **{"actor": f"operator {operator}", "kind": "job parked", "facts": {"reason": "panne"}}
        | changes,
    )


async def sealed(place: Town) -> None:
    for _ in range(200):
        async with place.hub.store.read() as conn:
            if not await journal_search.unsealed(conn):
                return
        await asyncio.sleep(0.05)
    raise TimeoutError("entries are still without a seal")


async def ended(place: Town) -> verifications.Verification:
    for _ in range(400):
        async with place.hub.store.read() as conn:
            found = await verifications.latest(conn, 1)
        if found and not found[0].running:
            return found[0]
        await asyncio.sleep(0.05)
    raise TimeoutError("the verification has not ended")


async def spoil(place: Town, statement: str) -> None:
    async with place.hub.store.write() as tx:
        await tx.run_sync(lambda sync: sync.exec_driver_sql(statement).close())


async def test_the_journal_tells_who_did_what(place: Town) -> None:
    client = await place.client("coop-atlas")
    reply = await client.send(client.signed(letters.application(), instance="first"), wait=20)
    number = reply.facts["dossier"]["number"]
    await client.send(client.signed(letters.visa(), dossier=number))
    await keep(place, act("amina", "41"), act("omar", "adii", kind="partner suspended"))
    viewer = await visitor(place, "viewer")
    acts = await page_of(viewer, "/journal")
    assert "operator amina job set aside reason panne 41" in entries_of(acts)
    assert "partner suspended" in entries_of(acts)
    assert "message" not in entries_of(acts)
    assert 'href="/console/queue/41"' in acts
    assert 'href="/console/partners/adii"' in acts
    refusals = await page_of(viewer, "/journal?view=refusals")
    assert entries_of(refusals).count("message refused at the door") == 1
    everything = await page_of(viewer, "/journal?view=all")
    async with place.hub.store.read() as conn:
        named = await journal_search.subjects(conn, ["coop-atlas/first"])
    address = f"/console/messages/received/{named.received['coop-atlas/first']}"
    assert f'href="{address}"' in everything
    assert 'href="/console/messages/sent/' in everything
    assert f'href="/console/dossiers/{number}"' in everything


async def test_filters_narrow_and_unknown_days_are_told(place: Town) -> None:
    now = place.hub.clock()
    await keep(
        place,
        act("amina", "1", at=now - timedelta(days=3)),
        act("omar", "2", at=now, dossier="LE-7"),
        record("bank/r-1", actor="bank", kind="message refused", at=now),
    )
    viewer = await visitor(place, "viewer")
    for query, wanted, other in (
        ("operator=amina", "amina", "omar"),
        ("dossier=LE-7", "omar", "amina"),
        (f"from={now - timedelta(days=1):%Y-%m-%d}", "omar", "amina"),
        (f"until={now - timedelta(days=2):%Y-%m-%d}", "amina", "omar"),
        ("view=all&partner=bank", "bank/r-1", "amina"),
        ("view=all&kind=message+refused", "bank/r-1", "omar"),
        ("view=refusals&q=R-1", "bank/r-1", "omar"),
    ):
        page = entries_of(await page_of(viewer, f"/journal?{query}"))
        assert wanted in page, query
        assert other not in page, query
    nothing = await page_of(viewer, "/journal?view=refusals&partner=nobody")
    assert "The journal tells of nothing like that." in nothing
    for wrong in ("from=yesterday", "until=2026-02-30", "view=secret", "from=0001-01-01"):
        page = await page_of(viewer, f"/journal?{wrong}", status=400)
        assert 'role="alert"' in page


async def test_a_walk_that_finds_nothing_offers_to_go_on(
    place: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_search, "WALK", 5)
    await keep(place, record("needle"), *(record(f"s-{n}") for n in range(8)))
    viewer = await visitor(place, "viewer")
    page = await page_of(viewer, "/journal?view=all&q=needle")
    assert "needle" not in entries_of(page)
    onward = re.search(r'href="([^"]*)">Search further back', page)
    assert onward is not None
    assert "needle" in entries_of(await page_of(viewer, unescape(onward[1])))


async def test_an_entry_stands_alone_with_its_seal(place: Town) -> None:
    await keep(place, act("amina", "41", digest="ab" * 32))
    await sealed(place)
    async with place.hub.store.read() as conn:
        (found,) = (await journal_search.search(conn, Wanted(actor="operator amina"))).rows
    viewer = await visitor(place, "viewer")
    page = shown(await page_of(viewer, f"/journal/{found.id}"))
    for wanted in ("amina", "ab" * 32, "panne", "job set aside", str(found.seal)):
        assert wanted in page
    assert (await viewer.get("/journal/999999999")).status == 404
    await spoil(place, "DELETE FROM seals")
    assert "is not there" in await page_of(viewer, f"/journal/{found.id}")


async def test_a_verification_is_begun_watched_and_told(place: Town) -> None:
    await keep(place, *(record(f"s-{n}") for n in range(5)))
    await sealed(place)
    operator = await visitor(place, "operator", "amina")
    before = chain_of(await page_of(operator, "/journal"))
    assert "It was never verified from here." in before
    answer = await operator.post("/journal/verify")
    assert (answer.status, answer.headers.get("Location")) == (303, "/console/journal#chain")
    done = await ended(place)
    assert done.whole
    told = chain_of(await page_of(operator, "/journal"))
    assert "Whole" in told
    assert "amina" in told
    assert f"{done.entries} {done.seals}" in told
    acts = entries_of(await page_of(operator, "/journal"))
    assert "amina verification of the journal begun" in acts


async def test_a_running_verification_is_asked_for_again_until_it_ends(place: Town) -> None:
    operator = await visitor(place, "operator")
    async with place.hub.store.write() as tx:
        number = await verifications.begin(tx, "omar", place.hub.clock())
        assert number is not None
        await verifications.take(tx, number, place.hub.clock())
        await verifications.progress(tx, number, seals=3, entries=1234, now=place.hub.clock())
    running = await page_of(operator, "/journal/chain")
    assert 'hx-get="/console/journal/chain"' in running
    assert "1,234 entries under 3 seals are whole so far." in chain_of(running)
    assert "Verify the chain" not in running
    assert (await operator.post("/journal/verify")).status == 303
    async with place.hub.store.write() as tx:
        assert len(await verifications.latest(tx)) == 1
        await verifications.end(tx, number, seals=3, entries=5, faults=None, now=place.hub.clock())
    over = await page_of(operator, "/journal/chain")
    assert "hx-get" not in over
    assert "No verdict" in chain_of(over)


async def test_a_broken_chain_names_each_faulty_entry(place: Town) -> None:
    await keep(place, *(record(f"s-{n}") for n in range(9)))
    await sealed(place)
    await spoil(place, "UPDATE journal SET actor = 'nobody' WHERE id IN (4, 7)")
    operator = await visitor(place, "operator")
    await operator.post("/journal/verify")
    await ended(place)
    page = await page_of(operator, "/journal")
    assert "Broken Entry 4 was edited Entry 7 was edited" in chain_of(page)
    assert 'href="/console/journal/4"' in page
    reader = await visitor(place, "viewer", "reader", "ar")
    arabic = await page_of(reader, "/journal")
    assert '<html lang="ar" dir="rtl">' in arabic
    assert "القيد 4 تعرَّض للتغيير" in chain_of(arabic)
    assert "edited" not in chain_of(arabic)


async def test_an_export_is_what_the_command_verifies(place: Town) -> None:
    client = await place.client("coop-atlas")
    await client.send(client.signed(letters.application()), wait=20)
    await sealed(place)
    operator = await visitor(place, "operator", "amina")
    answer = await operator.get("/journal/export")
    assert answer.status == 200
    assert "attachment" in answer.headers["Content-Disposition"]
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    lines = (await answer.text()).splitlines()
    verdict = chain.verify(lines, signed_by(place.hub_certificate))
    assert verdict.whole, str(verdict)
    assert verdict.entries > 3
    acts = entries_of(await page_of(operator, "/journal"))
    assert "amina journal exported" in acts


async def test_hostile_text_in_the_journal_stays_text(place: Town) -> None:
    facts = {f"f{n}": text for n, text in enumerate(hostile.SCRIPTS)}
    await keep(
        place,
        *(act("amina", text, facts=facts, dossier=text, kind=text) for text in hostile.SCRIPTS),
        act(hostile.PARTNER, "1"),
    )
    viewer = await visitor(place, "viewer")
    for path in ("/journal", "/journal?view=all", "/journal/1"):
        html = await page_of(viewer, path)
        for tag in ("<script>", "<img id", "<svg", "<iframe", "<style>", "<base", "<b "):
            assert tag not in html
        assert "&lt;script&gt;" in html


async def test_ranks_are_kept(place: Town) -> None:
    viewer = await visitor(place, "viewer")
    page = await page_of(viewer, "/journal")
    assert "Verify the chain" not in page
    assert (await viewer.post("/journal/verify")).status == 403
    assert (await viewer.get("/journal/export")).status == 403
    nobody = await stranger(place)
    assert (await nobody.get("/journal")).status == 303
    async with place.hub.store.read() as conn:
        assert await verifications.latest(conn) == []


@pytest.mark.parametrize("line", ["the disk is <b>full</b>", "entry x was edited", ""])
def test_a_fault_in_other_words_is_told_as_it_stands(line: str) -> None:
    assert (fault_of(line).text, fault_of(line).fault) == (line, None)
