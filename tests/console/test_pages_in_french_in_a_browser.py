"""Every page in French: axe-core, light and dark, wide and on a phone, nothing left in English."""

from __future__ import annotations

import pytest

from tests.console.crawl import crawled
from tests.console.desk import Sit
from tests.console.looks import chosen, faults
from tests.console.scene import Scene
from tests.console.visitors import visitor

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_every_page_is_whole_in_french(night: Scene, sit: Sit) -> None:
    known = await visitor(night.place, "administrator", "crawler", "fr")
    found = await crawled(known)
    desk = await sit("administrator", language="fr")
    wrong = list(found.dead)
    for address in await chosen(night, found):
        wrong += await faults(desk, address)
    assert wrong == []
