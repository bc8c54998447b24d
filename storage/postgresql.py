"""The engine for many processes: PostgreSQL over asyncpg, with a wake-up channel of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

import asyncpg
import sqlalchemy
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from typing_extensions import override

from storage import StoreUnavailable
from storage.engine import Connection, Store, SyncConnection, failures_named
from storage.wakeups import Wakeups

P = ParamSpec("P")
T = TypeVar("T")

CHANNEL = "passavant"
POOL = 10
CONNECT_SECONDS = 5
STATEMENT_SECONDS = 30
RECONNECT_SECONDS = 1.0

#: What asyncpg and the sockets below it say of a connection that is gone; the internal error is
#: what it says when the connection ends just while it hands a statement over.
LOST = (
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
)


@contextmanager
def lost_named() -> Iterator[None]:
    """Turn what the driver says of a lost connection into `StoreUnavailable`."""
    try:
        yield
    except LOST as error:
        raise StoreUnavailable(str(error) or type(error).__name__) from error


class Session:
    """An open transaction on PostgreSQL."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def run_sync(
        self, fn: Callable[Concatenate[SyncConnection, P], T], /, *arg: P.args, **kw: P.kwargs
    ) -> T:
        """Run a function whose statements are awaited under it."""
        with lost_named():
            return await self._connection.run_sync(fn, *arg, **kw)


class Bell:
    """LISTEN and NOTIFY on a connection outside the pool, made again whenever it is lost.

    NOTIFY takes a lock that every commit of the server waits for: hints are empty, and those that
    come while one is being sent are sent as one.
    """

    def __init__(self, arguments: dict[str, Any], wakeups: Wakeups) -> None:
        self._arguments = arguments
        self._wakeups = wakeups
        self._wanted = asyncio.Event()
        self._task = asyncio.create_task(self._keep(), name="passavant bell")

    def ring(self) -> None:
        """Ask for a NOTIFY soon."""
        self._wanted.set()

    async def close(self) -> None:
        """Stop listening."""
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task

    async def _keep(self) -> None:
        while True:
            with suppress(*LOST, asyncpg.PostgresError):
                await self._listen()
            await asyncio.sleep(RECONNECT_SECONDS)

    async def _listen(self) -> None:
        connection = await asyncpg.connect(**self._arguments)
        try:
            connection.add_termination_listener(lambda _: self._wanted.set())
            await connection.add_listener(CHANNEL, self._heard)
            self._wakeups.hint()  # whatever was said while nobody listened
            while not connection.is_closed():
                await self._wanted.wait()
                self._wanted.clear()
                await connection.execute(f"NOTIFY {CHANNEL}")
        finally:
            connection.terminate()

    def _heard(self, connection: Any, sender: int, *_: object) -> None:
        """Another process may have made work; what this one makes, it has said already."""
        if sender != connection.get_server_pid():
            self._wakeups.hint()


class PostgresStore(Store):
    """A store that any number of processes share."""

    dialect = "postgresql"

    def __init__(self, url: sqlalchemy.URL) -> None:
        super().__init__()
        self._engine: AsyncEngine = create_async_engine(
            url,
            hide_parameters=True,  # they would be quoted in the words of every failure
            pool_size=POOL,
            max_overflow=POOL,
            pool_timeout=CONNECT_SECONDS,
            connect_args={
                "timeout": CONNECT_SECONDS,
                "command_timeout": STATEMENT_SECONDS,
                "prepared_statement_cache_size": 500,
                "server_settings": {"application_name": "passavant", "jit": "off"},
            },
        )
        self._snapshots = self._engine.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )
        self._bell: Bell | None = None

    @classmethod
    async def connect(cls, url: sqlalchemy.URL) -> Self:
        """Reach the server once; raises `StoreUnavailable`."""
        store = cls(url.set(drivername="postgresql+asyncpg"))
        try:
            async with store.read() as connection:
                await connection.run_sync(lambda sync: sync.exec_driver_sql("SELECT 1").scalar())
        except BaseException:
            await store.close()
            raise
        _, arguments = store._engine.dialect.create_connect_args(store._engine.url)
        store._bell = Bell({**arguments, "timeout": CONNECT_SECONDS}, store._wakeups)
        return store

    @asynccontextmanager
    async def _session(self, engine: AsyncEngine) -> AsyncIterator[Connection]:
        with failures_named():
            async with AsyncExitStack() as leaving:
                with lost_named():
                    connection = await leaving.enter_async_context(engine.connect())
                yield Session(connection)
                with lost_named():
                    await connection.commit()

    @override
    def read(self) -> Any:
        return self._session(self._snapshots)

    @override
    def write(self) -> Any:
        return self._session(self._engine)

    @override
    async def close(self) -> None:
        if self._bell is not None:
            await self._bell.close()
        await self._engine.dispose()

    @override
    def hint(self, *kinds: str) -> None:
        super().hint(*kinds)
        if self._bell is not None:
            self._bell.ring()
