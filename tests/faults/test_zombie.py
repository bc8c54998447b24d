"""A worker stopped in the middle of its work, past its lease: what it did is not done."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Sequence
from datetime import datetime
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from gateway import decide as deciding
from gateway import work as working
from storage import queue, work
from storage.engine import Connection
from tests import letters
from tests.faults.oracle import Log, judge, send_once
from tests.faults.victim import LEASE, alive, founded, victim

CLAIMED, COMMITTED = "claimed", "committed"
STARTING = 10  #: seconds a fresh process may take to start, which is not what is measured


def hesitant(folder: Path) -> None:
    """Decide, then fall asleep with the first decision in hand, and say how its commit went."""
    decide, commit = deciding.decide, work.commit_work

    def slowly(*given: Any) -> Any:
        found = decide(*given)
        if not (folder / CLAIMED).exists():
            (folder / CLAIMED).write_text("")
            time.sleep(LEASE / 2)  # it is stopped in here
        return found

    async def witnessed(tx: Connection, batch: Sequence[work.Done], now: datetime) -> None:
        verdict = "committed"
        try:
            await commit(tx, batch, now)
        except queue.LeaseLost:
            verdict = "lease lost"
            raise
        finally:
            with (folder / COMMITTED).open("a") as log:
                log.write(f"{verdict}\n")

    working.decide = slowly  # type: ignore[attr-defined,assignment]  # the name it calls
    work.commit_work = witnessed


def appeared(file: Path, seconds: float = 20) -> None:
    """Wait for what another process writes; nothing of ours runs meanwhile."""
    end = time.monotonic() + seconds
    while not file.exists():
        assert time.monotonic() < end, file.name
        time.sleep(0.01)


async def test_a_zombie_worker_cannot_commit(
    tmp_path: Path, database_url: str, unused_tcp_port: int
) -> None:
    """Claims 10 and 11: another finishes within lease + 5 s, and the effect is one."""
    log = Log()
    async with founded(tmp_path, database_url, unused_tcp_port) as place:
        declarant = await place.client("coop-atlas")
        with (
            victim(tmp_path, database_url, -1, spoil=hesitant) as zombie,
            victim(tmp_path, database_url, unused_tcp_port, workers=0),
        ):
            await alive(place.url)
            document = declarant.signed(letters.application(), instance="contested")
            await send_once(declarant, log, document)
            appeared(tmp_path / CLAIMED)
            tell(zombie, signal.SIGSTOP)
            stopped = time.monotonic()
            assert await place.count("dossiers") == 0
            with victim(tmp_path, database_url, -1):
                outcome = await declarant.outcome("contested", wait=LEASE + 20)
                assert outcome["status"] == "accepted"
                assert time.monotonic() - stopped < LEASE + 5 + STARTING
                first = await declarant.download("/messages/contested/outcome")
                tell(zombie, signal.SIGCONT)
                appeared(tmp_path / COMMITTED)
                assert (tmp_path / COMMITTED).read_text() == "lease lost\n"
                assert await declarant.download("/messages/contested/outcome") == first
                await judge(place, declarant, log, at_least=0)


def tell(process: BaseProcess, number: signal.Signals) -> None:
    assert process.pid is not None
    os.kill(process.pid, number)
