"""The tables of watching over the hub: operators, what they propose, alerts, counts, processes.

The hub's own tables, and `metadata`, stand in `storage.tables`. The words of the messages stand in
`message_words`, an index of each engine's own kind that only its migration and `storage.words`
know.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    text,
)

from storage.columns import Facts, Instant, Key
from storage.tables import metadata as metadata
from storage.tables import one_of

OPERATOR_ROLES = ("viewer", "operator", "administrator")
PROPOSAL_STATES = ("open", "done", "rejected", "withdrawn", "overtaken", "expired")
ALERT_STATES = ("open", "acknowledged", "resolved")
TRAFFIC_SPANS = ("minute", "quarter", "hour")

operators = Table(
    "operators",
    metadata,
    Column("name", Text, primary_key=True),
    Column("display", Text, nullable=False),
    Column("email", Text),
    Column("role", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("password_hash", Text),  # argon2id; NULL: comes by OpenID Connect alone
    Column("password_at", Instant),
    Column("totp_secret", Text),  # sealed with the console's key; NULL: no second factor
    Column("totp_step", BigInteger),  # the last time step that was used: no code serves twice
    Column("failures", Integer, nullable=False),
    Column("locked_until", Instant),
    Column("subject", Text, unique=True),  # issuer and subject at the OpenID provider
    Column("created_at", Instant, nullable=False),
    Column("disabled_at", Instant),
    CheckConstraint(one_of("role", OPERATOR_ROLES), name="role"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("digest", Text, primary_key=True),  # SHA-256 of the cookie, hex
    Column("operator", Text, ForeignKey("operators.name"), nullable=False, index=True),
    Column("content", Text, nullable=False),  # JSON
    Column("created_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False, index=True),
    Column("address", Text, nullable=False),
    Column("agent", Text, nullable=False),  # the browser's own word for itself
)

# A dangerous act waits here for a second person; `act` is the act itself, as JSON.
proposals = Table(
    "proposals",
    metadata,
    Column("id", Key, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("act", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("proposed_by", Text, nullable=False),
    Column("proposed_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("state", Text, nullable=False),
    Column("decided_by", Text),
    Column("decided_at", Instant),
    Column("remark", Text),
    CheckConstraint(one_of("state", PROPOSAL_STATES), name="state"),
    Index("ix_proposals_state_id", "state", "id"),
)

# One row a cause, from its opening to its end; the same cause may come back as another row.
alerts = Table(
    "alerts",
    metadata,
    Column("id", Key, primary_key=True),
    Column("cause", Text, nullable=False),
    Column("family", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("level", Integer, nullable=False),
    Column("facts", Facts, nullable=False),
    Column("count", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("muted_until", Instant),
    Column("acknowledged_by", Text),
    Column("acknowledged_at", Instant),
    Column("resolved_by", Text),
    Column("resolved_at", Instant),
    Column("note", Text),
    CheckConstraint(one_of("state", ALERT_STATES), name="state"),
    Index(
        "uq_alerts_cause",
        "cause",
        unique=True,
        sqlite_where=text("state <> 'resolved'"),
        postgresql_where=text("state <> 'resolved'"),
    ),
    Index("ix_alerts_state_id", "state", "id"),
)

# What passed, counted when the journal's entries are sealed: its size depends on time alone.
traffic = Table(
    "traffic",
    metadata,
    Column("span", Text, primary_key=True),
    Column("at", Instant, primary_key=True),  # the beginning of the span
    Column("kind", Text, primary_key=True),  # the journal's word, or `message repeated`
    Column("partner", Text, primary_key=True),
    Column("type", Text, primary_key=True),
    Column("count", BigInteger, nullable=False),
    CheckConstraint(one_of("span", TRAFFIC_SPANS), name="span"),
    Index("ix_traffic_partner_span_at", "partner", "span", "at"),
)

# How far the journal's seals have been counted and read, by name.
progress = Table(
    "progress",
    metadata,
    Column("name", Text, primary_key=True),
    Column("seal", Key, nullable=False),
    Column("at", Instant, nullable=False),
)

# The processes of the hub, each saying now and then that it lives.
processes = Table(
    "processes",
    metadata,
    Column("name", Text, primary_key=True),
    Column("host", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("version", Text, nullable=False),
    Column("loops", Facts, nullable=False),  # each loop with when it last turned
    Column("started_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
)

# Which refused messages bear which error code.
message_codes = Table(
    "message_codes",
    metadata,
    Column("code", Text, primary_key=True),
    Column("message_id", Key, ForeignKey("messages.id"), primary_key=True, autoincrement=False),
)

# The pushes that failed, each with what the partner or the network said.
attempts = Table(
    "attempts",
    metadata,
    Column("id", Key, primary_key=True),
    Column("outgoing_id", Key, ForeignKey("outgoing.id"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("problem", Text, nullable=False),
    Index("ix_attempts_outgoing_id_id", "outgoing_id", "id"),
)

# What came of verifying the journal, the latest last.
verifications = Table(
    "verifications",
    metadata,
    Column("id", Key, primary_key=True),
    Column("begun_at", Instant, nullable=False),
    Column("told_at", Instant),  # when whoever verifies last said so; NULL: nobody has begun
    Column("ended_at", Instant),
    Column("asked_by", Text, nullable=False),
    Column("seals", Key, nullable=False),
    Column("entries", Key, nullable=False),
    Column("faults", Text),  # one line each; NULL while it runs, empty when the chain is whole
)
