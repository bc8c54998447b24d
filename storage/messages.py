"""Received messages: each `(sender, instance)` once, for ever, with the bytes of its receipt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, insert, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import ReturningInsert

from storage import journal
from storage.engine import Connection, SyncConnection
from storage.jobs import Kind, NewJob, lock_lanes, put
from storage.tables import attachments as attachments_table
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
class Message:
    """A kept message; `state` is received, accepted, refused or parked."""

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
    receipt: bytes
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A kept message without its bytes, as lists show it."""

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


Key = tuple[str, str]

_key = ("sender", "instance")
_kept = (messages.c.id, messages.c.sender, messages.c.instance)
_INSERT: dict[str, ReturningInsert[tuple[int, str, str]]] = {
    "sqlite": sqlite.insert(messages).on_conflict_do_nothing(_key).returning(*_kept),
    "postgresql": postgresql.insert(messages)
    .on_conflict_do_nothing(index_elements=_key)
    .returning(*_kept),
}
_INSERT_BODIES = insert(bodies)
_INSERT_ATTACHMENTS = insert(attachments_table)
_FIRSTS = (
    select(messages.c.id, messages.c.sender, messages.c.instance, messages.c.digest)
    .add_columns(bodies.c.receipt)
    .join_from(messages, bodies, bodies.c.message_id == messages.c.id)
    .where(tuple_(messages.c.sender, messages.c.instance).in_(bindparam("keys", expanding=True)))
)
_whole = select(*messages.c, bodies.c.receipt, bodies.c.content).join_from(
    messages, bodies, bodies.c.message_id == messages.c.id
)
_FIND = _whole.where(
    messages.c.sender == bindparam("sender"), messages.c.instance == bindparam("instance")
)
_LOAD = _whole.where(messages.c.id.in_(bindparam("ids", expanding=True)))
_ATTACHMENTS = (
    select(
        attachments_table.c.message_id,
        attachments_table.c.digest,
        attachments_table.c.media_type,
        attachments_table.c.content,
    )
    .where(attachments_table.c.message_id.in_(bindparam("ids", expanding=True)))
    .order_by(attachments_table.c.message_id, attachments_table.c.digest)
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
    inserted = connection.execute(statement, [_row(received) for received in ordered])
    return {(row.sender, row.instance): row.id for row in inserted}


def _keep_bytes(connection: SyncConnection, fresh: Sequence[tuple[int, Received]]) -> None:
    connection.execute(
        _INSERT_BODIES,
        [
            {"message_id": key, "receipt": received.receipt, "content": received.content}
            for key, received in fresh
        ],
    )
    parts = [
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
    if parts:
        connection.execute(_INSERT_ATTACHMENTS, parts)


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


async def find(conn: Connection, sender: str, instance: str) -> Message | None:
    """The message a partner sent under this id."""

    def _find(connection: SyncConnection) -> Message | None:
        values = {"sender": sender, "instance": instance}
        row = connection.execute(_FIND, values).one_or_none()
        return None if row is None else Message(**row._asdict())

    return await conn.run_sync(_find)


def _load(connection: SyncConnection, ids: Sequence[int]) -> dict[int, Message]:
    rows = connection.execute(_LOAD, {"ids": ids})
    return {row.id: Message(**row._asdict()) for row in rows}


async def load(conn: Connection, ids: Sequence[int]) -> dict[int, Message]:
    """The messages of these row ids, by row id."""
    return await conn.run_sync(_load, list(ids)) if ids else {}


async def attachments_of(conn: Connection, ids: Sequence[int]) -> dict[int, tuple[Attachment, ...]]:
    """The parts that came with these messages; a message without parts is left out."""

    def _all_parts(connection: SyncConnection) -> dict[int, tuple[Attachment, ...]]:
        found: dict[int, tuple[Attachment, ...]] = {}
        for row in connection.execute(_ATTACHMENTS, {"ids": list(ids)}):
            part = Attachment(digest=row.digest, media_type=row.media_type, content=row.content)
            found[row.message_id] = (*found.get(row.message_id, ()), part)
        return found

    return await conn.run_sync(_all_parts) if ids else {}


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
