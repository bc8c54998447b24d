"""Messages the hub sends: signed once, stored, and delivered with identical bytes on each try."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from zlib import crc32

from sqlalchemy import Select, bindparam, insert, select, text, update

from storage.console_tables import attempts
from storage.engine import Connection, SyncConnection
from storage.jobs import Kind, NewJob, lock_lanes, put
from storage.statement import Statement
from storage.tables import outgoing
from storage.tables import outgoing_bodies as bodies

#: How many deliveries to one partner may be under way at once; one dossier's stay in order.
LANES_PER_PARTNER = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A signed message to be stored; `push` sends it, else it waits in the mailbox."""

    instance: str
    receiver: str
    type: str
    dossier: str | None
    answers: int | None  #: the received message it answers
    stage: str | None  #: receipt or outcome, of an Acknowledgement
    content: bytes
    push: bool
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A stored outgoing message without its bytes.

    `state` is mailbox, pushing, delivered or parked.
    """

    id: int
    instance: str
    receiver: str
    type: str
    dossier: str | None
    answers: int | None
    stage: str | None
    state: str
    created_at: datetime
    delivered_at: datetime | None
    attempts: int
    last_error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored(Notice):
    """A stored outgoing message with the bytes that are sent."""

    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A push that failed: when, and what the partner or the network said."""

    id: int
    at: datetime
    problem: str


def lane_of(message: Outgoing | Notice) -> str:
    """The lane a message is pushed in: in order within its dossier, stable between processes."""
    share = crc32((message.dossier or message.instance).encode()) % LANES_PER_PARTNER
    return f"push/{message.receiver}/{share}"


def resend_lane(receiver: str) -> str:
    """The lane in which what a partner is sent again goes, beside what is new."""
    return f"push/{receiver}/again"


def lanes_to(receiver: str) -> list[str]:
    """Every lane in which messages are pushed to a partner."""
    shares = (f"push/{receiver}/{share}" for share in range(LANES_PER_PARTNER))
    return [*shares, resend_lane(receiver)]


_new = ("instance", "receiver", "type", "dossier", "answers", "stage", "state", "created_at")
_STORE = Statement(
    insert(outgoing).returning(outgoing.c.id, outgoing.c.instance), *_new, "attempts"
)
_STORE_BODIES = Statement(insert(bodies), "outgoing_id", "content")
_whole = select(*outgoing.c, bodies.c.content).join_from(
    outgoing, bodies, bodies.c.outgoing_id == outgoing.c.id
)
# In the words of its index, and along no other: what was fetched stays in the table for ever.
_MAILBOX = (
    select(outgoing)
    .with_hint(outgoing, "INDEXED BY ix_outgoing_mailbox", "sqlite")
    .where(
        outgoing.c.receiver == bindparam("receiver"),
        outgoing.c.id > bindparam("after"),
        text("state = 'mailbox'"),
    )
    .order_by(outgoing.c.id)
    .limit(bindparam("most"))
)
_GET = _whole.where(
    outgoing.c.instance == bindparam("instance"), outgoing.c.receiver == bindparam("receiver")
)
_names = tuple(field.name for field in fields(Stored))
_SENT = Statement(_whole.where(outgoing.c.instance == bindparam("instance")))
_REPLIES = _whole.where(outgoing.c.answers == bindparam("message")).order_by(outgoing.c.id)
_OF_DOSSIER = (
    select(outgoing)
    .where(outgoing.c.dossier == bindparam("dossier"), outgoing.c.id < bindparam("before"))
    .order_by(outgoing.c.id.desc())
    .limit(bindparam("most"))
)
_LOAD = _whole.where(outgoing.c.id.in_(bindparam("ids", expanding=True)))
_ACKNOWLEDGE = (
    update(outgoing)
    .where(
        outgoing.c.instance == bindparam("of_instance"),
        outgoing.c.receiver == bindparam("of_receiver"),
        outgoing.c.state != "delivered",
    )
    .values(state="delivered", delivered_at=bindparam("now"))
)
_KNOWN = select(outgoing.c.id).where(
    outgoing.c.instance == bindparam("of_instance"),
    outgoing.c.receiver == bindparam("of_receiver"),
)
_DELIVERED = (
    update(outgoing)
    .where(outgoing.c.id == bindparam("message"), outgoing.c.state != "delivered")
    .values(state="delivered", delivered_at=bindparam("now"), attempts=outgoing.c.attempts + 1)
)
_ATTEMPTED = (
    update(outgoing)
    .where(outgoing.c.id == bindparam("message"))
    .values(attempts=outgoing.c.attempts + 1, last_error=bindparam("error"))
)
_ATTEMPT = insert(attempts)
_ATTEMPTS = (
    select(attempts.c.id, attempts.c.at, attempts.c.problem)
    .where(attempts.c.outgoing_id == bindparam("of"))
    .order_by(attempts.c.id.desc())
    .limit(bindparam("most"))
)


