"""The tables: every state guarded by a CHECK, every list the product shows walked by an index.

Bytes stand in tables of their own (`message_bodies` and its like): SQLite rewrites a whole
row on each update, and a message of several megabytes changes its state at least once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from storage.columns import Exact, Facts, Instant, Key

MESSAGE_STATES = ("received", "accepted", "refused", "parked")
JOB_KINDS = ("work", "deliver", "timer", "render", "mail", "notify")
JOB_STATES = ("ready", "waiting", "parked")
OUTGOING_STATES = ("mailbox", "pushing", "delivered", "parked")
MAIL_STATES = ("queued", "sending", "sent", "doubtful", "failed")
PAPER_STATES = ("current", "superseded", "withdrawn")
ROLES = ("declarant", "ministry", "customs", "bank", "inspection", "exchange-office")

#: The states each procedure may stand in; a test holds them against the procedures themselves.
DOSSIER_STATES: Mapping[str, Sequence[str]] = {
    "licence": (
        "saved",
        "submitted",
        "granted",
        "rejected",
        "cancelling",
        "cancelled",
        "partly_imputed",
        "imputed",
        "suspended",
        "revoked",
        "expired",
        "closed_unused",
        "cleared",
    ),
    "inspection": (
        "new",
        "submitted",
        "awaiting_processing",
        "in_progress",
        "awaiting_complement",
        "awaiting_inspection",
        "closed",
        "archived",
    ),
}

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def one_of(column: str, words: Sequence[str]) -> str:
    """The condition that a column holds one of these words."""
    listed = ", ".join(f"'{word}'" for word in words)
    return f"{column} IN ({listed})"


def dossier_states(states: Mapping[str, Sequence[str]]) -> str:
    """The condition that a dossier stands in one of its own procedure's states."""
    return " OR ".join(
        f"(procedure = '{name}' AND {one_of('state', words)})" for name, words in states.items()
    )


def partial(name: str, condition: str, *columns: str) -> Index:
    """An index over the rows that fulfil a condition; a query must say it in the same words."""
    return Index(name, *columns, sqlite_where=text(condition), postgresql_where=text(condition))


partners = Table(
    "partners",
    metadata,
    Column("name", Text, primary_key=True),
    Column("role", Text, nullable=False),
    Column("push_url", Text),
    Column("token_hash", Text, unique=True),
    Column("types", JSON(none_as_null=True)),  # allowed beyond the role's; NULL: none
    Column("suspended_at", Instant),
    Column("suspension_reason", Text),
    Column("created_at", Instant, nullable=False),
    Column("consults", Boolean, nullable=False, server_default=false()),
    CheckConstraint(one_of("role", ROLES), name="role"),
    Index("ix_partners_role_name", "role", "name"),
)

certificates = Table(
    "certificates",
    metadata,
    Column("fingerprint", Text, primary_key=True),  # SHA-256 of the DER, hex
    Column("partner", Text, ForeignKey("partners.name"), nullable=False, index=True),
    Column("pem", Text, nullable=False),
    Column("not_before", Instant, nullable=False),
    Column("not_after", Instant, nullable=False),
    Column("added_at", Instant, nullable=False),
    Column("suspended_at", Instant),
)

