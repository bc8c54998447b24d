"""Papers: the documents rendered for a dossier, each version kept as it was handed out."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Insert, Select, bindparam, exists, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite

from storage.engine import Connection, SyncConnection
from storage.tables import history, message_bodies, messages, outgoing, outgoing_bodies, papers


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """A paper without its bytes; `state` is current, superseded or withdrawn."""

    dossier: str
    name: str
    version: int  #: grows with each rendering of the same name
    state: str
    media_type: str
    digest: str  #: SHA-256 (hex) of the content
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper(Leaf):
    """A paper with its bytes."""

    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The message a dossier's paper is made from, and the hub's outcome to it, as bytes.

    `digest` is the SHA-256 (hex) of the message's signed content.
    """

    digest: str
    message: bytes
    outcome: bytes


_PUT: dict[str, Insert] = {
    "sqlite": sqlite.insert(papers).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(papers).on_conflict_do_nothing(),
}
_later = papers.alias("later")
_SUPERSEDE = (
    update(papers)
    .where(
        papers.c.dossier == bindparam("of_dossier"),
        papers.c.name == bindparam("of_name"),
        papers.c.state == "current",
        exists(
            select(literal(1)).where(
                _later.c.dossier == papers.c.dossier,
                _later.c.name == papers.c.name,
                _later.c.version > papers.c.version,
            )
        ),
    )
    .values(state="superseded")
)
_WITHDRAW = (
    update(papers)
    .where(
        papers.c.dossier == bindparam("of_dossier"),
        papers.c.name == bindparam("of_name"),
        papers.c.state == "current",
    )
    .values(state="withdrawn")
)
_named = select(papers).where(
    papers.c.dossier == bindparam("dossier"), papers.c.name == bindparam("name")
)
_LATEST = _named.order_by(papers.c.version.desc()).limit(1)
_VERSION = _named.where(papers.c.version == bindparam("version"))
_BY_DIGEST = select(papers).where(papers.c.digest == bindparam("digest")).limit(1)
_LIST = (
    select(*(papers.c[name] for name in Leaf.__dataclass_fields__))
    .where(papers.c.dossier == bindparam("dossier"))
    .order_by(papers.c.name, papers.c.version)
)
#: By the dossier's history, which a dry run and a refused message never enter.
_ORIGIN = (
    select(
        messages.c.digest,
        message_bodies.c.content.label("message"),
        outgoing_bodies.c.content.label("outcome"),
    )
    .join_from(history, messages, messages.c.id == history.c.message_id)
    .join(message_bodies, message_bodies.c.message_id == messages.c.id)
    .join(outgoing, outgoing.c.answers == messages.c.id)
    .join(outgoing_bodies, outgoing_bodies.c.outgoing_id == outgoing.c.id)
    .where(
        history.c.dossier == bindparam("dossier"),
        history.c.event.in_(bindparam("types", expanding=True)),
        outgoing.c.stage == "outcome",
    )
    .order_by(history.c.id.desc())
    .limit(1)
)


def _put(connection: SyncConnection, paper: Paper) -> bool:
    values = {name: getattr(paper, name) for name in Paper.__dataclass_fields__}
    fresh = connection.execute(_PUT[connection.dialect.name], values).rowcount > 0
    connection.execute(_SUPERSEDE, {"of_dossier": paper.dossier, "of_name": paper.name})
    return fresh


async def put(tx: Connection, paper: Paper) -> bool:
    """Keep a rendered paper; the older versions of its name are superseded.

    A version that is kept already stays as it was handed out, and the answer is False.
    """
    return await tx.run_sync(_put, paper)


def _one(
    connection: SyncConnection, statement: Select[Any], values: dict[str, Any]
) -> Paper | None:
    row = connection.execute(statement, values).one_or_none()
    return None if row is None else Paper(**row._asdict())


async def get(
    conn: Connection, dossier: str, name: str, version: int | None = None
) -> Paper | None:
    """A paper of a dossier: the version asked for, or the latest."""
    statement = _LATEST if version is None else _VERSION
    return await conn.run_sync(
        _one, statement, {"dossier": dossier, "name": name, "version": version}
    )


async def by_digest(conn: Connection, digest: str) -> Paper | None:
    """The paper with these bytes, whoever shows it."""
    return await conn.run_sync(_one, _BY_DIGEST, {"digest": digest})


async def list(conn: Connection, dossier: str) -> tuple[Leaf, ...]:
    """Every version of every paper of a dossier, by name."""
    return await conn.run_sync(
        lambda connection: tuple(
            Leaf(**row._asdict()) for row in connection.execute(_LIST, {"dossier": dossier})
        )
    )


async def withdraw(tx: Connection, dossier: str, name: str) -> bool:
    """Say that a paper is no longer good; False when none is current."""
    values = {"of_dossier": dossier, "of_name": name}
    return await tx.run_sync(lambda connection: connection.execute(_WITHDRAW, values).rowcount > 0)


async def origin(conn: Connection, dossier: str, types: Collection[str]) -> Origin | None:
    """The last message of one of these types that moved the dossier, with its outcome."""

    def find(connection: SyncConnection) -> Origin | None:
        row = connection.execute(_ORIGIN, {"dossier": dossier, "types": [*types]}).one_or_none()
        return None if row is None else Origin(**row._asdict())

    return await conn.run_sync(find)
