"""Statements of SQLAlchemy Core, compiled once for SQLite and handed to its driver as they are.

On the way through Core a statement costs a tenth of a millisecond and each of its rows a tenth of
that: on SQLite, where the work itself takes less, most of what a message would cost. PostgreSQL's
statements wait for a server in any case; they go through Core, which knows lost connections.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Dialect, LargeBinary
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine

from storage.columns import Facts, Instant, facts_text, instant_text
from storage.engine import SyncConnection

Values = Mapping[str, Any]
ManyValues = Sequence[Values]
Tuples = Sequence[tuple[Any, ...]]
Process = Callable[[Any], Any] | None


class among(FunctionElement[Any]):
    """`among(column, bindparam(…))`: in a list on PostgreSQL; SQLite is asked value by value.

    Run with `Statement.of`. SQLite takes longer over a list of eight than over eight questions.
    """

    inherit_cache = True  # and no type: SQLite has no booleans, Core would compare one with 1


@compiles(among, "sqlite")
def _among_sqlite(element: among, compiler: SQLCompiler, **kw: Any) -> str:
    column, value = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"{column} = {value}"


@compiles(among, "postgresql")
def _among_postgresql(element: among, compiler: SQLCompiler, **kw: Any) -> str:
    column, values = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"{column} = ANY ({values})"


class unindexed(FunctionElement[Any]):
    """`unindexed(column)`: a column that SQLite chooses no index for.

    SQLite has no figures about its tables and may prefer the wrong one; PostgreSQL has them.
    """

    inherit_cache = True


@compiles(unindexed, "sqlite")
def _unindexed_sqlite(element: unindexed, compiler: SQLCompiler, **kw: Any) -> str:
    return f"+{compiler.process(element.clauses, **kw)}"


@compiles(unindexed, "postgresql")
def _unindexed_postgresql(element: unindexed, compiler: SQLCompiler, **kw: Any) -> str:
    return compiler.process(element.clauses, **kw)


class _Compiled:
    """A statement in SQLite's words, with how its values go in and come out."""

    __slots__ = ("_into", "_names", "_presets", "_results", "sql")

    def __init__(self, core: Any, keys: Sequence[str] | None, dialect: Dialect) -> None:
        compiled = core.compile(dialect=dialect, column_keys=keys)
        self.sql = str(compiled)
        self._names: tuple[str, ...] = tuple(compiled.positiontup or ())
        self._presets = {
            name: compiled.params[name] for name in self._names if not compiled.binds[name].required
        }
        into = [_into(compiled.binds[name].type, dialect) for name in self._names]
        self._into = [(place, process) for place, process in enumerate(into) if process]
        returned = getattr(core, "exported_columns", ())
        results = [_out_of(column.type, dialect) for column in returned]
        self._results: list[Process] = results if any(results) else []

    def bound(self, values: Values) -> list[Any]:
        """The values in the order of the statement's places."""
        given = {**self._presets, **values} if self._presets else values
        row = [*map(given.__getitem__, self._names)]
        for place, process in self._into:
            value = row[place]
            if value is not None:
                row[place] = process(value)
        return row

    def decoded(self, rows: list[Any]) -> list[tuple[Any, ...]]:
        """Rows as the hub's values."""
        if not self._results:
            return rows
        return [
            tuple(
                [
                    process(value) if process and value is not None else value
                    for process, value in zip(self._results, row, strict=True)
                ]
            )
            for row in rows
        ]


def _into(kind: TypeEngine[Any], dialect: Dialect) -> Process:
    if isinstance(kind, LargeBinary):
        return None  # the driver takes bytes
    if isinstance(kind, Instant):
        return instant_text  # what the type does, by the short way
    if isinstance(kind, Facts):
        return facts_text
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _out_of(kind: TypeEngine[Any], dialect: Dialect) -> Process:
    if isinstance(kind, LargeBinary):
        return None  # and gives bytes
    if isinstance(kind, Instant):
        return datetime.fromisoformat
    return kind.dialect_impl(dialect).result_processor(dialect, None)


class Statement:
    """One statement for both engines; `keys` are the columns of an INSERT that is given rows."""

    __slots__ = ("_compiled", "_core", "_keys")

    def __init__(self, core: Any, *keys: str) -> None:
        self._core = core
        self._keys = keys or None
        self._compiled: _Compiled | None = None

    def _sqlite(self, connection: SyncConnection) -> tuple[_Compiled, sqlite3.Connection]:
        if self._compiled is None:
            self._compiled = _Compiled(self._core, self._keys, connection.dialect)
        driver: sqlite3.Connection = connection.info["driver"]
        return self._compiled, driver

    def rows(self, connection: SyncConnection, values: Values) -> Tuples:
        """Run once; the rows it answers."""
        if connection.dialect.name != "sqlite":
            return connection.execute(self._core, values).all()
        compiled, driver = self._sqlite(connection)
        found = driver.execute(compiled.sql, compiled.bound(values)).fetchall()
        return compiled.decoded(found)

    def of(self, connection: SyncConnection, name: str, wanted: Sequence[Any]) -> Tuples:
        """Run for the values of the one parameter that an `among` compares; all their rows."""
        if connection.dialect.name != "sqlite":
            return connection.execute(self._core, {name: list(wanted)}).all()
        compiled, driver = self._sqlite(connection)
        found: list[Any] = []
        for value in wanted:
            found += driver.execute(compiled.sql, (value,)).fetchall()
        return compiled.decoded(found)

    def first(self, connection: SyncConnection, values: Values) -> tuple[Any, ...] | None:
        """Run once; the first row it answers, if there is one."""
        rows = self.rows(connection, values)
        return rows[0] if rows else None

    def count(self, connection: SyncConnection, values: Values) -> int:
        """Run once; how many rows it touched."""
        if connection.dialect.name != "sqlite":
            return connection.execute(self._core, values).rowcount
        compiled, driver = self._sqlite(connection)
        return driver.execute(compiled.sql, compiled.bound(values)).rowcount

    def each(self, connection: SyncConnection, many: ManyValues) -> Tuples:
        """Run an INSERT … RETURNING for many rows; what they answer, in no order."""
        if connection.dialect.name != "sqlite":
            return connection.execute(self._core, many).all()
        compiled, driver = self._sqlite(connection)
        found: list[Any] = []
        for values in many:
            found += driver.execute(compiled.sql, compiled.bound(values)).fetchall()
        return compiled.decoded(found)

    def many(self, connection: SyncConnection, many: ManyValues) -> int:
        """Run for many rows; how many were touched, where the driver counts (not on PostgreSQL)."""
        if connection.dialect.name != "sqlite":
            return connection.execute(self._core, many).rowcount
        compiled, driver = self._sqlite(connection)
        bound = [compiled.bound(values) for values in many]
        return driver.executemany(compiled.sql, bound).rowcount
