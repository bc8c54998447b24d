"""The reference pages say what the code says now, and are named when they do not."""

from __future__ import annotations

from pathlib import Path

import pytest

from docs import chapters, generate
from docs.markdown import code, table, text
from gateway import reference
from gateway.config import Settings
from handlers.registry import registry
from schemas.catalogue import catalogue
from schemas.errors import Code


def test_no_reference_page_is_stale() -> None:
    assert list(generate.stale(generate.pages())) == []


def test_a_page_that_was_edited_is_missing_or_is_too_much_is_named(tmp_path: Path) -> None:
    wanted = {tmp_path / name: f"{name}\n" for name in ("a.md", "b.md", "c.md")}
    generate.write(wanted, tmp_path)
    assert list(generate.stale(wanted, tmp_path)) == []
    (tmp_path / "a.md").write_text("edited")
    (tmp_path / "b.md").unlink()
    (tmp_path / "old.md").write_text("left over")
    found = {path.name for path in generate.stale(wanted, tmp_path)}
    assert found == {"a.md", "b.md", "old.md"}
    generate.write(wanted, tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"a.md", "b.md", "c.md"}


def test_the_command_names_a_stale_page_and_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(generate, "CHAPTERS", {"states.md": lambda: "something else\n"})
    assert generate.main(["--check"]) == 1
    assert "docs/reference/states.md" in capsys.readouterr().err


def test_every_message_and_every_shared_type_has_its_section() -> None:
    page = chapters.messages()
    for name in catalogue():
        assert f"\n## {name}\n" in page
    assert "\n### GoodsLine\n" in page
    assert "`IncotermCode`" in page


def test_every_error_has_its_row() -> None:
    page = chapters.errors()
    assert all(f'<a id="{code.label}"></a>`{code.label}`' in page for code in Code)


def test_every_move_is_drawn_and_listed() -> None:
    page = chapters.states()
    machines = reference.machines()
    told = sum(len(machine.steps) for machine in machines)
    told += sum(len(stay.states) for machine in machines for stay in machine.stays)
    assert told == sum(len(one.moves) for one in registry().procedures.values())
    for step in (step for machine in machines for step in machine.steps):
        start = "[*]" if step.state == "—" else step.state
        assert f"    {start} --> {step.to}: " in page
        assert f"| {step.event} | {step.finding} | `{step.to}` |" in page
    for stay in (stay for machine in machines for stay in machine.stays):
        states = " ".join(f"`{state}`" for state in stay.states)
        assert f"| {stay.event} | {stay.finding} | {states} |" in page


def test_every_setting_has_its_row_and_its_variable() -> None:
    page = chapters.settings()
    for name, section in Settings.model_fields.items():
        for key in getattr(section.annotation, "model_fields", {}):
            assert f"`PASSAVANT_{name.upper()}__{key.upper()}`" in page


def test_every_setting_says_what_it_means() -> None:
    silent = [
        f"{name}.{key}"
        for name, section in Settings.model_fields.items()
        for key, field in getattr(section.annotation, "model_fields", {}).items()
        if not field.description
    ]
    assert silent == []


def test_every_command_of_the_contract_is_there() -> None:
    page = chapters.cli()
    for command in (
        "init",
        "serve",
        "worker",
        "partner add",
        "partner list",
        "partner rotate",
        "partner suspend",
        "operator add",
        "operator list",
        "operator role",
        "operator disable",
        "operator enable",
        "operator reset",
        "operator sessions",
        "operator revoke",
        "send",
        "pull",
        "status",
        "check",
        "verify",
        "queue list",
        "queue show",
        "queue retry",
        "queue park",
        "journal export",
        "journal verify",
        "demo",
    ):
        assert f"\n## `passavant {command}`\n" in page


def test_every_operation_has_its_section() -> None:
    page = chapters.http()
    for operation in reference.operations():
        assert f"\n### `{operation.method} {operation.path}`\n" in page


def test_text_and_code_cannot_break_a_table() -> None:
    assert text("a|b <c> `d|e`\nf") == "a\\|b &lt;c> `d\\|e` f"
    assert code("[A|B]") == "`[A\\|B]`"
    assert code("") == ""
    assert table(["x"], [["1"], ["2"]]).splitlines() == ["| x |", "| --- |", "| 1 |", "| 2 |"]
