"""Watching over the hub: operators, proposals, alerts, counts, and what finds messages."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from storage.columns import Facts, Instant, Key

revision = "0004_console"
down_revision = "0003_inspection"
branch_labels = None
depends_on = None

KINDS = "'work', 'deliver', 'timer', 'render', 'mail'"

#: SQLite's own table of the last ids given.
SEQUENCE = sa.table("sqlite_sequence", sa.column("name", sa.Text()), sa.column("seq", sa.Integer()))

OPERATORS = "substr(actor, 1, 9) = 'operator '"

INDEXES: tuple[tuple[str, str, tuple[str, ...], str | None], ...] = (
    ("ix_messages_instance", "messages", ("instance",), None),
    ("ix_messages_type_id", "messages", ("type", "id"), None),
    ("ix_messages_received_at_id", "messages", ("received_at", "id"), None),
    ("ix_messages_state_id", "messages", ("state", "id"), "state <> 'accepted'"),
    ("ix_messages_open", "messages", ("sender", "id"), "state IN ('received', 'parked')"),
    ("ix_outgoing_receiver_id", "outgoing", ("receiver", "id"), None),
    ("ix_outgoing_type_id", "outgoing", ("type", "id"), None),
    ("ix_outgoing_created_at_id", "outgoing", ("created_at", "id"), None),
    ("ix_outgoing_state_id", "outgoing", ("state", "id"), "state <> 'delivered'"),
    ("ix_outgoing_open", "outgoing", ("receiver", "id"), "state IN ('pushing', 'parked')"),
    ("ix_mails_state_id", "mails", ("state", "id"), "state IN ('doubtful', 'failed')"),
    ("ix_journal_operators", "journal", ("actor", "id"), OPERATORS),
    ("ix_journal_operators_id", "journal", ("id",), OPERATORS),
    ("ix_journal_operators_subject", "journal", ("subject", "id"), OPERATORS),
    ("ix_journal_refused", "journal", ("actor", "id"), "kind = 'message refused'"),
    ("ix_journal_refused_subject", "journal", ("subject",), "kind = 'message refused'"),
)

#: The words of each message: SQLite's index keeps no copy of the text, PostgreSQL's no positions.
WORDS = {
    "sqlite": (
        "CREATE VIRTUAL TABLE message_words USING fts5(words, content='',"
        " detail=none, columnsize=0, tokenize='unicode61 remove_diacritics 2')",
        "CREATE VIRTUAL TABLE message_words_terms USING fts5vocab(message_words, instance)",
    ),
    "postgresql": (
        "CREATE TABLE message_words (message_id bigint PRIMARY KEY, words tsvector NOT NULL)",
        "CREATE INDEX ix_message_words_words ON message_words USING gin (words)",
    ),
}


def upgrade() -> None:
    """Let jobs be notices of alerts, and make the new tables and indexes."""
    _allow_kinds(f"{KINDS}, 'notify'")
    for name, table, columns, condition in INDEXES:
        where = None if condition is None else sa.text(condition)
        op.create_index(name, table, list(columns), sqlite_where=where, postgresql_where=where)
    _operators()
    _sessions()
    _proposals()
    _alerts()
    _counts()
    _processes()
    _message_codes()
    _attempts()
    _verifications()
    for statement in WORDS[op.get_bind().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    """Back to what 0003 made; fails where a notice of an alert is still to be sent."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE message_words_terms")
    op.execute("DROP TABLE message_words")
    for table in (
        "verifications",
        "attempts",
        "message_codes",
        "processes",
        "progress",
        "traffic",
        "alerts",
        "proposals",
        "sessions",
        "operators",
    ):
        op.drop_table(table)
    for name, table, *_ in reversed(INDEXES):
        op.drop_index(name, table)
    _allow_kinds(KINDS)


def _allow_kinds(words: str) -> None:
    """Put other kinds in the CHECK on jobs; SQLite copies the table for it."""
    kept = _last_job()
    kw: dict[str, Any] = {"sqlite_autoincrement": True}
    with op.batch_alter_table("jobs", table_kwargs=kw) as jobs:
        jobs.drop_constraint(op.f("ck_jobs_kind"), type_="check")
        jobs.create_check_constraint(op.f("ck_jobs_kind"), sa.text(f"kind IN ({words})"))
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


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _instant(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, Instant(), nullable=nullable)


