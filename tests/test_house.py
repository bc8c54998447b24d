"""The house keeps its own rules: what is asked for is pinned, and the project names only itself."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import grimp
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from handlers.registry import registry

HOUSE = Path(__file__).parent.parent
PIN = re.compile(r"^(?P<name>[\w.-]+)==(?P<version>\S+)(?P<rest>.*(?:\n +.*)*)", re.MULTILINE)

#: Folders that commands make beside the sources; git ignores them too.
MADE = {"build", "demo-output", "__pycache__"}

#: Folders of one machine, and package registries: neither means anything to a reader.
FOREIGN = re.compile(
    r"(?<![\w.}])/(?:work|root)/|/tmp/(?:v|brief)\b|/opt/whee[l]s"
    r"|\b(?:test\.)?pypi\.(?:org|python\.org)|pythonhosted\.org|registry\.npmjs\.org|deb\.debian\.org"
    r"|repo1?\.maven\.org|static\.crates\.io|proxy\.golang\.org"
)


def pins(name: str) -> dict[str, set[str]]:
    """Each package of a lock with its versions (more than one where Pythons differ)."""
    found: dict[str, set[str]] = {}
    for pin in PIN.finditer((HOUSE / name).read_text()):
        found.setdefault(canonicalize_name(pin["name"]), set()).add(pin["version"])
    return found


def asked_for(*extras: str) -> list[Requirement]:
    project = tomllib.loads((HOUSE / "pyproject.toml").read_text())["project"]
    lines = list(project["dependencies"])
    for extra in extras:
        lines += project["optional-dependencies"][extra]
    return [Requirement(line) for line in lines]


def sources() -> Iterator[Path]:
    for folder, below, names in os.walk(HOUSE):
        below[:] = [
            name
            for name in below
            if name not in MADE
            and not name.endswith(".egg-info")
            and (not name.startswith(".") or name == ".ci")
        ]
        yield from (Path(folder, name) for name in names)


@pytest.mark.parametrize(
    ("lock", "requirements"),
    [("requirements.txt", asked_for()), ("requirements-dev.txt", asked_for("dev"))],
    ids=["run", "dev"],
)
def test_all_that_is_asked_for_is_pinned_to_a_version_that_was_asked_for(
    lock: str, requirements: list[Requirement]
) -> None:
    pinned = pins(lock)
    for requirement in requirements:
        versions = pinned.get(canonicalize_name(requirement.name), set())
        assert versions, f"{requirement.name} is not in {lock}: run make lock"
        assert all(map(requirement.specifier.contains, versions)), f"{requirement}, not {versions}"


@pytest.mark.parametrize("lock", ["requirements.txt", "requirements-dev.txt"])
def test_every_pin_bears_a_hash(lock: str) -> None:
    found = list(PIN.finditer((HOUSE / lock).read_text()))
    bare = [pin["name"] for pin in found if "--hash=sha256:" not in pin["rest"]]
    assert len(found) > 20
    assert bare == []


def test_what_runs_is_what_was_tested() -> None:
    tested = pins("requirements-dev.txt")
    assert {name: tested.get(name) for name in pins("requirements.txt")} == pins("requirements.txt")


def test_no_source_names_a_folder_of_one_machine_or_a_registry() -> None:
    read = 0
    named = []
    for source in sources():
        text = source.read_bytes().decode(errors="replace")
        read += 1
        named += [f"{source.relative_to(HOUSE)}: {hit[0]}" for hit in FOREIGN.finditer(text)]
    assert read > 20
    assert named == []


def test_no_handler_is_known_to_any_other_code() -> None:
    homes = {handler.handle.__module__ for handler in registry().handlers.values()}
    imports = grimp.build_graph("gateway", "handlers", "schemas", "storage")
    known = {home: imports.find_modules_that_directly_import(home) for home in homes}
    assert len(homes) > 1
    assert {home: by for home, by in known.items() if by} == {}
