"""Customs holds a part of a line for a declaration that is not cleared yet, or gives it up."""

from __future__ import annotations

from schemas.workflow import After, stays

EVENT = "Reservation"
RESERVATION = "reservation"  #: the timer at the end of a reservation's last day

#: The states in which customs may reserve, and those in which it may still give back.
_OPEN = ("granted", "partly_imputed")
_KEPT = (*_OPEN, "imputed", "cancelling", "expired", "suspended", "revoked")

MOVES = (
    *stays("licence", EVENT, "held", *_OPEN),
    *stays("licence", EVENT, "released", *_KEPT),
    *stays("licence", After(RESERVATION), "lapsed", *_KEPT),
)
