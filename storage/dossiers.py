"""Dossiers: moved by compare-and-swap, with their history and their ledger."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    DateTime,
    Integer,
    Select,
    Text,
    bindparam,
    func,
    insert,
    select,
    text,
    update,
)

from schemas.workflow import Amounts, Cell, Dossier, Entry, Serial, Taken
from storage import facets, serials, tallies
from storage.engine import BROKEN_RULE, Connection, SyncConnection, takes_a_key
from storage.facets import Facets
from storage.statement import Statement, Tuples, among
from storage.tables import dossiers, entries, taken
from storage.tables import history as history_table


class Stale(Exception):
    """A change was decided on what is no longer so; its transaction must not be committed.

    The dossier has moved on, its number is taken, its serial is not the next one, or an imputation
    number serves already at its office, or what it takes was taken: load again and decide again.
    """


class Overtaken(Stale):
    """Somebody else opened the next dossier of the series first: nothing is wrong with the change.

    Of those who try one always gets through, so that it may be decided again at once and for ever.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One move of a dossier, decided on its state as of `revision`; 0 opens it.

    `content` and `version` are those after the move; `entries` are added to the ledger; what it
    `takes` serves nowhere else from now on. A dossier that it opens takes its `serial`, which must
    be the next one. `tally` is the difference it makes to the procedure's reports.
    """

    number: str
    procedure: str
    owner: str
    from_state: str | None
    to_state: str
    version: int
    revision: int
    content: str
    entries: tuple[Entry, ...] = ()
    event: str  #: the message type or the timer
    actor: str
    message_id: int | None
    note: Mapping[str, str] = field(default_factory=dict)
    at: datetime
    takes: tuple[Taken, ...] = ()
    facets: Facets | None = None  #: what it is found by from now on; None: as before
    serial: Serial | None = None
    tally: Mapping[Cell, Amounts] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One line of a dossier's history."""

    id: int
    at: datetime
    event: str
    message_id: int | None
    actor: str
    from_state: str | None
    to_state: str
    version: int
    note: Mapping[str, str]


_entry_names = tuple(Entry.__dataclass_fields__)
_entry_columns = tuple(entries.c[name] for name in _entry_names)
_dossier_names = tuple(name for name in Dossier.__dataclass_fields__ if name != "entries")
columns = tuple(dossiers.c[name] for name in _dossier_names)
_numbers = bindparam("numbers", type_=ARRAY(Text))
_LOAD = Statement(
    select(*columns).where(among(dossiers.c.number, bindparam("numbers", type_=ARRAY(Text))))
)
_LEDGER = Statement(
    select(entries.c.dossier, *_entry_columns)
    .where(among(entries.c.dossier, _numbers))
    .order_by(entries.c.dossier, entries.c.id)
)
_FILED = Statement(
    select(dossiers.c.owner, dossiers.c.procedure).where(dossiers.c.number == bindparam("number"))
)
_ENTRY = Statement(
    select(entries.c.dossier, *_entry_columns).where(
        entries.c.office == bindparam("office"), entries.c.number == bindparam("number")
    )
)
_OPEN = Statement(insert(dossiers), *dossiers.c.keys())
_MOVE = Statement(
    update(dossiers)
    .where(
        dossiers.c.number == bindparam("of_number"), dossiers.c.revision == bindparam("expected")
    )
    .values(
        state=bindparam("to_state"),
        version=bindparam("to_version"),
        revision=dossiers.c.revision + text("1"),
        changed_at=bindparam("at"),
        content=bindparam("to_content"),
    )
)
_WRITE_HISTORY = Statement(
    insert(history_table), *(column.name for column in history_table.c if column.name != "id")
)
_TAKE = Statement(insert(taken), *taken.c.keys())
_TAKEN = Statement(
    select(taken.c.dossier).where(
        taken.c.kind == bindparam("kind"), taken.c.value == bindparam("value")
    )
)
_WRITE_ENTRIES = Statement(insert(entries), "dossier", "message_id", *_entry_names)


