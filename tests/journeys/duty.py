"""The operator on duty: types the guide's commands, opens pages, confirms acts, sees alerts.

What a command prints is held against what the guide shows for it.
"""

from __future__ import annotations

import asyncio
import html
import multiprocessing
import os
import re
import shlex
from collections.abc import AsyncIterator, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from textwrap import dedent
from typing import Any

from storage import alerts, messages
from storage.alerts import Alert
from tests.console.visitors import Visitor, visitor
from tests.docs.blocks import HOUSE
from tests.town import Town, town

GUIDE = "docs/how-to/six-bad-nights.md"
WIDE = "110"  #: columns of the terminal

#: Of the guide, in its steps too: commands and what they print.
_FENCE = re.compile(r"^(?P<deep> *)```console\n(?P<text>.*?)^(?P=deep)```$", re.M | re.DOTALL)
_UUID = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b")
_DIGEST = re.compile(r"\b[0-9a-f]{16,64}\b")
_NUMBER = re.compile(r"\d+")
_MAIN = re.compile(r"<main.*?>(.*)</main>", re.DOTALL)
_FIELD = re.compile(r'<input type="hidden" name="(act|what|query)" value="([^"]*)"')


def _typed(words: list[str], config: str, width: str) -> tuple[int, str]:
    """One command, in a process that has the programs loaded: its status, and what it printed."""
    os.environ.update(PASSAVANT_CONFIG=config, COLUMNS=width)
    from typer.testing import CliRunner

    from gateway.cli import app

    done = CliRunner().invoke(app, words, prog_name="passavant")
    return done.exit_code, done.output


