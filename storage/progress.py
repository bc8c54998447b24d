"""How far the journal's seals have been read, by whoever reads them, each seal exactly once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, text, update

from storage.console_tables import progress
from storage.engine import BROKEN_RULE, Connection, SyncConnection
from storage.journal import Happening, Record
from storage.statement import Statement
from storage.tables import journal, seals


class Raced(Exception):
    """Another process read the same seal meanwhile; nothing of this reading must be kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """The entries under the next seal; `before` is the seal that was read last."""

    before: int
    seal: int
    entries: tuple[Happening, ...]


_MARK = Statement(select(progress.c.seal).where(progress.c.name == bindparam("name")))
_NEXT = Statement(
    select(seals.c.number)
    .where(seals.c.number > bindparam("after"))
    .order_by(seals.c.number)
    .limit(1)
)
_ENTRIES = Statement(
    select(journal).where(journal.c.seal == bindparam("seal")).order_by(journal.c.id)
)
_BEGIN = Statement(insert(progress), *progress.c.keys())
_ADVANCE = Statement(
    update(progress)
    .where(progress.c.name == bindparam("of"), progress.c.seal == bindparam("before"))
    .values(seal=bindparam("to"), at=bindparam("now"))
)


def _mark(connection: SyncConnection, name: str) -> int:
    found = _MARK.first(connection, {"name": name})
    return 0 if found is None else int(found[0])


def _entry(row: Sequence[Any]) -> Happening:
    key, at, kind, subject, dossier, actor, digest, facts, seal = row
    record = Record(
        at=at,
        kind=kind,
        subject=subject,
        dossier=dossier,
        actor=actor,
        digest=digest,
        facts=facts,
    )
    return Happening(id=key, record=record, seal=seal)


def _unread(connection: SyncConnection, name: str) -> Read | None:
    before = _mark(connection, name)
    found = _NEXT.first(connection, {"after": before})
    if found is None:
        return None
    rows = _ENTRIES.rows(connection, {"seal": found[0]})
    return Read(before=before, seal=found[0], entries=tuple(map(_entry, rows)))


async def unread(conn: Connection, name: str) -> Read | None:
    """What stands under the next seal that this reader has not read; None at the end."""
    return await conn.run_sync(_unread, name)


def _advance(connection: SyncConnection, name: str, read: Read, now: datetime) -> None:
    values = {"of": name, "before": read.before, "to": read.seal, "now": now}
    if _ADVANCE.count(connection, values) == 1:
        return
    if read.before or _MARK.first(connection, {"name": name}) is not None:
        raise Raced(name)
    try:
        _BEGIN.many(connection, [{"name": name, "seal": read.seal, "at": now}])
    except BROKEN_RULE as error:
        raise Raced(name) from error


async def advance(tx: Connection, name: str, read: Read, now: datetime) -> None:
    """Set the mark behind what was read; raises `Raced`, then roll back."""
    await tx.run_sync(_advance, name, read, now)


_ALONE = text("SELECT pg_try_advisory_xact_lock(7275, 2)")  # two numbers: never a lane


def _alone(connection: SyncConnection) -> bool:
    if connection.dialect.name == "sqlite":
        return True
    return bool(connection.execute(_ALONE).scalar_one())


async def alone(conn: Connection) -> bool:
    """Whether no other process reads, until the end of this transaction.

    SQLite's processes may read the same seal; all but the first to set the mark keep nothing.
    """
    return await conn.run_sync(_alone)


async def reached(conn: Connection, name: str) -> int:
    """The number of the last seal that was read; 0 at the beginning."""
    return await conn.run_sync(_mark, name)