def _columns_of_moves() -> Any:
    """The moves of a batch as PostgreSQL arrays, one element for each move."""
    return (
        func.unnest(
            bindparam("numbers", type_=ARRAY(Text)),
            bindparam("expected", type_=ARRAY(BigInteger)),
            bindparam("states", type_=ARRAY(Text)),
            bindparam("versions", type_=ARRAY(Integer)),
            bindparam("instants", type_=ARRAY(DateTime(timezone=True))),
            bindparam("contents", type_=ARRAY(Text)),
        )
        .table_valued("number", "expected", "state", "version", "at", "content", name="moves")
        .render_derived()
    )


_moves = _columns_of_moves()
# asyncpg does not say how many rows an executemany touched; one UPDATE of the whole batch does.
_MOVE_ALL = (
    update(dossiers)
    .where(dossiers.c.number == _moves.c.number, dossiers.c.revision == _moves.c.expected)
    .values(
        state=_moves.c.state,
        version=_moves.c.version,
        revision=dossiers.c.revision + 1,
        changed_at=_moves.c.at,
        content=_moves.c.content,
    )
)


def _entry(row: Sequence[Any]) -> Entry:
    return Entry(**dict(zip(_entry_names, row, strict=True)))


def assembled(connection: SyncConnection, rows: Tuples) -> list[Dossier]:
    """Dossiers in the order of their rows of `columns`, each with its ledger."""
    ledgers: defaultdict[str, list[Entry]] = defaultdict(list)
    if rows:
        for number, *entry in _LEDGER.of(connection, "numbers", [row[0] for row in rows]):
            ledgers[number].append(_entry(entry))
    return [
        Dossier(**dict(zip(_dossier_names, row, strict=True)), entries=tuple(ledgers[row[0]]))
        for row in rows
    ]


def _load(connection: SyncConnection, numbers: Sequence[str]) -> dict[str, Dossier]:
    found = assembled(connection, _LOAD.of(connection, "numbers", numbers))
    return {dossier.number: dossier for dossier in found}


async def load(conn: Connection, numbers: Sequence[str]) -> dict[str, Dossier]:
    """The dossiers of these numbers with their ledgers, by number; unknown numbers are absent."""
    return await conn.run_sync(_load, numbers) if numbers else {}


async def filed(conn: Connection, number: str) -> tuple[str, str] | None:
    """The partner who filed this dossier, and its procedure."""
    row = await conn.run_sync(_FILED.first, {"number": number})
    return None if row is None else (row[0], row[1])


def find_entry(connection: SyncConnection, office: str, number: str) -> tuple[str, Entry] | None:
    """The dossier and entry with this imputation number at this office; inside `run_sync`."""
    row = _ENTRY.first(connection, {"office": office, "number": number})
    return None if row is None else (row[0], _entry(row[1:]))


def find_taken(connection: SyncConnection, kind: str, value: str) -> str | None:
    """The dossier in which this number, which serves once, has served; inside `run_sync`."""
    row = _TAKEN.first(connection, {"kind": kind, "value": value})
    return None if row is None else row[0]


def _take_serials(connection: SyncConnection, opened: Sequence[Change]) -> None:
    wanted = [change.serial for change in opened if change.serial is not None]
    if not serials.take(connection, wanted):
        raise Overtaken(f"one of {sorted(serial.reference for serial in wanted)} is not the next")


def _open(connection: SyncConnection, opened: Sequence[Change]) -> None:
    _OPEN.many(
        connection,
        [
            {
                "number": change.number,
                "procedure": change.procedure,
                "owner": change.owner,
                "state": change.to_state,
                "version": change.version,
                "revision": 1,
                "opened_at": change.at,
                "changed_at": change.at,
                "content": change.content,
            }
            for change in opened
        ],
    )


