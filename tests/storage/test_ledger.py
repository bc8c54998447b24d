from __future__ import annotations

from storage import dossiers, ledger
from storage.engine import Store
from tests.storage.values import change, entry


async def test_entries_are_listed_latest_first_with_their_messages(store: Store) -> None:
    written = [entry(f"IMP-{number}") for number in range(5)]
    async with store.write() as tx:
        await dossiers.apply(tx, [change(entries=tuple(written[:3]), message_id=7)])
        await dossiers.apply(
            tx, [change(from_state="saved", revision=1, entries=tuple(written[3:]), message_id=9)]
        )
        other = change("LE-2026-000002", entries=(entry("IMP-OTHER"),))
        await dossiers.apply(tx, [other])
    async with store.read() as conn:
        first = await ledger.posted(conn, "LE-2026-000001", limit=2)
        rest = await ledger.posted(conn, "LE-2026-000001", before=first[-1].id)
        assert await ledger.posted(conn, "none") == []
    assert [one.entry for one in (*first, *rest)] == written[::-1]
    assert [one.message_id for one in (*first, *rest)] == [9, 9, 7, 7, 7]
