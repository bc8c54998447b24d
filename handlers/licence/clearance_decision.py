"""The authority clears one declaration of a licence, or does not."""

from __future__ import annotations

from schemas.workflow import Move, stays

EVENT = "ClearanceDecision"

#: While more may be imputed the licence stays as it is, whatever was cleared so far.
MOVES = (
    *stays(
        "licence", EVENT, "decided", "partly_imputed", "imputed", "expired", "suspended", "revoked"
    ),
    Move("licence", "imputed", EVENT, "cleared", "cleared"),
    Move("licence", "expired", EVENT, "cleared", "cleared"),
    Move("licence", "revoked", EVENT, "cleared", "cleared"),
)