def _move(connection: SyncConnection, moved: Sequence[Change]) -> None:
    if connection.dialect.name == "postgresql":
        touched = connection.execute(
            _MOVE_ALL,
            {
                "numbers": [change.number for change in moved],
                "expected": [change.revision for change in moved],
                "states": [change.to_state for change in moved],
                "versions": [change.version for change in moved],
                "instants": [change.at for change in moved],
                "contents": [change.content for change in moved],
            },
        ).rowcount
    else:
        touched = _MOVE.many(
            connection,
            [
                {
                    "of_number": change.number,
                    "expected": change.revision,
                    "to_state": change.to_state,
                    "to_version": change.version,
                    "at": change.at,
                    "to_content": change.content,
                }
                for change in moved
            ],
        )
    if touched != len(moved):
        raise Stale(f"one of {sorted(change.number for change in moved)} has moved on")


def _write_history(connection: SyncConnection, changes: Sequence[Change]) -> None:
    _WRITE_HISTORY.many(
        connection,
        [
            {
                "dossier": change.number,
                "at": change.at,
                "event": change.event,
                "message_id": change.message_id,
                "actor": change.actor,
                "from_state": change.from_state,
                "to_state": change.to_state,
                "version": change.version,
                "note": change.note,
            }
            for change in changes
        ],
    )


def _write_entries(connection: SyncConnection, changes: Sequence[Change]) -> None:
    rows = [
        {
            "dossier": change.number,
            "message_id": change.message_id,
            **{name: getattr(entry, name) for name in _entry_names},
        }
        for change in changes
        for entry in change.entries
    ]
    if rows:
        _WRITE_ENTRIES.many(connection, rows)


def _take(connection: SyncConnection, changes: Sequence[Change]) -> None:
    rows = [
        {
            "kind": one.kind,
            "value": one.value,
            "dossier": change.number,
            "message_id": change.message_id,
        }
        for change in changes
        for one in change.takes
    ]
    if rows:
        _TAKE.many(connection, rows)


def write(connection: SyncConnection, changes: Sequence[Change]) -> None:
    """Apply changes inside `run_sync`; raises `Stale`."""
    if not changes:
        return
    opened = [change for change in changes if change.revision == 0]
    moved = [change for change in changes if change.revision != 0]
    try:
        if opened:
            _take_serials(connection, opened)
            _open(connection, opened)
        if moved:
            _move(connection, moved)
        _write_history(connection, changes)
        _write_entries(connection, changes)
        _take(connection, changes)
        facets.replace(
            connection,
            {change.number: change.facets for change in changes if change.facets is not None},
        )
        # Last: everybody counts in the same few rows, held until the commit.
        tallies.add(connection, [(change.procedure, change.tally) for change in changes])
    except BROKEN_RULE as error:
        if takes_a_key(error):
            raise Stale(str(error)) from error
        raise


async def apply(tx: Connection, changes: Sequence[Change]) -> None:
    """Move dossiers and add their history and ledger entries, all or none.

    Each dossier once in a batch. Raises `Stale`: roll back.
    """
    await tx.run_sync(write, changes)


@cache
def _history_statement(bounded: bool) -> Select[Any]:
    columns = [history_table.c[name] for name in Step.__dataclass_fields__]
    found = select(*columns).where(history_table.c.dossier == bindparam("number"))
    if bounded:
        found = found.where(history_table.c.id < bindparam("before"))
    return found.order_by(history_table.c.id.desc()).limit(bindparam("most"))


async def history(
    conn: Connection, number: str, limit: int = 50, before: int | None = None
) -> list[Step]:
    """A dossier's steps, the latest first, from below step id `before`."""
    return await conn.run_sync(steps, number, limit, before)


def steps(
    connection: SyncConnection, number: str, limit: int, before: int | None = None
) -> list[Step]:
    """The same inside `run_sync`."""
    values = {"number": number, "before": before, "most": limit}
    rows = connection.execute(_history_statement(before is not None), values)
    return [Step(**row._asdict()) for row in rows]
