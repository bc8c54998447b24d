"""Days as the licence counts them: the day in Morocco, and months of validity."""

from __future__ import annotations

import calendar
from datetime import UTC, date, datetime, time, timedelta, timezone

#: Morocco's legal time (decree 2-18-855). In Ramadan it is UTC; an hour's indulgence does no harm.
_MOROCCO = timezone(timedelta(hours=1), "Morocco")


def today(now: datetime) -> date:
    """The day in Morocco at `now` (aware)."""
    return now.astimezone(_MOROCCO).date()


def midnight(day: date) -> datetime:
    """When the day begins in Morocco, in UTC."""
    return datetime.combine(day, time.min, _MOROCCO).astimezone(UTC)


def end_of(day: date) -> datetime:
    """When the day has ended in Morocco, in UTC: the next one begins."""
    return midnight(day + timedelta(days=1))


def months_after(day: date, months: int) -> date:
    """The same day some months later, or that month's last day where it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))
