"""The ministry's answer to a request for extension: a later end of validity, or a refusal."""

from __future__ import annotations

from handlers.licence import ledger
from schemas.workflow import Move, stays

EVENT = "ExtensionDecision"

_OPEN = ("granted", "partly_imputed", "suspended", "imputed")

MOVES = (
    *stays("licence", EVENT, "extended", *_OPEN),
    *stays("licence", EVENT, "refused", *_OPEN, "expired"),
    Move("licence", "expired", EVENT, ledger.UNUSED, "granted"),
    Move("licence", "expired", EVENT, ledger.PART, "partly_imputed"),
    Move("licence", "expired", EVENT, ledger.WHOLE, "imputed"),
)
