"""The examples of a Markdown page: its fenced blocks, by language, and its files."""

from __future__ import annotations

import re
from pathlib import Path

HOUSE = Path(__file__).parent.parent.parent

_FENCE = re.compile(r"^```(?P<language>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_FILE = re.compile(
    r"^<!-- file: (?P<name>\S+) -->\n```\w*\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)


def blocks(page: str, language: str) -> list[str]:
    """The page's blocks of one language, in order."""
    text = (HOUSE / page).read_text(encoding="utf-8")
    return [one["text"] for one in _FENCE.finditer(text) if one["language"] == language]


def files(page: str) -> dict[str, str]:
    """The files that the page tells the reader to write."""
    text = (HOUSE / page).read_text(encoding="utf-8")
    return {one["name"]: one["text"] for one in _FILE.finditer(text)}
