"""How values stand in columns, exact on both engines: instants, decimals, JSON, keys."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, Numeric, Text
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
