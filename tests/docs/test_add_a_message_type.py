"""The how-to's example, carried out on a copy of the sources: four files make a message type."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.blocks import HOUSE, files

PAGE = "docs/how-to/add-a-message-type.md"
ROOMS = ("gateway", "handlers", "schemas", "storage", "samples", "docs")

#: What the hub knows of the new type, asked in a fresh process.
ASK = """
from pathlib import Path
from handlers.registry import registry
from schemas import bind
from schemas.catalogue import catalogue
from schemas.envelope import payload, read_header
from schemas.parse import parse
from schemas.validate import validate

root = parse(Path("samples/DossierNote/valid-note.xml").read_bytes())
note = bind.read(payload(root), catalogue()["DossierNote"].binding)
print(validate(root), read_header(root).type, note.text, sep="|")
print(sorted(role.value for role in registry().handlers["DossierNote", "licence"].roles))
"""


def run(folder: Path, *command: str) -> str:
    done = subprocess.run(
        [sys.executable, *command], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def extended(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the sources with the example's files and nothing else changed."""
    folder = tmp_path_factory.mktemp("house")
    for room in ROOMS:
        shutil.copytree(HOUSE / room, folder / room, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(HOUSE / "tests" / "handlers", folder / "tests" / "handlers")
    shutil.copy(HOUSE / "pyproject.toml", folder)
    for name, text in files(PAGE).items():
        target = folder / name
        assert not target.exists()
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    run(folder, "-m", "schemas.generate")
    return folder


def test_the_example_is_the_four_files_it_promises() -> None:
    kinds = [Path(name).parts[0] for name in files(PAGE)]
    assert kinds == ["schemas", "handlers", "samples", "tests"]


def test_the_hub_knows_the_type_and_reads_its_sample(extended: Path) -> None:
    told = run(extended, "-c", ASK).splitlines()
    assert told[0] == "[]|DossierNote|Le chargement est prévu le 3 décembre."
    assert told[1] == "['customs', 'declarant', 'ministry']"


def test_the_example_s_own_test_passes(extended: Path) -> None:
    test = "tests/handlers/licence/test_dossier_note.py"
    told = run(extended, "-m", "pytest", "-q", "-p", "no:cacheprovider", test)
    assert "4 passed" in told


def test_the_example_follows_the_house_s_rules(extended: Path) -> None:
    written = [name for name in files(PAGE) if name.endswith(".py")]
    run(extended, "-m", "ruff", "check", "--no-cache", *written)
    run(extended, "-m", "ruff", "format", "--no-cache", "--check", *written)


def test_the_reference_tells_the_new_type(extended: Path) -> None:
    run(extended, "-m", "docs.generate")
    page = (extended / "docs" / "reference" / "messages.md").read_text(encoding="utf-8")
    assert "customs, declarant, ministry → hub" in page
    assert "\n## DossierNote\n" in page
