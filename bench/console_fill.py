"""A store as years of work leave it, made by the database itself: a million messages in minutes.

Rows are made beside one real licence, by `INSERT … SELECT` over a counter. What is rare in life
(the refused, the parked) is frequent enough here for a thousand messages to fill a page with it:
what is compared is how a page is found, not how much stands on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bench.letters import signed
from bench.lists import filed
from gateway.hub import Hub
from gateway.seal.sign import Signer
from storage import journal
from storage.engine import SyncConnection

PARTNERS = 20

#: One row a message in a temporary table, evenly over a hundred days until now; then all else.
_ROWS = Path(__file__).with_name("console.sql").read_text(encoding="utf-8").split(";\n")

#: What passed, minute by minute: as much as so many messages give, and no more than time holds.
_TRAFFIC = """
INSERT INTO traffic (span, at, kind, partner, type, count)
SELECT :span, substr(at, 1, :cut) || :rest AS start,
  CASE kind WHEN 'dossier moved' THEN 'outcome accepted' ELSE kind END AS passed,
  CASE kind WHEN 'reply signed' THEN json_extract(facts, '$.to') ELSE actor END AS partner,
  coalesce(json_extract(facts, '$.type'), 'Acknowledgement'), count(*)
FROM journal WHERE at > strftime('%Y-%m-%dT%H:%M:%f000Z', 'now', :since)
  AND kind IN ('message accepted', 'message refused', 'dossier moved', 'reply signed')
GROUP BY start, passed, partner, 5
"""
_SPANS = (
    {"span": "minute", "cut": 16, "rest": ":00.000000Z", "since": "-3 days"},
    {"span": "quarter", "cut": 14, "rest": "00:00.000000Z", "since": "-15 days"},
    {"span": "hour", "cut": 14, "rest": "00:00.000000Z", "since": "-400 days"},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """What the pages are asked for: rows of the real licence, and some that were made."""

    dossier: str
    message: int
    sent: int


async def fill(hub: Hub, signer: Signer, count: int) -> Filled:
    """So many messages, with a tenth as many dossiers and all that belongs to them."""
    model = await _real(hub, next(signed(signer, 1)))
    values = {"count": count, "dossiers": max(count // 10, 10), "model": model}
    async with hub.store.write() as tx:
        await tx.run_sync(_make, values)
    return Filled(dossier=model, message=1, sent=1)


async def _real(hub: Hub, document: bytes) -> str:
    """One licence filed as partners file them, sealed in the journal; its number."""
    model = await filed(hub, document)
    async with hub.store.write() as tx:
        await journal.seal(tx, hub.stamp.sign, hub.clock())
    return model.number


def _make(connection: SyncConnection, values: dict[str, object]) -> None:
    driver = connection.info["driver"]
    for number in range(PARTNERS):
        driver.execute(
            "INSERT INTO partners (name, role, created_at, push_url)"
            " VALUES (?, 'declarant', '2026-01-01T00:00:00.000000Z', 'https://example.org/in')",
            (f"coop-{number}",),
        )
    for rows in _ROWS:
        driver.execute(rows, values)
    for span in _SPANS:
        driver.execute(_TRAFFIC, span)
    driver.execute("DROP TABLE made")
