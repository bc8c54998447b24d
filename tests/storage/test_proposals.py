"""Proposals are decided once, and end with their time."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from storage import proposals
from storage.engine import Store
from tests.storage.values import NOW

NEW = proposals.NewProposal(
    kind="release",
    subject="jobs 1, 2",
    act='{"targets": []}',
    reason="the handler is mended",
    proposed_by="amina",
    proposed_at=NOW,
    expires_at=NOW + timedelta(hours=8),
)


async def added(store: Store, new: proposals.NewProposal = NEW) -> int:
    async with store.write() as tx:
        return await proposals.add(tx, new)


async def test_a_proposal_is_open_until_it_is_decided_once(store: Store) -> None:
    number = await added(store)
    async with store.write() as tx:
        assert await proposals.decide(tx, number, "done", by="brahim", at=NOW)
    async with store.write() as tx:
        assert not await proposals.decide(tx, number, "rejected", by="chama", at=NOW, remark="no")
    async with store.read() as conn:
        found = await proposals.find(conn, number)
    assert found is not None
    assert (found.state, found.decided_by, found.remark) == ("done", "brahim", None)
    assert (found.act, found.reason, found.proposed_by) == (NEW.act, NEW.reason, "amina")


async def test_what_nobody_decided_in_time_expires(store: Store) -> None:
    early = await added(store, replace(NEW, expires_at=NOW + timedelta(hours=1)))
    late = await added(store)
    async with store.write() as tx:
        assert await proposals.expire(tx, NOW + timedelta(hours=1)) == 1
        assert not await proposals.decide(tx, early, "done", by="brahim", at=NOW)
    async with store.read() as conn:
        assert [one.id for one in await proposals.listing(conn, state="open")] == [late]
        assert [one.id for one in await proposals.listing(conn, state="expired")] == [early]


async def test_the_latest_come_first_page_by_page(store: Store) -> None:
    ids = [await added(store) for _ in range(5)]
    async with store.read() as conn:
        first = await proposals.listing(conn, limit=2)
        rest = await proposals.listing(conn, before=first[-1].id, limit=10)
        nobody = await proposals.find(conn, 4711)
    assert [one.id for one in (*first, *rest)] == ids[::-1]
    assert nobody is None
