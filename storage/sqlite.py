"""The embedded engine: one SQLite file, one connection that writes, a few that read."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from functools import partial
from typing import Concatenate, ParamSpec, Self, TypeVar

import aiosqlite
import sqlalchemy
from sqlalchemy import Engine, FromClause
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler
from sqlalchemy.pool import NullPool
from typing_extensions import override

from storage import StoreUnavailable
from storage.columns import teach_sums
from storage.engine import Connection, Store, SyncConnection, failures_named

P = ParamSpec("P")
T = TypeVar("T")

#: How many readings may run at once; the file is one disk, and each reader is a thread.
READERS = 3
BUSY_SECONDS = 5.0
#: Pages in the write-ahead log before the writing connection folds them back (16 MB).
CHECKPOINT_PAGES = 4000


class Thread(aiosqlite.Connection):
    """One SQLite connection and its thread, where whole functions run, in the order they came.

    A transaction begins with its first function and is SQLite's own affair: `statement.Statement`
    speaks to the driver, everything else to a SQLAlchemy connection over the same driver.
    """

    sync: SyncConnection
    driver: sqlite3.Connection

    def __init__(self, engine: Engine, begin: str) -> None:
        super().__init__(partial(self._connected, engine), iter_chunk_size=64)
        self._begin = begin
        self._thread.daemon = True  # a forgotten connection never keeps the process alive

    @classmethod
    async def opened(cls, engine: Engine, begin: str) -> Self:
        """Start the thread and open the connection on it."""
        thread = cls(engine, begin)
        try:
            await thread
        except BaseException:
            await asyncio.to_thread(thread._thread.join)  # told to stop already
            raise
        return thread

    def _connected(self, engine: Engine) -> sqlite3.Connection:
        self.sync = engine.connect()
        driver = self.sync.connection.driver_connection
        if not isinstance(driver, sqlite3.Connection):
            raise TypeError(f"{driver!r} is no SQLite connection")
        self.driver = self.sync.info["driver"] = driver
        return driver

    async def run_sync(
        self, fn: Callable[Concatenate[SyncConnection, P], T], /, *arg: P.args, **kw: P.kwargs
    ) -> T:
        """Run a function in the transaction, which the first one begins."""
        return await self._hop(self._in_transaction, fn, *arg, **kw)

    def _in_transaction(
        self, fn: Callable[Concatenate[SyncConnection, P], T], /, *arg: P.args, **kw: P.kwargs
    ) -> T:
        if not self.driver.in_transaction:
            self.driver.execute(self._begin)
        return fn(self.sync, *arg, **kw)

    async def _hop(self, fn: Callable[P, T], *arg: P.args, **kw: P.kwargs) -> T:
        result: T = await self._execute(fn, *arg, **kw)  # type: ignore[no-untyped-call] # aiosqlite's
        return result

    async def commit_work(self) -> None:
        """Commit; SQLite has either written and synchronised everything, or this raises."""
        await self._hop(self._committed)

    def _committed(self) -> None:
        self.sync.commit()  # a no-op where Core saw no statement
        self.driver.commit()

    async def drop_work(self) -> None:
        """Roll back whatever is open."""
        await self._hop(self._dropped)

    def drop_work_soon(self) -> None:
        """Roll back before the next function runs; nobody waits for it."""
        self._tx.put_nowait((None, self._dropped))

    def _dropped(self) -> None:
        self.sync.rollback()
        self.driver.rollback()

    async def discard(self) -> None:
        """Close for good, whatever state the connection is in."""
        with suppress(Exception):
            await self._hop(self.sync.close)
        with suppress(Exception):
            await self.close()


class _Words(SQLiteCompiler):
    """Core's words for SQLite, with the hint `INDEXED BY …` that it leaves out."""

    @override
    def get_from_hint_text(self, table: FromClause, text: str | None) -> str | None:
        return text


def _engine(path: str, pragmas: tuple[str, ...]) -> Engine:
    """A SQLAlchemy engine whose connections are opened on the thread that asks for them."""

    def opened() -> sqlite3.Connection:
        # isolation_level=None: the driver never begins or commits by itself.
        connection = sqlite3.connect(
            path, timeout=BUSY_SECONDS, isolation_level=None, cached_statements=256
        )
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}").fetchall()
        teach_sums(connection)
        return connection

    engine = sqlalchemy.create_engine(
        "sqlite://", creator=opened, poolclass=NullPool, hide_parameters=True
    )
    engine.dialect.statement_compiler = _Words
    return engine


