"""The journal's entry about one happening whose instant is known: searched by halves, never read.

Entries bear rising ids and nearly rising instants, and no index of what they are about.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select

from storage.engine import Connection, SyncConnection
from storage.statement import Statement
from storage.tables import journal, seals

#: How far entries of one instant may lie apart: they are written when their transaction ends.
NEAR = 2_000

_LAST = Statement(select(func.max(journal.c.id)))
_FROM = Statement(
    select(journal.c.id, journal.c.at)
    .where(journal.c.id >= bindparam("least"))
    .order_by(journal.c.id)
    .limit(1)
)
_ABOUT = Statement(
    select(journal.c.id, journal.c.at, journal.c.seal, seals.c.at)
    .join_from(journal, seals, seals.c.number == journal.c.seal, isouter=True)
    .where(
        journal.c.id >= bindparam("least"),
        journal.c.id <= bindparam("most"),
        journal.c.kind == bindparam("kind"),
        journal.c.subject == bindparam("subject"),
    )
    .order_by(journal.c.id)
    .limit(1)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An entry with the seal that covers it, once there is one."""

    id: int
    at: datetime
    seal: int | None
    sealed_at: datetime | None


def _first_from(connection: SyncConnection, at: datetime) -> int:
    """About the first entry of that instant or later."""
    low, high = 0, int(_LAST.rows(connection, {})[0][0] or 0)
    while low < high:
        middle = (low + high) // 2
        found = _FROM.first(connection, {"least": middle})
        if found is None or found[1] >= at:
            high = middle
        else:
            low = max(middle + 1, found[0])
    return low


def _about(connection: SyncConnection, kind: str, subject: str, at: datetime) -> Entry | None:
    place = _first_from(connection, at)
    values: dict[str, Any] = {"kind": kind, "subject": subject}
    bounds = {"least": place - NEAR, "most": place + NEAR}
    row = _ABOUT.first(connection, {**values, **bounds})
    return None if row is None else Entry(id=row[0], at=row[1], seal=row[2], sealed_at=row[3])


async def about(conn: Connection, kind: str, subject: str, at: datetime) -> Entry | None:
    """The entry of this kind about this subject that was written at about this instant."""
    return await conn.run_sync(_about, kind, subject, at)
