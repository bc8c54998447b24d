"""Dossiers are found by their facets without reading them all, on both engines."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from storage import dossiers, search
from storage.engine import Store, SyncConnection
from storage.search import Wanted
from storage.statement import _Compiled
from tests.storage.values import NOW, change

MANY = 3_000  #: more than a facet may have to be begun with


def licences(many: int) -> Iterator[dossiers.Change]:
    """Dossiers a minute apart: one in a hundred to Ghana, every other one to France."""
    for number in range(many):
        country = "GH" if number % 100 == 7 else "FR" if number % 2 else "DE"
        yield change(
            f"LE-{number:05}",
            at=NOW + timedelta(minutes=number),
            owner="ab"[number % 3 == 0],
            to_state=("saved", "submitted", "granted")[number % 3],
            facets=frozenset({("country", country), ("currency", "EUR"), ("visa", f"V-{number}")}),
        )


async def fill(store: Store, many: int) -> None:
    async with store.write() as tx:
        await dossiers.apply(tx, list(licences(many)))


async def found(store: Store, size: int = 100, **wanted: Any) -> list[str]:
    """Every number found, page by page."""
    numbers: list[str] = []
    before: tuple[datetime, str] | None = None
    async with store.read() as connection:
        while page := await search.latest(connection, Wanted(**wanted), limit=size, before=before):
            numbers += [one.number for one in page]
            before = (page[-1].changed_at, page[-1].number)
    return numbers


def expected(many: int, **wanted: Any) -> list[str]:
    """The same by reading them all."""
    numbers = []
    for one in licences(many):
        assert one.facets is not None
        if wanted.get("facets", frozenset()) <= one.facets and _within(one, wanted):
            numbers.append(one.number)
    return numbers[::-1]


def _within(one: dossiers.Change, wanted: dict[str, Any]) -> bool:
    first, last = wanted.get("changed", wanted.get("opened", (None, None)))
    return (
        (wanted.get("owner") in (None, one.owner))
        and one.to_state in (wanted.get("states") or (one.to_state,))
        and (first is None or one.at >= first)
        and (last is None or one.at < last)
    )


RANGE = (NOW + timedelta(minutes=20), NOW + timedelta(minutes=80))


def _asked_in_words(asked: dict[str, Any]) -> str:
    """The same words in every process: a set has no order of its own."""
    words = {
        name: sorted(value) if isinstance(value, frozenset) else value
        for name, value in asked.items()
    }
    return str(words)


@pytest.mark.parametrize(
    "wanted",
    [
        {},
        {"owner": "a"},
        {"states": ("granted",)},
        {"states": ("granted", "saved")},
        {"owner": "b", "states": ("saved", "granted"), "procedures": ("licence",)},
        {"facets": frozenset({"country": "GH"}.items())},
        {
            "facets": frozenset({"country": "FR", "currency": "EUR"}.items()),
            "owner": "a",
            "states": ("submitted",),
        },
        {"facets": frozenset({"country": "GH", "visa": "V-7"}.items())},
        {"facets": frozenset({"country": "FR", "visa": "V-7"}.items())},
        {"opened": RANGE},
        {"changed": RANGE, "states": ("granted", "submitted")},
        {"opened": (None, RANGE[1]), "facets": frozenset({"country": "DE"}.items())},
    ],
    ids=_asked_in_words,
)
async def test_what_is_found_is_what_reading_them_all_would_find(
    store: Store, wanted: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(store, 120)
    for few in (1_000, 1):  # driven by the facet, and walked
        monkeypatch.setattr(search, "FEW", few)
        assert await found(store, 7, **wanted) == expected(120, **wanted)


async def test_a_number_is_found_exactly_and_no_state_at_all_finds_nothing(store: Store) -> None:
    await fill(store, 20)
    assert await found(store, number="LE-00003") == ["LE-00003"]
    assert await found(store, number="LE-00003", states=("granted",)) == []
    assert await found(store, number="LE-0000") == []
    assert await found(store, states=()) == await found(store, procedures=()) == []
    assert await found(store, procedures=("inspection",)) == []


async def test_those_that_changed_at_one_instant_are_paged_without_gap_or_repeat(
    store: Store,
) -> None:
    async with store.write() as tx:
        await dossiers.apply(tx, [change(f"LE-{number}") for number in range(7)])
    assert await found(store, 2) == [f"LE-{number}" for number in range(7)][::-1]


def _plan(connection: SyncConnection, wanted: Wanted) -> str:
    shape, values = search._asked(connection, wanted, 10, (NOW + timedelta(days=1), "LE-9"))
    core = search._statement(shape)._core
    if connection.dialect.name == "sqlite":
        sqlite = _Compiled(core, None, connection.dialect)
        words = f"EXPLAIN QUERY PLAN {sqlite.sql}"
        bound = tuple(sqlite.bound(values))
        return "\n".join(row[3] for row in connection.exec_driver_sql(words, bound))
    connection.exec_driver_sql("ANALYZE dossiers")
    connection.exec_driver_sql("ANALYZE facets")
    compiled = core.compile(dialect=connection.dialect)
    given = tuple({**compiled.params, **values}[name] for name in compiled.positiontup)
    rows = connection.exec_driver_sql(f"EXPLAIN {compiled}", given)
    return "\n".join(row[0] for row in rows)


WALKS = [
    (Wanted(), "ix_dossiers_changed_at_number"),
    (Wanted(owner="a"), "ix_dossiers_owner_changed_at_number"),
    (Wanted(owner="a", states=("saved", "granted")), "ix_dossiers_owner_changed_at_number"),
    (Wanted(states=("saved", "granted")), "ix_dossiers_state_changed_at_number"),
    (
        Wanted(facets=frozenset({"country": "GH"}.items()), owner="a"),
        "ix_facets_name_value_dossier",
    ),
    (
        Wanted(facets=frozenset({"country": "GH"}.items()), states=("saved",)),
        "ix_facets_name_value_dossier",
    ),
    (
        Wanted(facets=frozenset({"visa": "V-7", "country": "FR"}.items())),
        "ix_facets_name_value_dossier",
    ),
    (Wanted(facets=frozenset({"currency": "EUR"}.items())), "ix_dossiers_changed_at_number"),
    (
        Wanted(facets=frozenset({"country": "FR", "currency": "EUR"}.items())),
        "ix_dossiers_changed_at_number",
    ),
    (
        Wanted(opened=(NOW, None), facets=frozenset({"country": "FR"}.items())),
        "ix_dossiers_changed_at_number",
    ),
]


async def test_no_question_reads_every_dossier(store: Store) -> None:
    await fill(store, MANY)
    async with store.write() as tx:
        for wanted, index in WALKS:
            plan = await tx.run_sync(_plan, wanted)
            if store.dialect == "sqlite":  # PostgreSQL knows how many there are of each
                assert index in plan, (wanted, plan)
            for table in ("dossiers", "facets"):
                assert f"Seq Scan on {table}" not in plan, (wanted, plan)
                lines = [line for line in plan.splitlines() if f"SCAN {table}" in line]
                assert all("USING INDEX" in line for line in lines), (wanted, plan)
            if "ix_dossiers" in index and len(wanted.states or ()) < 2:
                assert "TEMP B-TREE" not in plan, (wanted, plan)
                assert "Sort" not in plan, (wanted, plan)
