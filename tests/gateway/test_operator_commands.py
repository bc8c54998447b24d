"""The commands on the people of the console, and the administrator that `init` makes."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from typer.testing import CliRunner, Result

from gateway.cli import app
from gateway.setting_up import safe_name
from storage import operators
from storage.engine import Store

PASSWORD = "quatre vents sur Fès"


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A hub made by `init`, whose administrator is Amina."""
    monkeypatch.setenv("PASSAVANT_CONFIG", str(tmp_path / "hub" / "passavant.toml"))
    monkeypatch.setenv("COLUMNS", "200")
    (tmp_path / "said").write_text(
        done("init", str(tmp_path / "hub"), "--sandbox", "--operator", "amina")
    )
    (tmp_path / "password").write_text(PASSWORD + "\n", encoding="utf-8")
    return tmp_path


def passavant(*words: str) -> Result:
    return CliRunner().invoke(app, words)


def done(*words: str) -> str:
    result = passavant(*words)
    assert result.exit_code == 0, result.output
    return result.stdout


def rows() -> dict[str, dict[str, object]]:
    return {row["name"]: row for row in json.loads(done("operator", "list", "--json"))}


def opens(hub: Path, name: str, password: str) -> bool:
    """Whether the database holds the hash of that password."""

    async def known() -> str | None:
        store = await Store.open(f"sqlite:///{hub / 'hub' / 'passavant.db'}")
        async with store.read() as connection:
            found = await operators.password_hash(connection, name)
        await store.close()
        return found

    found = asyncio.run(known())
    assert found is not None
    try:
        return PasswordHasher().verify(found, password.encode())
    except Exception:  # argon2 says no by several of them
        return False


def test_init_makes_one_administrator_whose_password_is_said_once(hub: Path) -> None:
    said = (hub / "said").read_text()
    found = re.search(r"Console: amina, with the password (\S{20}) \(shown once\)", said)
    assert found is not None
    assert opens(hub, "amina", found.group(1))
    assert list(rows()) == ["amina"]
    assert rows()["amina"]["role"] == "administrator"
    for file in (hub / "hub").iterdir():
        assert found.group(1).encode() not in file.read_bytes(), file
    key = hub / "hub" / "console.key"
    assert (key.stat().st_mode & 0o777, len(key.read_bytes())) == (0o600, 32)


def test_init_with_a_name_that_cannot_be_one_makes_nothing(tmp_path: Path) -> None:
    result = passavant("init", str(tmp_path / "hub"), "--operator", "No Body")
    assert result.exit_code == 1
    assert not (tmp_path / "hub").exists()


def test_init_on_a_database_with_operators_adds_none(hub: Path) -> None:
    url = f"sqlite:///{hub / 'hub' / 'passavant.db'}"
    said = done("init", str(hub / "other"), "--database", url, "--operator", "intruder")
    assert "Console:" not in said
    assert list(rows()) == ["amina"]


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("root", "root"),
        ("Amina@HQ", "amina-hq"),
        ("É. Brahim", "e-brahim"),
        ("أمينة", "administrator"),
        ("", "administrator"),
        ("x" * 80, "x" * 64),
    ],
)
def test_the_machines_name_is_made_an_operators(name: str, safe: str) -> None:
    assert safe_name(name) == safe


def test_an_operator_lives_through_every_command(hub: Path) -> None:
    password = ("--password-file", str(hub / "password"))
    done("operator", "add", "brahim", "--role", "viewer", "--display", "Brahim B.", *password)
    assert opens(hub, "brahim", PASSWORD)
    done("operator", "role", "brahim", "operator", "--reason", "learnt it")
    done("operator", "disable", "brahim", "--reason", "on leave")
    assert (rows()["brahim"]["role"], rows()["brahim"]["state"]) == ("operator", "disabled")
    done("operator", "enable", "brahim", "--reason", "back")
    said = done("operator", "reset", "brahim", "--generate", "--reason", "forgotten")
    made = said.split()[-1]
    assert opens(hub, "brahim", made)
    assert not opens(hub, "brahim", PASSWORD)
    done("operator", "revoke", "brahim", "--reason", "lost phone")
    assert json.loads(done("operator", "sessions", "brahim", "--json")) == []
    assert "Brahim B." in done("operator", "list")
    export = hub / "journal.jsonl"
    done("journal", "export", str(export))
    lines = [json.loads(line) for line in export.read_text(encoding="utf-8").splitlines()]
    acts = [line["entry"] for line in lines if "entry" in line]
    assert [(act["kind"], act["facts"].get("reason")) for act in acts] == [
        ("operator added", None),
        ("operator added", None),
        ("operator changed", "learnt it"),
        ("operator disabled", "on leave"),
        ("operator enabled", "back"),
        ("password reset", "forgotten"),
        ("sessions revoked", "lost phone"),
    ]
    assert made not in export.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "because"),
    [
        (("add", "Amina", "--role", "viewer", "--generate"), "small letters"),
        (("add", "amina", "--role", "viewer", "--generate"), "already"),
        (("add", "b", "--role", "viewer", "--email", "x", "--generate"), "no e-mail"),
        (("add", "b", "--role", "viewer"), "nobody to ask"),
        (("add", "b", "--role", "viewer", "--password-file", "{weak}"), "easy to guess"),
        (("add", "b", "--role", "viewer", "--password-file", "{empty}"), "at least 12"),
        (("disable", "amina", "--reason", "x"), "last administrator"),
        (("role", "amina", "viewer", "--reason", "x"), "last administrator"),
        (("enable", "amina", "--reason", "x"), "not disabled"),
        (("disable", "nobody", "--reason", "x"), "no operator"),
        (("sessions", "nobody"), "no operator"),
        (("reset", "amina", "--totp", "--reason", "x"), "no second factor"),
    ],
)
def test_what_cannot_be_done_is_said_and_not_done(
    hub: Path, words: tuple[str, ...], because: str
) -> None:
    (hub / "weak").write_text("passavant2026!\n")
    (hub / "empty").write_text("")
    filled = [word.format(weak=hub / "weak", empty=hub / "empty") for word in words]
    before = rows()
    result = passavant("operator", *filled)
    assert result.exit_code == 1
    assert because in result.stderr
    assert rows() == before
