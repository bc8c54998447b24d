"""Dossiers in the console: found, and shown whole to whoever watches over the hub."""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path
from urllib.parse import quote

import aiohttp
import pytest

from gateway.console.facts import Table, readable
from gateway.token import paper_token
from schemas.bindings.licence_application_1 import Function
from storage import messages, papers, queue
from storage.queue import Kind
from tests import crafts, letters
from tests.console import hostile
from tests.console.visitors import Visitor, stranger, visitor
from tests.storage.values import work
from tests.town import Town, town


@pytest.fixture
async def place(tmp_path: Path, database_url: str) -> AsyncIterator[Town]:
    """A hub with its partners, on either engine."""
    async with town(tmp_path, database_url) as found:
        yield found


async def said(place: Town, name: str, body: object, number: str | None = None) -> str:
    """A message that is accepted; the dossier's number."""
    partner = await place.client(name)
    reply = await partner.send(partner.signed(body, dossier=number), wait=20)
    assert reply.facts["status"].startswith("accepted"), reply.facts
    return str(reply.facts["dossier"]["number"])


async def used(place: Town) -> str:
    """A licence of which customs has imputed a part."""
    number = await said(place, "coop-atlas", letters.application())
    await said(place, "mce", letters.visa(), number)
    await said(place, "adii", letters.imputation("IMP-1", "400"), number)
    await said(place, "adii", letters.contra("IMP-2", "IMP-1", "400"), number)
    return number


async def printed(place: Town, number: str) -> None:
    """Two versions of a paper, whatever the printer is at."""
    async with place.hub.store.write() as tx:
        for version in (901, 902):
            content = f"%PDF-1.7 {version}".encode()
            paper = papers.Paper(
                dossier=number,
                name="licence.pdf",
                version=version,
                state="current",
                media_type="application/pdf",
                digest=hashlib.sha256(content).hexdigest(),
                created_at=place.hub.clock(),
                content=content,
            )
            assert await papers.put(tx, paper)


async def text_of(
    visitor: Visitor, path: str, status: int = 200, headers: dict[str, str] | None = None
) -> str:
    """A page's HTML without its blanks."""
    answer = await visitor.get(path, headers=headers)
    text = await answer.text()
    assert answer.status == status, text
    return " ".join(text.split())


async def bytes_of(answer: aiohttp.ClientResponse) -> bytes:
    """The body, which was read already."""
    return (await answer.text(encoding="latin-1")).encode("latin-1")


