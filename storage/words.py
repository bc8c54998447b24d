"""The words of the messages, and the messages that bear all the words of a question.

Both sides are folded alike, here and not by the engines: lower case, no accents, nothing but
letters and digits; so a question holds words alone, whatever signs somebody writes into it. What is
asked of the index is bounded: the rarest word is asked for first, and where every word is common,
only the latest messages that bear it are looked at.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ARRAY, Text, bindparam, text

from storage.engine import Connection, SyncConnection

#: From how many messages on a word is too common to look at all that bear it.
FEW = 1_000
#: How many messages are looked at where every word is common; PostgreSQL: and as FEW, of what its
#: statistics say.
WINDOW = 20_000
#: How many words of a question are asked for, and how many a prefix may stand for.
MOST_WORDS = 8
MOST_ENDINGS = 32
#: Letters of the longest word that is kept, and of the shortest prefix that is asked for.
LONGEST = 60
SHORTEST_PREFIX = 3
#: Found among common words, before the question is answered.
ENOUGH = 500


def _any_of_these(codes: Iterable[int]) -> re.Pattern[str]:
    return re.compile("[" + "".join(map(chr, codes)) + "]")


#: Marks that are written over letters, and the stroke that draws Arabic words out.
_LEFT_OUT = _any_of_these(
    code
    for code in range(0x80, 0x10000)
    if code == 0x0640 or unicodedata.category(chr(code)) in {"Mn", "Me", "Cf"}
)
#: The ten digits of other scripts, which are written as ours.
_DIGITS = _any_of_these(code for code in range(0x80, 0x10000) if chr(code).isdecimal())
# Left out: letters beyond the first plane and two kinds of signs, which are no letters to SQLite.
_WORD = re.compile("[^\\W_\\u19b0-\\u19c9\\u1cf2\\u1cf3\U00010000-\U0010ffff]+")


def fold(words: str) -> list[str]:
    """The words of a text, each once, folded, in the order of their first places."""
    if words.isascii():
        plain = words.lower()
    else:  # most words of most messages are plain, and quickly told
        plain = " ".join(run.lower() if run.isascii() else _plain(run) for run in words.split())
    return [word for word in dict.fromkeys(_WORD.findall(plain)) if len(word) <= LONGEST]


def _plain(run: str) -> str:
    bare = _LEFT_OUT.sub("", unicodedata.normalize("NFKD", run.casefold()))
    ours = _DIGITS.sub(lambda found: str(unicodedata.decimal(found.group())), bare)
    return unicodedata.normalize("NFC", ours).casefold()


@dataclass(frozen=True, slots=True)
class Query:
    """Words that must all be there; of the last one perhaps only how it begins."""

    words: tuple[str, ...]
    prefix: bool

    def __bool__(self) -> bool:
        return bool(self.words)


def query(asked: str) -> Query:
    """What somebody typed, as words; a star behind the last makes it a beginning."""
    found = fold(asked)[:MOST_WORDS]
    prefix = asked.rstrip().endswith("*") and bool(found) and len(found[-1]) >= SHORTEST_PREFIX
    return Query(tuple(found), prefix)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bearing:
    """Row ids of messages, the latest first; `looked_to` is the last id looked at, None for all."""

    ids: Sequence[int]
    looked_to: int | None


_ADD = {
    "sqlite": text("INSERT INTO message_words (rowid, words) VALUES (:message, :words)"),
    "postgresql": text(
        "INSERT INTO message_words (message_id, words) VALUES (:message, array_to_tsvector(:words))"
    ).bindparams(bindparam("words", type_=ARRAY(Text))),
}


def add(connection: SyncConnection, kept: Iterable[tuple[int, Sequence[str]]]) -> None:
    """Keep the folded words of new messages, by row id, each message once; inside `run_sync`."""
    sqlite = connection.dialect.name == "sqlite"
    rows = [
        {"message": message, "words": " ".join(words) if sqlite else list(words)}
        for message, words in kept
        if words
    ]
    if rows:
        connection.execute(_ADD[connection.dialect.name], rows)


def bearing(
    connection: SyncConnection, asked: Query, *, before: int, least: int, most: int
) -> Bearing:
    """Messages from row id `least` to below `before` that bear all the words; in `run_sync`.

    At most `most` of them, the latest; inside `run_sync`.
    """
    if connection.dialect.name == "sqlite":
        return _bearing_sqlite(connection, asked, before, least, most)
    return _bearing_postgresql(connection, asked, before, least, most)


def having(connection: SyncConnection, asked: Query, ids: Sequence[int]) -> set[int]:
    """Those of a few messages that bear all the words; inside `run_sync`."""
    if not ids:
        return set()
    if connection.dialect.name == "sqlite":
        groups = _groups(connection, asked)
        return {one for one in ids if groups and _bears(connection, _all_of(groups), one)}
    rows = connection.execute(_HAVING, {"ids": list(ids), "asked": _tsquery(asked)})
    return set(rows.scalars())


# SQLite: the index gives row ids in order, forwards and backwards, and skips to one.
_NEXT_TERM = text("SELECT term FROM message_words_terms WHERE term >= :least LIMIT 1")
_COUNTED = text(
    "SELECT count(*) FROM (SELECT 1 FROM message_words WHERE message_words MATCH :asked LIMIT :few)"
)
_MATCHING = text(
    "SELECT rowid FROM message_words WHERE message_words MATCH :asked"
    " AND rowid < :before AND rowid >= :least ORDER BY rowid DESC LIMIT :most"
)
_BEARS = text("SELECT 1 FROM message_words WHERE message_words MATCH :asked AND rowid = :id")

Group = Sequence[str]  #: words any of which will do


def _endings(connection: SyncConnection, prefix: str) -> Group:
    """The words that begin so, the first ones of the alphabet."""
    found: list[str] = []
    least = prefix
    while len(found) < MOST_ENDINGS:
        term = connection.execute(_NEXT_TERM, {"least": least}).scalar_one_or_none()
        if term is None or not term.startswith(prefix):
            break
        found.append(term)
        least = term + "\x01"
    return found


def _groups(connection: SyncConnection, asked: Query) -> list[Group]:
    """What must all be there; empty when one of them is nowhere."""
    groups: list[Group] = [(word,) for word in asked.words]
    if asked.prefix:
        groups[-1] = _endings(connection, asked.words[-1])
    return groups if all(groups) else []


def _any_of(group: Group) -> str:
    return "(" + " OR ".join(f'"{word}"' for word in group) + ")"


def _all_of(groups: Iterable[Group]) -> str:
    return " AND ".join(map(_any_of, groups))


def _bears(connection: SyncConnection, asked: str, message: int) -> bool:
    return connection.execute(_BEARS, {"asked": asked, "id": message}).first() is not None


def _bearing_sqlite(
    connection: SyncConnection, asked: Query, before: int, least: int, most: int
) -> Bearing:
    groups = _groups(connection, asked)
    if not groups:
        return Bearing(ids=(), looked_to=None)
    counted = [
        connection.execute(_COUNTED, {"asked": _any_of(group), "few": FEW}).scalar_one()
        for group in groups
    ]
    values: dict[str, Any] = {"before": before, "least": least, "most": most}
    if len(groups) > 1 and min(counted) >= FEW:  # perhaps never together: not all are looked at
        rarest = _any_of(groups[counted.index(min(counted))])
        latest = {**values, "asked": rarest, "most": 1}
        top = connection.execute(_MATCHING, latest).scalar_one_or_none()
        if top is None:
            return Bearing(ids=(), looked_to=None)
        values |= {"least": max(least, top + 1 - WINDOW), "most": ENOUGH}
    ids = list(connection.execute(_MATCHING, {**values, "asked": _all_of(groups)}).scalars())
    if len(ids) == values["most"]:
        return Bearing(ids=ids, looked_to=ids[-1])
    return Bearing(ids=ids, looked_to=values["least"] if values["least"] > least else None)


# PostgreSQL: the index gives everything that bears the words at once, in no order.
_HAVING = text(
    "SELECT message_id FROM message_words"
    " WHERE message_id = ANY (:ids) AND words @@ CAST(:asked AS tsquery)"
)
_ESTIMATE = text(
    "EXPLAIN (FORMAT JSON) SELECT 1 FROM message_words WHERE words @@ CAST(:asked AS tsquery)"
)
_RARE = text(
    "SELECT message_id FROM (SELECT message_id FROM message_words"
    " WHERE words @@ CAST(:asked AS tsquery) OFFSET 0) AS bearing"
    " WHERE message_id < :before AND message_id >= :least ORDER BY message_id DESC LIMIT :most"
)
_EDGE = text(
    "SELECT count(*), min(message_id) FROM (SELECT message_id FROM message_words"
    " WHERE message_id < :before ORDER BY message_id DESC LIMIT :most) AS latest"
)
_COMMON = text(
    "SELECT message_id FROM message_words WHERE message_id < :before AND message_id >= :least"
    " AND words @@ CAST(:asked AS tsquery) ORDER BY message_id DESC LIMIT :most"
)


def _lexeme(word: str, *, prefix: bool) -> str:
    return f"'{word}':*" if prefix else f"'{word}'"


def _lexemes(asked: Query) -> list[str]:
    last = len(asked.words) - 1
    return [
        _lexeme(word, prefix=asked.prefix and place == last)
        for place, word in enumerate(asked.words)
    ]


def _tsquery(asked: Query) -> str:
    return " & ".join(_lexemes(asked))


def _estimate(connection: SyncConnection, asked: str) -> int:
    """How many messages bear a word, as the planner's statistics have it; nothing is run."""
    plan: Any = connection.execute(_ESTIMATE, {"asked": asked}).scalar_one()
    found = json.loads(plan) if isinstance(plan, str) else plan
    return int(found[0]["Plan"]["Plan Rows"])


def _bearing_postgresql(
    connection: SyncConnection, asked: Query, before: int, least: int, most: int
) -> Bearing:
    values = {"asked": _tsquery(asked), "before": before, "least": least, "most": most}
    if min(_estimate(connection, one) for one in _lexemes(asked)) <= WINDOW:
        ids = list(connection.execute(_RARE, values).scalars())
        return Bearing(ids=ids, looked_to=ids[-1] if len(ids) == most else None)
    edge = {"before": before, "most": WINDOW}
    met, last = connection.execute(_EDGE, edge).one()
    if last is None:
        return Bearing(ids=(), looked_to=None)
    bounded = {**values, "least": max(least, last)}
    ids = list(connection.execute(_COMMON, bounded).scalars())
    if len(ids) == most:
        return Bearing(ids=ids, looked_to=ids[-1])
    return Bearing(ids=ids, looked_to=last if met == WINDOW and last > least else None)


async def keep(tx: Connection, kept: Iterable[tuple[int, Sequence[str]]]) -> None:
    """Keep the folded words of new messages, by row id, each message once."""
    await tx.run_sync(add, list(kept))
