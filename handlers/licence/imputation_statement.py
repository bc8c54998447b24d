"""Customs tells what it has imputed in all: compared with the ledger, never written over it."""

from __future__ import annotations

from schemas.workflow import stays

EVENT = "ImputationStatement"

MOVES = stays(
    "licence",
    EVENT,
    "compared",
    "granted",
    "partly_imputed",
    "imputed",
    "cancelling",
    "suspended",
    "expired",
    "revoked",
    "cleared",
)
