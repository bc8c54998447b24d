"""What was refused at the door: never kept as a message, only written in the journal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, text

from storage.engine import Connection, SyncConnection
from storage.found import WALK, Page
from storage.journal import Happening, Record
from storage.statement import Statement
from storage.tables import journal

#: In the words of the indexes.
_REFUSED = text("kind = 'message refused'")

_BY_ACTOR = Statement(
    select(journal)
    .where(_REFUSED, journal.c.actor == bindparam("actor"), journal.c.id < bindparam("before"))
    .order_by(journal.c.id.desc())
    .limit(bindparam("most"))
)
# So many refusals of one message are shown at most: a partner may send it again and again.
_BY_SUBJECT = Statement(
    select(journal)
    .where(_REFUSED, journal.c.subject == bindparam("subject"))
    .order_by(journal.c.subject, journal.c.id.desc())
    .limit(bindparam("most"))
)


def _happening(row: Sequence[Any]) -> Happening:
    key, at, kind, subject, dossier, actor, digest, facts, seal = row
    record = Record(
        at=at,
        kind=kind,
        subject=subject,
        dossier=dossier,
        actor=actor,
        digest=digest,
        facts=facts,
    )
    return Happening(id=key, record=record, seal=seal)


def _of_message(
    connection: SyncConnection, senders: Sequence[str], instance: str, limit: int
) -> list[Happening]:
    found: list[Happening] = []
    for sender in senders:
        values = {"subject": f"{sender}/{instance}", "most": limit}
        found += map(_happening, _BY_SUBJECT.rows(connection, values))
    return sorted(found, key=lambda one: one.id, reverse=True)[:limit]


async def of_message(
    conn: Connection, senders: Sequence[str], instance: str, *, limit: int = 50
) -> list[Happening]:
    """The refusals of one message that one of these partners sent, the latest first."""
    return await conn.run_sync(_of_message, senders, instance, limit)


def _latest(
    connection: SyncConnection, actors: Sequence[str], before: int, limit: int
) -> list[Happening]:
    found: list[Happening] = []
    for actor in actors:
        values = {"actor": actor, "before": before, "most": limit}
        found += map(_happening, _BY_ACTOR.rows(connection, values))
    return sorted(found, key=lambda one: one.id, reverse=True)[:limit]


async def latest(  # noqa: PLR0913 (what is asked for, each narrows)
    conn: Connection,
    partners: Sequence[str],
    *,
    type: str | None = None,
    code: str | None = None,
    dossier: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    before: int = 2**62,
    limit: int = 50,
) -> Page[Happening]:
    """The latest refusals of these partners' messages, from below journal entry `before`.

    A type, code, dossier or days are asked of a bounded walk, as with messages.
    """

    def wanted(one: Happening) -> bool:
        record = one.record
        return (
            type in (None, record.facts.get("type"))
            and dossier in (None, record.dossier)
            and (code is None or code in record.facts.get("codes", "").split())
            and (since is None or record.at >= since)
            and (until is None or record.at < until)
        )

    walk = limit + 1 if (type, code, dossier, since, until) == (None,) * 5 else WALK // 5
    met = await conn.run_sync(_latest, partners, before, walk)
    rows = [one for one in met if wanted(one)]
    if len(rows) > limit:
        return Page(rows=rows[:limit], next=rows[limit - 1].id)
    if len(met) < walk:
        return Page(rows=rows, next=None)
    return Page(rows=rows, next=met[-1].id, looked_back_to=met[-1].record.at)