class SqliteStore(Store):
    """A store in one file: writers queue in the process, and at the file among processes."""

    dialect = "sqlite"

    def __init__(self, path: str, *, checkpoint: bool) -> None:
        super().__init__()
        busy = f"busy_timeout={int(BUSY_SECONDS * 1000)}"
        pages = CHECKPOINT_PAGES if checkpoint else 0
        self._writing = _engine(
            path,
            (
                busy,
                "journal_mode=WAL",
                "synchronous=FULL",
                "foreign_keys=ON",
                f"wal_autocheckpoint={pages}",
            ),
        )
        # A table that is copied is dropped for a moment; what refers to it must stay.
        self._altering = _engine(path, (busy, "synchronous=FULL", "wal_autocheckpoint=0"))
        self._reading = _engine(path, (busy, "wal_autocheckpoint=0", "query_only=ON"))
        self._writer: Thread | None = None
        self._turn = asyncio.Lock()
        self._idle: list[Thread] = []
        self._seats = asyncio.Semaphore(READERS)
        self._closed = False

    @classmethod
    async def connect(cls, url: sqlalchemy.URL, *, checkpoint: bool) -> Self:
        """Open the file, or make it; raises `StoreUnavailable`."""
        if not url.database:
            raise ValueError("an SQLite URL names its file: sqlite:///path/file.db")
        store = cls(url.database, checkpoint=checkpoint)
        async with store.write():
            pass
        return store

    @override
    def write(self) -> AbstractAsyncContextManager[Connection]:
        return self._write()

    @asynccontextmanager
    async def _write(self) -> AsyncIterator[Connection]:
        async with self._turn:
            with failures_named():
                writer = await self._open_writer()
                try:
                    yield writer
                except BaseException:
                    await self._rolled_back(writer)
                    raise
                try:
                    await writer.commit_work()
                except BaseException:
                    # What a failed commit left behind is unknown: the next writer starts afresh.
                    self._writer = None
                    await writer.discard()
                    raise

    async def _open_writer(self) -> Thread:
        if self._closed:
            raise StoreUnavailable("the store is closed")
        if self._writer is None:
            self._writer = await Thread.opened(self._writing, "BEGIN IMMEDIATE")
        return self._writer

    async def _rolled_back(self, writer: Thread) -> None:
        """Roll back; the thread works in order, so that nothing overtakes it when cancelled."""
        try:
            await writer.drop_work()
        except (sqlite3.Error, sqlalchemy.exc.SQLAlchemyError):
            self._writer = None
            await writer.discard()

    @override
    def read(self) -> AbstractAsyncContextManager[Connection]:
        return self._read()

    @asynccontextmanager
    async def _read(self) -> AsyncIterator[Connection]:
        async with self._seats:
            with failures_named():
                if self._closed:
                    raise StoreUnavailable("the store is closed")
                if self._idle:
                    reader = self._idle.pop()
                else:
                    reader = await Thread.opened(self._reading, "BEGIN")
                try:
                    yield reader
                finally:
                    reader.drop_work_soon()
                    self._idle.append(reader)

    @override
    async def migrate(self) -> None:
        from storage.migrations.steps import upgrade  # Alembic takes a second to import

        async with self._turn:
            with failures_named():
                thread = await Thread.opened(self._altering, "BEGIN IMMEDIATE")
                try:
                    await thread.run_sync(upgrade)
                    await thread.run_sync(_nothing_dangles)
                    await thread.commit_work()
                finally:
                    await thread.drop_work()
                    await thread.discard()

    @override
    async def close(self) -> None:
        async with self._turn:
            self._closed = True
            for _ in range(READERS):
                await self._seats.acquire()
            for thread in (*self._idle, self._writer):  # the writer last: it folds the log back
                if thread is not None:
                    await thread.discard()
            self._idle.clear()
            self._writer = None
            for _ in range(READERS):
                self._seats.release()


def _nothing_dangles(connection: SyncConnection) -> None:
    """Raise if a row refers to another that is not there."""
    if broken := connection.exec_driver_sql("PRAGMA foreign_key_check").first():
        raise LookupError(f"the migration left a row that refers to nothing: {tuple(broken)}")
