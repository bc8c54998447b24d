"""`alert` and the newer commands of `partner`, as an operator types them, in this process."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import pytest
from typer.testing import CliRunner

from gateway.cli import app
from gateway.commands.office import settings_of
from gateway.hub import utc_now
from gateway.setting_up import set_up
from storage import alerts, journal, outgoing
from storage.alerts import Alert, Cause
from storage.engine import Connection, Store
from tests.storage import values

T = TypeVar("T")
NOBODY = "http://127.0.0.1:9/inbox"


class Desk:
    """A hub's folder, with commands typed beside it."""

    def __init__(self, folder: Path) -> None:
        self.file = set_up(
            folder / "hub", name="passavant", database="sqlite:///p.db", sandbox=True
        )
        self.keys = folder / "keys"

    def typed(self, *words: str) -> tuple[int, str]:
        found = CliRunner().invoke(app, [*words, "--config", str(self.file)])
        return found.exit_code, found.output

    def done(self, *words: str) -> str:
        status, said = self.typed(*words)
        assert status == 0, said
        return said

    def stored(self, act: Callable[[Connection], Awaitable[T]]) -> T:
        async def run() -> T:
            store = await Store.open(settings_of(self.file).database_url)
            try:
                async with store.write() as tx:
                    return await act(tx)
            finally:
                await store.close()

        return asyncio.run(run())

    def kinds(self) -> list[str]:
        async def read(tx: Connection) -> list[str]:
            return [one.record.kind for one in await journal.listing(tx)]

        return self.stored(read)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A hub with an alert, and a partner with three messages on their way."""
    found = Desk(tmp_path)
    add = ("partner", "add", "adii", "--role", "customs", "--new-key", str(found.keys))
    found.done(*add, "--push", NOBODY)

    async def begin(tx: Connection) -> None:
        cause = Cause(cause="disk", family="disk", subject="/srv", level=4, facts={"percent": "9"})
        await alerts.observe(tx, [cause], {"disk": timedelta()}, utc_now())
        await outgoing.store(
            tx, [values.outgoing(f"m-{n}", receiver="adii", push=True) for n in range(3)]
        )

    found.stored(begin)
    return found


def alert(desk: Desk) -> Alert:
    async def read(tx: Connection) -> Alert:
        found = await alerts.find(tx, 1)
        assert found is not None
        return found

    return desk.stored(read)


def test_alerts_are_listed_and_attended_to_with_a_reason(desk: Desk) -> None:
    assert "Little space" in desk.done("alert", "list")
    (row,) = json.loads(desk.done("alert", "list", "--json"))
    assert row["title"] == "Little space is left on the disk: 9 per cent"
    assert (row["family"], row["severity"], row["state"]) == ("disk", "warning", "open")
    because = ("--reason", "a disk is ordered")
    desk.done("alert", "acknowledge", "1", *because)
    assert alert(desk).state == "acknowledged"
    desk.done("alert", "mute", "1", "--hours", "2", *because)
    assert alert(desk).muted(utc_now())
    desk.done("alert", "unmute", "1", *because)
    assert not alert(desk).muted(utc_now())
    desk.done("alert", "resolve", "1", *because)
    assert json.loads(desk.done("alert", "list", "--json")) == []
    assert len(json.loads(desk.done("alert", "list", "--state", "resolved", "--json"))) == 1
    done = ("resolved", "unmuted", "muted", "acknowledged")
    assert desk.kinds()[:4] == [f"alert {one}" for one in done]


def test_what_cannot_be_done_to_an_alert_is_said_in_a_sentence(desk: Desk) -> None:
    assert desk.typed("alert", "resolve", "7", "--reason", "x") == (1, "There is no alert 7.\n")
    desk.done("alert", "resolve", "1", "--reason", "over")
    status, said = desk.typed("alert", "acknowledge", "1", "--reason", "late")
    assert status == 1
    assert "moved on meanwhile" in said
    status, said = desk.typed("alert", "list", "--state", "weird")
    assert (status, "There is no state" in said) == (1, True)


def test_a_dead_partner_is_moved_on_from_after_a_look(desk: Desk) -> None:
    because = ("--reason", "their server burnt down")
    shown = desk.done("partner", "move-on", "adii", *because, "--dry-run")
    assert "Being pushed" in shown
    assert "Nothing is lost" in shown
    assert "partner moved on from" not in desk.kinds()
    assert "messages 3" in desk.done("partner", "move-on", "adii", *because)
    assert desk.kinds()[0] == "partner moved on from"
    status, said = desk.typed("partner", "move-on", "adii", *because)
    assert (status, "Nothing is pushed to this partner" in said) == (1, True)
    assert "messages 3" in desk.done("partner", "push", "adii", NOBODY, "--mailbox", *because)
    status, said = desk.typed("partner", "push", "adii", "ftp://adii", *because)
    assert (status, "Nothing may be pushed there" in said) == (1, True)


def test_an_address_where_nobody_listens_is_pinged_in_vain(desk: Desk) -> None:
    status, said = desk.typed("partner", "ping", "adii", "--json")
    assert status == 1
    assert json.loads(said)["url"] == NOBODY
    assert json.loads(said)["problem"]
    assert desk.kinds()[0] == "partner pinged"
    assert desk.typed("partner", "ping", "nobody") == (1, "There is no partner “nobody”.\n")
