"""A partner's certificates as spans of time, and in words what is to be done when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.validity import covered_until, days_left, level_of, severity
from storage.partners import StoredCertificate

WIDTH = 1000  #: of the drawing, in its own units
ROW = 34
_MARGIN = timedelta(days=20)
_ASK = timedelta(days=60)  #: before the end the next certificate is asked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One certificate in the drawing, from `x` on, `width` long; `tone` is a class."""

    certificate: StoredCertificate
    tone: str
    state: str  #: current, suspended, expired, or waiting for its first day
    days: int
    x: int
    y: int
    width: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is believed until when; `advice` is a word that the page has a sentence for."""

    bars: tuple[Bar, ...]
    now_x: int
    height: int
    until: datetime | None
    severity: str | None  #: of the end of the last one, when it is near
    advice: str
    day: datetime | None  #: that the sentence names


def state_of(certificate: StoredCertificate, now: datetime) -> str:
    """How a certificate stands."""
    if certificate.suspended_at is not None:
        return "suspended"
    if certificate.not_after < now:
        return "expired"
    return "waiting" if certificate.not_before > now else "current"


_TONES = {"current": "good", "waiting": "busy", "suspended": "bad", "expired": "quiet"}


def plan(certificates: Sequence[StoredCertificate], now: datetime) -> Plan:
    """The drawing and the advice, for certificates in the order they came."""
    begin = min([now, *(one.not_before for one in certificates)]) - _MARGIN
    end = max([now, *(one.not_after for one in certificates)]) + _MARGIN

    def x(at: datetime) -> int:
        return round((at - begin) / (end - begin) * WIDTH)

    bars = []
    for place, one in enumerate(certificates):
        state = state_of(one, now)
        bars.append(
            Bar(
                certificate=one,
                tone=_TONES[state],
                state=state,
                days=days_left(one.not_after, now),
                x=x(one.not_before),
                y=place * ROW,
                width=max(x(one.not_after) - x(one.not_before), 3),
            )
        )
    believed = [one for one in certificates if one.suspended_at is None]
    until = covered_until(believed, now)
    level = level_of(until, now)
    advice, day = _advice(believed, until, now)
    return Plan(
        bars=tuple(bars),
        now_x=x(now),
        height=max(len(bars), 1) * ROW,
        until=until,
        severity=None if level is None else severity(level),
        advice=advice,
        day=day,
    )


def _advice(
    believed: Sequence[StoredCertificate], until: datetime | None, now: datetime
) -> tuple[str, datetime | None]:
    later = [one.not_before for one in believed if one.not_before > (until or now)]
    if until is None:
        return ("begins", min(later)) if later else ("none", None)
    if later:
        return "gap", min(later)
    in_force = [one for one in believed if one.not_before <= now <= one.not_after]
    if until - now <= _ASK:
        return "ask", until
    if len(in_force) > 1:
        return "overlap", min(one.not_after for one in in_force)
    return "quiet", until - _ASK
