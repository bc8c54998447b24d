"""The watch: looks at the hub now and then, keeps what it finds as alerts, and has them told."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog

from gateway import alarm
from gateway.alarm import Event
from gateway.causes import FAMILIES, Family, Look
from gateway.hub import Hub
from storage import StoreUnavailable, alerts
from storage.alerts import Cause, Observed
from storage.queue import Kind

log = structlog.get_logger(__name__)


class Watch:
    """One loop of any number: looks of several processes take turns and find the same."""

    def __init__(self, hub: Hub, *, families: Sequence[Family] = FAMILIES) -> None:
        self._hub = hub
        self._families = families
        self._due = float("-inf")

    async def turn(self) -> int:
        """Look when it is time; there is never more to do at once."""
        if time.monotonic() >= self._due:
            self._due = time.monotonic() + self._hub.settings.alerts.every
            await self.look()
        return 0

    async def look(self) -> Observed:
        """Look at everything once; what was told is told in the transaction that keeps it."""
        hub, now = self._hub, self._hub.clock()
        present, looked = await self._found(now)
        async with hub.store.read() as connection:
            if not present and not await alerts.standing(connection, 1):
                return Observed()
        async with hub.store.write() as tx:
            observed = await alerts.observe(tx, present, looked, now)
            told = await alarm.tell(tx, hub, _happened(observed), now)
        if told:
            hub.store.hint(Kind.MAIL, Kind.NOTIFY)
        return observed

    async def _found(self, now: datetime) -> tuple[list[Cause], dict[str, timedelta]]:
        """What there is, and in which families was looked; one that fails hinders no other."""
        present: list[Cause] = []
        looked: dict[str, timedelta] = {}
        partners = await self._hub.directory.look()
        for family in self._families:
            try:
                async with self._hub.store.read() as connection:
                    look = Look(hub=self._hub, conn=connection, partners=partners, now=now)
                    present += await family.find(look)
            except StoreUnavailable:
                raise
            except Exception as bug:
                log.exception("look_failed", family=family.names[0], error=type(bug).__name__)
            else:
                looked |= dict.fromkeys(family.names, family.unseen)
        return present, looked


def _happened(observed: Observed) -> list[tuple[Event, alerts.Alert]]:
    return [
        *((Event.OPENED, alert) for alert in observed.opened),
        *((Event.RAISED, alert) for alert in observed.raised),
        *((Event.RESOLVED, alert) for alert in observed.resolved),
    ]
