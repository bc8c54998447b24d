"""Acts in a browser: the way from looking at one to confirming it, and what came of it."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

from storage import acts, queue
from storage.journal import Record
from tests import letters
from tests.console.browser import Desk
from tests.console.scene import Scene, choking, parked

REASON = "Le partenaire a téléphoné : tout est réparé."


async def looked_at(desk: Desk, **query: object) -> None:
    """The preview of an act, which says that nothing is done yet."""
    await desk.go(f"/acts/new?{urlencode(query)}")
    await told(desk, "Nothing is done yet. This is what would happen:")


async def confirmed(desk: Desk, button: str = "Confirm") -> None:
    """The act on the page, confirmed for a reason."""
    await desk.page.locator("#reason").fill(REASON)
    await desk.press(button)


async def told(desk: Desk, sentence: str) -> None:
    """The page says that sentence (in English here)."""
    text = await desk.says()
    assert desk.word(sentence) in text, text


async def job_that(night: Scene, fits: Callable[[queue.Job], bool]) -> queue.Job:
    """The first outstanding job that fits."""
    async with night.hub.store.read() as connection:
        found = await queue.listing(connection, limit=500)
    return next(job for job in found if fits(job))


async def job(night: Scene, number: int) -> queue.Job | None:
    """A job as it stands."""
    async with night.hub.store.read() as connection:
        return await queue.find(connection, number)


async def poisoned(night: Scene, *names: str) -> list[queue.Job]:
    """Messages on which a handler has a bug, parked; the bug is mended when they are back."""
    before = {one.id for one in await night.poison()}
    with choking(*names):
        for name in names:
            await night.drop("coop-atlas", letters.application(), called=name)
        await parked(night, len(before) + len(names))
    return [one for one in await night.poison() if one.id not in before]


async def outcome(night: Scene, name: str) -> str:
    """What became of a message of the cooperative's."""
    partner = await night.place.client("coop-atlas")
    return str((await partner.outcome(name))["status"])


async def recorded(night: Scene, kind: str) -> Record:
    """The latest thing of that kind that an operator did, as the journal has it."""
    async with night.hub.store.read() as connection:
        found = await acts.latest(connection, limit=50)
    return next(one.record for one in found if one.record.kind == kind)
