"""The inspection: its states, serials without gaps, services and agents, and reports' tallies."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.columns import Exact, Instant

revision = "0003_inspection"
down_revision = "0002_whole_life"
branch_labels = None
depends_on = None

LICENCE = (
    "(procedure = 'licence' AND state IN ('saved', 'submitted', 'granted', 'rejected',"
    " 'cancelling', 'cancelled', 'partly_imputed', 'imputed', 'suspended', 'revoked', 'expired',"
    " 'closed_unused', 'cleared'))"
)
INSPECTION = (
    "(procedure = 'inspection' AND state IN ('new', 'submitted', 'awaiting_processing',"
    " 'in_progress', 'awaiting_complement', 'awaiting_inspection', 'closed', 'archived'))"
)


def upgrade() -> None:
    """Let dossiers be inspections, and make the new tables."""
    _allow(f"{LICENCE} OR {INSPECTION}")
    _serials()
    _services()
    _agents()
    _tallies()


def downgrade() -> None:
    """Back to what 0002 made; fails where a dossier is an inspection."""
    for table in ("tallies", "agents", "service_places", "services", "serials"):
        op.drop_table(table)
    _allow(LICENCE)


def _allow(states: str) -> None:
    """Put other states in the CHECK on dossiers; SQLite copies the table for it."""
    with op.batch_alter_table("dossiers") as dossiers:
        dossiers.drop_constraint(op.f("ck_dossiers_state"), type_="check")
        dossiers.create_check_constraint(op.f("ck_dossiers_state"), sa.text(states))


def _serials() -> None:
    op.create_table(
        "serials",
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("series", "year", name=op.f("pk_serials")),
    )


def _services() -> None:
    op.create_table(
        "services",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_services")),
    )
    op.create_table(
        "service_places",
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["service"], ["services.code"], name=op.f("fk_service_places_service_services")
        ),
        sa.PrimaryKeyConstraint("place", name=op.f("pk_service_places")),
    )
    op.create_index("ix_service_places_service", "service_places", ["service"])


def _agents() -> None:
    op.create_table(
        "agents",
        sa.Column("identifier", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("supervisor", sa.Boolean(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("disabled_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["service"], ["services.code"], name=op.f("fk_agents_service_services")
        ),
        sa.PrimaryKeyConstraint("identifier", name=op.f("pk_agents")),
    )
    op.create_index("ix_agents_service_identifier", "agents", ["service", "identifier"])


def _tallies() -> None:
    key = ("report", "service", "procedure", "period", "agent", "category", "state")
    op.create_table(
        "tallies",
        *(sa.Column(name, sa.Text(), nullable=False) for name in key),
        sa.Column("dossiers", sa.BigInteger(), nullable=False),
        sa.Column("lines", sa.BigInteger(), nullable=False),
        sa.Column("value", Exact(), nullable=False),
        sa.Column("finished", sa.BigInteger(), nullable=False),
        sa.Column("seconds", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(*key, name=op.f("pk_tallies")),
    )
