"""The worker's transaction: everything that follows from a batch of messages, or nothing of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, insert, update

from storage import dossiers, journal, mails, outgoing
from storage.console_tables import message_codes
from storage.dossiers import Change
from storage.engine import Connection, SyncConnection
from storage.jobs import Job, Kind, NewJob, lock_lanes, promote, put, take_off
from storage.journal import Record
from storage.mails import Mail
from storage.outgoing import Outgoing
from storage.statement import Statement
from storage.tables import messages


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """One job's outcome; `message_id` None when no message caused it, as for a timer.

    `state` is the message's: accepted or refused; `codes` are what it was refused for.
    """

    job: Job
    message_id: int | None
    state: str
    change: Change | None
    outgoing: tuple[Outgoing, ...] = ()
    journal: tuple[Record, ...] = ()
    jobs: tuple[NewJob, ...] = ()  #: papers to print, timers to set
    mails: tuple[Mail, ...] = ()
    codes: tuple[str, ...] = ()


_ANSWERED = Statement(
    update(messages)
    .where(messages.c.id == bindparam("message"))
    .values(
        state=bindparam("to_state"),
        finished_at=bindparam("now"),
        dossier=func.coalesce(messages.c.dossier, bindparam("of_dossier")),
    )
)


_CODES = Statement(insert(message_codes), *message_codes.c.keys())


def _answer(connection: SyncConnection, batch: Sequence[Done], now: datetime) -> None:
    answered = [
        {
            "message": done.message_id,
            "to_state": done.state,
            "now": now,
            "of_dossier": done.change.number if done.change else None,
        }
        for done in batch
        if done.message_id is not None
    ]
    if answered:
        _ANSWERED.many(connection, answered)
    codes = [
        {"code": code, "message_id": done.message_id}
        for done in batch
        if done.message_id is not None
        for code in dict.fromkeys(done.codes)
    ]
    if codes:
        _CODES.many(connection, codes)


def _commit(connection: SyncConnection, batch: Sequence[Done], now: datetime) -> None:
    lanes = [done.job.lane for done in batch]
    lock_lanes(connection, lanes)
    take_off(connection, [done.job for done in batch])
    promote(connection, lanes)
    dossiers.write(connection, [done.change for done in batch if done.change is not None])
    following = outgoing.write(connection, [sent for done in batch for sent in done.outgoing])
    following += mails.write(connection, [mail for done in batch for mail in done.mails])
    following += [job for done in batch for job in done.jobs]
    _answer(connection, batch, now)
    journal.write(connection, [record for done in batch for record in done.journal])
    # Last, so that the lanes to a busy partner are held for as short a time as may be.
    # Papers' lanes first: who stores a paper holds its lane, then takes those of who is told.
    lock_lanes(connection, (job.lane for job in following if job.kind is Kind.RENDER))
    lock_lanes(connection, (job.lane for job in following))
    put(connection, following, now)


async def commit_work(tx: Connection, batch: Sequence[Done], now: datetime) -> None:
    """Finish the jobs of a batch with all that follows from them.

    Raises `LeaseLost` when another worker has one of the jobs, and `Stale` when a dossier moved
    on meanwhile; roll back, then take the batch's jobs one by one.
    """
    await tx.run_sync(_commit, batch, now)
