"""A dossier's one timeline: its steps, what came, what was sent and mailed, what is to ring."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, and_, bindparam, or_, select, text

from storage.columns import Instant
from storage.engine import Connection, SyncConnection
from storage.statement import Statement
from storage.tables import history, jobs, mails, messages, outgoing


class MarkKind(StrEnum):
    """Where a mark comes from; at one instant they stand in the reverse order of these words."""

    MAIL = "mail"
    RECEIVED = "received"
    SENT = "sent"
    STEP = "step"
    TIMER = "timer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One line of the timeline; `(at, kind, id)` is its place, what a kind has not is None.

    `party` is who acted, sent or is sent to; `done_at` when a message was handled, delivered or
    mailed; of a timer `at` is when it will ring, and `about` its name and what about.
    """

    at: datetime
    kind: MarkKind
    id: int
    about: str  #: the message type, the step's event, the mail's subject
    party: str | None = None
    state: str | None = None  #: of a message or mail; of a step, the one it led to
    from_state: str | None = None
    version: int | None = None
    instance: str | None = None
    stage: str | None = None  #: of an Acknowledgement
    asker: str | None = None  #: of a message sent: whose message it answers or follows from
    done_at: datetime | None = None
    attempts: int | None = None
    error: str | None = None
    note: Mapping[str, str] = field(default_factory=dict)


Place = tuple[datetime, MarkKind, int]

_SELECTED: dict[MarkKind, tuple[Table, str, dict[str, str]]] = {
    MarkKind.STEP: (
        history,
        "at",
        {
            "about": "event",
            "party": "actor",
            "state": "to_state",
            "from_state": "from_state",
            "version": "version",
            "note": "note",
        },
    ),
    MarkKind.RECEIVED: (
        messages,
        "received_at",
        {
            "about": "type",
            "party": "sender",
            "state": "state",
            "instance": "instance",
            "done_at": "finished_at",
        },
    ),
    MarkKind.SENT: (
        outgoing,
        "created_at",
        {
            "about": "type",
            "party": "receiver",
            "state": "state",
            "instance": "instance",
            "stage": "stage",
            "done_at": "delivered_at",
            "attempts": "attempts",
            "error": "last_error",
        },
    ),
    MarkKind.MAIL: (
        mails,
        "created_at",
        {
            "about": "subject",
            "party": "recipient",
            "state": "state",
            "instance": "instance",
            "done_at": "sent_at",
            "attempts": "attempts",
            "error": "last_error",
        },
    ),
    MarkKind.TIMER: (
        jobs,
        "due",
        {"about": "about", "state": "state", "attempts": "attempts", "error": "error"},
    ),
}
# As text_pattern_ops compares: byte by byte, whatever the database's language.
_TIMERS_OF = {
    "sqlite": text("about >= :number || '|' AND about < :number || '}'"),
    "postgresql": text(
        "about ~>=~ (CAST(:number AS text) || '|') AND about ~<~ (CAST(:number AS text) || '}')"
    ),
}

_ASKER = select(messages.c.sender).where(messages.c.id == outgoing.c.answers).scalar_subquery()


def _of_dossier(kind: MarkKind, table: Table, dialect: str) -> ColumnElement[bool]:
    if kind is not MarkKind.TIMER:
        return table.c.dossier == bindparam("number")
    return and_(text("kind = 'timer'"), _TIMERS_OF[dialect])


def _statement(kind: MarkKind, dialect: str) -> Statement:
    """One dossier's marks of one kind; the place is `(at, id)`, the id of the kind before it."""
    table, instant, names = _SELECTED[kind]
    at, key = table.c[instant], table.c.id
    found: Select[Any] = select(at, key, *(table.c[column] for column in names.values()))
    if kind is MarkKind.SENT:
        found = found.add_columns(_ASKER)
    here = bindparam("at", type_=Instant)
    found = found.where(
        _of_dossier(kind, table, dialect), at <= here, or_(at < here, key < bindparam("id"))
    )
    return Statement(found.order_by(at.desc(), key.desc()).limit(bindparam("most")))


_STATEMENTS = {
    (kind, dialect): _statement(kind, dialect) for kind in MarkKind for dialect in _TIMERS_OF
}
_END: Place = (datetime(9999, 1, 1, tzinfo=UTC), MarkKind.TIMER, 0)


def _id_before(kind: MarkKind, before: Place) -> int:
    """Up to which id a kind's marks of the very instant `before` are still to come."""
    _, at_kind, key = before
    if kind == at_kind:
        return key
    return 2**62 if kind < at_kind else 0


def _mark(kind: MarkKind, row: Sequence[Any]) -> Mark:
    at, key, *rest = row
    names = (*_SELECTED[kind][2], *(("asker",) if kind is MarkKind.SENT else ()))
    facts = dict(zip(names, rest, strict=True))
    if kind is MarkKind.TIMER:
        facts["about"] = facts["about"].partition("|")[2]  # the number is known
    return Mark(at=at, kind=kind, id=key, **facts)


def _marks(connection: SyncConnection, number: str, before: Place, limit: int) -> list[Mark]:
    found = []
    for kind in MarkKind:
        values = {"number": number, "at": before[0], "most": limit, "id": _id_before(kind, before)}
        statement = _STATEMENTS[kind, connection.dialect.name]
        found += [_mark(kind, row) for row in statement.rows(connection, values)]
    found.sort(key=lambda mark: (mark.at, mark.kind, mark.id), reverse=True)
    return found[:limit]


async def marks(
    conn: Connection, number: str, before: Place | None = None, limit: int = 50
) -> list[Mark]:
    """A dossier's marks, what is to come first and then the latest, from below a place."""
    return await conn.run_sync(_marks, number, before or _END, limit)
