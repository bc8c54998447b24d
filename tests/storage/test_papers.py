from __future__ import annotations

from dataclasses import replace

import pytest

from storage import dossiers, messages, outgoing, papers
from storage.engine import Store
from storage.papers import Paper
from tests.storage import values
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


async def test_the_origin_is_the_last_message_that_moved_the_dossier(store: Store) -> None:
    number = FIRST.dossier
    for instance, event in (("m-1", "LicenceApplication"), ("m-2", "LicenceApplication"),
                            ("m-3", "VisaDecision")):  # fmt: skip
        async with store.write() as tx:
            (kept,) = await messages.accept(tx, [values.received(instance)])
            revision = int(instance[-1]) - 1
            moved = change(number, revision=revision, event=event, message_id=kept.message_id)
            await dossiers.apply(tx, [moved])
            replies = [
                values.outgoing(f"{stage} of {instance}", answers=kept.message_id, stage=stage)
                for stage in ("receipt", "outcome")
            ]
            await outgoing.store(tx, replies)
    async with store.read() as connection:
        found = await papers.origin(connection, number, ("LicenceApplication", "LicenceAmendment"))
        outcome = await outgoing.get(connection, "exporter", "outcome of m-2")
        assert await papers.origin(connection, number, ("LicenceAmendment",)) is None
        assert await papers.origin(connection, "LE-2026-9", ("LicenceApplication",)) is None
    sent = values.received("m-2")
    assert outcome is not None
    assert found == papers.Origin(digest=sent.digest, message=sent.content, outcome=outcome.content)


async def test_a_message_that_moved_nothing_is_no_origin(store: Store) -> None:
    async with store.write() as tx:
        await dossiers.apply(tx, [change(FIRST.dossier)])
        (kept,) = await messages.accept(tx, [values.received("dry", dossier=FIRST.dossier)])
        await outgoing.store(tx, [values.outgoing("o", answers=kept.message_id, stage="outcome")])
        assert await papers.origin(tx, FIRST.dossier, ("LicenceApplication",)) is None
