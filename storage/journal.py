"""The journal: what happened, appended in the transaction that causes it, sealed afterwards.

Appending takes no lock and waits for nobody; `seal` then chains what is not yet sealed. An entry
that commits late, with a lower id than others, simply goes into a later seal.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, bindparam, insert, select, text, update

from storage import chain
from storage.columns import instant_text
from storage.engine import Connection, Store, SyncConnection
from storage.statement import Statement
from storage.tables import journal, seals

Sign = Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Something that happened; `facts` holds short texts, never a payload or a secret."""

    at: datetime
    kind: str  #: what happened, in the past: `message accepted`
    subject: str  #: what it happened to
    dossier: str | None
    actor: str  #: the partner, the operator or `hub`
    digest: str | None  #: SHA-256 (hex) of the bytes concerned
    facts: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """A record as the journal holds it; `seal` is the seal that covers it, once there is one."""

    id: int
    record: Record
    seal: int | None


_APPEND = Statement(insert(journal), *Record.__dataclass_fields__)


def write(connection: SyncConnection, records: Sequence[Record]) -> None:
    """Append inside `run_sync`."""
    if not records:
        return
    _APPEND.many(
        connection,
        [
            {
                "at": record.at,
                "kind": record.kind,
                "subject": record.subject,
                "dossier": record.dossier,
                "actor": record.actor,
                "digest": record.digest,
                "facts": record.facts,
            }
            for record in records
        ],
    )


async def append(tx: Connection, records: Sequence[Record]) -> None:
    """Add records in this order; they are durable with the transaction."""
    await tx.run_sync(write, records)


_ALONE = text("SELECT pg_advisory_xact_lock(7275, 1)")  # two numbers: never a lane
_LAST = select(seals.c.number, seals.c.hash).order_by(seals.c.number.desc()).limit(1)
_UNSEALED = (
    select(journal).where(journal.c.seal.is_(None)).order_by(journal.c.id).limit(bindparam("most"))
)
_SEAL = insert(seals)
_MARK = Statement(
    update(journal).where(journal.c.id == bindparam("entry")).values(seal=bindparam("by"))
)


def _content(row: Row[Any]) -> chain.Content:
    return {
        "id": row.id,
        "at": instant_text(row.at),
        "kind": row.kind,
        "subject": row.subject,
        "dossier": row.dossier,
        "actor": row.actor,
        "digest": row.digest,
        "facts": row.facts,
    }


def _seal(connection: SyncConnection, sign: Sign, now: datetime, limit: int) -> int:
    if connection.dialect.name == "postgresql":
        connection.execute(_ALONE)
    rows = connection.execute(_UNSEALED, {"most": limit}).all()
    if not rows:
        return 0
    last = connection.execute(_LAST).one_or_none()
    seal = chain.Seal.over(
        [(row.id, chain.entry_hash(_content(row))) for row in rows],
        number=1 if last is None else last.number + 1,
        at=instant_text(now),
        previous=chain.START if last is None else last.hash,
    )
    connection.execute(
        _SEAL,
        {
            "number": seal.number,
            "at": now,
            "first_entry": rows[0].id,
            "last_entry": rows[-1].id,
            "entries": chain.canonical([list(pair) for pair in seal.entries]),
            "previous": seal.previous,
            "hash": seal.hash,
            "signature": sign(seal.hash.encode()),
        },
    )
    _MARK.many(connection, [{"entry": row.id, "by": seal.number} for row in rows])
    return len(rows)


async def seal(tx: Connection, sign: Sign, now: datetime, limit: int = 1000) -> int:
    """Chain up to `limit` unsealed entries, in the order of their ids, into one new seal.

    `sign` is given the seal's hash in hexadecimal. Returns how many were sealed; call again while
    it is `limit`. Processes that seal at once take turns.
    """
    return await tx.run_sync(_seal, sign, now, limit)


#: Seals read at once, and entries about which a reading that takes turns with others ends.
_SEALS_MOST, _ENTRIES_MOST = 20, 1000

_SEALS = (
    select(seals)
    .where(seals.c.number > bindparam("after"))
    .order_by(seals.c.number)
    .limit(bindparam("most"))
)
_SEALED = (
    select(journal)
    .where(journal.c.seal > bindparam("after"), journal.c.seal <= bindparam("last"))
    .order_by(journal.c.seal, journal.c.id)
)


SealedPage = list[tuple[chain.Seal, list[str], str]]


