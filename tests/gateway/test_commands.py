"""The operator's commands beside a running hub, as an operator types them."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from gateway.client import Credentials, HubClient
from gateway.commands.office import settings_of
from gateway.serve import Running, opened
from tests import letters


async def passavant(folder: Path, *words: str) -> tuple[int, str, str]:
    """One command in a process of its own, on the hub in this folder."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "from gateway.cli import main; main()",
        *words,
        env={**os.environ, "PASSAVANT_CONFIG": str(folder / "hub" / "passavant.toml")},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    return process.returncode or 0, out.decode(), err.decode()


async def done(folder: Path, *words: str) -> str:
    status, out, err = await passavant(folder, *words)
    assert status == 0, err
    return out


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[tuple[Path, str]]:
    """A hub made by `init`, with a declarant, serving; yields its folder and address."""
    await done(tmp_path, "init", str(tmp_path / "hub"), "--sandbox")
    keys = str(tmp_path / "keys")
    await done(tmp_path, "partner", "add", "coop", "--role", "declarant", "--new-key", keys)
    settings = settings_of(tmp_path / "hub" / "passavant.toml")
    async with opened(settings) as hub:
        loops = Running(hub)
        async with loops.workers(1), loops.door(port=0) as (host, port):
            yield tmp_path, f"http://{host}:{port}"


async def sent(folder: Path, url: str, keys: str) -> dict[str, Any]:
    """What becomes of a draft signed with the key in that folder."""
    place = folder / keys
    credentials = Credentials.load(
        key=place / "coop.key.pem",
        certificate=place / "coop.cert.pem",
        hub_certificate=folder / "hub" / "hub.cert.pem",
    )
    async with HubClient(url, credentials) as client:
        reply = await client.send(client.signed(letters.application()))
    return reply.facts


def codes(facts: dict[str, Any]) -> list[str]:
    return [error["code"] for error in facts["errors"]]


async def test_a_rotated_key_overlaps_until_the_old_one_is_ended(
    running: tuple[Path, str],
) -> None:
    """Claim 41."""
    folder, url = running
    await done(folder, "partner", "rotate", "coop", "--new-key", str(folder / "new"))
    await asyncio.sleep(1.1)  # the directory reads the partners once a second
    for keys in ("keys", "new"):
        assert (await sent(folder, url, keys))["status"] == "received"
    await done(folder, "partner", "rotate", "coop", "--suspend-old")
    await asyncio.sleep(1.1)
    assert codes(await sent(folder, url, "keys")) == ["PSV-314"]
    assert (await sent(folder, url, "new"))["status"] == "received"
    (row,) = json.loads(await done(folder, "partner", "list", "--json"))
    assert [one["suspended"] for one in row["certificates"]].count(True) == 1


async def test_a_suspended_partner_is_refused_until_it_is_resumed(
    running: tuple[Path, str],
) -> None:
    folder, url = running
    await done(folder, "partner", "suspend", "coop", "--reason", "unpaid")
    await asyncio.sleep(1.1)
    assert codes(await sent(folder, url, "keys")) == ["PSV-403"]
    await done(folder, "partner", "suspend", "coop", "--reason", "paid", "--resume")
    await asyncio.sleep(1.1)
    assert (await sent(folder, url, "keys"))["status"] == "received"


async def test_a_partner_added_to_consult_is_listed_so_and_refused_when_it_acts(
    tmp_path: Path,
) -> None:
    await done(tmp_path, "init", str(tmp_path / "hub"), "--sandbox")
    keys = str(tmp_path / "keys")
    add = ("partner", "add", "coop", "--role", "declarant", "--new-key", keys)
    await done(tmp_path, *add, "--consult-only")
    (row,) = json.loads(await done(tmp_path, "partner", "list", "--json"))
    assert row["right"] == "consult"
    assert "consult" in await done(tmp_path, "partner", "list")
    settings = settings_of(tmp_path / "hub" / "passavant.toml")
    async with opened(settings) as hub, Running(hub).door(port=0) as (host, port):
        facts = await sent(tmp_path, f"http://{host}:{port}", "keys")
    assert codes(facts) == ["PSV-410"]


async def test_a_key_is_never_written_over_another(running: tuple[Path, str]) -> None:
    folder, _ = running
    keys = folder / "keys"
    before = (keys / "coop.key.pem").read_bytes()
    assert (keys / "coop.key.pem").stat().st_mode & 0o077 == 0
    status, _, err = await passavant(folder, "partner", "rotate", "coop", "--new-key", str(keys))
    assert status == 1
    assert "is there already" in err
    assert (keys / "coop.key.pem").read_bytes() == before
    status, _, err = await passavant(folder, "init", str(folder / "hub"))
    assert status == 1


async def outstanding(folder: Path) -> list[dict[str, Any]]:
    """What is in the queue, but for timers of later days."""
    jobs: list[dict[str, Any]] = json.loads(await done(folder, "queue", "list", "--json"))
    return [job for job in jobs if job["kind"] != "timer"]


async def test_a_waiting_job_is_parked_and_tried_again_by_hand(
    running: tuple[Path, str],
) -> None:
    folder, url = running
    assert (await sent(folder, url, "keys"))["status"] == "received"  # no ministry: it waits
    jobs: list[dict[str, Any]] = []
    for _ in range(50):
        jobs = await outstanding(folder)
        if jobs and jobs[0]["error"]:
            break
    number = str(jobs[0]["id"])
    assert jobs[0]["error"] == "PSV-902"
    await done(folder, "queue", "park", number, "--reason", "no ministry yet")
    (parked,) = json.loads(await done(folder, "queue", "list", "--state", "parked", "--json"))
    assert parked["error"] == "no ministry yet"
    keys = str(folder / "keys")
    await done(folder, "partner", "add", "mce", "--role", "ministry", "--new-key", keys)
    await asyncio.sleep(1.1)
    await done(folder, "queue", "retry", number, "--reason", "the ministry has joined")
    for _ in range(50):
        if not await outstanding(folder):
            break
    status, _, err = await passavant(folder, "queue", "show", number)
    assert (status, "finished jobs leave the queue" in err) == (1, True)
    export = folder / "journal.jsonl"
    await done(folder, "journal", "export", str(export))
    kinds = export.read_text(encoding="utf-8")
    for kind in ("partner added", "job parked", "job retried"):
        assert f'"{kind}"' in kinds


async def test_what_cannot_be_done_is_said_in_a_sentence(running: tuple[Path, str]) -> None:
    folder, _ = running
    for words in (
        ("partner", "rotate", "nobody", "--new-key", str(folder / "x")),
        ("partner", "suspend", "nobody", "--reason", "x"),
        ("queue", "retry", "4711"),
        ("verify", "not-there.xml"),
        ("journal", "verify", os.devnull),
    ):
        status, _, err = await passavant(folder, *words)
        assert status == 1, words
        assert err.strip(), words
        assert "Traceback" not in err


async def test_a_command_without_a_hub_says_what_to_do_first(tmp_path: Path) -> None:
    status, _, err = await passavant(tmp_path, "serve")
    assert status == 1
    assert "passavant init" in err
