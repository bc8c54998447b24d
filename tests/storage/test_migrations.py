from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from storage.engine import Store
from storage.migrations.steps import downgrade
from storage.tables import metadata


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/empty.db"
    url: str = request.getfixturevalue("empty_postgres_url")
    return url


def _differences(connection: sqlalchemy.Connection) -> list[Any]:
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, metadata))


def _checks(connection: sqlalchemy.Connection) -> dict[str, str]:
    inspector = sqlalchemy.inspect(connection)
    return {
        str(check["name"]): check["sqltext"]
        for table in metadata.tables
        for check in inspector.get_check_constraints(table)
    }


def _tables(connection: sqlalchemy.Connection) -> set[str]:
    return set(sqlalchemy.inspect(connection).get_table_names()) - {"sqlite_sequence"}


async def test_the_migrated_tables_are_those_of_the_code(empty_url: str) -> None:
    store = await Store.open(empty_url)
    await store.migrate()
    await store.migrate()  # again changes nothing
    async with store.read() as connection:
        assert await connection.run_sync(_differences) == []
        assert await connection.run_sync(_tables) == {*metadata.tables, "alembic_version"}
    await store.close()


async def test_the_migrated_checks_are_those_of_the_code(empty_url: str) -> None:
    """Alembic does not compare CHECK constraints; the lists of states are worth it."""
    store = await Store.open(empty_url)
    await store.migrate()
    async with store.write() as tx:
        migrated = await tx.run_sync(_checks)
        await tx.run_sync(downgrade, "base")
        await tx.run_sync(metadata.create_all)
        assert await tx.run_sync(_checks) == migrated
    assert len(migrated) == 7
    await store.close()


async def test_a_downgrade_leaves_nothing(empty_url: str) -> None:
    store = await Store.open(empty_url)
    await store.migrate()
    async with store.write() as tx:
        await tx.run_sync(downgrade, "base")
    async with store.read() as connection:
        assert await connection.run_sync(_tables) == {"alembic_version"}
    await store.migrate()
    await store.close()


async def test_jobs_never_get_an_id_twice_on_sqlite(sqlite_url: str) -> None:
    store = await Store.open(sqlite_url)
    async with store.read() as connection:
        made = await connection.run_sync(
            lambda sync: sync.exec_driver_sql(
                "SELECT sql FROM sqlite_master WHERE name = 'jobs'"
            ).scalar_one()
        )
    assert "AUTOINCREMENT" in made
    await store.close()
