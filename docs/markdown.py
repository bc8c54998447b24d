"""Tables and texts in Markdown, with what would break them escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

_MEANT = str.maketrans({"|": "\\|", "<": "&lt;", "\n": " "})


def text(words: str) -> str:
    """One line of prose: `code` stays code, nothing else becomes markup."""
    pieces = words.split("`")
    for index in range(0, len(pieces), 2):
        pieces[index] = pieces[index].translate(_MEANT)
    for index in range(1, len(pieces), 2):
        pieces[index] = pieces[index].replace("|", "\\|").replace("\n", " ")
    return "`".join(pieces)


def code(value: str) -> str:
    """A literal; nothing at all for an empty one."""
    shown = value.replace("|", "\\|")
    return f"`{shown}`" if value else ""


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of cells that are Markdown already."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def page(title: str, made_from: str, *parts: str) -> str:
    """A generated page: its title, where it comes from, its parts."""
    note = f"<!-- Written by `make docs` from {made_from}; not edited by hand. -->"
    body = "\n\n".join(part.strip("\n") for part in parts if part.strip())
    return f"# {title}\n\n{note}\n\n{body}\n"
