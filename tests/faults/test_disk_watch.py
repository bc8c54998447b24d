"""A disk that fills up under the operators' eyes: told in time, seen in the console, and over."""

from __future__ import annotations

import asyncio
import os
import resource
import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from gateway.console.sessions import digest_of
from gateway.validity import URGENT
from storage import sessions
from tests.console.visitors import Visitor, stranger, visitor
from tests.faults.disks import LARGE, SMALL, Limit, Tmpfs, limited, may_mount, mounted
from tests.faults.oracle import Log, judge, keep_sending
from tests.faults.test_disk import many
from tests.faults.victim import alive, founded, victim
from tests.journeys.duty import Duty, terminal
from tests.town import Town


class Usage(NamedTuple):
    """As `shutil.disk_usage` gives it."""

    total: int
    used: int
    free: int


def watchful(_folder: Path) -> None:
    """The victim looks around often: its environment says so."""
    os.environ["PASSAVANT_ALERTS__EVERY"] = "0.2"


def watchful_and_limited(folder: Path) -> None:
    """The same where the kernel's limit stands for the disk: what it lets grow is what is free."""
    watchful(folder)
    resource.setrlimit(resource.RLIMIT_FSIZE, (SMALL, LARGE))
    shutil.disk_usage = _measured  # type: ignore[assignment]  # the same three numbers


def _measured(_folder: object) -> Usage:
    now, _ = resource.getrlimit(resource.RLIMIT_FSIZE)
    free = now - SMALL
    return Usage(total=LARGE, used=LARGE - free, free=free)


DISKS = (
    {"tmpfs": (mounted, watchful)} if may_mount() else {"limit": (limited, watchful_and_limited)}
)


async def longer_ago(place: Town, desk: Visitor) -> None:
    """A session that is due to be written down again."""
    now = place.hub.clock()
    async with place.hub.store.write() as tx:
        seen, until = now - timedelta(minutes=5), now + timedelta(minutes=25)
        await sessions.touch(tx, digest_of(desk.cookie), seen, until)


@pytest.mark.parametrize(("disk", "spoil"), DISKS.values(), ids=DISKS.keys())
async def test_a_full_disk_is_told_before_it_is_full_shown_while_it_is_and_over_when_mended(
    disk: Callable[[], AbstractContextManager[Limit | Tmpfs]],
    spoil: Callable[[Path], None],
    unused_tcp_port: int,
) -> None:
    log, stop = Log(), asyncio.Event()
    with disk() as small, terminal() as commands:
        url = f"sqlite:///{small.folder}/hub.db"
        async with founded(small.folder, url, unused_tcp_port) as place:
            declarant, desk = await place.client("coop-atlas"), await visitor(place)
            duty = Duty(place=place, folder=small.folder, commands=commands, console=desk)
            duty.settle(url)
            with victim(small.folder, url, unused_tcp_port, spoil=spoil) as process:
                await alive(place.url)
                alert = await duty.alerted("disk", level=URGENT)
                await longer_ago(place, desk)
                sender = asyncio.create_task(keep_sending(declarant, log, stop))
                await many(log.put_off, 20)
                for page in ("/", "/alerts", f"/alerts/{alert.id}", "/queue", "/journal"):
                    await duty.sees(page)
                form = await desk.post(f"/alerts/{alert.id}/acknowledge", reason="I see to it")
                assert form.status == 503  # its line in the journal could not be written
                assert isinstance(await declarant.mailbox(), list)
                guest = await stranger(place)
                await guest.get("/login")
                assert (await guest.post("/login", name=desk.name, password="x" * 20)).status == 503
                await duty.types("passavant queue list --kind timer --limit 3")
                small.free(process.pid or 0)
                await duty.over(alert)
                stop.set()
                await sender
                await judge(place, declarant, log, at_least=0)
