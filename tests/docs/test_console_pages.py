"""The docs of the console name what there is: commands, pages, buttons, settings, alerts."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from typer.main import get_command

from gateway.acts.registry import ACTS
from gateway.cli import app
from gateway.config import Settings
from gateway.console.application import pages
from gateway.console.languages import catalogue
from gateway.notify import signature
from tests.docs.blocks import HOUSE, blocks
from tests.docs.test_first_message import Terminal
from tests.docs.test_links import prose
from tests.journeys.duty import GUIDE, examples

RUN = "docs/how-to/run-the-console.md"
HEAR = "docs/how-to/hear-of-alerts.md"
MADE = "docs/explanation/console.md"
NIGHTS = ("tests/journeys/test_six_bad_nights.py", "tests/faults/test_disk_watch.py")

_SETTING = re.compile(r"`(\w+)\.(\w+)`")
_PATH = re.compile(r"(?<![\w/])(/console/[\w/]*)")
_BOLD = re.compile(r"\*\*([^*]+)\*\*", re.DOTALL)
_COMMAND = re.compile(r"^ *(?:\$ )?(passavant .*)$", re.MULTILINE)
_INLINE = re.compile(r"`(passavant [^`]+)`")
_TOML = re.compile(r"^\[(\w+)\]$", re.MULTILINE)


def text(page: str) -> str:
    return (HOUSE / page).read_text(encoding="utf-8")


def test_every_night_begins_at_the_table_of_what_one_was_told() -> None:
    headings = re.findall(r"^## (.+)$", text(GUIDE), re.MULTILINE)
    table = text(GUIDE).partition("## ")[0]
    assert [one for one in headings[1:] if f"[{one}](#" not in table] == []


def typed() -> set[str]:
    """The commands that the nights' tests type, as they stand in the sources."""
    constants = (
        node.value
        for name in NIGHTS
        for node in ast.walk(ast.parse(text(name)))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )
    return {one for one in constants if one.startswith("passavant ")}


def test_every_command_that_the_guide_shows_is_lived_through() -> None:
    assert set(examples()) == typed()


def commands(page: str) -> Iterator[list[str]]:
    """The commands of a page, in blocks and in sentences, as words."""
    for found in (*_COMMAND.findall(text(page)), *_INLINE.findall(prose(HOUSE / page))):
        yield shlex.split(found.partition("  # ")[0].replace("…", ""))[1:]


def unknown(words: list[str]) -> list[str]:
    """The words of a command line that no command and no option is called."""
    command: Any = get_command(app)
    context = click.Context(command)
    while words and hasattr(command, "get_command"):
        command = command.get_command(context, words.pop(0))
        if command is None:
            return ["?"]
    if hasattr(command, "list_commands"):
        return []  # a group, named in a sentence
    options = {name for one in command.params for name in (*one.opts, *one.secondary_opts)}
    return [word for word in words if word.startswith("--") and word not in options]


@pytest.mark.parametrize("page", [GUIDE, RUN])
def test_every_command_named_is_one(page: str) -> None:
    lines = list(commands(page))
    assert len(lines) > 5
    assert [line for line in lines if unknown(list(line))] == []


@pytest.mark.parametrize("page", [GUIDE, RUN, HEAR, MADE])
def test_every_setting_named_is_one(page: str) -> None:
    sections = Settings.model_fields
    for section, key in _SETTING.findall(text(page)):
        if section in sections:
            assert key in sections[section].annotation.model_fields, f"{section}.{key}"  # type: ignore[union-attr]  # each section is a model


@pytest.mark.parametrize("page", [RUN, HEAR])
def test_every_setting_of_the_examples_is_one(page: str) -> None:
    for block in blocks(page, "toml"):
        (section,) = _TOML.findall(block)
        fields = Settings.model_fields[section].annotation.model_fields  # type: ignore[union-attr]  # each section is a model
        keys = re.findall(r"^(\w+) =", block, re.MULTILINE)
        assert keys
        assert set(keys) <= set(fields)


@pytest.mark.parametrize("page", [GUIDE, RUN, MADE])
def test_every_address_named_is_a_page(page: str) -> None:
    known = {f"/console{one.path}" for one in pages()}
    assert {path for path in _PATH.findall(text(page)) if path not in known} == set()


def words() -> set[str]:
    """What buttons, links and headings of the console are called in English."""
    found = {str(m.id[0] if isinstance(m.id, tuple) else m.id) for m in catalogue("fr") if m.id}
    return found | {act.title for act in ACTS.values()}


@pytest.mark.parametrize("page", [GUIDE, RUN])
def test_every_button_and_page_in_bold_is_called_so(page: str) -> None:
    bold = {" ".join(one.split()) for one in _BOLD.findall(prose(HOUSE / page))}
    sentences = {one for one in bold if one[-1] in ".:" or one in LEADS}
    assert {one for one in bold - sentences if one.rstrip("…") not in words()} == set()


#: What begins a paragraph, or stresses a word.
LEADS = {
    "You see",
    "Meanwhile the hub",
    "Do",
    "Do not",
    "It is over",
    "In the morning",
    "other",
    "hub's own",
    "never sent",
    "Timers and papers",
    "“Deliveries to … are parked”",
    "Who is not signed in cannot sign in",
    "An alert ends by itself",
}


def test_the_listener_of_the_webhook_believes_the_hub_and_nobody_else() -> None:
    (example,) = blocks(HEAR, "python")
    scope: dict[str, Any] = {}
    exec(compile(example, HEAR, "exec"), scope)  # noqa: S102 (the page's own example)
    is_ours, stamp, body = scope["is_ours"], "1795327200", b'{"event":"opened"}'
    assert is_ours(b"secret", stamp, body, signature(b"secret", stamp, body))
    assert not is_ours(b"secret", "1795327201", body, signature(b"secret", stamp, body))
    assert not is_ours(b"secret", stamp, body + b" ", signature(b"secret", stamp, body))
    assert not is_ours(b"secret", stamp, body, signature(b"another", stamp, body))


def test_the_first_account_and_the_others_are_made_as_the_page_says(tmp_path: Path) -> None:
    made, added, people = Terminal.open(tmp_path).type(*blocks(RUN, "sh"))
    assert "amina" in made
    assert "Added: driss (administrator)" in added
    assert "Disabled: samira" in people
    assert "viewer" in people
