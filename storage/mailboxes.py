"""A partner's undelivered messages as a whole: all into its mailbox, or all out of it again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, func, literal, select, text, update

from storage.engine import Connection, SyncConnection
from storage.jobs import Kind, NewJob, lock_lanes, put
from storage.outgoing import Notice, lane_of, lanes_to
from storage.tables import jobs, outgoing

#: Counts stop here, where somebody acts on all of them; a page that only shows them asks for less.
CAP = 10_000
_PAGE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Undelivered:
    """What waits for a partner, counted so far each: on its way, given up, in the mailbox."""

    pushing: int
    parked: int
    mailbox: int
    oldest: datetime | None  #: of those on their way and given up


# In the words of the indexes.
_open = text("outgoing.state IN ('pushing', 'parked')")
_boxed = text("outgoing.state = 'mailbox'")
_of_partner = outgoing.c.receiver == bindparam("partner")
# SQLite has no figures about its tables, and might walk along everything ever sent to a partner.
_BY_OPEN = (outgoing, "INDEXED BY ix_outgoing_open", "sqlite")
_BY_BOXED = (outgoing, "INDEXED BY ix_outgoing_mailbox", "sqlite")

_seen = (
    select(outgoing.c.state)
    .with_hint(*_BY_OPEN)
    .where(_of_partner, _open)
    .limit(bindparam("cap"))
    .subquery()
)
_OPEN = select(_seen.c.state, func.count()).group_by(_seen.c.state)
_OLDEST = (
    select(outgoing.c.created_at)
    .with_hint(*_BY_OPEN)
    .where(_of_partner, _open)
    .order_by(outgoing.c.id)
    .limit(1)
)
_BOXED = select(func.count()).select_from(
    select(literal(1).label("one"))
    .select_from(outgoing)
    .with_hint(*_BY_BOXED)
    .where(_of_partner, _boxed)
    .limit(bindparam("cap"))
    .subquery()
)
_WAITING = (
    select(outgoing)
    .with_hint(*_BY_OPEN)
    .where(_of_partner, _open)
    .order_by(outgoing.c.id.desc())
    .limit(bindparam("most"))
)
_OFF_LANES = delete(jobs).where(
    jobs.c.lane.in_(bindparam("lanes", expanding=True)), jobs.c.kind == Kind.DELIVER.value
)
_OFF_PARKED = delete(jobs).where(
    jobs.c.state == "parked",
    jobs.c.kind == Kind.DELIVER.value,
    jobs.c.subject.in_(select(outgoing.c.id).where(_of_partner, _open)),
)
_TO_MAILBOX = update(outgoing).where(_of_partner, _open).values(state="mailbox")
_LEFT = (
    update(outgoing)
    .where(outgoing.c.id == bindparam("message"), outgoing.c.state != "delivered")
    .values(state="mailbox")
)
_NEXT = (
    select(outgoing)
    .with_hint(*_BY_BOXED)
    .where(_of_partner, _boxed, outgoing.c.id > bindparam("after"))
    .order_by(outgoing.c.id)
    .limit(bindparam("most"))
)
_TO_PUSH = (
    update(outgoing)
    .where(
        _of_partner,
        _boxed,
        outgoing.c.id > bindparam("after"),
        outgoing.c.id <= bindparam("last"),
    )
    .values(state="pushing")
)


def _undelivered(connection: SyncConnection, partner: str, cap: int) -> Undelivered:
    values: dict[str, Any] = {"partner": partner, "cap": cap}
    states = {state: int(count) for state, count in connection.execute(_OPEN, values)}
    return Undelivered(
        pushing=states.get("pushing", 0),
        parked=states.get("parked", 0),
        mailbox=int(connection.execute(_BOXED, values).scalar_one()),
        oldest=connection.execute(_OLDEST, {"partner": partner}).scalar_one_or_none(),
    )


async def undelivered(conn: Connection, partner: str, cap: int = CAP) -> Undelivered:
    """What waits for a partner, each counted up to `cap`."""
    return await conn.run_sync(_undelivered, partner, cap)


async def waiting(conn: Connection, partner: str, limit: int = 20) -> list[Notice]:
    """What is on its way to a partner or was given up, the latest first."""
    values = {"partner": partner, "most": limit}
    return await conn.run_sync(
        lambda sync: [Notice(**row._asdict()) for row in sync.execute(_WAITING, values)]
    )


def _to_mailbox(connection: SyncConnection, partner: str) -> int:
    lanes = lanes_to(partner)
    lock_lanes(connection, lanes)
    connection.execute(_OFF_LANES, {"lanes": lanes})
    connection.execute(_OFF_PARKED, {"partner": partner})
    return int(connection.execute(_TO_MAILBOX, {"partner": partner}).rowcount)


async def to_mailbox(tx: Connection, partner: str) -> int:
    """Put all that waits for a partner in its mailbox, and take its deliveries off the queue.

    Returns how many. A delivery that is under way finds its job gone: should it arrive, the
    message is in the mailbox all the same.
    """
    return await tx.run_sync(_to_mailbox, partner)


async def leave(tx: Connection, message_id: int) -> None:
    """Put one message in the mailbox; its delivery's job is the caller's to finish."""
    await tx.run_sync(lambda sync: sync.execute(_LEFT, {"message": message_id}).close())


def _to_push(connection: SyncConnection, partner: str, now: datetime, apart: timedelta) -> int:
    lock_lanes(connection, lanes_to(partner))
    moved, after = 0, 0
    while rows := connection.execute(
        _NEXT, {"partner": partner, "after": after, "most": _PAGE}
    ).all():
        batch = [
            NewJob(
                kind=Kind.DELIVER,
                lane=lane_of(Notice(**row._asdict())),
                subject=row.id,
                due=now + (moved + place) * apart,
            )
            for place, row in enumerate(rows)
        ]
        values = {"partner": partner, "after": after, "last": rows[-1].id}
        connection.execute(_TO_PUSH, values)
        put(connection, batch, now)
        moved, after = moved + len(rows), rows[-1].id
    return moved


async def to_push(tx: Connection, partner: str, now: datetime, apart: timedelta) -> int:
    """Push what lies in a partner's mailbox, in its order, one `apart` from another.

    Returns how many. New messages of the same dossiers wait behind them in the same lanes.
    """
    return await tx.run_sync(_to_push, partner, now, apart)
