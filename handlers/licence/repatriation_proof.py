"""A bank or the declarant proves what a licence's exports brought home."""

from __future__ import annotations

from schemas.workflow import stays

EVENT = "RepatriationProof"

#: Money may come home for as long as a used licence is not cleared.
MOVES = stays(
    "licence", EVENT, "proved", "partly_imputed", "imputed", "expired", "suspended", "revoked"
)
