"""Words are found whatever their accents, and a question holds nothing but words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from storage import words
from storage.engine import Store

TEXTS = {
    1: "Huile d'Olive vierge — coopérative Atlas, Agadir",
    2: "huile d’ARGAN; Cooperative Souss, Agadir 12 345,50",
    3: "زيت الزيتون البِكر من تَعاونية الأطلس",
    4: "ⴰⵣⵓⵍ tapis de Taznakht 2026",
    5: "Straße İstanbul ５００",
}


async def keep(store: Store, texts: dict[int, str]) -> None:
    async with store.write() as tx:
        await words.keep(tx, [(key, words.fold(text)) for key, text in texts.items()])


async def bearing(store: Store, asked: str, **bounds: int) -> tuple[list[int], int | None]:
    given: dict[str, Any] = {"before": 2**62, "least": 0, "most": 100, **bounds}
    query = words.query(asked)
    if not query:
        return [], None
    async with store.read() as connection:
        found = await connection.run_sync(lambda sync: words.bearing(sync, query, **given))
        had = await connection.run_sync(words.having, query, sorted(found.ids))
    assert had == set(found.ids)
    return list(found.ids), found.looked_to


FOUND: list[tuple[str, list[int]]] = [
    ("huile", [2, 1]),
    ("HUILE olive", [1]),
    ("cooperative", [2, 1]),
    ("coopérative souss", [2]),
    ("agadir olive argan", []),
    ("الاطلس", [3]),
    ("البكر تعاونية", [3]),
    ("البــكر", [3]),
    ("ⴰⵣⵓⵍ", [4]),
    ("strasse istanbul", [5]),
    ("500", [5]),
    ("٥٠٠", [5]),
    ("taz*", [4]),
    ("taz", []),
    ("coop* ", [2, 1]),
    ("agadir coop*", [2, 1]),
    ("ta*", []),  # too short for a beginning
    ("zzzz*", []),
    ("12 345,50", [2]),
]

HOSTILE = [
    '"', "'", '""', "*", "**", "huile OR argan", "huile NOT argan", "NEAR(huile argan)",
    "words:huile", "{words} : huile", "huile AND", "(huile", "huile)", "huile & ! argan",
    "huile <-> argan", "huile:*", "huile | argan", "^huile", "huile + argan", "-huile",
    "'huile':*B", "huile\\", "huile'; DROP TABLE messages; --", "huile\x00argan", "%_", "\ud800",
    "\U0001f600", "ᦰᦱ", "a" * 100_000, "huile " * 50_000, ":asked", "$1", "?",
]  # fmt: skip


async def test_every_word_must_be_there_however_it_is_written(store: Store) -> None:
    await keep(store, TEXTS)
    for asked, expected in FOUND:
        assert (await bearing(store, asked))[0] == expected, asked


async def test_signs_of_the_engines_are_no_more_than_what_parts_words(store: Store) -> None:
    await keep(store, TEXTS)
    for asked in HOSTILE:
        plain = " ".join(words.fold(asked)[: words.MOST_WORDS])
        star = "*" if words.query(asked).prefix else ""
        assert await bearing(store, asked) == await bearing(store, plain + star), asked


async def test_operators_are_words_that_must_be_there(store: Store) -> None:
    await keep(store, {1: "huile", 2: "argan", 3: "huile or argan"})
    assert (await bearing(store, "huile OR argan"))[0] == [3]
    assert (await bearing(store, "huile NOT argan"))[0] == []


async def test_a_page_of_what_bears_a_word_says_where_to_go_on(store: Store) -> None:
    await keep(store, dict.fromkeys(range(1, 11), "tapis"))
    assert await bearing(store, "tapis", most=4) == ([10, 9, 8, 7], 7)
    assert await bearing(store, "tapis", before=7, least=3, most=4) == ([6, 5, 4, 3], 3)
    assert await bearing(store, "tapis", before=3, most=4) == ([2, 1], None)


async def _paged(store: Store, asked: str, most: int) -> Sequence[int]:
    found: list[int] = []
    before: int | None = 2**62
    while before is not None:
        ids, before = await bearing(store, asked, before=before, most=most)
        found += ids
    return found


async def test_common_words_that_seldom_meet_are_found_a_bounded_walk_at_a_time(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = {number: "impair pair"[:6] if number % 2 else "pair" for number in range(1, 200)}
    await keep(store, texts | {200: "impair pair", 3000: "pair impair"})
    if store.dialect == "postgresql":
        async with store.write() as tx:
            await tx.run_sync(lambda sync: sync.exec_driver_sql("ANALYZE message_words").close())
    monkeypatch.setattr(words, "FEW", 10)
    monkeypatch.setattr(words, "WINDOW", 30)
    monkeypatch.setattr(words, "ENOUGH", 1)
    _, looked_to = await bearing(store, "pair impair", before=190, most=20)
    assert looked_to is not None
    assert await _paged(store, "pair impair", 20) == [3000, 200]
    assert await _paged(store, "impair", 20) == [3000, 200, *range(199, 0, -2)]


async def test_a_beginning_stands_for_so_many_words_and_no_more(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = await Store.open(sqlite_url)
    monkeypatch.setattr(words, "MOST_ENDINGS", 3)
    await keep(store, {number: f"mot{number}" for number in range(1, 6)})
    assert await bearing(store, "mot*") == ([3, 2, 1], None)
    await store.close()
