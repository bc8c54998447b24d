"""Writes `docs/reference/` from the code: messages, errors, states, settings, commands, HTTP.

python -m docs.generate            write the pages
python -m docs.generate --check    change nothing, name each stale page, exit with 1 if any
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from docs import chapters

REFERENCE = Path(__file__).parent / "reference"
CHAPTERS = {
    "messages.md": chapters.messages,
    "errors.md": chapters.errors,
    "states.md": chapters.states,
    "settings.md": chapters.settings,
    "cli.md": chapters.cli,
    "http.md": chapters.http,
}


def pages() -> dict[Path, str]:
    """Every page with the text it should have."""
    return {REFERENCE / name: chapter() for name, chapter in CHAPTERS.items()}


def stale(wanted: Mapping[Path, str], folder: Path = REFERENCE) -> Iterator[Path]:
    """The pages that are missing, differ, or should no longer be there."""
    for path, text in wanted.items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            yield path
    yield from (path for path in folder.glob("*.md") if path not in wanted)


def write(wanted: Mapping[Path, str], folder: Path = REFERENCE) -> None:
    """Make the folder's pages exactly the wanted ones."""
    folder.mkdir(exist_ok=True)
    for path in stale(wanted, folder):
        path.unlink(missing_ok=True)
    for path, text in wanted.items():
        path.write_text(text, encoding="utf-8")


def main(arguments: list[str] | None = None) -> int:
    """The command line; the result is the exit status."""
    parser = argparse.ArgumentParser(prog="python -m docs.generate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing, name stale pages")
    wanted = pages()
    if not parser.parse_args(arguments).check:
        write(wanted)
        return 0
    found = sorted(stale(wanted))
    for path in found:
        sys.stderr.write(f"stale: {path.relative_to(REFERENCE.parent.parent)}: run make docs\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
