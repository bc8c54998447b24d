"""The whole story: two licences from draft to their ends, two inspections, and what remains.

The hub and its partners are processes of their own; the acts give orders, watch what comes of
them, and hold every result against what it must be.
"""

from __future__ import annotations

import asyncio
import signal
import traceback
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

from gateway.demo import timeline
from gateway.demo.acts import asking, changing, clearing, inspecting, proving, using
from gateway.demo.place import NotOurs, Place
from gateway.demo.scene import Scene
from gateway.demo.stage import Failed
from gateway.demo.telling import DoesNotHold, Teller

_LOG_LINES = 15
_LONGEST = 400  #: characters of a log line that are shown

ACTS: tuple[tuple[str, Callable[[Scene], Awaitable[None]]], ...] = (
    ("The hub opens", asking.the_hub_opens),
    ("A licence for argan oil", asking.argan_oil),
    ("A licence for olive products, while the ministry is down", asking.olive_products),
    ("Customs uses the first licence", using.customs_imputes),
    ("What must change nothing", using.mishaps),
    ("To the last litre", using.to_the_last_litre),
    ("The books compared", using.the_books_compared),
    ("The ministry has second thoughts on the olives", changing.second_thoughts),
    ("An order shrinks, is late, and is lost", changing.an_order_shrinks),
    ("The money comes home", clearing.the_money_comes_home),
    ("Where things stand", clearing.where_things_stand),
    ("Carpets and plates get their certificate", inspecting.carpets_and_plates),
    ("Vases do not", inspecting.vases),
    ("Everything can be proved, by files alone", proving.everything_is_proved),
)


def run(output: Path) -> int:
    """Play the story into a folder; returns 0, or 1 when anything does not hold."""
    place = Place(output.resolve())
    teller = Teller(len(ACTS))
    try:
        place.make()
    except NotOurs as problem:
        teller.failed(f"{problem}; choose another folder with --output.")
        return 1
    try:
        return asyncio.run(_play(place, teller))
    except asyncio.CancelledError:
        return 128 + signal.SIGTERM


async def _play(place: Place, teller: Teller) -> int:
    _cancelled_by_sigterm()
    scene = Scene(place, teller)
    try:
        with teller.telling():
            for title, act in ACTS:
                with teller.act(title):
                    await act(scene)
        holds = True
    except asyncio.CancelledError:
        teller.failed("interrupted; every process is stopped.")
        raise
    except Exception as problem:
        holds = False
        _explain(scene, problem)
    finally:
        await scene.stage.close()
        timeline.write(place)
    if holds:
        teller.console.print(
            f"\nAll of it holds, in {teller.elapsed:.0f} s. See {place.folder}/timeline.md",
            style="bold green",
            markup=False,
            soft_wrap=True,
        )
    return 0 if holds else 1


def _explain(scene: Scene, problem: Exception) -> None:
    """The step that failed, and what the processes said last."""
    expected = isinstance(problem, Failed | DoesNotHold)
    scene.tell.failed(str(problem) if expected else repr(problem))
    scene.diary.note("fails", str(problem))
    if not expected:
        scene.tell.log("the story", traceback.format_exception(problem))
    for file in sorted(scene.place.logs.glob("*.log")):
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
        if lines:
            scene.tell.log(file.name, [_short(line) for line in lines[-_LOG_LINES:]])


def _short(line: str) -> str:
    """A log line that fits a screen: a traceback within it matters at its end."""
    return line if len(line) <= _LONGEST else f"{line[:120]} … {line[-(_LONGEST - 120) :]}"


def _cancelled_by_sigterm() -> None:
    """Treat SIGTERM as Ctrl-C: the processes are stopped in order."""
    task = asyncio.current_task()
    if task is not None:
        with suppress(RuntimeError, ValueError):  # outside the main thread there are no signals
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