def write(connection: SyncConnection, batch: Sequence[Outgoing]) -> list[NewJob]:
    """Store messages inside `run_sync`; returns the delivery jobs still to be enqueued."""
    if not batch:
        return []
    rows = [
        {
            "instance": message.instance,
            "receiver": message.receiver,
            "type": message.type,
            "dossier": message.dossier,
            "answers": message.answers,
            "stage": message.stage,
            "state": "pushing" if message.push else "mailbox",
            "created_at": message.created_at,
            "attempts": 0,
        }
        for message in batch
    ]
    ids = {instance: key for key, instance in _STORE.each(connection, rows)}
    _STORE_BODIES.many(
        connection,
        [{"outgoing_id": ids[message.instance], "content": message.content} for message in batch],
    )
    return [
        NewJob(
            kind=Kind.DELIVER,
            lane=lane_of(message),
            subject=ids[message.instance],
            due=message.created_at,
        )
        for message in batch
        if message.push
    ]


def _store(connection: SyncConnection, batch: Sequence[Outgoing]) -> None:
    deliveries = write(connection, batch)
    if deliveries:
        lock_lanes(connection, (job.lane for job in deliveries))
        put(connection, deliveries, batch[0].created_at)


async def store(tx: Connection, batch: Sequence[Outgoing]) -> None:
    """Store signed messages; those to be pushed get their delivery jobs with them."""
    await tx.run_sync(_store, batch)


def _notices(
    connection: SyncConnection, statement: Select[Any], values: dict[str, Any]
) -> list[Notice]:
    return [Notice(**row._asdict()) for row in connection.execute(statement, values)]


def _stored(
    connection: SyncConnection, statement: Select[Any], values: dict[str, Any]
) -> list[Stored]:
    return [Stored(**row._asdict()) for row in connection.execute(statement, values)]


async def mailbox(conn: Connection, receiver: str, after: int = 0, limit: int = 50) -> list[Notice]:
    """What waits for a partner, the oldest first, from beyond row id `after`."""
    return await conn.run_sync(
        _notices, _MAILBOX, {"receiver": receiver, "after": after, "most": limit}
    )


async def get(conn: Connection, receiver: str, instance: str) -> Stored | None:
    """One message to this partner, delivered or not."""
    values = {"receiver": receiver, "instance": instance}
    found = await conn.run_sync(_stored, _GET, values)
    return found[0] if found else None


def find_sent(connection: SyncConnection, instance: str) -> Stored | None:
    """The message with this identifier, to whomever it went; inside `run_sync`."""
    row = _SENT.first(connection, {"instance": instance})
    return None if row is None else Stored(**dict(zip(_names, row, strict=True)))


async def load(conn: Connection, ids: Sequence[int]) -> dict[int, Stored]:
    """The outgoing messages of these row ids, by row id."""
    if not ids:
        return {}
    found = await conn.run_sync(_stored, _LOAD, {"ids": list(ids)})
    return {message.id: message for message in found}


async def replies_to(conn: Connection, message_id: int) -> list[Stored]:
    """What answers a received message, to whomever it goes, in the order of storing."""
    return await conn.run_sync(_stored, _REPLIES, {"message": message_id})


async def of_dossier(
    conn: Connection, number: str, *, before: int = 2**62, limit: int = 50
) -> list[Notice]:
    """What was sent about a dossier, the latest first, from below row id `before`."""
    values = {"dossier": number, "before": before, "most": limit}
    return await conn.run_sync(_notices, _OF_DOSSIER, values)


def _acknowledge(connection: SyncConnection, values: dict[str, Any]) -> bool:
    if connection.execute(_ACKNOWLEDGE, values).rowcount:
        return True
    return connection.execute(_KNOWN, values).first() is not None


async def acknowledge(tx: Connection, receiver: str, instance: str, now: datetime) -> bool:
    """The partner has it; False when there is no such message to this partner.

    Doing it again changes nothing and is True.
    """
    values = {"of_receiver": receiver, "of_instance": instance, "now": now}
    return await tx.run_sync(_acknowledge, values)


async def delivered(tx: Connection, message_id: int, now: datetime) -> None:
    """A push arrived; the first arrival keeps its instant."""
    values = {"message": message_id, "now": now}
    await tx.run_sync(lambda connection: connection.execute(_DELIVERED, values).close())


async def attempted(tx: Connection, message_id: int, error: str, now: datetime) -> None:
    """A push failed, and why."""
    await tx.run_sync(_attempted, message_id, error, now)


def _attempted(connection: SyncConnection, message_id: int, error: str, now: datetime) -> None:
    connection.execute(_ATTEMPTED, {"message": message_id, "error": error})
    row = {"outgoing_id": message_id, "at": now, "problem": error}
    connection.execute(_ATTEMPT, row)


async def attempts_of(conn: Connection, message_id: int, limit: int = 50) -> list[Attempt]:
    """The pushes of a message that failed, the latest first."""
    values = {"of": message_id, "most": limit}
    return await conn.run_sync(
        lambda sync: [Attempt(**row._asdict()) for row in sync.execute(_ATTEMPTS, values)]
    )
