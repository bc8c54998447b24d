"""What a demo leaves behind: a diary per process, and every signed message as a numbered file."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Diary:
    """One process's JSON lines: when, who, what, with which result, and facts beside."""

    file: Path
    who: str

    def note(self, what: str, result: str = "", **facts: object) -> None:
        """Add a line, at once on the disk so that a killed process leaves what it did."""
        entry = {
            "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "who": self.who,
            "what": what,
            "result": result,
            **facts,
        }
        with self.file.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps(entry, ensure_ascii=False, default=str) + "\n")

    def entries(self) -> Iterator[dict[str, Any]]:
        """What was noted, also by an earlier process of the same name."""
        if self.file.exists():
            for line in self.file.read_text(encoding="utf-8").splitlines():
                yield json.loads(line)


@dataclass(frozen=True, slots=True)
class Shelf:
    """The folder of messages, whose numbers run over all the processes of a demo."""

    folder: Path
    counter: Path

    def take(self, *words: str) -> str:
        """The next number with words that say what it is: the stem of one message's files."""
        with self.counter.open("a+", encoding="ascii") as count:
            fcntl.flock(count, fcntl.LOCK_EX)  # held until the file is closed
            count.seek(0)
            number = int(count.read() or "0") + 1
            count.truncate(0)
            count.write(str(number))
        return "-".join((f"{number:03d}", *words))

    def keep(self, name: str, document: bytes) -> Path:
        """Write one file, byte for byte."""
        file = self.folder / name
        file.write_bytes(document)
        return file
