"""Over real HTTP: a hub in its own process, messages at half of what it can take."""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import quantiles

import aiohttp

from bench.letters import signed
from bench.town import hub_in
from gateway.seal.sign import Signer
from gateway.serve import Running, take_short_turns

_HEADERS = {"Content-Type": "application/xml"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """Seconds: processor time per message in the hub's process, and receipt times at half load."""

    cpu: float
    p50: float
    p99: float


def measure(folder: Path, messages: int) -> Latency:
    """Find the hub's pace with a crowd, then send at half of it and time each receipt."""
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    hub = multiprocessing.get_context("spawn").Process(
        target=_hub, args=(str(folder), messages, theirs)
    )
    hub.start()
    try:
        url, crowd, steady = ours.recv()
        pace = asyncio.run(_crowd(url, crowd))
        ours.send("drained?")
        cpu = ours.recv() / len(crowd)
        times = asyncio.run(_steady(url, steady, pace / 2))
    finally:
        hub.terminate()
        hub.join()
    cuts = quantiles(times, n=100)
    return Latency(cpu=cpu, p50=cuts[49], p99=cuts[98])


def _hub(folder: str, messages: int, pipe: Connection) -> None:
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_run_hub(Path(folder), messages, pipe))


async def _run_hub(folder: Path, messages: int, pipe: Connection) -> None:
    take_short_turns()
    async with hub_in(folder) as (hub, signer):
        running = Running(hub)
        async with running.workers(1), running.door() as (host, port):
            crowd, steady = _letters(signer, messages), _letters(signer, messages)
            started = time.process_time()
            pipe.send((f"http://{host}:{port}/messages", crowd, steady))
            await asyncio.to_thread(pipe.recv)
            while any((await _depth(running)).values()):  # noqa: ASYNC110 (a process empties it)
                await asyncio.sleep(0.02)
            pipe.send(time.process_time() - started)
            await asyncio.Event().wait()


async def _depth(running: Running) -> dict[str, int]:
    from storage import queue

    async with running.hub.store.read() as connection:
        return {
            kind.value: depth.ready + depth.waiting
            for kind, depth in (await queue.depth(connection, running.hub.clock())).items()
        }


def _letters(signer: Signer, count: int) -> list[bytes]:
    return list(signed(signer, count))


async def _post(http: aiohttp.ClientSession, url: str, document: bytes) -> float:
    started = time.perf_counter()
    async with http.post(url, data=document, headers=_HEADERS) as answer:
        await answer.read()
        if answer.status != 202:
            raise RuntimeError(f"the hub answered {answer.status}")
    return time.perf_counter() - started


async def _crowd(url: str, documents: list[bytes]) -> float:
    """Messages per second that the hub takes from 32 senders."""
    left = iter(documents)
    async with aiohttp.ClientSession() as http:

        async def sender() -> None:
            for document in left:
                await _post(http, url, document)

        started = time.perf_counter()
        await asyncio.gather(*(sender() for _ in range(32)))
        return len(documents) / (time.perf_counter() - started)


async def _steady(url: str, documents: list[bytes], pace: float) -> list[float]:
    """Receipt times when messages arrive at an even pace, whether or not the last is answered."""
    async with aiohttp.ClientSession() as http:
        loop = asyncio.get_running_loop()
        started, sent = loop.time(), []
        for index, document in enumerate(documents):
            await asyncio.sleep(started + index / pace - loop.time())
            sent.append(asyncio.create_task(_post(http, url, document)))
        return await asyncio.gather(*sent)
