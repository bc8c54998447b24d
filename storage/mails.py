"""E-mails the hub sends: composed once, kept with their bytes, each sent by a job of its own.

A mail has no receipt that its sender could ask for again: one whose worker died while it was
`sending` may have gone or not, and is `doubtful` until a person looks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, text, update

from storage.engine import Connection, SyncConnection
from storage.jobs import Kind, NewJob, put
from storage.statement import Statement
from storage.tables import mail_bodies as bodies
from storage.tables import mails


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A composed e-mail to be stored: `content` is what is sent, headers and all."""

    instance: str  #: unique; the same on every try to write it
    dossier: str | None
    recipient: str  #: one address
    subject: str
    content: bytes
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """A stored e-mail without its bytes; `state` is queued, sending, sent, doubtful or failed."""

    id: int
    instance: str
    dossier: str | None
    recipient: str
    subject: str
    state: str
    created_at: datetime
    sent_at: datetime | None
    attempts: int
    last_error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored(Slip):
    """A stored e-mail with the bytes that are sent."""

    content: bytes


_new = ("instance", "dossier", "recipient", "subject", "state", "created_at", "attempts")
_WRITE = Statement(insert(mails).returning(mails.c.id, mails.c.instance), *_new)
_WRITE_BODIES = Statement(insert(bodies), "mail_id", "content")
_LOAD = (
    select(*mails.c, bodies.c.content)
    .join_from(mails, bodies, bodies.c.mail_id == mails.c.id)
    .where(mails.c.id == bindparam("mail"))
)
_OF_DOSSIER = (
    select(mails)
    .where(mails.c.dossier == bindparam("dossier"))
    .order_by(mails.c.id.desc())
    .limit(bindparam("most"))
)
_this = mails.c.id == bindparam("mail")
_sending = mails.c.state == "sending"
_BEGIN = (
    update(mails)
    .where(_this, mails.c.state == "queued")
    .values(state="sending", attempts=mails.c.attempts + text("1"))
)
_SENT = update(mails).where(_this).values(state="sent", sent_at=bindparam("at"), last_error=None)
_BACK = update(mails).where(_this, _sending).values(state="queued", last_error=bindparam("error"))
_END = (
    update(mails)
    .where(_this, mails.c.state != "sent")
    .values(state=bindparam("to"), last_error=bindparam("error"))
)


def write(connection: SyncConnection, batch: Sequence[Mail]) -> list[NewJob]:
    """Store e-mails inside `run_sync`; returns the jobs that send them, still to be enqueued."""
    if not batch:
        return []
    rows = [
        {
            "instance": mail.instance,
            "dossier": mail.dossier,
            "recipient": mail.recipient,
            "subject": mail.subject,
            "state": "queued",
            "created_at": mail.created_at,
            "attempts": 0,
        }
        for mail in batch
    ]
    ids = {instance: key for key, instance in _WRITE.each(connection, rows)}
    _WRITE_BODIES.many(
        connection, [{"mail_id": ids[mail.instance], "content": mail.content} for mail in batch]
    )
    return [
        NewJob(kind=Kind.MAIL, lane=None, subject=ids[mail.instance], due=mail.created_at)
        for mail in batch
    ]


async def store(tx: Connection, batch: Sequence[Mail]) -> None:
    """Store e-mails with the jobs that send them."""
    if batch:
        await tx.run_sync(lambda sync: put(sync, write(sync, batch), batch[0].created_at))


async def load(conn: Connection, mail_id: int) -> Stored | None:
    """The e-mail of this row id."""

    def _load(connection: SyncConnection) -> Stored | None:
        row = connection.execute(_LOAD, {"mail": mail_id}).one_or_none()
        return None if row is None else Stored(**row._asdict())

    return await conn.run_sync(_load)


async def of_dossier(conn: Connection, number: str, limit: int = 50) -> list[Slip]:
    """What was mailed about a dossier, the latest first."""
    names = [field.name for field in fields(Slip)]
    return await conn.run_sync(
        lambda connection: [
            Slip(**dict(zip(names, row, strict=True)))
            for row in connection.execute(_OF_DOSSIER, {"dossier": number, "most": limit})
        ]
    )


async def _change(tx: Connection, statement: Any, values: dict[str, Any]) -> bool:
    return await tx.run_sync(lambda connection: connection.execute(statement, values).rowcount > 0)


async def begin(tx: Connection, mail_id: int) -> bool:
    """Say that a queued e-mail is being sent now, and count the attempt; commit before sending.

    False when it is not queued: `sending` then means that a worker died in the middle.
    """
    return await _change(tx, _BEGIN, {"mail": mail_id})


async def sent(tx: Connection, mail_id: int, at: datetime) -> None:
    """The relay took it over."""
    await _change(tx, _SENT, {"mail": mail_id, "at": at})


async def back(tx: Connection, mail_id: int, error: str) -> bool:
    """It surely did not go, and is queued again; False when it was not being sent."""
    return await _change(tx, _BACK, {"mail": mail_id, "error": error})


async def doubtful(tx: Connection, mail_id: int, error: str) -> None:
    """It may have gone or not: it is never sent again by itself."""
    await _change(tx, _END, {"mail": mail_id, "to": "doubtful", "error": error})


async def failed(tx: Connection, mail_id: int, error: str) -> None:
    """It surely did not go, and never will."""
    await _change(tx, _END, {"mail": mail_id, "to": "failed", "error": error})
