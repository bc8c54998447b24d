"""A partner's signed answer to what the hub sent it: noted, and for a recall the last word."""

from __future__ import annotations

from handlers.licence import STATES
from schemas.workflow import Move, stays

EVENT = "Acknowledgement"

MOVES = (
    Move("licence", "cancelling", EVENT, "recalled", "cancelled"),
    Move("licence", "cancelling", EVENT, "kept", "granted"),
    Move("licence", "cancelling", EVENT, "lapsed", "expired"),
    *stays("licence", EVENT, "noted", *(state.name for state in STATES)),
)
