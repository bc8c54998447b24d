"""The journal searched: by operator, partner, dossier, kind, day and words, in bounded steps."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from storage import journal, journal_search, messages
from storage import outgoing as sent
from storage.engine import Store
from storage.journal import Record
from storage.journal_search import View, Wanted
from storage.statement import Statement
from tests.storage.values import NOW, outgoing, received, record


def act(operator: str, subject: str, **changes: Any) -> Record:
    return record(subject, actor=f"operator {operator}", kind="job parked", **changes)


def refusal(partner: str, subject: str, **changes: Any) -> Record:
    return record(subject, actor=partner, kind="message refused", **changes)


async def keep(store: Store, *records: Record) -> None:
    async with store.write() as tx:
        await journal.append(tx, records)


async def subjects(store: Store, **wanted: Any) -> list[str]:
    async with store.read() as conn:
        page = await journal_search.search(conn, Wanted(**wanted))
    return [one.record.subject for one in page.rows]


async def some(store: Store) -> None:
    await keep(
        store,
        act("amina", "a-1"),
        record("m-1"),
        act("omar", "o-1", dossier="LE-1"),
        refusal("exporter", "r-1", facts={"codes": "PSV-501"}),
        act("amina", "a-2", facts={"reason": "Le Partenaire est EN PANNE"}),
        refusal("bank", "r-2", dossier="LE-1"),
    )


async def test_acts_of_all_operators_come_in_one_order(store: Store) -> None:
    await some(store)
    assert await subjects(store, view=View.ACTS) == ["a-2", "o-1", "a-1"]
    assert await subjects(store, view=View.ACTS, actor="operator amina") == ["a-2", "a-1"]
    assert await subjects(store, actor="operator omar") == ["o-1"]
    assert await subjects(store, view=View.ACTS, actor="exporter") == []


async def test_refusals_are_found_by_partner(store: Store) -> None:
    await some(store)
    assert await subjects(store, view=View.REFUSALS) == ["r-2", "r-1"]
    assert await subjects(store, view=View.REFUSALS, actor="exporter") == ["r-1"]
    assert await subjects(store, kind="message refused") == ["r-2", "r-1"]


async def test_filters_narrow_together(store: Store) -> None:
    await some(store)
    assert await subjects(store) == ["r-2", "a-2", "r-1", "o-1", "m-1", "a-1"]
    assert await subjects(store, dossier="LE-1") == ["r-2", "o-1"]
    assert await subjects(store, dossier="LE-1", view=View.ACTS) == ["o-1"]
    assert await subjects(store, kind="job parked", dossier="LE-1") == ["o-1"]
    assert await subjects(store, words="en panne") == ["a-2"]
    assert await subjects(store, words="R-") == ["r-2", "r-1"]
    assert await subjects(store, words="%") == []
    assert await subjects(store, actor="exporter") == ["r-1", "m-1"]


async def test_days_are_half_open_and_need_not_follow_the_ids(store: Store) -> None:
    days = [timedelta(days=day) for day in (0, 1, 1, 0, 2, 1, 3)]
    await keep(store, *(record(f"s-{n}", at=NOW + day) for n, day in enumerate(days)))
    since, until = NOW + timedelta(days=1), NOW + timedelta(days=2)
    assert await subjects(store, since=since, until=until) == ["s-5", "s-2", "s-1"]
    assert await subjects(store, since=NOW + timedelta(days=2)) == ["s-6", "s-4"]
    assert await subjects(store, until=NOW) == []
    assert await subjects(store, since=NOW + timedelta(days=9)) == []


async def test_days_of_an_empty_journal_hold_nothing(store: Store) -> None:
    assert await subjects(store, since=NOW, until=NOW + timedelta(days=1)) == []


async def test_pages_follow_each_other_without_gap_or_double(store: Store) -> None:
    await keep(store, *(act(f"who-{n % 3}", f"s-{n}") for n in range(25)))
    seen: list[str] = []
    before: int | None = 2**62
    async with store.read() as conn:
        while before is not None:
            wanted = Wanted(view=View.ACTS)
            page = await journal_search.search(conn, wanted, before=before, limit=4)
            seen += [one.record.subject for one in page.rows]
            before = page.next
    assert seen == [f"s-{n}" for n in reversed(range(25))]


async def test_a_walk_that_finds_nothing_says_how_far_it_looked(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_search, "WALK", 10)
    await keep(store, record("wanted"), *(record(f"s-{n}") for n in range(15)))
    async with store.read() as conn:
        page = await journal_search.search(conn, Wanted(words="wanted"))
        assert (page.rows, page.looked_back_to) == ([], NOW)
        assert page.next is not None
        rest = await journal_search.search(conn, Wanted(words="wanted"), before=page.next)
    assert [one.record.subject for one in rest.rows] == ["wanted"]
    assert (rest.next, rest.looked_back_to) == (None, None)


async def test_more_actors_than_can_be_merged_are_walked(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_search, "ACTORS", 2)
    await keep(store, *(refusal(f"partner-{n}", f"r-{n}") for n in range(6)), record("m-1"))
    assert await subjects(store, view=View.REFUSALS) == [f"r-{n}" for n in reversed(range(6))]


async def test_an_entry_stands_by_its_id_with_its_seal(store: Store) -> None:
    await some(store)
    async with store.write() as tx:
        assert await journal_search.unsealed(tx) == 6
        await journal.seal(tx, lambda _: b"signed", NOW, 4)
        await journal.seal(tx, lambda _: b"signed", NOW, 1)
        assert await journal_search.unsealed(tx) == 1
        last, first = await journal_search.last_seals(tx)
        entry = await journal_search.find(tx, first.first_entry)
        assert entry is not None
        assert (entry.record, entry.seal) == (act("amina", "a-1"), first.number)
        assert await journal_search.seal(tx, first.number) == first
        assert last.number == first.number + 1
        assert await journal_search.find(tx, 10**9) is None
        assert await journal_search.seal(tx, 10**9) is None
        assert await journal_search.operators(tx) == ["amina", "omar"]


async def test_subjects_that_are_messages_are_told_with_their_rows(store: Store) -> None:
    async with store.write() as tx:
        (accepted,) = await messages.accept(tx, [received("m-1")])
        await sent.store(tx, [outgoing("hub-1")])
        named = await journal_search.subjects(
            tx, ["exporter/m-1", "exporter/none", "hub-1", "LE-1", "' OR 1=1 --/x"]
        )
    assert named.received == {"exporter/m-1": accepted.message_id}
    assert list(named.sent) == ["hub-1"]


STATEMENTS: Sequence[tuple[Statement, dict[str, Any], str]] = [
    (journal_search._BY_DOSSIER, {"dossier": "x"}, "ix_journal_dossier_id"),
    (journal_search._BY_ACTOR[View.ACTS], {"actor": "x"}, "ix_journal_operators"),
    (journal_search._BY_ACTOR[View.REFUSALS], {"actor": "x"}, "ix_journal_refused"),
    (journal_search._NEXT_ACTOR[View.ACTS], {"last": "x"}, "ix_journal_operators"),
    (journal_search._NEXT_ACTOR[View.REFUSALS], {"last": "x"}, "ix_journal_refused"),
    (journal_search._BY_ID, {}, "INTEGER PRIMARY KEY"),
    (journal_search._UNSEALED, {}, "ix_journal_seal_id"),
]


@pytest.mark.parametrize(("statement", "given", "index"), STATEMENTS)
async def test_every_question_walks_its_index(
    sqlite_url: str, statement: Statement, given: dict[str, Any], index: str
) -> None:
    store = await Store.open(sqlite_url)
    values = {"before": 9, "after": 0, "most": 1, **given}

    def plan(connection: Any) -> str:
        compiled, driver = statement._sqlite(connection)
        rows = driver.execute(f"EXPLAIN QUERY PLAN {compiled.sql}", compiled.bound(values))
        return "\n".join(row[3] for row in rows)

    async with store.read() as conn:
        found = await conn.run_sync(plan)
    await store.close()
    assert index in found
    assert "TEMP B-TREE" not in found
