"""The demo's timeline: the diaries of all processes in one order, for people and for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from gateway.demo.place import Place
from gateway.demo.record import Diary


def write(place: Place) -> None:
    """Write `timeline.json` and `timeline.md` from what the processes noted."""
    entries = sorted(
        (
            entry
            for file in place.logs.glob("*.jsonl")
            for entry in Diary(file, file.stem).entries()
        ),
        key=lambda entry: str(entry["at"]),
    )
    (place.folder / "timeline.json").write_text(
        json.dumps(entries, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )
    (place.folder / "timeline.md").write_text("\n".join(_page(entries)) + "\n", encoding="utf-8")


def _page(entries: list[dict[str, Any]]) -> Iterator[str]:
    yield "# What happened"
    yield ""
    yield "Each signed message is a file in `messages/`, numbered in order, with the hub's receipt"
    yield "and outcome beside it; papers are in `papers/`, what each process did in `logs/`."
    yield ""
    yield "| When (s) | Who | What | Result | File |"
    yield "|---:|---|---|---|---|"
    start = datetime.fromisoformat(entries[0]["at"]) if entries else None
    for entry in entries:
        after = datetime.fromisoformat(entry["at"]) - start if start else None
        seconds = f"{after.total_seconds():.1f}" if after is not None else ""
        cells = (seconds, entry["who"], entry["what"], entry["result"], _file(entry))
        yield f"| {' | '.join(_cell(cell) for cell in cells)} |"
    yield from _ends(entry["dossier"] for entry in entries if "dossier" in entry)


def _ends(reports: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Where each licence stands at the end."""
    yield ""
    yield "# Where the licences stand"
    yield ""
    yield "| Number | State | Visa | Line | Granted | Imputed | Left | Unit |"
    yield "|---|---|---|---:|---:|---:|---:|---|"
    for report in reports:
        for one in report["balances"]:
            yield (
                f"| {report['number']} | {report['state_fr']} | {report['visa']} | {one['line']}"
                f" | {one['granted']} | {one['imputed']} | {one['remaining']} | {one['unit']} |"
            )


def _file(entry: dict[str, Any]) -> str:
    return f"{entry['stem']}.xml" if "stem" in entry else str(entry.get("file", ""))


def _cell(text: object) -> str:
    return str(text).replace("|", "\\|").replace("\n", " ")
