from __future__ import annotations

from dataclasses import replace

import pytest

from storage import dossiers, papers
from storage.engine import Store
from storage.papers import Paper
from tests.storage.values import NOW, change

FIRST = Paper(
    dossier="LE-2026-000001",
    name="licence.pdf",
    version=1,
    state="current",
    media_type="application/pdf",
    digest="aa" * 32,
    created_at=NOW,
    content=b"%PDF-1.7 first",
)
SECOND = replace(FIRST, version=3, digest="bb" * 32, content=b"%PDF-1.7 second")


@pytest.fixture
async def filed(store: Store) -> Store:
    async with store.write() as tx:
        await dossiers.apply(tx, [change()])
    return store


async def test_the_latest_version_is_current_and_the_others_superseded(filed: Store) -> None:
    async with filed.write() as tx:
        assert await papers.put(tx, FIRST)
        assert await papers.put(tx, SECOND)
        found = await papers.list(tx, FIRST.dossier)
        assert await papers.get(tx, FIRST.dossier, "licence.pdf") == SECOND
        assert await papers.get(tx, FIRST.dossier, "licence.pdf", 1) == replace(
            FIRST, state="superseded"
        )
        assert await papers.get(tx, FIRST.dossier, "other.pdf") is None
    assert [(leaf.version, leaf.state) for leaf in found] == [(1, "superseded"), (3, "current")]


async def test_a_version_that_arrives_late_is_superseded_at_once(filed: Store) -> None:
    async with filed.write() as tx:
        await papers.put(tx, SECOND)
        await papers.put(tx, FIRST)
        found = await papers.list(tx, FIRST.dossier)
    assert [(leaf.version, leaf.state) for leaf in found] == [(1, "superseded"), (3, "current")]


async def test_a_version_rendered_again_stays_as_it_was_handed_out(filed: Store) -> None:
    async with filed.write() as tx:
        assert await papers.put(tx, FIRST)
        assert not await papers.put(tx, replace(FIRST, content=b"%PDF-1.7 again"))
        assert await papers.get(tx, FIRST.dossier, "licence.pdf") == FIRST
        assert await papers.by_digest(tx, FIRST.digest) == FIRST
        assert await papers.by_digest(tx, "00") is None


async def test_a_withdrawn_paper_is_no_longer_current(filed: Store) -> None:
    async with filed.write() as tx:
        await papers.put(tx, FIRST)
        assert await papers.withdraw(tx, FIRST.dossier, "licence.pdf")
        assert not await papers.withdraw(tx, FIRST.dossier, "licence.pdf")
        found = await papers.get(tx, FIRST.dossier, "licence.pdf")
    assert found is not None
    assert found.state == "withdrawn"
