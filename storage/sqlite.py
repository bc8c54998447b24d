"""The embedded engine: one SQLite file, one connection that writes, a few that read."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

import aiosqlite
import sqlalchemy
from sqlalchemy import Engine, event
from sqlalchemy.pool import NullPool
from typing_extensions import override

from storage import StoreUnavailable
from storage.engine import Connection, Store, SyncConnection, failures_named

P = ParamSpec("P")
T = TypeVar("T")

#: How many readings may run at once; the file is one disk, and each reader is a thread.
READERS = 3
BUSY_SECONDS = 5.0
#: Pages in the write-ahead log before the writing connection folds them back (16 MB).
CHECKPOINT_PAGES = 4000


class Thread(aiosqlite.Connection):
    """One SQLite connection and its thread, where whole functions run over SQLAlchemy."""

    sync: SyncConnection

    def __init__(self, engine: Engine) -> None:
        super().__init__(lambda: self._connected(engine), iter_chunk_size=64)
        self._thread.daemon = True  # a forgotten connection never keeps the process alive

    def _connected(self, engine: Engine) -> sqlite3.Connection:
        self.sync = engine.connect()
        driver = self.sync.connection.driver_connection
        if not isinstance(driver, sqlite3.Connection):
            raise TypeError(f"{driver!r} is no SQLite connection")
        return driver

    @classmethod
    async def opened(cls, engine: Engine) -> Self:
        """Start the thread and open the connection on it."""
        thread = cls(engine)
        await thread
        return thread

    async def run_sync(
        self, fn: Callable[Concatenate[SyncConnection, P], T], /, *arg: P.args, **kw: P.kwargs
    ) -> T:
        """Run a function in the open transaction, which its first statement begins."""
        return await self._hop(fn, self.sync, *arg, **kw)

    async def _hop(self, fn: Callable[P, T], *arg: P.args, **kw: P.kwargs) -> T:
        # aiosqlite leaves this one without types
        result: T = await self._execute(fn, *arg, **kw)  # type: ignore[no-untyped-call]
        return result

    async def commit_work(self) -> None:
        """Commit; SQLite has either written and synchronised everything, or this raises."""
        await self._hop(self.sync.commit)

    async def drop_work(self) -> None:
        """Roll back whatever is open."""
        await self._hop(self.sync.rollback)

    async def discard(self) -> None:
        """Close for good, whatever state the connection is in."""
        with suppress(Exception):
            await self._hop(self.sync.close)
        with suppress(Exception):
            await self.close()


def _engine(path: str, begin: str, pragmas: tuple[str, ...]) -> Engine:
    """A SQLAlchemy engine whose connections are opened on the thread that asks for them."""

    def opened() -> sqlite3.Connection:
        # isolation_level=None: the driver never begins or commits by itself.
        connection = sqlite3.connect(
            path, timeout=BUSY_SECONDS, isolation_level=None, cached_statements=256
        )
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}").fetchall()
        return connection

    engine = sqlalchemy.create_engine("sqlite://", creator=opened, poolclass=NullPool)

    @event.listens_for(engine, "begin")
    def _begin(connection: SyncConnection) -> None:
        driver: Any = connection.connection.driver_connection
        driver.execute(begin)

    return engine


class SqliteStore(Store):
    """A store in one file: writers queue in the process, and at the file among processes."""

    dialect = "sqlite"

    def __init__(self, path: str, *, checkpoint: bool) -> None:
        busy = f"busy_timeout={int(BUSY_SECONDS * 1000)}"
        self._writing = _engine(
            path,
            "BEGIN IMMEDIATE",
            (
                busy,
                "journal_mode=WAL",
                "synchronous=FULL",
                "foreign_keys=ON",
                f"wal_autocheckpoint={CHECKPOINT_PAGES if checkpoint else 0}",
            ),
        )
        self._reading = _engine(
            path, "BEGIN", (busy, "wal_autocheckpoint=0", "query_only=ON", "foreign_keys=ON")
        )
        self._writer: Thread | None = None
        self._turn = asyncio.Lock()
        self._idle: list[Thread] = []
        self._seats = asyncio.Semaphore(READERS)
        self._work = asyncio.Event()
        self._closed = False

    @classmethod
    async def connect(cls, url: sqlalchemy.URL, *, checkpoint: bool) -> Self:
        """Open the file, or make it; raises `StoreUnavailable`."""
        if not url.database:
            raise ValueError("an SQLite URL names its file: sqlite:///path/file.db")
        store = cls(url.database, checkpoint=checkpoint)
        with failures_named():
            store._writer = await Thread.opened(store._writing)
        return store

    @asynccontextmanager
    async def _write(self) -> AsyncIterator[Connection]:
        async with self._turn:
            with failures_named():
                writer = await self._open_writer()
                try:
                    yield writer
                except BaseException:
                    await self._dropped(writer)
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
            self._writer = await Thread.opened(self._writing)
        return self._writer

    async def _dropped(self, writer: Thread) -> None:
        """Roll back; the thread works in order, so that nothing overtakes it when cancelled."""
        try:
            await writer.drop_work()
        except (sqlite3.Error, sqlalchemy.exc.SQLAlchemyError):
            self._writer = None
            await writer.discard()

    @override
    def write(self) -> Any:
        return self._write()

    @asynccontextmanager
    async def _read(self) -> AsyncIterator[Connection]:
        async with self._seats:
            with failures_named():
                if self._closed:
                    raise StoreUnavailable("the store is closed")
                reader = self._idle.pop() if self._idle else await Thread.opened(self._reading)
                try:
                    yield reader
                finally:
                    await self._given_back(reader)

    async def _given_back(self, reader: Thread) -> None:
        try:
            await reader.drop_work()
        except BaseException:
            await reader.discard()
            raise
        self._idle.append(reader)

    @override
    def read(self) -> Any:
        return self._read()

    @override
    async def close(self) -> None:
        async with self._turn:
            self._closed = True
            for _ in range(READERS):
                await self._seats.acquire()
            for thread in (*self._idle, self._writer):
                if thread is not None:
                    await thread.discard()
            self._idle.clear()
            self._writer = None
            for _ in range(READERS):
                self._seats.release()

    @override
    def hint(self) -> None:
        self._work.set()

    @override
    async def wait_for_work(self, timeout: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                await self._work.wait()
        self._work.clear()
