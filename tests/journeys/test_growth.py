"""Ten thousand licences make nothing dearer: every list and every answer walks an index."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bench.lists import FEW, MANY, fill
from gateway.bell import Bell
from gateway.work import Worker
from storage import search
from storage.sqlite import SqliteStore
from storage.tables import metadata
from tests import letters
from tests.town import Town, town

#: The tables that stay small whatever passes through the hub.
SMALL = {"partners", "certificates"}
GROWING = sorted(set(metadata.tables) - SMALL)

LISTS = {
    "coop-atlas": (
        "/dossiers", "/dossiers?state=granted", "/dossiers?before=2026-01-01T01:00:00%2B00:00~Z",
        "/mailbox?after=20",
    ),
    "mce": (
        "/dossiers", "/dossiers?state=granted", "/dossiers?state=granted&limit=20",
        "/dossiers?before=2026-01-01T01:00:00%2B00:00~Z", "/mailbox?after=20",
    ),
}  # fmt: skip


class Watch:
    """What SQLite is told, and how many steps its machine takes over it."""

    def __init__(self, store: SqliteStore) -> None:
        self._store = store
        self.told: dict[str, None] = {}
        self.steps = 0

    def _tell(self, statement: str) -> None:
        words = statement.split()
        if words[0] in {"SELECT", "INSERT", "UPDATE", "DELETE", "WITH"} and not SMALL & {*words}:
            self.told[statement] = None

    def _step(self) -> int:
        self.steps += 1
        return 0

    async def start(self) -> None:
        """Watch the connection that writes and every one that reads."""

        def watched(connection: Any) -> None:
            connection.info["driver"].set_trace_callback(self._tell)
            connection.info["driver"].set_progress_handler(self._step, 1)

        async with self._store.read() as one, self._store.read() as two, self._store.read() as last:
            for reader in (one, two, last):
                await reader.run_sync(watched)
        async with self._store.write() as tx:
            await tx.run_sync(watched)

    async def plans(self) -> dict[str, str]:
        """Each statement with how SQLite goes about it."""

        def planned(connection: Any) -> dict[str, str]:
            driver = connection.info["driver"]
            return {
                told: "\n".join(row[3] for row in driver.execute(f"EXPLAIN QUERY PLAN {told}"))
                for told in list(self.told)
            }

        async with self._store.read() as connection:
            return await connection.run_sync(planned)


def walks_an_index(plan: str) -> bool:
    """No table that grows is read from end to end, and nothing is sorted."""
    scanned = [
        line
        for line in plan.splitlines()
        if line.startswith("SCAN ") and "USING" not in line and line.split()[1] in GROWING
    ]
    return not scanned and "TEMP B-TREE" not in plan


async def looked(place: Town, number: str) -> dict[str, int]:
    """Every list over HTTP and one status query, with the steps each took."""
    watch = Watch(store_of(place))
    await watch.start()
    steps: dict[str, int] = {}

    async def counted(name: str, look: Callable[[], Any]) -> None:
        before = watch.steps
        await look()
        steps[name] = watch.steps - before

    for name, paths in LISTS.items():
        client = await place.client(name)
        for path in (*paths, f"/dossiers/{number}", f"/dossiers/{number}/history"):
            await counted(f"{name} {path}", partial(client.look, path))
    await counted("StatusQuery", lambda: asked(place, number))
    plans = await watch.plans()
    assert len(plans) > 20
    assert {told: plan for told, plan in plans.items() if not walks_an_index(plan)} == {}
    return steps


async def asked(place: Town, number: str) -> None:
    """A status query, from its bytes to its outcome and report."""
    declarant = await place.client("coop-atlas")
    instance = f"query-{await place.count('messages')}"
    document = declarant.signed(letters.status_query(), dossier=number, instance=instance)
    assert (await declarant.send(document)).status == 202
    await worked(place)
    found = await declarant.look(f"/messages/{instance}")
    assert found["outcome"]["status"] == "accepted"
    assert [reply["type"] for reply in found["replies"]] == ["Acknowledgement", "StatusReport"]


async def worked(place: Town) -> None:
    worker = Worker(place.hub, Bell(), name="growth")
    while await worker.turn():
        pass


def store_of(place: Town) -> SqliteStore:
    assert isinstance(place.hub.store, SqliteStore)
    return place.hub.store


async def test_lists_and_answers_take_as_many_steps_with_many_licences_as_with_few(
    tmp_path: Path,
) -> None:
    async with town(tmp_path, f"sqlite:///{tmp_path}/hub.db", workers=0) as place:
        declarant = await place.client("coop-atlas")
        await declarant.send(declarant.signed(letters.application()))
        await worked(place)
        async with place.hub.store.read() as connection:
            (model,) = await search.latest(connection)
        await fill(place.hub.store, model, 1, FEW)
        few = await looked(place, model.number)
        await fill(place.hub.store, model, FEW + 1, MANY)
        many = await looked(place, model.number)
        assert await place.count("dossiers") == MANY + 1
        page = await declarant.look("/dossiers")
    assert len(page["dossiers"]) == 10
    assert page["dossiers"][0]["number"] == model.number
    # Whoever reads a whole table takes some steps for each of the licences.
    dearer = {name: (few[name], many[name]) for name in few if many[name] - few[name] > MANY // 10}
    assert dearer == {}


@pytest.mark.parametrize(
    "plan",
    ["SCAN dossiers", "SEARCH history USING INDEX x (dossier=?)\nUSE TEMP B-TREE FOR ORDER BY"],
)
def test_a_plan_that_reads_or_sorts_a_whole_table_is_told_from_one_that_does_not(plan: str) -> None:
    assert not walks_an_index(plan)
    assert walks_an_index("SCAN dossiers USING INDEX ix_dossiers_changed_at_number")
