"""What Alembic runs: over the connection it is given, or one of its own for a developer.

PASSAVANT_DATABASE=sqlite:///hub.db alembic -c storage/migrations/alembic.ini revision …
"""

from __future__ import annotations

import asyncio
import os

from alembic import context

from storage.console_tables import metadata
from storage.engine import Store, SyncConnection


def run(connection: SyncConnection) -> None:
    """Run the steps inside the transaction that is open on the connection."""
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=True,
        compare_type=True,
        transactional_ddl=True,  # SQLite too: the store begins its transactions itself
    )
    with context.begin_transaction():
        context.run_migrations()


async def run_alone() -> None:
    """Open the database named in the environment, for Alembic's own command line."""
    store = await Store.open(os.environ["PASSAVANT_DATABASE"], checkpoint=False)
    try:
        async with store.write() as tx:
            await tx.run_sync(run)
    finally:
        await store.close()


given = context.config.attributes.get("connection")
if given is None:
    asyncio.run(run_alone())
else:
    run(given)
