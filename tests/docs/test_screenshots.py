"""The pictures in the docs are those that the command takes, and each is shown."""

from __future__ import annotations

import re

from docs.screenshots import FOLDER, SHOTS


def test_every_picture_that_is_taken_stands_in_the_docs_and_is_shown() -> None:
    taken = {f"{shot.name}.png" for shot in SHOTS}
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert {path.name for path in FOLDER.glob("*.png")} == taken
    assert set(re.findall(r"!\[[^\]]+\]\(([^)]+)\)", text)) == taken


def test_no_picture_is_heavy() -> None:
    assert max(path.stat().st_size for path in FOLDER.glob("*.png")) <= 200_000
