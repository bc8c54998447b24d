"""Received messages: each `(sender, instance)` once, for ever, with the bytes of its receipt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Select, bindparam, insert, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite

from storage import journal
from storage.engine import Connection, SyncConnection
from storage.jobs import Kind, NewJob, lock_lanes, put
from storage.statement import Statement, among
from storage.tables import attachments as parts
from storage.tables import message_bodies as bodies
from storage.tables import messages


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A part that came with a message, named by the SHA-256 (hex) of its content."""

    digest: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A verified message about to be kept, with the receipt that is sent once it is."""

    sender: str
    instance: str  #: its InstanceIdentifier
    type: str
    version: str
    dossier: str | None
    digest: str  #: SHA-256 (hex) of the signed content
    content: bytes  #: as it came
    receipt: bytes  #: the signed receipt
    received_at: datetime
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """What became of one received message: kept now, or known already.

    `digest` and `receipt` are those of the first message that bore this id; another digest than
    the one received means that the id was used for other content.
    """

    message_id: int
    fresh: bool
    digest: str
    receipt: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A kept message without its bytes; `state` is received, accepted, refused or parked."""

    id: int
    sender: str
    instance: str
    type: str
    version: str
    dossier: str | None
    digest: str
    state: str
    received_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Message(Heading):
    """A kept message with its bytes."""

    receipt: bytes
    content: bytes


Key = tuple[str, str]

_key = ("sender", "instance")
_kept = (messages.c.id, messages.c.sender, messages.c.instance)
_new = ("sender", "instance", "type", "version", "dossier", "digest", "state", "received_at")
_INSERT = {
    "sqlite": Statement(
        sqlite.insert(messages).on_conflict_do_nothing(_key).returning(*_kept), *_new
    ),
    "postgresql": Statement(
        postgresql.insert(messages).on_conflict_do_nothing(index_elements=_key).returning(*_kept)
    ),
}
_INSERT_BODIES = Statement(insert(bodies), "message_id", "receipt", "content")
_INSERT_ATTACHMENTS = Statement(insert(parts), *parts.c.keys())
_FIRSTS = (
    select(messages.c.id, messages.c.sender, messages.c.instance, messages.c.digest)
    .add_columns(bodies.c.receipt)
    .join_from(messages, bodies, bodies.c.message_id == messages.c.id)
    .where(tuple_(messages.c.sender, messages.c.instance).in_(bindparam("keys", expanding=True)))
)
_whole = select(*messages.c, bodies.c.receipt, bodies.c.content).join_from(
    messages, bodies, bodies.c.message_id == messages.c.id
)
_FIND = Statement(
    _whole.where(
        messages.c.sender == bindparam("sender"), messages.c.instance == bindparam("instance")
    )
)
_LOAD = Statement(_whole.where(among(messages.c.id, bindparam("ids", type_=ARRAY(BigInteger)))))
_CONTENTS = Statement(
    select(bodies.c.message_id, bodies.c.content).where(
        among(bodies.c.message_id, bindparam("ids", type_=ARRAY(BigInteger)))
    )
)
_ATTACHMENTS = Statement(
    select(parts.c.message_id, parts.c.digest, parts.c.media_type, parts.c.content)
    .where(among(parts.c.message_id, bindparam("ids", type_=ARRAY(BigInteger))))
    .order_by(parts.c.message_id, parts.c.digest)
)


def _row(received: Received) -> dict[str, Any]:
    return {
        "sender": received.sender,
        "instance": received.instance,
        "type": received.type,
        "version": received.version,
        "dossier": received.dossier,
        "digest": received.digest,
        "state": "received",
        "received_at": received.received_at,
    }


def _keep(connection: SyncConnection, firsts: Sequence[Received]) -> dict[Key, int]:
    """Insert those that are new; returns their row ids."""
    # In order of their keys: two transactions with the same messages wait for one another once,
    # and never in a circle.
    ordered = sorted(firsts, key=lambda received: (received.sender, received.instance))
    statement = _INSERT[connection.dialect.name]
    inserted = statement.each(connection, [_row(received) for received in ordered])
    return {(sender, instance): key for key, sender, instance in inserted}


def _keep_bytes(connection: SyncConnection, fresh: Sequence[tuple[int, Received]]) -> None:
    _INSERT_BODIES.many(
        connection,
        [
            {"message_id": key, "receipt": received.receipt, "content": received.content}
            for key, received in fresh
        ],
    )
    attached = [
        {
            "message_id": key,
            "digest": part.digest,
            "media_type": part.media_type,
            "size": len(part.content),
            "content": part.content,
        }
        for key, received in fresh
        for part in {part.digest: part for part in received.attachments}.values()
    ]
    if attached:
        _INSERT_ATTACHMENTS.many(connection, attached)


