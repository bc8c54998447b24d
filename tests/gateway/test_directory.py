"""The operator's commands on services and agents, in this process."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from gateway.cli import app

PLACES = ("--place", "BENI-MELLAL", "--place", "AZILAL")
ALAMI = ("--name", "M. Alami", "--service", "BM", "--supervisor", "--email", "a@bm.example")


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A hub made by `init`, with one service and its supervisor."""
    monkeypatch.setenv("PASSAVANT_CONFIG", str(tmp_path / "hub" / "passavant.toml"))
    done("init", str(tmp_path / "hub"), "--sandbox")
    done("service", "add", "BM", "Béni Mellal", *PLACES)
    done("agent", "add", "m.alami", *ALAMI)
    return tmp_path


def passavant(*words: str) -> Result:
    return CliRunner().invoke(app, words)


def done(*words: str) -> str:
    result = passavant(*words)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_the_directory_is_listed_for_people_and_for_programs(hub: Path) -> None:
    (service,) = json.loads(done("service", "list", "--json"))
    assert service == {"code": "BM", "name": "Béni Mellal", "places": ["AZILAL", "BENI-MELLAL"]}
    (agent,) = json.loads(done("agent", "list", "--json"))
    assert (agent["service"], agent["supervisor"], agent["active"]) == ("BM", True, True)
    assert "AZILAL" in done("service", "list")
    assert "supervisor" in done("agent", "list")


def test_each_act_on_the_directory_is_in_the_journal_with_the_operators_name(hub: Path) -> None:
    done("agent", "disable", "m.alami", "--reason", "retired")
    (agent,) = json.loads(done("agent", "list", "--json"))
    assert not agent["active"]
    export = hub / "journal.jsonl"
    done("journal", "export", str(export))
    lines = [json.loads(line) for line in export.read_text(encoding="utf-8").splitlines()]
    acts = [line["entry"] for line in lines if "entry" in line]
    assert [act["kind"] for act in acts] == [
        "operator added",  # by init: the console's first administrator
        "service added",
        "agent added",
        "agent disabled",
    ]
    assert all(act["actor"].startswith("operator ") for act in acts)
    assert acts[-1]["facts"] == {"reason": "retired"}


@pytest.mark.parametrize(
    ("words", "because"),
    [
        (("service", "add", "BM", "again"), "already"),
        (("service", "add", "BN", "Azilal", "--place", "AZILAL"), "already"),
        (("service", "add", "bm", "small"), "two to four capitals"),
        (("service", "add", "BX", "Nowhere", "--place", "ATLANTIS"), "ATLANTIS"),
        (("agent", "add", "m.alami", *ALAMI), "already"),
        (("agent", "add", "m alami", *ALAMI), "cannot name an agent"),
        (("agent", "add", "s.idrissi", "--name", "S", "--service", "XX"), "no service “XX”"),
        (("agent", "add", "s", "--name", "S", "--service", "BM", "--email", "here"), "e-mail"),
        (("agent", "disable", "nobody", "--reason", "left"), "no active agent"),
    ],
)
def test_what_the_directory_cannot_hold_is_said_in_a_sentence(
    hub: Path, words: tuple[str, ...], because: str
) -> None:
    result = passavant(*words)
    assert result.exit_code == 1
    assert because in result.stderr
    assert len(json.loads(done("service", "list", "--json"))) == 1
