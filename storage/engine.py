"""The door to the database: one write transaction or one consistent reading at a time.

Every query of this package is a plain function over a SQLAlchemy connection, run whole by
`Connection.run_sync`: on SQLite in one hop to the connection's own thread (a hop costs more than
the statement it carries), on PostgreSQL over asyncpg.
"""

from __future__ import annotations

import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from typing import Concatenate, Literal, ParamSpec, Protocol, TypeVar

import sqlalchemy
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as NoFreeConnection

from storage import StoreUnavailable
from storage.wakeups import Wakeup, Wakeups

P = ParamSpec("P")
T = TypeVar("T")

#: What a function given to `Connection.run_sync` receives, e.g. to call `dossiers.find_entry`.
SyncConnection = sqlalchemy.Connection


class Connection(Protocol):
    """An open transaction, opaque outside storage."""

    async def run_sync(
        self, fn: Callable[Concatenate[SyncConnection, P], T], /, *arg: P.args, **kw: P.kwargs
    ) -> T:
        """Run a plain function inside the transaction; on SQLite it runs on another thread."""


#: SQLite's primary result codes that say "not now" or "not on this disk", never "wrong query".
_SQLITE_FAILURES = frozenset(
    (
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_NOTADB,
    )
)

#: SQLSTATE classes of PostgreSQL (Appendix A) that a later try may survive: connection, rollback
#: by conflict, resources, lock not available, operator intervention, system error; 25006 is a
#: server that became a standby.
_POSTGRES_FAILURES = ("08", "40", "53", "55P03", "57", "58", "25006")


def is_unavailable(error: BaseException) -> bool:
    """Whether an error says that the database is failing, rather than that a query is wrong."""
    if isinstance(error, NoFreeConnection | OSError):
        return True
    if isinstance(error, DBAPIError):
        if error.connection_invalidated:
            return True
        return error.orig is not None and is_unavailable(error.orig)
    if isinstance(error, sqlite3.Error):
        return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF in _SQLITE_FAILURES
    return (getattr(error, "sqlstate", None) or "").startswith(_POSTGRES_FAILURES)


@contextmanager
def failures_named() -> Iterator[None]:
    """Turn the drivers' words for a failing database into `StoreUnavailable`."""
    try:
        yield
    except (DBAPIError, NoFreeConnection, sqlite3.Error) as error:
        if is_unavailable(error):
            raise StoreUnavailable(str(error.__cause__ or error)) from error
        raise


def takes_a_key(error: Exception) -> bool:
    """Whether a unique key was taken already, rather than a CHECK or a reference broken."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, sqlite3.IntegrityError):
        return cause.sqlite_errorcode in (
            sqlite3.SQLITE_CONSTRAINT_UNIQUE,
            sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY,
        )
    return getattr(cause, "sqlstate", None) == "23505"


#: What breaking a key, a CHECK or a reference raises, through Core or from SQLite's driver.
BROKEN_RULE = (IntegrityError, sqlite3.IntegrityError)


class Store(ABC):
    """A database of the hub, open; made by `Store.open`, closed by `close`."""

    dialect: Literal["sqlite", "postgresql"]

    def __init__(self) -> None:
        self._wakeups = Wakeups()

    @staticmethod
    async def open(url: str, *, checkpoint: bool = True) -> Store:
        """Open `sqlite:///path/file.db` or `postgresql://…`; makes the file, not its tables.

        A short-lived process beside the serving one passes `checkpoint=False`: SQLite before
        3.51.3 may corrupt a database whose write-ahead log two connections check-point at once.
        Raises `StoreUnavailable`, and ValueError for another kind of URL.
        """
        found = sqlalchemy.make_url(url)
        match found.get_backend_name():
            case "sqlite":
                from storage.sqlite import SqliteStore

                return await SqliteStore.connect(found, checkpoint=checkpoint)
            case "postgresql":
                from storage.postgresql import PostgresStore

                return await PostgresStore.connect(found)
            case other:
                raise ValueError(f"no store for {other}: use sqlite:///… or postgresql://…")

    @abstractmethod
    def read(self) -> AbstractAsyncContextManager[Connection]:
        """A reading transaction: everything read in it is of one moment."""

    @abstractmethod
    def write(self) -> AbstractAsyncContextManager[Connection]:
        """Exactly one transaction: committed on leaving, rolled back on any exception.

        Raises `StoreUnavailable`; after it nothing is assumed committed.
        """

    @abstractmethod
    async def close(self) -> None:
        """Give every connection back; the store cannot be used again."""

    def wakeup(self, kind: str) -> Wakeup:
        """A waiter for hints of one kind: a job's, or `seal` for the journal."""
        return self._wakeups.of(kind)

    def hint(self, *kinds: str) -> None:
        """Say, after a commit, that there may be work of these kinds (of any, when none is named).

        Returns at once and promises nothing.
        """
        self._wakeups.hint(kinds)

    async def migrate(self) -> None:
        """Bring the tables to this version; does nothing on tables that are already there."""
        from storage.migrations.steps import upgrade  # Alembic takes a second to import

        async with self.write() as tx:
            await tx.run_sync(upgrade)