def _put_to_work(connection: SyncConnection, fresh: Sequence[tuple[int, Received]]) -> None:
    batch = [
        NewJob(
            kind=Kind.WORK,
            lane=received.dossier or f"message/{key}",
            subject=key,
            due=received.received_at,
        )
        for key, received in fresh
    ]
    lock_lanes(connection, (received.dossier for _, received in fresh))
    put(connection, batch, fresh[0][1].received_at)
    journal.write(connection, [_record(key, received) for key, received in fresh])


def _record(key: int, received: Received) -> journal.Record:
    return journal.Record(
        at=received.received_at,
        kind="message accepted",
        subject=f"{received.sender}/{received.instance}",
        dossier=received.dossier,
        actor=received.sender,
        digest=received.digest,
        facts={"message": str(key), "type": received.type, "version": received.version},
    )


def _known(connection: SyncConnection, keys: Sequence[Key]) -> dict[Key, Accepted]:
    found = connection.execute(_FIRSTS, {"keys": keys}) if keys else ()
    return {
        (row.sender, row.instance): Accepted(
            message_id=row.id, fresh=False, digest=row.digest, receipt=row.receipt
        )
        for row in found
    }


def _accept(connection: SyncConnection, batch: Sequence[Received]) -> list[Accepted]:
    firsts: dict[Key, Received] = {}
    for received in batch:
        firsts.setdefault((received.sender, received.instance), received)
    if not firsts:
        return []
    ids = _keep(connection, list(firsts.values()))
    fresh = [(ids[key], received) for key, received in firsts.items() if key in ids]
    if fresh:
        _keep_bytes(connection, fresh)
        _put_to_work(connection, fresh)
    known = _known(connection, [key for key in firsts if key not in ids])
    accepted = []
    for received in batch:
        key = (received.sender, received.instance)
        if key not in known:
            first = Accepted(
                message_id=ids[key], fresh=True, digest=received.digest, receipt=received.receipt
            )
            accepted.append(first)
            known[key] = replace(first, fresh=False)  # what a repeat in this batch is told
        else:
            accepted.append(known[key])
    return accepted


async def accept(tx: Connection, batch: Sequence[Received]) -> list[Accepted]:
    """Keep the new ones of a batch, each with its work job and journal entry; answers in order.

    A message whose `(sender, instance)` is known, or stands earlier in the batch, changes nothing.
    """
    return await tx.run_sync(_accept, batch)


def _message(row: Sequence[Any]) -> Message:
    return Message(**dict(zip(Message.__dataclass_fields__, row, strict=True)))


async def find(conn: Connection, sender: str, instance: str) -> Message | None:
    """The message a partner sent under this id."""
    row = await conn.run_sync(_FIND.first, {"sender": sender, "instance": instance})
    return None if row is None else _message(row)


async def load(conn: Connection, ids: Sequence[int]) -> dict[int, Message]:
    """The messages of these row ids, by row id."""
    rows = await conn.run_sync(_LOAD.of, "ids", ids) if ids else ()
    return {row[0]: _message(row) for row in rows}


async def contents_of(conn: Connection, ids: Sequence[int]) -> dict[int, bytes]:
    """The messages of these row ids as they came, by row id."""
    rows = await conn.run_sync(_CONTENTS.of, "ids", ids) if ids else ()
    return dict(rows)


async def attachments_of(conn: Connection, ids: Sequence[int]) -> dict[int, tuple[Attachment, ...]]:
    """The parts that came with these messages; a message without parts is left out."""
    found: dict[int, tuple[Attachment, ...]] = {}
    rows = await conn.run_sync(_ATTACHMENTS.of, "ids", ids) if ids else ()
    for key, digest, media_type, content in rows:
        part = Attachment(digest=digest, media_type=media_type, content=content)
        found[key] = (*found.get(key, ()), part)
    return found


async def attachments(conn: Connection, message_id: int) -> tuple[Attachment, ...]:
    """The parts that came with one message, in the order of their digests."""
    return (await attachments_of(conn, (message_id,))).get(message_id, ())


@cache
def _listing_statement(by_sender: bool, by_dossier: bool) -> Select[Any]:
    found = select(messages).where(messages.c.id < bindparam("before"))
    if by_sender:
        found = found.where(messages.c.sender == bindparam("sender"))
    if by_dossier:
        found = found.where(messages.c.dossier == bindparam("dossier"))
    return found.order_by(messages.c.id.desc()).limit(bindparam("most"))


async def listing(
    conn: Connection,
    *,
    sender: str | None = None,
    dossier: str | None = None,
    before: int = 2**62,
    limit: int = 50,
) -> list[Heading]:
    """The latest messages, from below row id `before`."""
    statement = _listing_statement(sender is not None, dossier is not None)
    values = {"sender": sender, "dossier": dossier, "before": before, "most": limit}
    return await conn.run_sync(
        lambda connection: [
            Heading(**row._asdict()) for row in connection.execute(statement, values)
        ]
    )
