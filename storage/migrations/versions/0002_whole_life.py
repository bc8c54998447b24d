"""The licence's whole life: its later states, timers, what serves once, facets, e-mails."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from storage.columns import Instant, Key

revision = "0002_whole_life"
down_revision = "0001_hub"
branch_labels = None
depends_on = None

BEFORE = "'saved', 'submitted', 'granted', 'rejected', 'cancelled', 'partly_imputed', 'imputed'"
SINCE = (
    "'saved', 'submitted', 'granted', 'rejected', 'cancelling', 'cancelled', 'partly_imputed',"
    " 'imputed', 'suspended', 'revoked', 'expired', 'closed_unused', 'cleared'"
)
KINDS = "'work', 'deliver', 'timer', 'render'"

#: SQLite's own table of the last ids given.
SEQUENCE = sa.table("sqlite_sequence", sa.column("name", sa.Text()), sa.column("seq", sa.Integer()))


def upgrade() -> None:
    """Let dossiers and jobs be what they could not be, and make the new tables."""
    _allow_states(SINCE)
    _allow_kinds(f"{KINDS}, 'mail'")
    op.create_index(
        "ix_jobs_timers",
        "jobs",
        ["about"],
        postgresql_ops={"about": "text_pattern_ops"},
        sqlite_where=sa.text("kind = 'timer'"),
        postgresql_where=sa.text("kind = 'timer'"),
    )
    op.add_column(
        "partners", sa.Column("consults", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    _taken()
    _facets()
    _mails()
    _mail_bodies()


def downgrade() -> None:
    """Back to what 0001 made; fails where a dossier or a job is what it did not know."""
    for table in ("mail_bodies", "mails", "facets", "taken"):
        op.drop_table(table)
    with op.batch_alter_table("partners") as partners:
        partners.drop_column("consults")
    op.drop_index("ix_jobs_timers", "jobs")
    _allow_kinds(KINDS)
    _allow_states(BEFORE)


def _allow_states(words: str) -> None:
    allowed = f"(procedure = 'licence' AND state IN ({words}))"
    _check("dossiers", "ck_dossiers_state", allowed)


def _allow_kinds(words: str) -> None:
    kept = _last_job()
    _check("jobs", "ck_jobs_kind", f"kind IN ({words})", sqlite_autoincrement=True)
    if kept is not None:
        # The copy counts from the highest row; an id that was used once is never used again.
        op.execute("DELETE FROM sqlite_sequence WHERE name = 'jobs'")
        op.bulk_insert(SEQUENCE, [{"name": "jobs", "seq": kept}])


def _last_job() -> int | None:
    """The highest id that SQLite ever gave to a job."""
    if op.get_bind().dialect.name != "sqlite":
        return None
    found = op.get_bind().exec_driver_sql("SELECT seq FROM sqlite_sequence WHERE name = 'jobs'")
    return found.scalar_one_or_none()


def _check(table: str, name: str, condition: str, **kw: Any) -> None:
    """Put a CHECK in the place of the one of that name; SQLite copies the table for it."""
    with op.batch_alter_table(table, table_kwargs=kw) as altered:
        altered.drop_constraint(op.f(name), type_="check")
        altered.create_check_constraint(op.f(name), sa.text(condition))


def _taken() -> None:
    op.create_table(
        "taken",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("dossier", sa.Text(), nullable=False),
        sa.Column("message_id", Key, nullable=True),
        sa.ForeignKeyConstraint(
            ["dossier"], ["dossiers.number"], name=op.f("fk_taken_dossier_dossiers")
        ),
        sa.PrimaryKeyConstraint("kind", "value", name=op.f("pk_taken")),
    )


def _facets() -> None:
    op.create_table(
        "facets",
        sa.Column("dossier", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["dossier"], ["dossiers.number"], name=op.f("fk_facets_dossier_dossiers")
        ),
        sa.PrimaryKeyConstraint("dossier", "name", "value", name=op.f("pk_facets")),
    )
    op.create_index("ix_facets_name_value_dossier", "facets", ["name", "value", "dossier"])


def _mails() -> None:
    op.create_table(
        "mails",
        sa.Column("id", Key, nullable=False),
        sa.Column("instance", sa.Text(), nullable=False),
        sa.Column("dossier", sa.Text(), nullable=True),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("sent_at", Instant(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "state IN ('queued', 'sending', 'sent', 'doubtful', 'failed')",
            name=op.f("ck_mails_state"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mails")),
        sa.UniqueConstraint("instance", name=op.f("uq_mails_instance")),
    )
    op.create_index("ix_mails_dossier_id", "mails", ["dossier", "id"])


def _mail_bodies() -> None:
    op.create_table(
        "mail_bodies",
        sa.Column("mail_id", Key, autoincrement=False, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["mail_id"], ["mails.id"], name=op.f("fk_mail_bodies_mail_id_mails")
        ),
        sa.PrimaryKeyConstraint("mail_id", name=op.f("pk_mail_bodies")),
    )
