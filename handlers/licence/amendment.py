"""The declarant changes a granted licence that nobody has used: a new version, for a new visa."""

from __future__ import annotations

from schemas.workflow import Move

EVENT = "LicenceAmendment"

MOVES = (Move("licence", "granted", EVENT, "amended", "submitted"),)
