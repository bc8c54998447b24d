"""What jobs are about: the message, reply, e-mail, timer or paper behind each of a page of jobs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, bindparam, select

from storage.engine import Connection, SyncConnection
from storage.jobs import Job, Kind
from storage.tables import mails, messages, outgoing


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a job is about; `state` is that of the message, reply or e-mail, None for the others.

    `name` is an identifier or a subject line, `type` a message type or a timer's name; `partner`
    who sent the message or is to get what is sent; `message` is the row id of the received message
    that it is about, or that it answers.
    """

    name: str
    type: str | None = None
    partner: str | None = None
    dossier: str | None = None
    message: int | None = None
    state: str | None = None


_ids: Any = bindparam("ids", expanding=True)
_STATEMENTS: dict[Kind, Select[Any]] = {
    Kind.WORK: select(
        messages.c.id,
        messages.c.instance,
        messages.c.type,
        messages.c.sender,
        messages.c.dossier,
        messages.c.id,
        messages.c.state,
    ).where(messages.c.id.in_(_ids)),
    Kind.DELIVER: select(
        outgoing.c.id,
        outgoing.c.instance,
        outgoing.c.type,
        outgoing.c.receiver,
        outgoing.c.dossier,
        outgoing.c.answers,
        outgoing.c.state,
    ).where(outgoing.c.id.in_(_ids)),
    Kind.MAIL: select(
        mails.c.id,
        mails.c.subject,
        bindparam("no_type", None),
        mails.c.recipient,
        mails.c.dossier,
        bindparam("no_message", None),
        mails.c.state,
    ).where(mails.c.id.in_(_ids)),
}


def _subject(row: Sequence[Any]) -> Subject:
    name, kind, partner, dossier, message, state = row
    return Subject(
        name=name, type=kind, partner=partner, dossier=dossier, message=message, state=state
    )


def _told(job: Job) -> Subject:
    """What a job says of itself in its one line."""
    if job.kind is Kind.TIMER:
        number, timer, about = (*job.about.split("|", 2), "", "")[:3]
        return Subject(name=about or number, type=timer, dossier=number)
    if job.kind is Kind.RENDER:
        return Subject(name=job.about, dossier=job.about, message=job.subject or None)
    return Subject(name=job.about)


async def subjects(conn: Connection, found: Iterable[Job]) -> dict[int, Subject]:
    """What each job is about, by the job's id."""
    jobs = list(found)

    def _read(connection: SyncConnection) -> dict[int, Subject]:
        known = {}
        for kind, statement in _STATEMENTS.items():
            ids = sorted({job.subject for job in jobs if job.kind is kind})
            rows = connection.execute(statement, {"ids": ids}) if ids else ()
            known.update({(kind, row[0]): _subject(row[1:]) for row in rows})
        return {job.id: known.get((job.kind, job.subject)) or _told(job) for job in jobs}

    return await conn.run_sync(_read)


async def state_of(conn: Connection, kind: Kind, subject: int) -> str | None:
    """What became of the row that a job was about, when the job itself is gone."""
    statement = _STATEMENTS.get(kind)
    if statement is None:
        return None

    def _read(connection: SyncConnection) -> str | None:
        row = connection.execute(statement, {"ids": [subject]}).one_or_none()
        return None if row is None else str(row[-1])

    return await conn.run_sync(_read)
