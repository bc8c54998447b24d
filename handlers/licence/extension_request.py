"""The declarant asks for a later end of validity; the ministry is asked to decide."""

from __future__ import annotations

from schemas.workflow import stays

EVENT = "ExtensionRequest"

MOVES = stays("licence", EVENT, "asked", "granted", "partly_imputed")
