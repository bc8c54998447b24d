"""Acts that wait for a second person: each decided once, by whoever is first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, insert, select, update

from storage.console_tables import proposals
from storage.engine import Connection, SyncConnection


@dataclass(frozen=True, slots=True, kw_only=True)
class NewProposal:
    """An act to be proposed: `act` is the act itself as JSON, `subject` what it is about."""

    kind: str
    subject: str
    act: str
    reason: str
    proposed_by: str
    proposed_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal(NewProposal):
    """A proposal as it stands: open, done, rejected, withdrawn, overtaken or expired."""

    id: int
    state: str
    decided_by: str | None
    decided_at: datetime | None
    remark: str | None  #: why it was rejected, or what had changed


_names = tuple(field.name for field in fields(Proposal))
_columns = tuple(proposals.c[name] for name in _names)
_ADD = insert(proposals).returning(proposals.c.id)
_FIND = select(*_columns).where(proposals.c.id == bindparam("proposal"))
_DECIDE = (
    update(proposals)
    .where(proposals.c.id == bindparam("proposal"), proposals.c.state == "open")
    .values(
        state=bindparam("to"),
        decided_by=bindparam("by"),
        decided_at=bindparam("at"),
        remark=bindparam("why"),
    )
)
_EXPIRE = (
    update(proposals)
    .where(proposals.c.state == "open", proposals.c.expires_at <= bindparam("at"))
    .values(state="expired", decided_at=proposals.c.expires_at)
)


def _proposal(row: Sequence[Any]) -> Proposal:
    return Proposal(**dict(zip(_names, row, strict=True)))


async def add(tx: Connection, new: NewProposal) -> int:
    """Let an act wait; returns its number."""
    values = {field.name: getattr(new, field.name) for field in fields(NewProposal)}

    def _add(connection: SyncConnection) -> int:
        return int(connection.execute(_ADD, {**values, "state": "open"}).scalar_one())

    return await tx.run_sync(_add)


async def find(conn: Connection, proposal: int) -> Proposal | None:
    """The proposal of that number."""

    def _find(connection: SyncConnection) -> Proposal | None:
        row = connection.execute(_FIND, {"proposal": proposal}).one_or_none()
        return None if row is None else _proposal(row)

    return await conn.run_sync(_find)


async def decide(
    tx: Connection, proposal: int, to: str, *, by: str, at: datetime, remark: str | None = None
) -> bool:
    """Move an open proposal to its end; False when somebody was quicker, or there is none."""
    values = {"proposal": proposal, "to": to, "by": by, "at": at, "why": remark}
    return await tx.run_sync(lambda connection: connection.execute(_DECIDE, values).rowcount == 1)


async def expire(tx: Connection, now: datetime) -> int:
    """End the open ones whose time is over; returns how many those were."""
    return await tx.run_sync(lambda connection: connection.execute(_EXPIRE, {"at": now}).rowcount)


def _listing(state: str | None) -> Select[Any]:
    found = select(*_columns).where(proposals.c.id < bindparam("before"))
    if state is not None:
        found = found.where(proposals.c.state == bindparam("of_state"))
    return found.order_by(proposals.c.id.desc()).limit(bindparam("most"))


async def listing(
    conn: Connection, *, state: str | None = None, before: int = 2**62, limit: int = 50
) -> list[Proposal]:
    """The latest proposals, of one state or of any, from below number `before`."""
    values = {"before": before, "most": limit, "of_state": state}
    return await conn.run_sync(
        lambda connection: [_proposal(row) for row in connection.execute(_listing(state), values)]
    )
