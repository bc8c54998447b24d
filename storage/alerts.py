"""Alerts: one row a cause from its opening to its end, however often it is seen in between.

What is watched is looked at again and again; each look says which causes it found, and in which
families it looked. A cause that is found is opened or refreshed; one that is not found any more is
resolved, after as long as its family lets it go unseen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Update,
    bindparam,
    case,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    text,
    union_all,
    update,
)

from storage.console_tables import ALERT_STATES, alerts
from storage.engine import Connection, SyncConnection

#: More than any hub has causes at one time; a look at what stands ends here.
MOST = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Something that a look found; `cause` is its name, the same at each look.

    `count` is how many things it concerns, as counted now. A higher `level` is worse.
    """

    cause: str
    family: str
    subject: str
    level: int
    facts: Mapping[str, str] = field(default_factory=dict)
    count: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """A cause as it stands, or as it ended; `state` is open, acknowledged or resolved."""

    id: int
    cause: str
    family: str
    subject: str
    level: int
    facts: Mapping[str, str]
    count: int
    state: str
    opened_at: datetime
    seen_at: datetime
    muted_until: datetime | None
    acknowledged_by: str | None
    acknowledged_at: datetime | None
    resolved_by: str | None  #: NULL of a resolved one: it ended by itself
    resolved_at: datetime | None
    note: str | None

    def muted(self, now: datetime) -> bool:
        """Whether nobody is told of it."""
        return self.muted_until is not None and self.muted_until > now


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """What a look changed; `raised` are worse than before, or their mute has run out."""

    opened: tuple[Alert, ...] = ()
    raised: tuple[Alert, ...] = ()
    resolved: tuple[Alert, ...] = ()


_ALONE = text("SELECT pg_advisory_xact_lock(7275, 2)")  # two numbers: never a lane; 1 is the seals'
_STANDING_STATES = tuple(state for state in ALERT_STATES if state != "resolved")
_this = alerts.c.id == bindparam("alert")
_stands = alerts.c.state != "resolved"
_OPEN = (
    insert(alerts)
    .values(
        cause=bindparam("of_cause"),
        family=bindparam("of_family"),
        subject=bindparam("of_subject"),
        level=bindparam("of_level"),
        facts=bindparam("of_facts"),
        count=bindparam("of_count"),
        state="open",
        opened_at=bindparam("now"),
        seen_at=bindparam("now"),
    )
    .returning(*alerts.c)
)
_REFRESH = (
    update(alerts)
    .where(_this, _stands)
    .values(
        level=bindparam("of_level"),
        facts=bindparam("of_facts"),
        count=bindparam("of_count"),
        seen_at=bindparam("now"),
    )
)
_UNMUTED = _REFRESH.values(muted_until=null())
#: What became worse is nobody's business any more, until somebody takes it up again.
_RISEN = _REFRESH.values(
    state="open",
    acknowledged_by=null(),
    acknowledged_at=null(),
    muted_until=case((alerts.c.muted_until > bindparam("now"), alerts.c.muted_until)),
)
_RESOLVE = (
    update(alerts)
    .where(_this, _stands)
    .values(
        state="resolved",
        resolved_by=bindparam("by"),
        resolved_at=bindparam("at"),
        note=bindparam("said"),
    )
)
_ACKNOWLEDGE = (
    update(alerts)
    .where(_this, alerts.c.state == "open")
    .values(state="acknowledged", acknowledged_by=bindparam("by"), acknowledged_at=bindparam("at"))
)
_MUTE = update(alerts).where(_this, _stands).values(muted_until=bindparam("until"))
_UNMUTE = (
    update(alerts).where(_this, _stands, alerts.c.muted_until.is_not(None)).values(muted_until=None)
)
_FIND = select(alerts).where(_this)


def _of_state(state: str) -> Select[Any]:
    """One walk along `ix_alerts_state_id`, the latest first."""
    return (
        select(alerts)
        .where(alerts.c.state == state, alerts.c.id < bindparam("before"))
        .order_by(alerts.c.id.desc())
        .limit(bindparam("most"))
    )


@cache
def _listing(states: tuple[str, ...]) -> Select[Any]:
    each = [select(_of_state(state).subquery()) for state in states]
    merged = union_all(*each).subquery()
    return select(merged).order_by(merged.c.id.desc()).limit(bindparam("most"))


def _read(connection: SyncConnection, statement: Any, values: dict[str, Any]) -> list[Alert]:
    return [Alert(**row._asdict()) for row in connection.execute(statement, values)]


def _one(connection: SyncConnection, statement: Any, values: dict[str, Any]) -> Alert | None:
    return next(iter(_read(connection, statement, values)), None)


def _values(cause: Cause, now: datetime) -> dict[str, Any]:
    return {
        "of_level": cause.level,
        "of_facts": dict(cause.facts),
        "of_count": cause.count,
        "now": now,
    }


def _opened(connection: SyncConnection, cause: Cause, now: datetime) -> Alert | None:
    names = {
        "of_cause": cause.cause,
        "of_family": cause.family,
        "of_subject": cause.subject,
    }
    return _one(connection, _OPEN, {**names, **_values(cause, now)})


