"""Stored messages sent once more: the very same bytes, pushed again or back in the mailbox."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, null, select, update

from storage.engine import Connection, SyncConnection
from storage.jobs import Kind, NewJob, lock_lanes, put
from storage.outgoing import Notice, resend_lane
from storage.tables import outgoing

_SEVERAL = (
    select(outgoing)
    .where(outgoing.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(outgoing.c.id)
)
_AGAIN = (
    update(outgoing)
    .where(outgoing.c.id == bindparam("message"))
    .values(state=bindparam("to"), delivered_at=null())
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """A message to be sent once more: pushed at `due`, or left in the mailbox."""

    message: Notice
    push: bool
    due: datetime


def _notices(connection: SyncConnection, ids: Sequence[int], *, held: bool) -> dict[int, Notice]:
    statement = _SEVERAL.with_for_update() if held else _SEVERAL
    found = connection.execute(statement, {"ids": sorted(set(ids))})
    return {row.id: Notice(**row._asdict()) for row in found}


async def look(conn: Connection, ids: Sequence[int]) -> dict[int, Notice]:
    """These outgoing messages as they stand, by id."""
    return await conn.run_sync(_notices, ids, held=False) if ids else {}


async def hold(tx: Connection, ids: Sequence[int]) -> dict[int, Notice]:
    """The same, held until the transaction ends."""
    return await tx.run_sync(_notices, ids, held=True) if ids else {}


def _again(connection: SyncConnection, batch: Sequence[Again], now: datetime) -> None:
    ordered = sorted(batch, key=lambda one: one.message.id)
    for one in ordered:
        state = "pushing" if one.push else "mailbox"
        connection.execute(_AGAIN, {"message": one.message.id, "to": state})
    # A lane of its own: what is spread over an hour must not hold up what is new.
    pushed = [
        NewJob(
            kind=Kind.DELIVER,
            lane=resend_lane(one.message.receiver),
            subject=one.message.id,
            due=one.due,
        )
        for one in ordered
        if one.push
    ]
    lock_lanes(connection, (job.lane for job in pushed))
    put(connection, pushed, now)


async def again(tx: Connection, batch: Sequence[Again], now: datetime) -> None:
    """Send messages that `hold` gave once more, each with the bytes it was stored with."""
    await tx.run_sync(_again, batch, now)
