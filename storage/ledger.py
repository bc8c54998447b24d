"""A dossier's ledger as it was written: each entry with the message that made it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select

from schemas.workflow import Entry
from storage.engine import Connection
from storage.statement import Statement
from storage.tables import entries


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """One entry with its place in the ledger; `message_id` is None for what no message made."""

    id: int
    message_id: int | None
    entry: Entry


_names = tuple(Entry.__dataclass_fields__)
_LATEST = Statement(
    select(entries.c.id, entries.c.message_id, *(entries.c[name] for name in _names))
    .where(entries.c.dossier == bindparam("number"), entries.c.id < bindparam("before"))
    .order_by(entries.c.id.desc())
    .limit(bindparam("most"))
)


def _posted(row: Sequence[Any]) -> Posted:
    key, message_id, *rest = row
    entry = Entry(**dict(zip(_names, rest, strict=True)))
    return Posted(id=key, message_id=message_id, entry=entry)


async def posted(
    conn: Connection, number: str, *, before: int = 2**62, limit: int = 100
) -> list[Posted]:
    """A dossier's entries, the latest first, from below entry id `before`."""
    values = {"number": number, "before": before, "most": limit}
    return [_posted(row) for row in await conn.run_sync(_LATEST.rows, values)]
