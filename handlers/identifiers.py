"""Identifiers of enterprises, by their check digits."""

from __future__ import annotations

from functools import lru_cache

from stdnum.ma import ice


@lru_cache(maxsize=4096)
def ice_valid(number: str) -> bool:
    """Whether an ICE has the right check digits; the same exporters come back all day."""
    return ice.is_valid(number)