def _one_of(table: str, column: str, words: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(f"{column} IN ({words})", name=op.f(f"ck_{table}_{column}"))


def _operators() -> None:
    op.create_table(
        "operators",
        _text("name"),
        _text("display"),
        _text("email", nullable=True),
        _text("role"),
        _text("language"),
        _text("password_hash", nullable=True),
        _instant("password_at", nullable=True),
        _text("totp_secret", nullable=True),
        sa.Column("totp_step", sa.BigInteger(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        _instant("locked_until", nullable=True),
        _text("subject", nullable=True),
        _instant("created_at"),
        _instant("disabled_at", nullable=True),
        _one_of("operators", "role", "'viewer', 'operator', 'administrator'"),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_operators")),
        sa.UniqueConstraint("subject", name=op.f("uq_operators_subject")),
    )


def _sessions() -> None:
    op.create_table(
        "sessions",
        _text("digest"),
        _text("operator"),
        _text("content"),
        _instant("created_at"),
        _instant("seen_at"),
        _instant("expires_at"),
        _text("address"),
        _text("agent"),
        sa.ForeignKeyConstraint(
            ["operator"], ["operators.name"], name=op.f("fk_sessions_operator_operators")
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_sessions")),
    )
    op.create_index("ix_sessions_operator", "sessions", ["operator"])
    op.create_index("ix_sessions_expires_at", "sessions", ["expires_at"])


def _proposals() -> None:
    states = "'open', 'done', 'rejected', 'withdrawn', 'overtaken', 'expired'"
    op.create_table(
        "proposals",
        sa.Column("id", Key, nullable=False),
        *(_text(name) for name in ("kind", "subject", "act", "reason", "proposed_by")),
        _instant("proposed_at"),
        _instant("expires_at"),
        _text("state"),
        _text("decided_by", nullable=True),
        _instant("decided_at", nullable=True),
        _text("remark", nullable=True),
        _one_of("proposals", "state", states),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposals")),
    )
    op.create_index("ix_proposals_state_id", "proposals", ["state", "id"])


def _alerts() -> None:
    op.create_table(
        "alerts",
        sa.Column("id", Key, nullable=False),
        *(_text(name) for name in ("cause", "family", "subject")),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("facts", Facts(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        _text("state"),
        _instant("opened_at"),
        _instant("seen_at"),
        _instant("muted_until", nullable=True),
        _text("acknowledged_by", nullable=True),
        _instant("acknowledged_at", nullable=True),
        _text("resolved_by", nullable=True),
        _instant("resolved_at", nullable=True),
        _text("note", nullable=True),
        _one_of("alerts", "state", "'open', 'acknowledged', 'resolved'"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts")),
    )
    unresolved = sa.text("state <> 'resolved'")
    op.create_index(
        "uq_alerts_cause",
        "alerts",
        ["cause"],
        unique=True,
        sqlite_where=unresolved,
        postgresql_where=unresolved,
    )
    op.create_index("ix_alerts_state_id", "alerts", ["state", "id"])


def _counts() -> None:
    op.create_table(
        "traffic",
        _text("span"),
        _instant("at"),
        *(_text(name) for name in ("kind", "partner", "type")),
        sa.Column("count", sa.BigInteger(), nullable=False),
        _one_of("traffic", "span", "'minute', 'quarter', 'hour'"),
        sa.PrimaryKeyConstraint("span", "at", "kind", "partner", "type", name=op.f("pk_traffic")),
    )
    op.create_index("ix_traffic_partner_span_at", "traffic", ["partner", "span", "at"])
    op.create_table(
        "progress",
        _text("name"),
        sa.Column("seal", Key, nullable=False),
        _instant("at"),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_progress")),
    )


def _processes() -> None:
    op.create_table(
        "processes",
        _text("name"),
        _text("host"),
        sa.Column("pid", sa.Integer(), nullable=False),
        _text("version"),
        sa.Column("loops", Facts(), nullable=False),
        _instant("started_at"),
        _instant("seen_at"),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_processes")),
    )


def _message_codes() -> None:
    op.create_table(
        "message_codes",
        _text("code"),
        sa.Column("message_id", Key, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name=op.f("fk_message_codes_message_id_messages")
        ),
        sa.PrimaryKeyConstraint("code", "message_id", name=op.f("pk_message_codes")),
    )


def _attempts() -> None:
    op.create_table(
        "attempts",
        sa.Column("id", Key, nullable=False),
        sa.Column("outgoing_id", Key, nullable=False),
        _instant("at"),
        _text("problem"),
        sa.ForeignKeyConstraint(
            ["outgoing_id"], ["outgoing.id"], name=op.f("fk_attempts_outgoing_id_outgoing")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempts")),
    )
    op.create_index("ix_attempts_outgoing_id_id", "attempts", ["outgoing_id", "id"])


def _verifications() -> None:
    op.create_table(
        "verifications",
        sa.Column("id", Key, nullable=False),
        _instant("begun_at"),
        _instant("told_at", nullable=True),
        _instant("ended_at", nullable=True),
        _text("asked_by"),
        sa.Column("seals", Key, nullable=False),
        sa.Column("entries", Key, nullable=False),
        _text("faults", nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verifications")),
    )
