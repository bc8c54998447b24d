from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from storage import partners, queue
from storage.console_tables import metadata
from storage.engine import Store
from storage.migrations.steps import downgrade, upgrade
from tests.storage import values
from tests.storage.values import rows_of


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/empty.db"
    url: str = request.getfixturevalue("empty_postgres_url")
    return url


def _ours(name: str | None, kind: str, _parents: Any) -> bool:
    return kind != "table" or not str(name).startswith("message_words")


def _differences(connection: sqlalchemy.Connection) -> list[Any]:
    opts = {"compare_type": True, "include_name": _ours}
    context = MigrationContext.configure(connection, opts=opts)
    return list(compare_metadata(context, metadata))


def _checks(connection: sqlalchemy.Connection) -> dict[str, str]:
    inspector = sqlalchemy.inspect(connection)
    return {
        str(check["name"]): check["sqltext"]
        for table in metadata.tables
        for check in inspector.get_check_constraints(table)
    }


def _tables(connection: sqlalchemy.Connection) -> set[str]:
    """The tables of both engines' own; an index of words is made of the engine's parts."""
    found = set(sqlalchemy.inspect(connection).get_table_names()) - {"sqlite_sequence"}
    return {name for name in found if not name.startswith("message_words")}


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
    assert len(migrated) == 12
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


async def test_a_hub_that_has_worked_keeps_everything_and_counts_its_jobs_on(
    empty_url: str,
) -> None:
    """What the first version left behind stands after the step, with all that refers to it."""
    store = await Store.open(empty_url)
    async with store.write() as tx:
        await tx.run_sync(upgrade, "0001_hub")
        await tx.run_sync(_worked)
    await store.migrate()
    async with store.write() as tx:
        assert await rows_of(tx, "dossiers") == await rows_of(tx, "history") == 1
        await queue.enqueue(tx, [values.work()], values.NOW)
        (job,) = await queue.listing(tx)
        (partner,) = await partners.all(tx)
    assert job.id == 8  # the seven before are done, and their numbers with them
    assert not partner.consults
    await store.close()
    again = await Store.open(empty_url)
    with pytest.raises(Exception, match=r"FOREIGN KEY|foreign key"):
        async with again.write() as tx:
            await tx.run_sync(lambda sync: sync.exec_driver_sql("DELETE FROM dossiers"))
    await again.close()


WORKED = """
INSERT INTO partners (name, role, created_at) VALUES ('mce', 'ministry', '2026-03-02T09:30:00Z');
INSERT INTO dossiers VALUES
  ('LE-1', 'licence', 'a', 'granted', 1, 1, '2026-03-02T09:30:00Z', '2026-03-02T09:30:00Z', '{}');
INSERT INTO history (dossier, at, event, actor, to_state, version, note)
  VALUES ('LE-1', '2026-03-02T09:30:00Z', 'VisaDecision', 'mce', 'granted', 1, '{}');
"""
JOB = """
INSERT INTO jobs (kind, subject, about, state, due, claims, attempts, created_at)
  VALUES ('work', 1, '', 'ready', '2026-03-02T09:30:00Z', 0, 0, '2026-03-02T09:30:00Z');
"""


def _worked(connection: sqlalchemy.Connection) -> None:
    """A partner, a dossier with its history, and jobs that are done."""
    for statement in (WORKED + JOB * 7 + "DELETE FROM jobs").split(";"):
        connection.exec_driver_sql(statement)