messages = Table(
    "messages",
    metadata,
    Column("id", Key, primary_key=True),
    Column("sender", Text, nullable=False),
    Column("instance", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("dossier", Text),
    Column("digest", Text, nullable=False),  # SHA-256 of the signed content, hex
    Column("state", Text, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("finished_at", Instant),
    UniqueConstraint("sender", "instance"),
    CheckConstraint(one_of("state", MESSAGE_STATES), name="state"),
    Index("ix_messages_sender_id", "sender", "id"),
    Index("ix_messages_dossier_id", "dossier", "id"),
    Index("ix_messages_instance", "instance"),
    Index("ix_messages_type_id", "type", "id"),
    Index("ix_messages_received_at_id", "received_at", "id"),
    partial("ix_messages_state_id", "state <> 'accepted'", "state", "id"),
    partial("ix_messages_open", "state IN ('received', 'parked')", "sender", "id"),
)

message_bodies = Table(
    "message_bodies",
    metadata,
    Column("message_id", Key, ForeignKey("messages.id"), primary_key=True, autoincrement=False),
    Column("receipt", LargeBinary, nullable=False),
    Column("content", LargeBinary, nullable=False),
)

attachments = Table(
    "attachments",
    metadata,
    Column("message_id", Key, ForeignKey("messages.id"), primary_key=True),
    Column("digest", Text, primary_key=True),  # SHA-256 of the content, hex
    Column("media_type", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("content", LargeBinary, nullable=False),
)

# AUTOINCREMENT: finished jobs are deleted, and SQLite would give the last one's number again; a
# worker that lost its lease could then finish a job that is not its own.
jobs = Table(
    "jobs",
    metadata,
    Column("id", Key, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("lane", Text),
    Column("subject", Key, nullable=False),
    Column("about", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("due", Instant, nullable=False),
    Column("worker", Text),
    Column("claims", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("error", Text),
    Column("created_at", Instant, nullable=False),
    CheckConstraint(one_of("kind", JOB_KINDS), name="kind"),
    CheckConstraint(one_of("state", JOB_STATES), name="state"),
    Index(
        "ix_jobs_claim",
        "kind",
        "due",
        "id",
        sqlite_where=text("state = 'ready'"),
        postgresql_where=text("state = 'ready'"),
    ),
    Index("ix_jobs_lane_id", "lane", "id"),
    Index("ix_jobs_state_kind_id", "state", "kind", "id"),
    Index(
        "ix_jobs_timers",
        "about",
        postgresql_ops={"about": "text_pattern_ops"},  # found by how it begins, in any language
        sqlite_where=text("kind = 'timer'"),
        postgresql_where=text("kind = 'timer'"),
    ),
    sqlite_autoincrement=True,
)

dossiers = Table(
    "dossiers",
    metadata,
    Column("number", Text, primary_key=True),
    Column("procedure", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("content", Text, nullable=False),
    CheckConstraint(dossier_states(DOSSIER_STATES), name="state"),
    Index("ix_dossiers_changed_at_number", "changed_at", "number"),
    Index("ix_dossiers_owner_changed_at_number", "owner", "changed_at", "number"),
    Index("ix_dossiers_state_changed_at_number", "state", "changed_at", "number"),
)

history = Table(
    "history",
    metadata,
    Column("id", Key, primary_key=True),
    Column("dossier", Text, ForeignKey("dossiers.number"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("event", Text, nullable=False),
    Column("message_id", Key),
    Column("actor", Text, nullable=False),
    Column("from_state", Text),
    Column("to_state", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("note", Facts, nullable=False),
    Index("ix_history_dossier_id", "dossier", "id"),
)

entries = Table(
    "entries",
    metadata,
    Column("id", Key, primary_key=True),
    Column("dossier", Text, ForeignKey("dossiers.number"), nullable=False),
    Column("message_id", Key),
    Column("number", Text, nullable=False),
    Column("office", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("line", Integer, nullable=False),
    Column("quantity", Exact, nullable=False),
    Column("value", Exact, nullable=False),
    Column("declaration", Text, nullable=False),
    Column("declared_on", Date, nullable=False),
    Column("imputed_on", Date, nullable=False),
    Column("corrects", Text),
    UniqueConstraint("office", "number"),
    Index("ix_entries_dossier_id", "dossier", "id"),
)

# What serves once in the whole hub; the key is what makes it so.
taken = Table(
    "taken",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("value", Text, primary_key=True),
    Column("dossier", Text, ForeignKey("dossiers.number"), nullable=False),
    Column("message_id", Key),
)

# The last number given in a series and year; a dossier takes the next one as it opens.
serials = Table(
    "serials",
    metadata,
    Column("series", Text, primary_key=True),
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("last", Integer, nullable=False),
)

services = Table(
    "services",
    metadata,
    Column("code", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
)

service_places = Table(
    "service_places",
    metadata,
    Column("place", Text, primary_key=True),
    Column("service", Text, ForeignKey("services.code"), nullable=False, index=True),
)

agents = Table(
    "agents",
    metadata,
    Column("identifier", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("service", Text, ForeignKey("services.code"), nullable=False),
    Column("supervisor", Boolean, nullable=False),
    Column("email", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("disabled_at", Instant),
    Index("ix_agents_service_identifier", "service", "identifier"),
)

# What dossiers add up to, kept in step with them; the key begins as the reports are asked for.
tallies = Table(
    "tallies",
    metadata,
    Column("report", Text, primary_key=True),
    Column("service", Text, primary_key=True),
    Column("procedure", Text, primary_key=True),
    Column("period", Text, primary_key=True),  # a month, YYYY-MM
    Column("agent", Text, primary_key=True),
    Column("category", Text, primary_key=True),
    Column("state", Text, primary_key=True),
    Column("dossiers", BigInteger, nullable=False),
    Column("lines", BigInteger, nullable=False),
    Column("value", Exact, nullable=False),
    Column("finished", BigInteger, nullable=False),
    Column("seconds", BigInteger, nullable=False),
)

facets = Table(
    "facets",
    metadata,
    Column("dossier", Text, ForeignKey("dossiers.number"), primary_key=True),
    Column("name", Text, primary_key=True),
    Column("value", Text, primary_key=True),
    Index("ix_facets_name_value_dossier", "name", "value", "dossier"),
)

outgoing = Table(
    "outgoing",
    metadata,
    Column("id", Key, primary_key=True),
    Column("instance", Text, nullable=False, unique=True),
    Column("receiver", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("dossier", Text),
    Column("answers", Key),
    Column("stage", Text),
    Column("state", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("delivered_at", Instant),
    Column("attempts", Integer, nullable=False),
    Column("last_error", Text),
    CheckConstraint(one_of("state", OUTGOING_STATES), name="state"),
    Index(
        "ix_outgoing_mailbox",
        "receiver",
        "id",
        sqlite_where=text("state = 'mailbox'"),
        postgresql_where=text("state = 'mailbox'"),
    ),
    Index("ix_outgoing_answers", "answers"),
    Index("ix_outgoing_dossier_id", "dossier", "id"),
    Index("ix_outgoing_receiver_id", "receiver", "id"),
    Index("ix_outgoing_type_id", "type", "id"),
    Index("ix_outgoing_created_at_id", "created_at", "id"),
    partial("ix_outgoing_state_id", "state <> 'delivered'", "state", "id"),
    partial("ix_outgoing_open", "state IN ('pushing', 'parked')", "receiver", "id"),
)

outgoing_bodies = Table(
    "outgoing_bodies",
    metadata,
    Column("outgoing_id", Key, ForeignKey("outgoing.id"), primary_key=True, autoincrement=False),
    Column("content", LargeBinary, nullable=False),
)

mails = Table(
    "mails",
    metadata,
    Column("id", Key, primary_key=True),
    Column("instance", Text, nullable=False, unique=True),
    Column("dossier", Text),
    Column("recipient", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("sent_at", Instant),
    Column("attempts", Integer, nullable=False),
    Column("last_error", Text),
    CheckConstraint(one_of("state", MAIL_STATES), name="state"),
    Index("ix_mails_dossier_id", "dossier", "id"),
    partial("ix_mails_state_id", "state IN ('doubtful', 'failed')", "state", "id"),
)

mail_bodies = Table(
    "mail_bodies",
    metadata,
    Column("mail_id", Key, ForeignKey("mails.id"), primary_key=True, autoincrement=False),
    Column("content", LargeBinary, nullable=False),
)

papers = Table(
    "papers",
    metadata,
    Column("dossier", Text, ForeignKey("dossiers.number"), primary_key=True),
    Column("name", Text, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("state", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("digest", Text, nullable=False, index=True),  # SHA-256 of the content, hex
    Column("created_at", Instant, nullable=False),
    Column("content", LargeBinary, nullable=False),
    CheckConstraint(one_of("state", PAPER_STATES), name="state"),
)

journal = Table(
    "journal",
    metadata,
    Column("id", Key, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("dossier", Text),
    Column("actor", Text, nullable=False),
    Column("digest", Text),
    Column("facts", Facts, nullable=False),  # it is hashed
    Column("seal", Key),  # the seal that covers the entry; NULL until sealed
    Index("ix_journal_seal_id", "seal", "id"),
    Index("ix_journal_dossier_id", "dossier", "id"),
    partial("ix_journal_operators", "substr(actor, 1, 9) = 'operator '", "actor", "id"),
    partial("ix_journal_operators_id", "substr(actor, 1, 9) = 'operator '", "id"),
    partial("ix_journal_operators_subject", "substr(actor, 1, 9) = 'operator '", "subject", "id"),
    partial("ix_journal_refused", "kind = 'message refused'", "actor", "id"),
    partial("ix_journal_refused_subject", "kind = 'message refused'", "subject"),
)

seals = Table(
    "seals",
    metadata,
    Column("number", Key, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("first_entry", Key, nullable=False),
    Column("last_entry", Key, nullable=False),
    Column("entries", Text, nullable=False),  # canonical JSON: [[id, SHA-256 hex], …]
    Column("previous", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Column("signature", LargeBinary, nullable=False),
)
