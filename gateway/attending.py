"""What people do about alerts: take them up, silence them, end them; each with its record."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

from gateway import alarm
from gateway.acts.act import By, Changed, NotAllowed, Overtaken, Rank
from gateway.alarm import Event
from gateway.hub import Hub
from schemas.errors import Code, refused
from storage import alerts, journal
from storage.alerts import Alert
from storage.engine import Connection
from storage.queue import Kind

Change = Callable[[Connection], Awaitable[Alert | None]]


async def acknowledge(hub: Hub, alert_id: int, by: By) -> Alert:
    """Somebody looks after it; raises `Refused(NOT_FOUND)`, `Overtaken`, `NotAllowed` as all do."""

    async def change(tx: Connection) -> Alert | None:
        return await alerts.acknowledge(tx, alert_id, by.name, by.at)

    return await _attend(hub, alert_id, by, "acknowledged", change)


async def mute(hub: Hub, alert_id: int, until: datetime, by: By) -> Alert:
    """Tell nobody of it until then."""

    async def change(tx: Connection) -> Alert | None:
        return await alerts.mute(tx, alert_id, until)

    return await _attend(hub, alert_id, by, "muted", change, until=until.isoformat())


async def unmute(hub: Hub, alert_id: int, by: By) -> Alert:
    """Tell of it again."""

    async def change(tx: Connection) -> Alert | None:
        return await alerts.unmute(tx, alert_id)

    return await _attend(hub, alert_id, by, "unmuted", change)


async def resolve(hub: Hub, alert_id: int, by: By) -> Alert:
    """It is over; while its cause holds, the next look opens another."""

    async def change(tx: Connection) -> Alert | None:
        return await alerts.resolve(tx, alert_id, by.name, by.reason, by.at)

    return await _attend(hub, alert_id, by, "resolved", change)


async def _attend(
    hub: Hub, alert_id: int, by: By, done: str, change: Change, **facts: str
) -> Alert:
    if by.rank < Rank.OPERATOR:
        raise NotAllowed(Rank.OPERATOR)
    async with hub.store.write() as tx:
        before = await alerts.find(tx, alert_id)
        if before is None:
            raise refused(Code.NOT_FOUND)
        after = await change(tx)
        if after is None:
            raise _moved_on(before, done)
        await journal.append(tx, [_record(after, by, done, facts)])
        if done == "resolved":
            await alarm.tell(tx, hub, [(Event.RESOLVED, after)], by.at)
    hub.store.hint("seal", Kind.MAIL, Kind.NOTIFY)
    return after


def _moved_on(alert: Alert, wanted: str) -> Overtaken:
    """Somebody, or the watch, was quicker."""
    return Overtaken(
        Changed(target=alert.cause, fact="State", was="open", now=alert.state)
        if alert.state != "open"
        else Changed(target=alert.cause, fact="State", was="muted", now=wanted)
    )


def _record(alert: Alert, by: By, done: str, facts: dict[str, str]) -> journal.Record:
    return journal.Record(
        at=by.at,
        kind=f"alert {done}",
        subject=alert.cause,
        dossier=None,
        actor=by.actor,
        digest=None,
        facts={"alert": str(alert.id), **facts, "reason": by.reason},
    )