def _refreshed(
    connection: SyncConnection, before: Alert, cause: Cause, now: datetime
) -> tuple[Alert | None, bool]:
    """The row after the look, and whether it is to be told again."""
    rose = cause.level > before.level
    woke = before.muted_until is not None and before.muted_until <= now
    statement: Update = _RISEN if rose else _UNMUTED if woke else _REFRESH
    values = {"alert": before.id, **_values(cause, now)}
    return _one(connection, statement.returning(*alerts.c), values), rose or woke


def _over(alert: Alert, unseen: timedelta, now: datetime) -> bool:
    """Whether a cause that was not found is over: not while it is muted, for it may come and go."""
    return alert.seen_at < now - unseen and not alert.muted(now)


def _observe(
    connection: SyncConnection,
    present: Iterable[Cause],
    families: Mapping[str, timedelta],
    now: datetime,
) -> Observed:
    if connection.dialect.name == "postgresql":
        connection.execute(_ALONE)
    standing = _read(connection, _listing(_STANDING_STATES), {"before": 2**62, "most": MOST})
    known = {alert.cause: alert for alert in standing if alert.family in families}
    opened, raised = [], []
    for cause in {cause.cause: cause for cause in present}.values():
        before = known.pop(cause.cause, None)
        if before is None:
            opened.append(_opened(connection, cause, now))
        else:
            after, told = _refreshed(connection, before, cause, now)
            if told:
                raised.append(after)
    resolved = [
        _one(
            connection,
            _RESOLVE.returning(*alerts.c),
            {"alert": alert.id, "by": None, "at": now, "said": None},
        )
        for alert in known.values()
        if _over(alert, families[alert.family], now)
    ]
    return Observed(opened=_kept(opened), raised=_kept(raised), resolved=_kept(resolved))


def _kept(found: Iterable[Alert | None]) -> tuple[Alert, ...]:
    return tuple(alert for alert in found if alert is not None)


async def observe(
    tx: Connection, present: Sequence[Cause], families: Mapping[str, timedelta], now: datetime
) -> Observed:
    """Keep what a look at `now` found, and end what it found no more.

    `families` are those that were looked at, each with how long a cause of it may go unseen: a
    condition no time at all, what happens now and then a day or so. Looks of several processes
    take turns; what one saw later than `now` is not ended by this one.
    """
    return await tx.run_sync(_observe, present, families, now)


async def _change(tx: Connection, statement: Update, values: dict[str, Any]) -> Alert | None:
    return await tx.run_sync(_one, statement.returning(*alerts.c), values)


async def acknowledge(tx: Connection, alert_id: int, by: str, now: datetime) -> Alert | None:
    """Somebody looks after it; None when it is not open. It opens again when it gets worse."""
    return await _change(tx, _ACKNOWLEDGE, {"alert": alert_id, "by": by, "at": now})


async def mute(tx: Connection, alert_id: int, until: datetime) -> Alert | None:
    """Tell nobody of it before `until`, however it comes and goes; None when it is over."""
    return await _change(tx, _MUTE, {"alert": alert_id, "until": until})


async def unmute(tx: Connection, alert_id: int) -> Alert | None:
    """Tell of it again; None when it is over or was not muted."""
    return await _change(tx, _UNMUTE, {"alert": alert_id})


async def resolve(tx: Connection, alert_id: int, by: str, note: str, now: datetime) -> Alert | None:
    """Somebody says that it is over; None when it was. What still holds opens at the next look."""
    values = {"alert": alert_id, "by": by, "at": now, "said": note}
    return await _change(tx, _RESOLVE, values)


async def find(conn: Connection, alert_id: int) -> Alert | None:
    """The alert of this id."""
    return await conn.run_sync(_one, _FIND, {"alert": alert_id})


async def listing(
    conn: Connection,
    *,
    state: str | None = None,
    before: int = 2**62,
    limit: int = 50,
) -> list[Alert]:
    """Alerts of one state, or of all, the latest first, from below id `before`."""
    states = ALERT_STATES if state is None else (state,)
    return await conn.run_sync(_read, _listing(states), {"before": before, "most": limit})


async def standing(conn: Connection, limit: int = MOST) -> list[Alert]:
    """What is not over, the latest first."""
    return await conn.run_sync(_read, _listing(_STANDING_STATES), {"before": 2**62, "most": limit})


@cache
def _capped() -> Select[Any]:
    of: ColumnElement[bool] = alerts.c.state == "open"
    unmuted = or_(alerts.c.muted_until.is_(None), alerts.c.muted_until <= bindparam("now"))
    seen = select(literal(1)).select_from(alerts).where(of, unmuted).limit(bindparam("cap"))
    return select(func.count()).select_from(seen.subquery())


async def open_count(conn: Connection, now: datetime, cap: int = 100) -> int:
    """How many are open and not muted; the count stops at `cap`."""
    values = {"cap": cap, "now": now}
    return await conn.run_sync(
        lambda connection: int(connection.execute(_capped(), values).scalar_one())
    )
