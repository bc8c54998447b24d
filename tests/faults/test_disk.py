"""A disk that fills up: said in signed refusals, nothing acknowledged is lost, and it mends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from tests.faults.disks import Limit, Tmpfs, limited, may_mount, mounted
from tests.faults.oracle import Log, judge, keep_sending
from tests.faults.victim import alive, founded, victim

SENDERS = 4
DISKS = {"limit": limited, **({"tmpfs": mounted} if may_mount() else {})}


@pytest.mark.parametrize("disk", DISKS.values(), ids=DISKS.keys())
async def test_a_full_disk_fails_cleanly_and_recovers(
    disk: Callable[[], AbstractContextManager[Limit | Tmpfs]], unused_tcp_port: int
) -> None:
    """Claim 12."""
    log, stop = Log(), asyncio.Event()
    with disk() as small:
        url = f"sqlite:///{small.folder}/hub.db"
        async with founded(small.folder, url, unused_tcp_port) as place:
            declarant = await place.client("coop-atlas")
            with victim(small.folder, url, unused_tcp_port, spoil=small.spoil) as process:
                await alive(place.url)
                senders = [
                    asyncio.create_task(keep_sending(declarant, log, stop)) for _ in range(SENDERS)
                ]
                await many(log.put_off, 20)
                before = len(log.received)
                assert process.is_alive()
                assert before > 0
                await alive(place.url)  # reading goes on
                for refusal in log.put_off.values():
                    facts = declarant.read(refusal)  # raises unless the hub signed it
                    assert [error["code"] for error in facts["errors"]] == ["PSV-106"]
                small.free(process.pid or 0)
                await many(log.received, before + 20)
                stop.set()
                await asyncio.gather(*senders)
                assert not log.refused
                for instance in list(log.put_off)[:20]:
                    reply = await declarant.send(log.sent[instance])
                    assert reply.received
                    log.received[instance] = reply.document
                await judge(place, declarant, log, at_least=before + 20)


async def many(known: dict[str, bytes], count: int, seconds: float = 60) -> None:
    """Wait until so many messages were answered in this way."""
    end = asyncio.get_running_loop().time() + seconds
    while len(known) < count:
        if asyncio.get_running_loop().time() > end:
            raise TimeoutError(f"{len(known)} of {count}")
        await asyncio.sleep(0.05)
