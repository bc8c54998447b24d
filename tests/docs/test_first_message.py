"""The commands of the README and the how-to, run by a shell against a hub of their own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.docs.blocks import HOUSE, blocks

READY_SECONDS = 60


@dataclass
class Terminal:
    """A folder in which commands run, as a reader would type them."""

    folder: Path
    port: int

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}",
            "PYTHONPATH": str(HOUSE),
            "PASSAVANT_HTTP__PORT": str(self.port),
        }

    def type(self, commands: str) -> str:
        """Run commands, stopping at the first that fails; returns what they printed."""
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", commands.replace("8080", str(self.port))],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, f"{commands}\n{done.stdout}{done.stderr}"
        return done.stdout + done.stderr

    def start(self, command: str) -> subprocess.Popen[str]:
        """Run a server in the background; returns once it says that it listens."""
        server = subprocess.Popen(
            ["bash", "-c", f"exec {command}"],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert server.stdout is not None
        assert str(self.port) in server.stdout.readline()
        return server


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Terminal:
    folder = tmp_path_factory.mktemp("sandbox")
    command = folder / "bin" / "passavant"
    command.parent.mkdir()
    command.write_text(
        f'#!/bin/sh\nexec {sys.executable} -c "from gateway.cli import main; main()" "$@"\n'
    )
    command.chmod(0o755)
    return Terminal(folder, free_port())


@pytest.fixture(scope="module")
def spoken(terminal: Terminal) -> Iterator[list[str]]:
    """What each block of the README printed, with the hub left running."""
    told = []
    server = None
    for block in blocks("README.md", "sh"):
        if block.startswith("passavant serve"):
            server = terminal.start(block.strip())
        else:
            told.append(terminal.type(block))
    assert server is not None
    yield told
    server.terminate()
    assert server.wait(timeout=60) == 0


def test_the_first_message_opens_a_dossier(spoken: list[str]) -> None:
    made, checked, signed, sent, read = spoken
    assert "coop-atlas" in made
    assert "nothing to object" in checked
    assert "OK" in signed
    assert sent.startswith("200\n")
    assert "outcome accepted" in sent
    assert '"state": "saved"' in read
    assert "Sauvegardé" in read


def test_other_tools_sign_send_and_verify(spoken: list[str], terminal: Terminal) -> None:
    steps = blocks("docs/how-to/sign-and-verify-with-other-tools.md", "sh")
    key, register, validate, sign, send, attach, verify = steps
    terminal.type(key)
    token = terminal.type(register).split()[-1]
    (terminal.folder / "coop-souss.token").write_text(token)
    message = (terminal.folder / "first.xml").read_text(encoding="utf-8")
    (terminal.folder / "message.xml").write_text(
        message.replace("coop-atlas", "coop-souss"), encoding="utf-8"
    )
    (terminal.folder / "hub.cert.pem").write_bytes(
        (terminal.folder / "hub" / "hub.cert.pem").read_bytes()
    )
    assert "message.xml validates" in terminal.type(validate)
    terminal.type(sign)
    assert terminal.type(send).startswith("200\n")
    assert "OK" in terminal.type(verify)
    (terminal.folder / "facture.pdf").write_bytes(b"%PDF-1.7")
    assert "PSV-107" in terminal.type(attach)  # this message names no part


def test_the_hub_that_runs_serves_its_own_guide(spoken: list[str], terminal: Terminal) -> None:
    assert "<h1" in terminal.type("curl -sSL http://127.0.0.1:8080/")
