"""What came of verifying the journal: asked for, taken up by one process, ended with its faults.

Only one is under way in the whole hub. Whoever carries it out tells so now and then; one that
nobody has told of for long was left behind by a process that died, and ends without a verdict.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, insert, select, text, update

from storage.columns import Instant
from storage.console_tables import verifications
from storage.engine import Connection, SyncConnection
from storage.statement import Statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """One verification; `seals` and `entries` are those proven whole so far."""

    id: int
    begun_at: datetime
    told_at: datetime | None  #: when its process last told of it; None: none has taken it up
    ended_at: datetime | None
    asked_by: str
    seals: int
    entries: int
    faults: tuple[str, ...] | None  #: a line each; None: no verdict yet, or ended without one

    @property
    def whole(self) -> bool:
        """Whether it ended and found nothing."""
        return self.faults == ()

    @property
    def running(self) -> bool:
        """Whether it was asked for and has not ended."""
        return self.ended_at is None


_ALONE = text("SELECT pg_advisory_xact_lock(7275, 3)")  # two numbers: never a lane
_open = verifications.c.ended_at.is_(None)
_named = verifications.c.id == bindparam("of_id")
_LATEST = Statement(
    select(*verifications.c).order_by(verifications.c.id.desc()).limit(bindparam("most"))
)
_ASK = Statement(
    insert(verifications).returning(verifications.c.id), "begun_at", "asked_by", "seals", "entries"
)
_TAKE = Statement(
    update(verifications)
    .where(_named, _open, verifications.c.told_at.is_(None))
    .values(told_at=bindparam("now"))
)
_TELL = Statement(
    update(verifications)
    .where(_named, _open)
    .values(told_at=bindparam("now"), seals=bindparam("to_seals"), entries=bindparam("to_entries"))
)
_END = Statement(
    update(verifications)
    .where(_named, _open)
    .values(
        ended_at=bindparam("now"),
        seals=bindparam("to_seals"),
        entries=bindparam("to_entries"),
        faults=bindparam("to_faults"),
    )
)
_ABANDON = Statement(
    update(verifications)
    .where(
        _named,
        _open,
        func.coalesce(verifications.c.told_at, verifications.c.begun_at)
        < bindparam("silent_since", type_=Instant),
    )
    .values(ended_at=bindparam("now"))
)


def _found(row: Sequence[Any]) -> Verification:
    facts = dict(zip(Verification.__dataclass_fields__, row, strict=True))
    faults = facts["faults"]
    facts["faults"] = None if faults is None else tuple(filter(None, faults.split("\n")))
    return Verification(**facts)


def _latest(connection: SyncConnection, limit: int) -> list[Verification]:
    return [_found(row) for row in _LATEST.rows(connection, {"most": limit})]


async def latest(conn: Connection, limit: int = 10) -> list[Verification]:
    """The latest verifications, ended or not, the last one first."""
    return await conn.run_sync(_latest, limit)


def _ask(connection: SyncConnection, asked_by: str, now: datetime) -> int | None:
    if connection.dialect.name == "postgresql":
        connection.execute(_ALONE)
    if any(one.running for one in _latest(connection, 1)):
        return None
    row = {"begun_at": now, "asked_by": asked_by, "seals": 0, "entries": 0}
    ((key,),) = _ASK.each(connection, [row])
    return int(key)


async def begin(tx: Connection, asked_by: str, now: datetime) -> int | None:
    """Ask for one; its number, or None while another is under way."""
    return await tx.run_sync(_ask, asked_by, now)


async def take(tx: Connection, number: int, now: datetime) -> bool:
    """Take one up; False when another process has, or it is over."""
    return await tx.run_sync(_TAKE.count, {"of_id": number, "now": now}) > 0


async def progress(tx: Connection, number: int, *, seals: int, entries: int, now: datetime) -> bool:
    """Tell how far it is; False when it was given up meanwhile."""
    values = {"of_id": number, "to_seals": seals, "to_entries": entries, "now": now}
    return await tx.run_sync(_TELL.count, values) > 0


async def end(
    tx: Connection,
    number: int,
    *,
    seals: int,
    entries: int,
    faults: Sequence[str] | None,
    now: datetime,
) -> bool:
    """End it with what was found, or with no verdict; False when it was given up meanwhile."""
    listed = None if faults is None else "\n".join(" ".join(fault.split()) for fault in faults)
    values = {"to_seals": seals, "to_entries": entries, "to_faults": listed}
    return await tx.run_sync(_END.count, {"of_id": number, "now": now, **values}) > 0


async def give_up(tx: Connection, number: int, *, silent_since: datetime, now: datetime) -> bool:
    """End one, without a verdict, that nobody has told of since then; False when it was told of."""
    values = {"of_id": number, "silent_since": silent_since, "now": now}
    return await tx.run_sync(_ABANDON.count, values) > 0