def shown(html: str) -> str:
    """The text that a reader sees."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


def rows(html: str) -> int:
    return html.count('<th scope="row"')


async def test_dossiers_are_found_by_what_the_form_asks(place: Town) -> None:
    draft = letters.application(Function.SAVE, goods_line=(), invoice=())
    saved = await said(place, "coop-atlas", draft)
    filed = await said(place, "coop-souss", letters.application(incoterm="CIF"))
    viewer = await visitor(place, "viewer")
    found = await text_of(viewer, "/dossiers")
    assert rows(found) == 2
    assert found.index(filed) < found.index(saved)
    for query, number in (
        (f"number={saved}", saved),
        ("owner=coop-souss", filed),
        ("state=saved", saved),
        ("procedure=licence&state=submitted", filed),
        ("incoterm=CIF&owner=&lang=en", filed),
        ("exporter=Atlas&state=saved", saved),
        ("opened_from=2000-01-01&changed_until=2999-01-01&owner=coop-souss", filed),
    ):
        page = await text_of(viewer, f"/dossiers?{query}")
        assert rows(page) == 1, query
        assert f"/console/dossiers/{number}" in page, query
    assert "No dossier is like that." in await text_of(viewer, "/dossiers?procedure=inspection")


async def test_pages_of_dossiers_follow_each_other(
    place: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.console.dossiers.FOUND", 2)
    draft = letters.application(Function.SAVE, goods_line=(), invoice=())
    numbers = [await said(place, "coop-atlas", draft) for _ in range(3)]
    viewer = await visitor(place, "viewer")
    first = await text_of(viewer, "/dossiers?owner=coop-atlas")
    (following,) = re.findall(r'href="([^"]*)" rel="next"', first)
    second = await text_of(viewer, unescape(following))
    assert (rows(first), rows(second)) == (2, 1)
    assert f"/console/dossiers/{numbers[0]}" in second
    assert 'rel="next"' not in second
    assert "First page" in second


@pytest.mark.parametrize(
    "query",
    ["state=nowhere", "opened_from=yesterday", "before=x", "list=own", "limit=9", "total=many"],
)
async def test_what_cannot_be_asked_shows_the_form_again(place: Town, query: str) -> None:
    viewer = await visitor(place, "viewer")
    page = await text_of(viewer, f"/dossiers?{query}", status=400)
    assert 'role="alert"' in page
    assert 'name="owner"' in page


async def test_a_licence_shows_its_balance_its_ledger_and_its_whole_timeline(
    place: Town,
) -> None:
    number = await used(place)
    await printed(place, number)
    viewer = await visitor(place, "viewer")
    html = await text_of(viewer, f"/dossiers/{number}")
    page = shown(html)
    async with place.hub.store.read() as conn:
        received = await messages.listing(conn)
        leaves = await papers.list(conn, number)
    for message in received:
        assert f'href="/console/messages/received/{message.id}"' in html
        assert message.instance in page
    for name in ("coop-atlas", "mce", "adii"):
        assert f'href="/console/partners/{name}"' in html
    assert html.count('href="/console/messages/sent/') >= len(received)
    balance = page[page.index("Balance") : page.index("Ledger")]
    assert "1000" in balance
    ledger = page[page.index("Ledger") : page.index("Papers")]
    assert ledger.index("IMP-2") < ledger.index("IMP-1")
    assert "Contra entry → IMP-1" in ledger
    assert "-400" in ledger
    assert leaves[-1].digest in page
    assert f'href="/verify/{paper_token(place.hub, number)}"' in html
    assert "will ring" in page
    assert "The owner coop-atlas" in page
    assert "Cooperative" in page or letters.exporter().name in page


async def test_an_inspection_shows_its_lines_and_who_treats_it(place: Town) -> None:
    await crafts.open_services(place)
    number = await said(place, crafts.EXPORTER, crafts.application())
    await said(place, crafts.HOUSE, crafts.assignment(), number)
    viewer = await visitor(place, "viewer")
    page = shown(await text_of(viewer, f"/dossiers/{number}"))
    assert "Inspection certificate" in page
    for line in (crafts.carpets(), crafts.plates()):
        assert line.description in page
    assert crafts.AGENT in page
    assert "invoice.pdf" in page
    assert "Balance" not in page


async def test_each_language_says_the_state_in_its_own_words(place: Town) -> None:
    number = await said(place, "coop-atlas", letters.application())
    state = place.hub.registry.procedures["licence"].state("submitted")
    assert state is not None
    for language, word, way in (("fr", state.fr, "ltr"), ("ar", state.ar, "rtl")):
        reader = await visitor(place, "viewer", f"reader-{language}", language)
        page = await text_of(reader, f"/dossiers/{number}")
        assert f'<html lang="{language}" dir="{way}">' in page
        assert f'<span class="badge busy">{word}</span>' in page
        assert "Who holds it now" not in page
        listed = await text_of(reader, "/dossiers")
        assert f'<span class="badge busy">{word}</span>' in listed


async def test_a_timeline_goes_on_page_by_page(
    place: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = await used(place)
    viewer = await visitor(place, "viewer")
    whole = await text_of(viewer, f"/dossiers/{number}")
    links = re.findall(r'href="(/console/messages/(?:received|sent)/\d+)"> ?<bdi', whole)
    monkeypatch.setattr("gateway.console.dossiers.MARKS", 5)
    seen: list[str] = []
    path: str | None = f"/dossiers/{number}"
    while path is not None:
        page = await text_of(viewer, path)
        timeline = page[page.index('id="timeline"') :]
        seen += re.findall(r'href="(/console/messages/(?:received|sent)/\d+)"> ?<bdi', timeline)
        following = re.search(r'href="([^"]*)" rel="next"', timeline)
        path = None if following is None else unescape(following[1])
    assert seen == [link for link in links if link in seen]
    assert len(seen) == len(set(seen)) > 5
    wrong = await text_of(viewer, f"/dossiers/{number}?before=nonsense", status=400)
    assert 'role="alert"' in wrong


async def test_a_ledger_goes_on_page_by_page(place: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.console.dossiers.ENTRIES", 1)
    number = await used(place)
    viewer = await visitor(place, "viewer")
    first = await text_of(viewer, f"/dossiers/{number}")
    ledger = first[first.index('id="ledger"') :]
    following = re.search(r'href="([^"]*entry=[^"]*)" rel="next"', ledger)
    assert following is not None
    second = shown(await text_of(viewer, unescape(following[1])))
    ledger_of_second = second[second.index("Ledger") : second.index("Timeline")]
    assert "IMP-1 " in ledger_of_second
    assert "IMP-2" not in ledger_of_second


async def test_papers_and_the_history_are_files(place: Town) -> None:
    number = await used(place)
    await printed(place, number)
    viewer = await visitor(place, "viewer")
    async with place.hub.store.read() as conn:
        leaves = await papers.list(conn, number)
    for leaf in leaves:
        path = f"/dossiers/{number}/papers/{leaf.name}?version={leaf.version}"
        answer = await viewer.get(path)
        content = await bytes_of(answer)
        assert hashlib.sha256(content).hexdigest() == leaf.digest
        assert answer.headers["Content-Disposition"].startswith("attachment;")
        assert answer.headers["Content-Security-Policy"] == "sandbox"
    assert len({leaf.digest for leaf in leaves}) == len(leaves) > 0
    sheet = await bytes_of(await viewer.get(f"/dossiers/{number}/history.xlsx"))
    with zipfile.ZipFile(io.BytesIO(sheet)) as book:
        names = "".join(book.read(name).decode() for name in book.namelist() if "sheet" in name)
        strings = "".join(book.read(name).decode() for name in book.namelist() if "trings" in name)
    assert "VisaDecision" in names + strings
    for missing in ("papers/none.pdf", "papers/licence.pdf?version=9999", "papers/x?version=a"):
        assert (await viewer.get(f"/dossiers/{number}/{missing}")).status == 404


async def test_jobs_of_the_dossier_are_linked(place: Town) -> None:
    number = await said(place, "coop-atlas", letters.application())
    async with place.hub.store.write() as tx:
        await queue.enqueue(tx, [work(10**6, lane=number)], place.hub.clock())
        (job,) = await queue.listing(tx, lane=number)
        await queue.claim(
            tx,
            kinds=[Kind.WORK],
            worker="nobody",
            now=place.hub.clock(),
            lease=place.hub.settings.queue.lease,
            limit=1,
        )
    viewer = await visitor(place, "viewer")
    page = await text_of(viewer, f"/dossiers/{number}")
    jobs = page[page.index('id="jobs"') : page.index('id="timeline"')]
    assert f'href="/console/queue/{job.id}"' in jobs
    assert "Message to handle" in jobs


async def test_hostile_text_stays_text(place: Town) -> None:
    number = await said(place, "coop-souss", hostile.licence())
    await said(place, "mce", hostile.visa(), number)
    await said(place, "coop-souss", hostile.cancellation(), number)
    viewer = await visitor(place, "viewer")
    for path in (f"/dossiers/{number}", "/dossiers?owner=" + quote(hostile.SCRIPTS[1])):
        html = await text_of(viewer, path)
        for tag in ("<script>", "<img id", "<svg", "<iframe", "<style>", "<base", "<b "):
            assert tag not in html
        assert "<a href='javascript" not in html
    html = await text_of(viewer, f"/dossiers/{number}")
    assert "&lt;script&gt;window.__owned=1&lt;/script&gt;" in html
    assert 'href="javascript' not in html


@pytest.mark.parametrize("number", ["LE-2026-9999999", "x'OR'1'='1", "🐪"])
async def test_an_unknown_dossier_is_not_found(place: Town, number: str) -> None:
    viewer = await visitor(place, "viewer")
    for path in ("", "/history.xlsx", "/papers/licence.pdf"):
        answer = await viewer.get(f"/dossiers/{quote(number)}{path}")
        assert answer.status == 404


async def test_nobody_unknown_sees_a_dossier(place: Town) -> None:
    number = await said(place, "coop-atlas", letters.application())
    nobody = await stranger(place)
    for path in ("/dossiers", f"/dossiers/{number}", f"/dossiers/{number}/history.xlsx"):
        answer = await nobody.get(path)
        assert answer.status == 303
        assert answer.headers["Location"].startswith("/console/login")


def test_facts_become_readable_by_their_shape() -> None:
    found = readable(
        {
            "at": "2026-11-02T08:00:00+00:00",
            "day": "2026-11-02",
            "no-day": "2026-13-45",
            "lines": [{"a": "1", "b": None}, {"a": None, "b": None, "c": ["x"]}],
            "words": ["2026-11-02", "no"],
            "none": None,
        }
    )
    assert isinstance(found, dict)
    assert found["at"].isoformat() == "2026-11-02T08:00:00+00:00"
    assert found["day"].isoformat() == "2026-11-02"
    assert found["no-day"] == "2026-13-45"
    assert isinstance(found["lines"], Table)
    assert found["lines"].columns == ("a", "c")
    assert found["words"][1] == "no"
    assert found["none"] is None