@contextmanager
def terminal() -> Iterator[ProcessPoolExecutor]:
    """A process beside the hub in which commands run one after another."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        yield pool


def examples(page: str = GUIDE) -> dict[str, str]:
    """Each command that a page shows, with what it prints there."""
    found: dict[str, str] = {}
    text = (HOUSE / page).read_text(encoding="utf-8")
    for block in map(dedent, (one["text"] for one in _FENCE.finditer(text))):
        starts = [place.start() for place in re.finditer(r"^\$ ", block, re.MULTILINE)]
        for start, end in pairwise([*starts, len(block)]):
            line, _, printed = block[start + 2 : end].partition("\n")
            found[line] = printed
    return found


@dataclass
class Duty:
    """Somebody with a terminal and the console of a running hub, and the guide beside."""

    place: Town
    folder: Path
    commands: ProcessPoolExecutor
    console: Visitor
    shown: dict[str, str] = field(default_factory=examples)

    def settle(self, url: str) -> None:
        """Write the settings file that commands read."""
        toml = f'[database]\nurl = "{url}"\n\n[delivery]\nallow_private = true\n'
        (self.folder / "passavant.toml").write_text(toml, encoding="utf-8")

    async def types(
        self, line: str, real: Mapping[str, object] | None = None, *, status: int = 0
    ) -> str:
        """A command as the guide has it; `real` says what stands for which words of its example.

        What it prints must be what the guide shows, but for numbers and random identifiers.
        """
        stands = {example: str(value) for example, value in (real or {}).items()}
        typed = line
        for example, value in stands.items():
            typed = typed.replace(example, value)
        words = shlex.split(typed)
        assert words.pop(0) == "passavant"
        config = str(self.folder / "passavant.toml")
        loop = asyncio.get_running_loop()
        found, printed = await loop.run_in_executor(self.commands, _typed, words, config, WIDE)
        assert found == status, printed
        for example, value in stands.items():
            printed = printed if value.isdigit() else printed.replace(value, example)
        _compare(line, self.shown, printed)
        return printed

    async def sees(self, path: str, *, status: int = 200) -> str:
        """The words of a page of the console."""
        answer = await self.console.get(path)
        text = await answer.text()
        assert answer.status == status, f"{path}: {answer.status} {_words(text)[:500]}"
        return _words(text)

    async def previews(self, query: str) -> str:
        """What an act would do, as its page says."""
        return await self.sees(f"/acts/new?{query}")

    async def confirms(self, query: str, reason: str, *, by: Visitor | None = None) -> str:
        """Press the button of an act's page; where that leads."""
        who = by or self.console
        page = await (await who.get(f"/acts/new?{query}")).text()
        hidden = {name: html.unescape(value) for name, value in _FIELD.findall(page)}
        answer = await who.post("/acts", reason=reason, **hidden)
        assert answer.status == 303, _words(await answer.text())[:500]
        return str(answer.headers["Location"])

    async def presses(self, page: str, form: str) -> str:
        """Press a button of a page that asks nothing; the words of what comes of it."""
        await self.sees(page)
        answer = await self.console.post(form)
        assert answer.status == 200
        return _words(await answer.text())

    async def downloads(self, sender: str, instance: str, what: str) -> Path:
        """A message, its receipt or its outcome, from the message's page into a file."""
        async with self.place.hub.store.read() as connection:
            found = await messages.find(connection, sender, instance)
        assert found is not None
        address = self.console.address(f"/messages/received/{found.id}/{what}")
        async with self.console.http.get(address) as answer:
            assert answer.status == 200
            assert f"{instance}-{what}.xml" in answer.headers["Content-Disposition"]
            file = self.folder / f"kept-{what}.xml"
            file.write_bytes(await answer.read())
        return file

    async def alerted(
        self, family: str, *, level: int = 0, count: int = 1, seconds: float = 20
    ) -> Alert:
        """The alert of that family, once it stands, is so grave and concerns so many."""

        def fits(one: Alert) -> bool:
            return one.family == family and one.level >= level and one.count >= count

        found = await self._until(lambda standing: next(filter(fits, standing), None), seconds)
        assert isinstance(found, Alert)
        return found

    async def over(self, alert: Alert, seconds: float = 20) -> None:
        """Wait until the alert has ended, and see that nobody ended it."""
        await self._until(lambda all_: all(one.id != alert.id for one in all_), seconds)
        async with self.place.hub.store.read() as connection:
            ended = await alerts.find(connection, alert.id)
        assert ended is not None
        assert (ended.state, ended.resolved_by) == ("resolved", None)

    async def _until(self, holds: Any, seconds: float) -> object:
        end = asyncio.get_running_loop().time() + seconds
        while True:
            async with self.place.hub.store.read() as connection:
                standing = await alerts.standing(connection)
            if found := holds(standing):
                return found
            assert asyncio.get_running_loop().time() < end, [one.cause for one in standing]
            await asyncio.sleep(0.05)


@asynccontextmanager
async def on_duty(
    folder: Path, url: str, commands: ProcessPoolExecutor, role: str = "operator", **sections: Any
) -> AsyncIterator[Duty]:
    """A running hub with its settings file, and an operator before it."""
    async with town(folder, url, **sections) as place:
        desk = await visitor(place, role, "samira")
        duty = Duty(place=place, folder=folder, commands=commands, console=desk)
        duty.settle(url)
        yield duty


def _compare(line: str, shown: Mapping[str, str], told: str) -> None:
    assert line in shown, f"the guide has no {line!r}"
    fits = _pattern(shown[line]).fullmatch(_plain(told))
    assert fits, f"{line}\nshown:\n{shown[line]}\ntold:\n{told}"


def _plain(text: str) -> str:
    """Without what differs at every run: numbers, random identifiers, the widths of columns."""
    return " ".join(_NUMBER.sub("0", _DIGEST.sub("0", _UUID.sub("0", text))).split())


def _pattern(shown: str) -> re.Pattern[str]:
    """What is shown, a line of “…” standing for any lines."""
    parts = re.split(r"^…$", shown, flags=re.MULTILINE)
    return re.compile(r"\s*.*\s*".join(re.escape(_plain(part)) for part in parts))


def _words(page: str) -> str:
    """What a page says in its main part, without its tags."""
    main = _MAIN.search(page)
    text = re.sub(r"<[^>]+>", " ", main.group(1) if main else page)
    return " ".join(html.unescape(text).split())
