"""How the demo tells its story: a line per step as it happens, on a terminal or in a log."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

_LOG_WIDTH = 140  #: columns where there is no terminal


class DoesNotHold(Exception):
    """Something came out otherwise than the story says it must."""


@dataclass(slots=True)
class Step:
    """One thing that somebody does; what comes of it is said on the line's end and below it."""

    who: str
    what: str
    result: str = ""
    details: list[str] = field(default_factory=list)

    def expect(self, holds: object, sentence: str) -> None:
        """Raise `DoesNotHold` with the sentence, unless it holds."""
        if not holds:
            raise DoesNotHold(sentence)

    def says(self, result: str, *details: str) -> None:
        """What came of it, and more lines below."""
        self.result = result
        self.details.extend(details)


class Teller:
    """Prints what is over and shows what is going on; `step` is the one under way."""

    def __init__(self, acts: int) -> None:
        found = Console(highlight=False)
        self.console = found if found.is_terminal else Console(highlight=False, width=_LOG_WIDTH)
        self.step: Step | None = None
        self._started = time.monotonic()
        self._progress = Progress(
            SpinnerColumn(),
            BarColumn(bar_width=24),
            TextColumn("{task.description}", markup=False),
            TimeElapsedColumn(),
            console=self.console,
            transient=True,
            disable=not self.console.is_terminal,
        )
        self._task = self._progress.add_task("", total=acts)

    @contextmanager
    def telling(self) -> Iterator[None]:
        """Show the progress while the block runs."""
        with self._progress:
            yield

    @property
    def elapsed(self) -> float:
        """Seconds since the beginning."""
        return time.monotonic() - self._started

    @contextmanager
    def act(self, title: str) -> Iterator[None]:
        """A part of the story with its heading."""
        self.console.print(f"\n{title}", style="bold", markup=False)
        yield
        self._progress.advance(self._task)

    @contextmanager
    def does(self, who: str, what: str) -> Iterator[Step]:
        """A step: printed once it is over; one that fails stays in `step`."""
        step = self.step = Step(who, what)
        self._progress.update(self._task, description=f"{who}: {what}")
        yield step
        self._print(step)
        self.step = None

    def _print(self, step: Step) -> None:
        line = Text("  ✓ ", style="green")
        line.append(f"{self.elapsed:5.1f}s ", style="dim")
        line.append(f"{step.who:<15}", style="cyan")
        line.append(f"{step.what:<52}", style="default")
        line.append(step.result, style="bold default")
        self.console.print(line, soft_wrap=True)
        for detail in step.details:
            self.console.print(f"{'':12}{detail}", style="dim", markup=False, soft_wrap=True)

    def failed(self, problem: str) -> None:
        """Say which step did not hold, and why."""
        step = self.step
        place = f"{step.who}: {step.what}: " if step else ""
        self.console.print(
            f"  ✗ {self.elapsed:5.1f}s {place}{problem}", style="bold red", markup=False
        )

    def log(self, name: str, lines: list[str]) -> None:
        """The last lines of somebody's log."""
        self.console.print(f"\n  last lines of {name}", style="bold", markup=False)
        for line in lines:
            self.console.print(f"    {line}", style="dim", markup=False, soft_wrap=True)
