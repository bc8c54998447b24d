"""What operators did, found in the journal by the indexes over their entries alone."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, Select, bindparam, literal_column, select

from storage.engine import Connection, SyncConnection
from storage.journal import Happening, Record
from storage.tables import journal

#: As the partial indexes `ix_journal_operators…` say it.
_by_operators = literal_column("substr(actor, 1, 9)") == literal_column("'operator '")


def _latest(actor: str | None, subject: str | None) -> Select[Any]:
    found = select(journal).where(_by_operators, journal.c.id < bindparam("before"))
    if actor is not None:
        found = found.where(journal.c.actor == bindparam("of_actor"))
    if subject is not None:
        found = found.where(journal.c.subject == bindparam("of_subject"))
    return found.order_by(journal.c.id.desc()).limit(bindparam("most"))


def _happening(row: Row[Any]) -> Happening:
    fields = {name: getattr(row, name) for name in Record.__dataclass_fields__}
    return Happening(id=row.id, record=Record(**fields), seal=row.seal)


async def latest(
    conn: Connection,
    *,
    actor: str | None = None,
    subject: str | None = None,
    before: int = 2**62,
    limit: int = 50,
) -> list[Happening]:
    """Operators' latest entries, from below id `before`: all, one operator's, or on one subject."""
    statement = _latest(actor, subject)
    values = {"of_actor": actor, "of_subject": subject, "before": before, "most": limit}

    def _read(connection: SyncConnection) -> list[Happening]:
        return [_happening(row) for row in connection.execute(statement, values)]

    return await conn.run_sync(_read)


async def last_on(conn: Connection, subject: str) -> Happening | None:
    """The last thing that an operator did to a subject."""
    found = await latest(conn, subject=subject, limit=1)
    return found[0] if found else None
