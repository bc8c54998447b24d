"""The end of validity: the declarant is warned, the licence expires, and later it is closed."""

from __future__ import annotations

from schemas.workflow import After, Move, stays

EXPIRING, EXPIRY, PURGE = "expiring", "expiry", "purge"

MOVES = (
    *stays("licence", After(EXPIRING), "warned", "granted", "partly_imputed"),
    Move("licence", "granted", After(EXPIRY), "expired", "expired"),
    Move("licence", "partly_imputed", After(EXPIRY), "expired", "expired"),
    *stays("licence", After(EXPIRY), "waits", "cancelling"),
    Move("licence", "expired", After(PURGE), "unused", "closed_unused"),
    Move("licence", "expired", After(PURGE), "cleared", "cleared"),
)
