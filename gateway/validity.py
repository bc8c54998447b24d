"""How long certificates still serve, one after another, and how near their end is."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Protocol

#: How bad something is: two words each of notice, warning and urgency; certificates use them all.
NOTICE, WARNING, URGENT = 2, 4, 6

#: The level of what ends within so many days; what has ended is `URGENT`.
LEVELS = ((1, 5), (7, 4), (14, 3), (30, 2), (60, 1))


class Span(Protocol):
    """What is valid from one instant to another, both inclusive."""

    @property
    def not_before(self) -> datetime:
        """The first instant."""

    @property
    def not_after(self) -> datetime:
        """The last instant."""


def covered_until(spans: Iterable[Span], now: datetime) -> datetime | None:
    """The end of what is valid from `now` on without a gap; None when nothing is valid now."""
    reached = now
    for span in sorted(spans, key=lambda span: span.not_before):
        if span.not_before <= reached < span.not_after:
            reached = span.not_after
    return None if reached == now else reached


def level_of(end: datetime | None, now: datetime) -> int | None:
    """How bad it is that nothing is valid after `end`; None when that is far off."""
    if end is None or end <= now:
        return URGENT
    left = end - now
    return next((level for days, level in LEVELS if left <= timedelta(days=days)), None)


def days_left(end: datetime, now: datetime) -> int:
    """Whole days that are left; 0 on the last one, and afterwards."""
    return max((end - now).days, 0)


def severity(level: int) -> str:
    """A level's word: notice, warning or urgent."""
    if level <= NOTICE:
        return "notice"
    return "warning" if level <= WARNING else "urgent"
