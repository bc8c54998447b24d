"""The commands of the README, the tutorial and the how-to, run by a shell against a real hub."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.docs.blocks import HOUSE, blocks

CUT = "----8<----"  #: printed between the blocks of a page


@dataclass
class Terminal:
    """A folder in which commands run, as a reader would type them."""

    folder: Path
    port: int

    @classmethod
    def open(cls, folder: Path) -> Terminal:
        """A folder with the command `passavant` at hand."""
        command = folder / "bin" / "passavant"
        command.parent.mkdir()
        run = f'exec {sys.executable} -c "from gateway.cli import main; main()" "$@"'
        command.write_text(f"#!/bin/sh\n{run}\n")
        command.chmod(0o755)
        return cls(folder, free_port())

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}",
            "PYTHONPATH": str(HOUSE),
            "SAMPLES": str(HOUSE / "samples"),
            "PASSAVANT_HTTP__PORT": str(self.port),
            "PASSAVANT_HUB_URL": f"http://127.0.0.1:{self.port}",
            "COLUMNS": "160",
        }

    def type(self, *commands: str) -> list[str]:
        """Run blocks in one shell, stopping at the first that fails; what each printed."""
        script = f"\necho '{CUT}'\n".join(commands).replace("8080", str(self.port))
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", f"exec 2>&1\n{script}"],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            text=True,
            check=False,
            timeout=600,
        )
        assert done.returncode == 0, done.stdout
        return done.stdout.split(f"{CUT}\n")

    @contextmanager
    def serving(self, command: str) -> Iterator[None]:
        """A server in the background, from the line that says it listens to its orderly end."""
        server = subprocess.Popen(
            ["bash", "-c", f"exec {command}"],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert server.stdout is not None
        try:
            assert str(self.port) in server.stdout.readline()
            yield
        finally:
            server.terminate()
            server.stdout.close()
            assert server.wait(timeout=60) == 0

    @contextmanager
    def follow(self, page: str) -> Iterator[list[str]]:
        """Carry a page out; what each of its blocks printed, with the hub still running."""
        steps = blocks(page, "sh")
        (start,) = (step for step in steps if step.startswith("passavant serve"))
        before, after = steps[: steps.index(start)], steps[steps.index(start) + 1 :]
        prepared = self.type(*before)
        with self.serving(start.strip()):
            yield prepared + self.type(*after)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Terminal:
    return Terminal.open(tmp_path_factory.mktemp("readme"))


@pytest.fixture(scope="module")
def readme(terminal: Terminal) -> Iterator[list[str]]:
    with terminal.follow("README.md") as told:
        yield told


def test_the_readme_s_first_message_opens_a_dossier(readme: list[str]) -> None:
    made, checked, signed, sent, read = readme
    assert "coop-atlas" in made
    assert "nothing to object" in checked
    assert "OK" in signed
    assert sent.startswith("200\n")
    assert "outcome accepted" in sent
    (dossier,) = json.loads(read)["dossiers"]
    assert (dossier["state"], dossier["state_fr"]) == ("saved", "Sauvegardé")


def test_other_tools_sign_send_and_verify(readme: list[str], terminal: Terminal) -> None:
    steps = blocks("docs/how-to/sign-and-verify-with-other-tools.md", "sh")
    key, register, validate, sign, send, attach, verify = steps
    folder = terminal.folder
    (told,) = terminal.type(key + register)
    (folder / "coop-souss.token").write_text(told.split()[-1])
    message = (folder / "first.xml").read_text(encoding="utf-8")
    (folder / "message.xml").write_text(message.replace("coop-atlas", "coop-souss"))
    (folder / "hub.cert.pem").write_bytes((folder / "hub" / "hub.cert.pem").read_bytes())
    (folder / "facture.pdf").write_bytes(b"%PDF-1.7")
    validated, _, sent, attached, verified = terminal.type(validate, sign, send, attach, verify)
    assert "message.xml validates" in validated
    assert sent.startswith("200\n")
    assert "PSV-107" in attached  # this message names no part
    assert "OK" in verified


def test_the_hub_that_runs_serves_its_own_guide(readme: list[str], terminal: Terminal) -> None:
    (page,) = terminal.type("curl -sSL http://127.0.0.1:8080/")
    assert "<h1" in page


def test_the_tutorial_leads_from_an_error_to_an_imputation(tmp_path: Path) -> None:
    with Terminal.open(tmp_path).follow("docs/tutorial-first-message.md") as told:
        made, _, checked, refused, filed, asked, granted, paper, imputed, seen, proved = told
    assert made.count("Added") == 3
    for answer in (checked, refused):
        assert "Incoterm" in answer
        assert "TotalAmount" in answer
        assert "refused, " in answer
    assert "Soumis pour Visa MCE" in filed
    assert "VisaRequest" in asked
    assert "Visé" in granted
    assert paper == "%PDF-\n"
    assert "1500" in imputed
    assert "2500" in imputed
    assert "partly_imputed" in seen
    assert "signed by" in proved


def test_a_block_that_fails_is_noticed(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="no such thing"):
        Terminal.open(tmp_path).type("echo no such thing", "false", "true")
