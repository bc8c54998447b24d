"""Walking the tables' history over a connection that is already open."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import text

from storage.engine import SyncConnection

#: Any number that only this hub's migrations lock: processes that start at once take turns.
_ALONE = text("SELECT pg_advisory_xact_lock(7275, 0)")


def _config(connection: SyncConnection) -> Config:
    if connection.dialect.name == "postgresql":
        connection.execute(_ALONE)
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def upgrade(connection: SyncConnection, revision: str = "head") -> None:
    """Bring the tables up to a revision, inside the connection's transaction."""
    command.upgrade(_config(connection), revision)


def downgrade(connection: SyncConnection, revision: str) -> None:
    """Take the tables back to a revision; `base` leaves nothing."""
    command.downgrade(_config(connection), revision)
