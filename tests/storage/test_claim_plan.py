"""A claim costs the same whatever waits: one walk along its index, on both engines."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from storage.engine import Store, SyncConnection
from storage.queue import Kind, _claim_statement
from storage.statement import _Compiled
from storage.tables import jobs
from tests.storage.values import LEASE, NOW, claim


def _fill(connection: SyncConnection, many: int) -> None:
    rows: list[dict[str, Any]] = [
        {
            "kind": kind,
            "lane": f"LE-{number}",
            "subject": number,
            "about": "",
            "state": "waiting" if number % 3 else "ready",
            "due": NOW - timedelta(seconds=number),
            "claims": 0,
            "attempts": 0,
            "created_at": NOW,
        }
        for number in range(many // 2)
        for kind in ("work", "deliver")
    ]
    connection.execute(insert(jobs), rows)


def _plan(connection: SyncConnection, kinds: tuple[Kind, ...]) -> str:
    core = _claim_statement(connection.dialect.name, kinds)._core
    bound = {"by": "w", "now": NOW, "until": NOW + LEASE, "most": 8}
    if connection.dialect.name == "sqlite":
        sqlite = _Compiled(core, None, connection.dialect)
        words = f"EXPLAIN QUERY PLAN {sqlite.sql}"
        return "\n".join(
            row[3] for row in connection.exec_driver_sql(words, tuple(sqlite.bound(bound)))
        )
    connection.exec_driver_sql("ANALYZE jobs")
    compiled = core.compile(dialect=connection.dialect)
    given = tuple({**compiled.params, **bound}[name] for name in compiled.positiontup)
    found = connection.exec_driver_sql(f"EXPLAIN {compiled}", given)
    return "\n".join(row[0] for row in found)


@pytest.mark.parametrize("kinds", [(Kind.WORK,), (Kind.WORK, Kind.DELIVER)])
async def test_a_claim_walks_its_index_and_nothing_else(
    store: Store, kinds: tuple[Kind, ...]
) -> None:
    async with store.write() as tx:
        await tx.run_sync(_fill, 4000)
        plan = await tx.run_sync(_plan, kinds)
    assert plan.count("ix_jobs_claim") == len(kinds), plan
    if store.dialect == "sqlite":
        assert "SCAN jobs" not in plan, plan
        assert ("TEMP B-TREE" in plan) == (len(kinds) > 1), plan  # merges a handful of each kind
    else:
        assert "Seq Scan on jobs" not in plan, plan


async def test_the_plan_is_the_same_with_a_thousand_queued_and_fifty_thousand(
    store: Store,
) -> None:
    async with store.write() as tx:
        await tx.run_sync(_fill, 1000)
        small = await tx.run_sync(_plan, (Kind.WORK,))
        await tx.run_sync(_fill, 49_000)
        large = await tx.run_sync(_plan, (Kind.WORK,))
    assert _shape(large) == _shape(small)
    assert len(await claim(store, limit=8)) == 8


def _shape(plan: str) -> list[str]:
    """A plan without PostgreSQL's costs, which grow with the table."""
    return [line.partition("(cost")[0].strip() for line in plan.splitlines()]
