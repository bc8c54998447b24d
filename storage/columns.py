"""How values stand in columns, exact on both engines: instants, decimals, JSON, keys."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Context, Decimal
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, Numeric, Text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine
from typing_extensions import override

from storage.chain import canonical

#: Row keys: 64 bits; SQLite gives its rowid only to a column declared INTEGER.
Key = BigInteger().with_variant(Integer(), "sqlite")


@lru_cache(maxsize=512)  # the same few instants stand in every row of a transaction
def instant_text(value: datetime) -> str:
    """An aware instant as fixed-width text in UTC, so that text order is time order.

    Raises ValueError for a naive datetime.
    """
    if value.tzinfo is None:
        raise ValueError(f"{value!r} has no time zone")
    if value.tzinfo is not UTC:
        value = value.astimezone(UTC)
    return value.isoformat(timespec="microseconds")[:26] + "Z"


class Instant(TypeDecorator[datetime]):
    """An aware UTC datetime with microseconds; text on SQLite, timestamptz on PostgreSQL."""

    impl = Text
    cache_ok = True

    @override
    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(Text())
        return dialect.type_descriptor(DateTime(timezone=True))

    @override
    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if dialect.name == "sqlite":
            return instant_text(value)
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone")
        return value

    @override
    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return datetime.fromisoformat(value) if isinstance(value, str) else value.astimezone(UTC)


class Exact(TypeDecorator[Decimal]):
    """A decimal that comes back digit for digit; text on SQLite, NUMERIC on PostgreSQL."""

    impl = Text
    cache_ok = True

    @override
    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(Text())
        return dialect.type_descriptor(Numeric())

    @override
    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Any:
        if value is None or dialect.name != "sqlite":
            return value
        return format(value, "f")

    @override
    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value)


#: More digits than any sum of the hub's amounts has, so that none is rounded.
_SUMS = Context(prec=100)


class plus(FunctionElement[Decimal]):
    """`plus(a, b)`: the sum of two `Exact`, digit for digit on both engines.

    SQLite has binary fractions and 64 bits only, and leaves the one for the other without a word.
    """

    inherit_cache = True
    type = Exact()


class total(FunctionElement[Decimal]):
    """`total(column)`: the sum of an `Exact` column over a group that is not empty."""

    inherit_cache = True
    type = Exact()


@compiles(plus, "sqlite")
def _plus_sqlite(element: plus, compiler: SQLCompiler, **kw: Any) -> str:
    return f"exact_plus({compiler.process(element.clauses, **kw)})"


@compiles(plus, "postgresql")
def _plus_postgresql(element: plus, compiler: SQLCompiler, **kw: Any) -> str:
    return " + ".join(compiler.process(clause, **kw) for clause in element.clauses)


@compiles(total, "sqlite")
def _total_sqlite(element: total, compiler: SQLCompiler, **kw: Any) -> str:
    return f"exact_total({compiler.process(element.clauses, **kw)})"


@compiles(total, "postgresql")
def _total_postgresql(element: total, compiler: SQLCompiler, **kw: Any) -> str:
    return f"sum({compiler.process(element.clauses, **kw)})"


def _plus(one: str, other: str) -> str:
    return format(_SUMS.add(Decimal(one), Decimal(other)), "f")


class _Total:
    """SQLite's aggregate for `total`."""

    def __init__(self) -> None:
        self._sum = Decimal(0)

    def step(self, value: str) -> None:
        """One more row."""
        self._sum = _SUMS.add(self._sum, Decimal(value))

    def finalize(self) -> str:
        """The sum of the group."""
        return format(self._sum, "f")


def teach_sums(connection: sqlite3.Connection) -> None:
    """Give a connection of SQLite the functions behind `plus` and `total`."""
    connection.create_function("exact_plus", 2, _plus, deterministic=True)
    connection.create_aggregate("exact_total", 1, _Total)  # type: ignore[arg-type] # its own stub


def facts_text(value: Mapping[str, str]) -> str:
    """Short texts by name as canonical JSON."""
    return canonical(value if type(value) is dict else dict(value))


class Facts(TypeDecorator[Any]):
    """Short texts by name, as canonical JSON in a text column, so that they can be hashed."""

    impl = Text
    cache_ok = True

    @override
    def process_bind_param(self, value: Any, dialect: Dialect) -> str:
        return facts_text(value)

    @override
    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        return json.loads(value)
