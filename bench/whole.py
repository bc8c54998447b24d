"""One message whole: bytes in, checked, stored, handled, its outcome signed and stored."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path

from bench.letters import signed
from bench.town import hub_in
from gateway.bell import Bell
from gateway.hub import Hub
from gateway.intake import Intake
from gateway.receive import Reception
from gateway.work import Worker
from storage import journal

AT_ONCE = 64  #: messages in flight, as under load


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """Seconds of processor time per message, and megabytes the process grew by."""

    cpu: float
    growth_mb: float


async def measure(folder: Path, messages: int, growth: int) -> Whole:
    """The cost over `messages`, then the growth of memory over `growth` more."""
    async with hub_in(folder) as (hub, signer):
        intake = Intake(hub.store, limit=10_000)
        committing = asyncio.create_task(intake.run())
        reception, worker = Reception(hub, intake), Worker(hub, Bell(), name="bench")
        await _send(hub, reception, worker, list(signed(signer, 1_000)))
        cpu = await _send(hub, reception, worker, list(signed(signer, messages)))
        before = _resident_mb()
        for _ in range(growth // 1_000):
            await _send(hub, reception, worker, list(signed(signer, 1_000)))
        after = _resident_mb()
        intake.stop()
        await committing
    return Whole(cpu=cpu, growth_mb=after - before)


async def _send(hub: Hub, reception: Reception, worker: Worker, documents: list[bytes]) -> float:
    """Processor seconds per message for a crowd of senders, the work and the journal's seals."""
    left = iter(documents)

    async def sender() -> None:
        for document in left:
            answer = await reception.receive(document)
            if answer.status != 202:
                raise RuntimeError(answer.document.decode())

    started = time.process_time()
    senders = asyncio.gather(*(sender() for _ in range(AT_ONCE)))
    while not senders.done():
        if not await worker.turn():
            await asyncio.sleep(0.001)
    await senders
    while await worker.turn():
        pass
    await _seal(hub)
    return (time.process_time() - started) / len(documents)


async def _seal(hub: Hub) -> None:
    sealed = 1
    while sealed:
        async with hub.store.write() as tx:
            sealed = await journal.seal(tx, hub.stamp.sign, hub.clock())


def _resident_mb() -> float:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024
