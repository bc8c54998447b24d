"""A real hub in a process of its own, to be killed, stopped, starved or spoiled."""

from __future__ import annotations

import asyncio
import multiprocessing
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from datetime import timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path

import aiohttp

from gateway.config import HttpSettings, QueueSettings
from gateway.private import write_private
from gateway.serve import opened, serve
from tests.town import PARTNERS, Town, make_key, register, settings_for

LEASE = 1.0  #: seconds

_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload(["gateway.serve", "gateway.rendering", "handlers.registry"])

#: What a victim does to itself before it serves; a function of a module, for it is sent by name.
Spoil = Callable[[Path], None]


def _run(
    folder: Path, url: str, port: int, workers: int, lease: float, spoil: Spoil | None
) -> None:
    if spoil is not None:
        spoil(folder)
    settings = settings_for(
        folder,
        url,
        http=HttpSettings(port=max(port, 0)),
        queue=QueueSettings(poll=0.1, lease=timedelta(seconds=lease)),
    )
    asyncio.run(serve(settings, host=None, port=port, workers=workers, ready=lambda line: None))


@contextmanager
def victim(
    folder: Path,
    url: str,
    port: int,
    *,
    workers: int = 1,
    lease: float = LEASE,
    spoil: Spoil | None = None,
) -> Iterator[BaseProcess]:
    """A hub that is killed at the end of the block; a `port` of -1 has workers and no door."""
    process = _forks.Process(
        target=_run, args=(folder, url, port, workers, lease, spoil), daemon=True
    )
    process.start()
    try:
        yield process
    finally:
        process.kill()
        process.join()


async def alive(url: str) -> None:
    """Wait until the hub at this address takes messages."""
    end = time.monotonic() + 30
    async with aiohttp.ClientSession() as http:
        while True:
            try:
                async with http.get(f"{url}/readyz") as answer:
                    if answer.status == 200:
                        return
            except aiohttp.ClientError:
                pass
            if time.monotonic() > end:
                raise TimeoutError("the hub did not come back")
            await asyncio.sleep(0.02)


@asynccontextmanager
async def founded(folder: Path, database: str, port: int) -> AsyncIterator[Town]:
    """A town whose hub runs elsewhere: its store is open here, for the oracle."""
    hub_key = make_key("passavant")
    write_private(folder / "hub.key.pem", hub_key.key_pem)
    (folder / "hub.cert.pem").write_bytes(hub_key.cert_pem)
    keys = {name: make_key(name) for name in PARTNERS}
    async with (
        opened(settings_for(folder, database)) as hub,
        AsyncExitStack() as stack,
    ):
        for name, role in PARTNERS.items():
            await register(hub, name, role, keys[name])
        yield Town(
            hub=hub,
            running=None,  # type: ignore[arg-type]  # it runs in the victim's process
            url=f"http://127.0.0.1:{port}",
            keys=keys,
            hub_certificate=hub_key.certificate,
            stack=stack,
        )
