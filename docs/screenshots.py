"""Pictures of the console for the docs: `python -m docs.screenshots [NAME…]` writes them anew.

They are taken of the same night that the tests of the console look at.
"""

from __future__ import annotations

import asyncio
import io
import sys
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import structlog
from PIL import Image

from gateway.acts.act import By, Rank
from gateway.acts.doing import perform
from gateway.acts.jobs import Release
from gateway.acts.seen import Target
from gateway.console.languages import words
from storage import queue
from tests.console.browser import PHONE, WIDE, Desk, chromium, sat
from tests.console.scene import Scene, scene

FOLDER = Path(__file__).parent / "console"
HIGHEST = 1500  #: pixels of a picture; what stands below is like what stands above
COLOURS = 128

Where = Callable[[Scene], Awaitable[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """One picture: of which page, as who sees it."""

    name: str
    where: Where
    role: str | None = "administrator"
    language: str = "fr"
    options: dict[str, Any] = field(default_factory=dict)


def _at(path: str) -> Where:
    async def found(_night: Scene) -> str:
        return path

    return found


def _message(name: str) -> Where:
    async def found(night: Scene) -> str:
        return f"/messages/received/{await night.message_id(name)}"

    return found


def _dossier(name: str) -> Where:
    async def found(night: Scene) -> str:
        return f"/dossiers/{night.dossiers[name]}"

    return found


async def _job(night: Scene) -> str:
    return f"/queue/{(await night.poison())[0].id}"


async def _preview(night: Scene) -> str:
    return f"/acts/new?act=release&job={(await night.poison())[0].id}"


DARK = {"color_scheme": "dark"}
SMALL = {"viewport": PHONE, "device_scale_factor": 2}

SHOTS = (
    Shot(name="sign-in", where=_at("/login"), role=None),
    Shot(name="now", where=_at("/")),
    Shot(name="now-dark", where=_at("/"), options=DARK),
    Shot(name="now-ar", where=_at("/"), language="ar"),
    Shot(name="now-phone", where=_at("/"), options=SMALL),
    Shot(name="messages", where=_at("/messages")),
    Shot(name="messages-phone", where=_at("/messages?state=refused"), options=SMALL),
    Shot(name="message", where=_message("refused")),
    Shot(name="message-ar", where=_message("visa"), language="ar"),
    Shot(name="message-hostile", where=_message("hostile")),
    Shot(name="dossiers", where=_at("/dossiers")),
    Shot(name="dossier", where=_dossier("used")),
    Shot(name="dossier-ar", where=_dossier("certificate"), language="ar"),
    Shot(name="queue", where=_at("/queue")),
    Shot(name="job", where=_job),
    Shot(name="act", where=_preview),
    Shot(name="act-ar-dark", where=_preview, language="ar", options=DARK),
    Shot(name="acts", where=_at("/acts")),
    Shot(name="proposal", where=_at("/acts/1"), role="operator"),
    Shot(name="partners", where=_at("/partners")),
    Shot(name="partner", where=_at("/partners/banque-atlas")),
    Shot(name="partner-ar", where=_at("/partners/mce"), language="ar"),
    Shot(name="alerts", where=_at("/alerts")),
    Shot(name="alert", where=_at("/alerts/1"), role="operator"),
    Shot(name="journal", where=_at("/journal?view=all")),
    Shot(name="people", where=_at("/people")),
    Shot(name="person", where=_at("/people/salma")),
    Shot(name="me", where=_at("/me")),
)


async def _proposed(night: Scene) -> None:
    """Two jobs, for whose release a second person is asked."""
    targets = tuple(map(Target.of, await night.poison()))
    reason = "Le calcul des unités est corrigé dans la version de ce soir."
    by = By(name="salma", rank=Rank.OPERATOR, at=night.hub.clock(), reason=reason)
    await perform(night.hub, Release(targets=targets), by)


async def _verified(night: Scene, desk: Desk) -> None:
    """The journal, verified from the console."""
    await desk.go("/journal")
    await desk.press("Verify the chain")
    whole = desk.page.locator("#chain").get_by_text(words("fr").one("Whole"), exact=True)
    await whole.first.wait_for()


async def _printed(night: Scene) -> None:
    """Every paper is printed: a queue of papers is no picture of that night."""
    async with asyncio.timeout(180):
        while True:
            async with night.hub.store.read() as connection:
                if not await queue.listing(connection, kind=queue.Kind.RENDER, limit=1):
                    return
            await asyncio.sleep(0.5)


async def _taken(desk: Desk, shot: Shot, path: str) -> None:
    await desk.page.goto(f"{desk.town.url}/console{path}")
    if await desk.page.locator("main > article.notice.bad h1").count():
        raise LookupError(f"{shot.name}: {path} is an error page")
    await desk.page.evaluate("() => document.fonts.ready")
    await asyncio.sleep(0.5)  # the menu's figures come a moment after the page
    width = (desk.page.viewport_size or WIDE)["width"]
    high = await desk.page.evaluate("() => document.documentElement.scrollHeight")
    await desk.page.set_viewport_size({"width": width, "height": min(high, HIGHEST)})
    picture = await desk.page.screenshot(timeout=60_000)
    (FOLDER / f"{shot.name}.png").write_bytes(_small(picture))


def _small(picture: bytes) -> bytes:
    """The same in fewer colours; text and areas need no more."""
    with Image.open(io.BytesIO(picture)) as found:
        few = found.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    target = io.BytesIO()
    few.save(target, format="PNG", optimize=True)
    return target.getvalue()


async def take(wanted: Sequence[str]) -> None:
    """Take the pictures of these names, or all of them."""
    shots = [shot for shot in SHOTS if not wanted or shot.name in wanted]
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        async with scene(Path(folder)) as night, chromium() as browser:
            await _printed(night)
            await asyncio.sleep(2)  # a look at what there is to be alerted of
            await _proposed(night)
            async with sat(browser, night.place, name="salma") as desk:
                await _verified(night, desk)
            for shot in shots:
                path = await shot.where(night)
                async with sat(
                    browser, night.place, shot.role, language=shot.language, **shot.options
                ) as desk:
                    await _taken(desk, shot, path)


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("critical"))
    asyncio.run(take(sys.argv[1:]))
