"""What is generated follows from the XSDs, is committed, and is the same each time."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from schemas import generate

NEW = (generate.XSD / "StatusQuery-1.xsd").read_text(encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the XSDs with one message type more."""
    copy = tmp_path / "xsd"
    shutil.copytree(generate.XSD, copy)
    text = NEW.replace("StatusQuery", "QuotaQuery")
    (copy / "QuotaQuery-1.xsd").write_text(text, encoding="utf-8")
    return copy


def test_committed_files_are_fresh() -> None:
    assert list(generate.stale(generate.outputs())) == []


def test_new_message_type_needs_its_file_alone(folder: Path) -> None:
    entry = generate.entry(folder)
    assert 'schemaLocation="QuotaQuery-1.xsd"' in entry
    assert "urn:passavant:QuotaQuery:1" in entry.partition("<xs:any")[2].partition(">")[0]
    assert "class QuotaQuery:" in generate.bindings(folder)["quota_query_1.py"]


def test_stale_files_are_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = {generate.ENTRY: "other", generate.BINDINGS / "absent_1.py": ""}
    monkeypatch.setattr(generate, "outputs", lambda: wanted)
    assert generate.main(["--check"]) == 1
    named = capsys.readouterr().err.splitlines()
    assert "stale: schemas/xsd/passavant.xsd" in named
    assert "stale: schemas/bindings/absent_1.py" in named
    assert "stale: schemas/bindings/imputation_1.py" in named, "it should no longer be there"


def test_writing_leaves_exactly_what_is_wanted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = tmp_path / "bindings"
    made.mkdir()
    (made / "old_1.py").write_text("old", encoding="utf-8")
    monkeypatch.setattr(generate, "BINDINGS", made)
    monkeypatch.setattr(generate, "outputs", lambda: {made / "new_1.py": "new"})
    assert generate.main([]) == 0
    assert [(path.name, path.read_text(encoding="utf-8")) for path in made.iterdir()] == [
        ("new_1.py", "new")
    ]


@pytest.mark.parametrize(
    "name", ["common-1.xsd", "passavant.xsd", "xades-1.3.2.xsd", "Thing-0.xsd", "Thing.xsd"]
)
def test_other_schemas_are_no_message_types(name: str, tmp_path: Path) -> None:
    (tmp_path / name).touch()
    assert generate.message_files(tmp_path) == []
