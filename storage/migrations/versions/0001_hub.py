"""Everything the hub keeps, as it first was: a later table or state is a step of its own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.columns import Exact, Instant, Key

revision = "0001_hub"
down_revision = None
branch_labels = None
depends_on = None

TABLES = (
    "partners",
    "certificates",
    "messages",
    "message_bodies",
    "attachments",
    "jobs",
    "dossiers",
    "history",
    "entries",
    "outgoing",
    "outgoing_bodies",
    "papers",
    "journal",
    "seals",
)


def upgrade() -> None:
    """Make every table; those that others refer to come first."""
    _partners()
    _certificates()
    _messages()
    _message_bodies()
    _attachments()
    _jobs()
    _dossiers()
    _history()
    _entries()
    _outgoing()
    _outgoing_bodies()
    _papers()
    _journal()
    _seals()


def downgrade() -> None:
    """Leave nothing."""
    for table in reversed(TABLES):
        op.drop_table(table)


def _partners() -> None:
    op.create_table(
        "partners",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("push_url", sa.Text(), nullable=True),
        sa.Column("token_hash", sa.Text(), nullable=True),
        sa.Column("types", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("suspended_at", Instant(), nullable=True),
        sa.Column("suspension_reason", sa.Text(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "role IN ('declarant', 'ministry', 'customs', 'bank', 'inspection', 'exchange-office')",
            name=op.f("ck_partners_role"),
        ),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_partners")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_partners_token_hash")),
    )
    op.create_index("ix_partners_role_name", "partners", ["role", "name"])


def _certificates() -> None:
    op.create_table(
        "certificates",
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("pem", sa.Text(), nullable=False),
        sa.Column("not_before", Instant(), nullable=False),
        sa.Column("not_after", Instant(), nullable=False),
        sa.Column("added_at", Instant(), nullable=False),
        sa.Column("suspended_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["partner"], ["partners.name"], name=op.f("fk_certificates_partner_partners")
        ),
        sa.PrimaryKeyConstraint("fingerprint", name=op.f("pk_certificates")),
    )
    op.create_index("ix_certificates_partner", "certificates", ["partner"])


def _messages() -> None:
    op.create_table(
        "messages",
        sa.Column("id", Key, nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("instance", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("dossier", sa.Text(), nullable=True),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("received_at", Instant(), nullable=False),
        sa.Column("finished_at", Instant(), nullable=True),
        sa.CheckConstraint(
            "state IN ('received', 'accepted', 'refused', 'parked')", name=op.f("ck_messages_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
        sa.UniqueConstraint("sender", "instance", name=op.f("uq_messages_sender_instance")),
    )
    op.create_index("ix_messages_dossier_id", "messages", ["dossier", "id"])
    op.create_index("ix_messages_sender_id", "messages", ["sender", "id"])


def _message_bodies() -> None:
    op.create_table(
        "message_bodies",
        sa.Column("message_id", Key, autoincrement=False, nullable=False),
        sa.Column("receipt", sa.LargeBinary(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name=op.f("fk_message_bodies_message_id_messages")
        ),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_message_bodies")),
    )


def _attachments() -> None:
    op.create_table(
        "attachments",
        sa.Column("message_id", Key, nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name=op.f("fk_attachments_message_id_messages")
        ),
        sa.PrimaryKeyConstraint("message_id", "digest", name=op.f("pk_attachments")),
    )


def _jobs() -> None:
    op.create_table(
        "jobs",
        sa.Column("id", Key, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("lane", sa.Text(), nullable=True),
        sa.Column("subject", Key, nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("due", Instant(), nullable=False),
        sa.Column("worker", sa.Text(), nullable=True),
        sa.Column("claims", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('work', 'deliver', 'timer', 'render')", name=op.f("ck_jobs_kind")
        ),
        sa.CheckConstraint("state IN ('ready', 'waiting', 'parked')", name=op.f("ck_jobs_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_jobs_claim",
        "jobs",
        ["kind", "due", "id"],
        sqlite_where=sa.text("state = 'ready'"),
        postgresql_where=sa.text("state = 'ready'"),
    )
    op.create_index("ix_jobs_lane_id", "jobs", ["lane", "id"])
    op.create_index("ix_jobs_state_kind_id", "jobs", ["state", "kind", "id"])


def _dossiers() -> None:
    op.create_table(
        "dossiers",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("procedure", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(procedure = 'licence' AND state IN ('saved', 'submitted', 'granted', 'rejected',"
            " 'cancelled', 'partly_imputed', 'imputed'))",
            name=op.f("ck_dossiers_state"),
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_dossiers")),
    )
    op.create_index("ix_dossiers_changed_at_number", "dossiers", ["changed_at", "number"])
    op.create_index(
        "ix_dossiers_owner_changed_at_number", "dossiers", ["owner", "changed_at", "number"]
    )
    op.create_index(
        "ix_dossiers_state_changed_at_number", "dossiers", ["state", "changed_at", "number"]
    )


def _history() -> None:
    op.create_table(
        "history",
        sa.Column("id", Key, nullable=False),
        sa.Column("dossier", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("message_id", Key, nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("from_state", sa.Text(), nullable=True),
        sa.Column("to_state", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["dossier"], ["dossiers.number"], name=op.f("fk_history_dossier_dossiers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_history")),
    )
    op.create_index("ix_history_dossier_id", "history", ["dossier", "id"])


def _entries() -> None:
    op.create_table(
        "entries",
        sa.Column("id", Key, nullable=False),
        sa.Column("dossier", sa.Text(), nullable=False),
        sa.Column("message_id", Key, nullable=True),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("office", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("quantity", Exact(), nullable=False),
        sa.Column("value", Exact(), nullable=False),
        sa.Column("declaration", sa.Text(), nullable=False),
        sa.Column("declared_on", sa.Date(), nullable=False),
        sa.Column("imputed_on", sa.Date(), nullable=False),
        sa.Column("corrects", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["dossier"], ["dossiers.number"], name=op.f("fk_entries_dossier_dossiers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entries")),
        sa.UniqueConstraint("office", "number", name=op.f("uq_entries_office_number")),
    )
    op.create_index("ix_entries_dossier_id", "entries", ["dossier", "id"])


def _outgoing() -> None:
    op.create_table(
        "outgoing",
        sa.Column("id", Key, nullable=False),
        sa.Column("instance", sa.Text(), nullable=False),
        sa.Column("receiver", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("dossier", sa.Text(), nullable=True),
        sa.Column("answers", Key, nullable=True),
        sa.Column("stage", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("delivered_at", Instant(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "state IN ('mailbox', 'pushing', 'delivered', 'parked')", name=op.f("ck_outgoing_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outgoing")),
        sa.UniqueConstraint("instance", name=op.f("uq_outgoing_instance")),
    )
    op.create_index("ix_outgoing_answers", "outgoing", ["answers"])
    op.create_index("ix_outgoing_dossier_id", "outgoing", ["dossier", "id"])
    op.create_index(
        "ix_outgoing_mailbox",
        "outgoing",
        ["receiver", "id"],
        sqlite_where=sa.text("state = 'mailbox'"),
        postgresql_where=sa.text("state = 'mailbox'"),
    )


def _outgoing_bodies() -> None:
    op.create_table(
        "outgoing_bodies",
        sa.Column("outgoing_id", Key, autoincrement=False, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["outgoing_id"], ["outgoing.id"], name=op.f("fk_outgoing_bodies_outgoing_id_outgoing")
        ),
        sa.PrimaryKeyConstraint("outgoing_id", name=op.f("pk_outgoing_bodies")),
    )


def _papers() -> None:
    op.create_table(
        "papers",
        sa.Column("dossier", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(
            "state IN ('current', 'superseded', 'withdrawn')", name=op.f("ck_papers_state")
        ),
        sa.ForeignKeyConstraint(
            ["dossier"], ["dossiers.number"], name=op.f("fk_papers_dossier_dossiers")
        ),
        sa.PrimaryKeyConstraint("dossier", "name", "version", name=op.f("pk_papers")),
    )
    op.create_index("ix_papers_digest", "papers", ["digest"])


def _journal() -> None:
    op.create_table(
        "journal",
        sa.Column("id", Key, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("dossier", sa.Text(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=True),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("seal", Key, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal")),
    )
    op.create_index("ix_journal_dossier_id", "journal", ["dossier", "id"])
    op.create_index("ix_journal_seal_id", "journal", ["seal", "id"])


def _seals() -> None:
    op.create_table(
        "seals",
        sa.Column("number", Key, autoincrement=False, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("first_entry", Key, nullable=False),
        sa.Column("last_entry", Key, nullable=False),
        sa.Column("entries", sa.Text(), nullable=False),
        sa.Column("previous", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_seals")),
    )