def _page(connection: SyncConnection, after: int, most: int) -> SealedPage:
    """The next seals, each with the lines of the entries since the one before and its own line."""
    found = connection.execute(_SEALS, {"after": after, "most": most}).all()
    if not found:
        return []
    sealed = connection.execute(_SEALED, {"after": after, "last": found[-1].number}).all()
    page = []
    for row in found:
        seal = chain.Seal(
            number=row.number,
            at=instant_text(row.at),
            entries=tuple((key, digest) for key, digest in json.loads(row.entries)),
            previous=row.previous,
            hash=row.hash,
        )
        own = (one for one in sealed if after < one.seal <= row.number)
        lines = [chain.entry_line(_content(one)) for one in own]
        page.append((seal, lines, chain.seal_line(seal, row.signature)))
        after = row.number
    return page


def _beyond(connection: SyncConnection, after: int) -> tuple[int, list[str]]:
    """Entries whose seals are gone from the end of the table, and the last of those seals."""
    rows = connection.execute(_SEALED, {"after": after, "last": 2**62}).all()
    last = rows[-1].seal if rows else after
    return last, [chain.entry_line(_content(row)) for row in rows]


@dataclass(frozen=True, slots=True)
class _Turn:
    """One reading of the sealed journal; the last one finds no seal, and what lacks its own."""

    page: SealedPage
    last: int
    orphans: list[str]


def _turn(connection: SyncConnection, after: int, most: int) -> _Turn:
    page = _page(connection, after, most)
    return _Turn(page, after, []) if page else _Turn(page, *_beyond(connection, after))


async def export(conn: Connection, sign: Sign, now: datetime) -> AsyncIterator[str]:
    """The sealed journal as JSON Lines without line ends, for `chain.verify`.

    A header, then each seal after the entries it covers, then a closing statement signed over by
    `sign`, so that a missing end shows. What is not sealed yet is left out: seal first. Whoever
    can write to the database may take the last seals *and* their entries away: keep exports.
    """

    async def turn(after: int, most: int) -> _Turn:
        return await conn.run_sync(_turn, after, most)

    async for lines in _export(turn, sign, now):
        for line in lines:
            yield line


async def export_by_turns(
    store: Store, sign: Sign, now: datetime
) -> AsyncGenerator[list[str], None]:
    """The same lines, a few hundred at a time, each time in a reading of its own.

    For a running hub: no reading lasts, so that none keeps SQLite from folding its log back. What
    is sealed meanwhile comes too, for sealed entries never change and seals follow each other.
    """

    async def turn(after: int, most: int) -> _Turn:
        async with store.read() as conn:
            return await conn.run_sync(_turn, after, most)

    async for lines in _export(turn, sign, now, gently=True):
        yield lines


async def _export(
    turn: Callable[[int, int], Awaitable[_Turn]], sign: Sign, now: datetime, *, gently: bool = False
) -> AsyncIterator[list[str]]:
    closing = chain.Closing(at=instant_text(now), header=chain.header_line(instant_text(now)))
    yield [closing.header]
    most = 1 if gently else _SEALS_MOST
    while (found := await turn(closing.seals, most)).page:
        for seal, lines, line in found.page:
            closing = closing.with_seal(seal)
            yield [*lines, line]
        if gently:
            seen = sum(len(lines) for _, lines, _ in found.page) // len(found.page)
            most = max(1, min(_SEALS_MOST, _ENTRIES_MOST // (seen + 1)))
    closing = replace(closing, seals=found.last, entries=closing.entries + len(found.orphans))
    yield [*found.orphans, closing.line(sign)]


def _listing_statement(dossier: str | None) -> Select[Any]:
    found = select(journal).where(journal.c.id < bindparam("before"))
    if dossier is not None:
        found = found.where(journal.c.dossier == bindparam("dossier"))
    return found.order_by(journal.c.id.desc()).limit(bindparam("most"))


def _happening(row: Row[Any]) -> Happening:
    """A row of the journal."""
    record = Record(
        at=row.at,
        kind=row.kind,
        subject=row.subject,
        dossier=row.dossier,
        actor=row.actor,
        digest=row.digest,
        facts=row.facts,
    )
    return Happening(id=row.id, record=record, seal=row.seal)


async def listing(
    conn: Connection, *, dossier: str | None = None, before: int = 2**62, limit: int = 50
) -> list[Happening]:
    """The latest entries, from below id `before`."""
    values = {"dossier": dossier, "before": before, "most": limit}
    return await conn.run_sync(
        lambda connection: [
            _happening(row) for row in connection.execute(_listing_statement(dossier), values)
        ]
    )
