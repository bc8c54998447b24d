"""The processes of the demo: started, spoken to, and stopped whatever happens."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from gateway.demo.place import PROJECT, Place

START = 30.0  #: seconds a process may take until it says that it is ready
ANSWER = 60.0  #: seconds a partner may take to carry out one order
STOP = 10.0  #: seconds a process may take to end before it is told more firmly
_LINE = 4 * 1024 * 1024  #: longest answer of a partner, in bytes

#: The command `passavant`, by the very interpreter that runs the demo.
PASSAVANT = ("-c", "from gateway.cli import main; main()")


class Failed(Exception):
    """A process did not do what it was asked; the sentence says why."""


class Process:
    """A running process, its answers, and the file that holds its complaints."""

    def __init__(self, name: str, process: asyncio.subprocess.Process) -> None:
        self.name = name
        self.pid = process.pid
        self._process = process

    async def line(self, seconds: float) -> str:
        """Its next line; raises `Failed` when it ends or says nothing in time."""
        out = self._process.stdout
        if out is None:
            raise Failed(f"{self.name} cannot be heard")
        try:
            async with asyncio.timeout(seconds):
                line = await out.readline()
        except TimeoutError:
            raise Failed(f"{self.name} said nothing for {seconds:g} s") from None
        if not line:
            raise Failed(f"{self.name} ended with status {await self._process.wait()}")
        return line.decode().strip()

    async def ask(self, do: str, **details: object) -> dict[str, Any]:
        """Give an order and wait for what came of it; raises `Failed` with the partner's words."""
        order = json.dumps({"do": do, **details}) + "\n"
        if self._process.stdin is None:
            raise Failed(f"{self.name} cannot be spoken to")
        try:
            self._process.stdin.write(order.encode())
            await self._process.stdin.drain()
        except ConnectionError:
            raise Failed(f"{self.name} is not there any more") from None
        answer: dict[str, Any] = json.loads(await self.line(ANSWER))
        if "failed" in answer:
            raise Failed(f"{self.name} could not {do}: {answer['failed']}")
        return answer

    async def kill(self) -> None:
        """End it without a warning, as a power cut would."""
        self._signal(signal.SIGKILL)
        await self._process.wait()

    async def stop(self) -> int:
        """Tell it that it is over, and insist when it does not end; returns its exit status."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        else:
            self._signal(signal.SIGTERM)
        for insist in (signal.SIGTERM, signal.SIGKILL):
            try:
                async with asyncio.timeout(STOP):
                    return await self._process.wait()
            except TimeoutError:
                self._signal(insist)
        return await self._process.wait()

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            self._process.send_signal(number)


class Stage:
    """Every process of one demo; leaving the block ends them all, the last one first."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self._running: list[Process] = []

    async def command(self, *words: str | Path) -> tuple[int, str]:
        """Run `passavant …` to its end; returns its exit status and all that it said."""
        return await run([sys.executable, *PASSAVANT, *map(str, words)])

    async def serve(self) -> tuple[Process, str]:
        """Start the hub; returns it with its ready line."""
        words = (*PASSAVANT, "serve", "--port", "0", "--config", self.place.config)
        return await self._start("hub", words, stdin=asyncio.subprocess.DEVNULL)

    async def partner(self, module: str, name: str, *words: str | Path) -> Process:
        """Start a partner, which takes orders."""
        argv = ("-m", f"gateway.demo.{module}", "--name", name, "--output", self.place.folder)
        process, _ = await self._start(name, (*argv, *words), stdin=asyncio.subprocess.PIPE)
        return process

    async def _start(
        self, name: str, words: Sequence[str | Path], *, stdin: int
    ) -> tuple[Process, str]:
        with (self.place.logs / f"{name}.log").open("ab") as complaints:
            process = Process(
                name,
                await asyncio.create_subprocess_exec(
                    sys.executable,
                    *map(str, words),
                    stdin=stdin,
                    stdout=asyncio.subprocess.PIPE,
                    stderr=complaints,
                    env=_environment(),
                    limit=_LINE,
                    # Ctrl-C is for the story alone, which ends the others in order.
                    start_new_session=True,
                ),
            )
        self._running.append(process)
        return process, await process.line(START)

    async def end(self, process: Process) -> int:
        """Stop one process before the others; returns its exit status."""
        self._running.remove(process)
        return await process.stop()

    async def kill(self, process: Process) -> None:
        """Kill one process."""
        self._running.remove(process)
        await process.kill()

    async def close(self) -> None:
        """Stop what still runs."""
        while self._running:
            await self._running.pop().stop()


async def run(argv: Sequence[str]) -> tuple[int, str]:
    """Run a command to its end; returns its exit status and all that it said."""
    process = await asyncio.create_subprocess_exec(
        *argv,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env=_environment(),
    )
    try:
        said, _ = await process.communicate()
    except asyncio.CancelledError:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        raise
    return process.returncode or 0, said.decode(errors="replace").strip()


def _environment() -> dict[str, str]:
    """Ours without the settings of any other hub, and with the project where Python looks."""
    mine = {name: value for name, value in os.environ.items() if not name.startswith("PASSAVANT_")}
    path = os.pathsep.join(filter(None, (str(PROJECT), mine.get("PYTHONPATH"))))
    # Wide enough that no sentence of a command is broken in two.
    return {**mine, "PYTHONPATH": path, "PYTHONUTF8": "1", "COLUMNS": "200"}
