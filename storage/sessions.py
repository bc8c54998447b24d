"""Sessions of the console: each lives here and can be ended here, whatever its cookie says.

A session is found by the SHA-256 of its cookie: who reads the database can take over none.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update

from storage.console_tables import sessions
from storage.engine import Connection, SyncConnection
from storage.statement import Statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One browser in which somebody is signed in."""

    digest: str  #: SHA-256 of the cookie, hex
    operator: str
    content: Mapping[str, Any]  #: JSON
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    address: str
    agent: str  #: the browser's own word for itself


_names = tuple(column.name for column in sessions.c)
_digest = sessions.c.digest == bindparam("of_digest")
_operator = sessions.c.operator == bindparam("of_operator")
_OPEN = Statement(insert(sessions), *_names)
_FIND = Statement(select(*sessions.c).where(_digest))
_OF = Statement(
    select(*sessions.c).where(_operator).order_by(sessions.c.seen_at.desc(), sessions.c.digest)
)
_TOUCH = Statement(
    update(sessions).where(_digest).values(seen_at=bindparam("now"), expires_at=bindparam("until"))
)
_SAVE = Statement(update(sessions).where(_digest).values(content=bindparam("text")))
_REVOKE = Statement(delete(sessions).where(_digest))
_REVOKE_ALL = Statement(delete(sessions).where(_operator, sessions.c.digest != bindparam("but")))
_PURGE = Statement(delete(sessions).where(sessions.c.expires_at <= bindparam("now")))


def _select(
    connection: SyncConnection, statement: Statement, values: Mapping[str, Any]
) -> list[Session]:
    rows = (dict(zip(_names, row, strict=True)) for row in statement.rows(connection, values))
    return [Session(**{**row, "content": json.loads(row["content"])}) for row in rows]


async def open(tx: Connection, session: Session) -> None:
    """A new session."""
    row = {name: getattr(session, name) for name in _names}
    await tx.run_sync(_OPEN.many, [{**row, "content": json.dumps(dict(session.content))}])


async def find(conn: Connection, digest: str) -> Session | None:
    """The session of that digest, expired or not."""
    return next(iter(await conn.run_sync(_select, _FIND, {"of_digest": digest})), None)


async def of(conn: Connection, operator: str) -> list[Session]:
    """Somebody's sessions, the one seen last first."""
    return await conn.run_sync(_select, _OF, {"of_operator": operator})


async def touch(tx: Connection, digest: str, now: datetime, until: datetime) -> bool:
    """It was used now, and lasts until then; False when it was ended meanwhile."""
    values = {"of_digest": digest, "now": now, "until": until}
    return await tx.run_sync(_TOUCH.count, values) > 0


async def save_content(tx: Connection, digest: str, content: Mapping[str, Any]) -> bool:
    """What it remembers; False when it was ended meanwhile."""
    values = {"of_digest": digest, "text": json.dumps(dict(content))}
    return await tx.run_sync(_SAVE.count, values) > 0


async def revoke(tx: Connection, digest: str) -> bool:
    """End one session; False when there is none."""
    return await tx.run_sync(_REVOKE.count, {"of_digest": digest}) > 0


async def revoke_all(tx: Connection, operator: str, but: str = "") -> int:
    """End all of somebody's sessions, save the one of the digest `but`; how many."""
    return await tx.run_sync(_REVOKE_ALL.count, {"of_operator": operator, "but": but})


async def purge(tx: Connection, now: datetime) -> int:
    """Forget the sessions that have expired; how many."""
    return await tx.run_sync(_PURGE.count, {"now": now})
