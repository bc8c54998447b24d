"""A hostile licence, partner, file name: on no page does it become more than text."""

from __future__ import annotations

from collections.abc import AsyncIterator
from urllib.parse import quote

import pytest
import pytest_asyncio

from tests.console import hostile
from tests.console.browser import PHONE, Desk
from tests.console.desk import Sit
from tests.console.scene import Scene

pytestmark = pytest.mark.asyncio(loop_scope="module")

#: What there would be if a payload had been read as HTML, or had run.
_OWNED = """
() => [
  ...(window.__owned === undefined ? [] : [`a script ran: ${window.__owned}`]),
  ...[...document.querySelectorAll("#owned, iframe, base, [srcdoc], img[src='x']")]
    .map((element) => element.outerHTML),
  ...[...document.querySelectorAll("[href], [src], [action], [formaction]")]
    .filter((element) => ["href", "src", "action", "formaction"].some((name) =>
      /^\\s*(javascript|data:text|vbscript)/i.test(element.getAttribute(name) || "")))
    .map((element) => element.outerHTML),
  ...[...document.querySelectorAll("*")]
    .filter((element) => [...element.attributes].some((a) => a.name.startsWith("on")))
    .map((element) => element.outerHTML),
  ...(getComputedStyle(document.body).display === "none" ? ["a style was taken"] : []),
]
"""


@pytest_asyncio.fixture(loop_scope="module")
async def desk(sit: Sit) -> AsyncIterator[Desk]:
    """An administrator in French, whose every page is looked at for what must not be there."""
    yield await sit("administrator")


async def pages(night: Scene) -> list[str]:
    """Every page on which the enemy's words are shown."""
    accepted = await night.message_id("hostile")
    number = night.dossiers["hostile"]
    name = quote(hostile.PARTNER, safe="")
    job = (await night.poison())[0]
    return [
        "/",
        "/messages",
        f"/messages?q={quote('window.__owned')}",
        f"/messages?q={name}&in=received",
        "/messages?in=rejected",
        f"/messages/received/{accepted}",
        f"/messages/received/{accepted - 1}",
        f"/messages/received/{accepted + 1}",
        f"/messages/received/{accepted + 3}",
        f"/messages/received/{accepted + 4}",
        "/dossiers",
        f"/dossiers/{number}",
        f"/dossiers?owner={name}",
        "/queue",
        f"/queue?cause={name}",
        f"/queue/{job.id}",
        "/acts",
        f"/acts/new?act=suspend&partner={name}",
        "/partners",
        f"/partners/{name}",
        "/alerts",
        "/journal?view=all",
        f"/journal?view=all&q={name}",
        "/journal?view=refusals",
        "/people",
    ]


async def test_no_page_makes_more_of_it_than_text(night: Scene, desk: Desk) -> None:
    owned = []
    for path in await pages(night):
        await desk.page.goto(f"{night.place.url}/console{path}")
        await desk.page.evaluate(
            "() => document.querySelectorAll('details').forEach(d => d.open = 1)"
        )
        owned += [f"{path}: {what}" for what in await desk.page.evaluate(_OWNED)]
        text = await desk.page.locator("body").inner_text()
        if "7*7" in text:
            assert "{{7*7}}" in text or "{{ 7*7 }}" in text or "#{7*7}" in text, path
        owned += [f"{path}: a template ran"] * ("<class '" in text)
    assert owned == []


async def test_what_the_enemy_wrote_is_shown_as_written(night: Scene, desk: Desk) -> None:
    await desk.go(f"/messages/received/{await night.message_id('hostile')}")
    text = "".join((await desk.page.locator("main").text_content() or "").split())
    for script in (hostile.SCRIPTS[6], hostile.SCRIPTS[7], hostile.FILE_NAME):
        readable = script.replace(hostile.RTL, "").replace("&", "")
        assert "".join(readable.split())[-20:] in text.replace("&", ""), script


async def test_long_words_push_no_page_out_of_a_phone(night: Scene, sit: Sit) -> None:
    desk = await sit("administrator", viewport=PHONE)
    wide = []
    for path in await pages(night):
        await desk.page.goto(f"{night.place.url}/console{path}")
        if (pixels := await desk.overflow()) > 0:
            wide.append(f"{path}: {pixels}")
    assert wide == []


async def test_text_that_turns_round_turns_nothing_beside_it(night: Scene, desk: Desk) -> None:
    """Every text of others that has a mark of direction stands isolated."""
    await desk.go(f"/messages/received/{await night.message_id('hostile')}")
    loose = await desk.page.evaluate(
        """() => {
        const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = [];
        for (let node = walk.nextNode(); node; node = walk.nextNode()) {
          const around = node.parentElement;
          if (/[\\u202a-\\u202e\\u2066-\\u2069]/.test(node.data)
              && !around.closest("bdi, pre, [dir], td, textarea")) found.push(around.outerHTML);
        } return found; }"""
    )
    assert [one for one in loose if "<html" not in one] == []


async def test_its_files_are_saved_and_never_opened(night: Scene, desk: Desk) -> None:
    number = await night.message_id("hostile")
    await desk.go(f"/messages/received/{number}")
    addresses = await desk.page.locator("main a[download], main a[href*='/files/']").evaluate_all(
        "(links) => links.map((link) => link.getAttribute('href'))"
    )
    assert any("/files/" in address for address in addresses)
    for address in addresses:
        answer = await desk.context.request.get(f"{night.place.url}{address}")
        disposition = answer.headers["content-disposition"]
        assert disposition.startswith("attachment"), address
        assert hostile.RTL not in disposition
        assert answer.headers["x-content-type-options"] == "nosniff"
