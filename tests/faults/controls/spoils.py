"""What a hub must never do, done on purpose: each of these the oracle has to notice."""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from gateway import consequences, decide
from gateway.intake import Intake
from storage import messages, work
from storage.engine import SyncConnection
from storage.statement import Statement
from storage.tables import messages as table


def receipts_before_the_commit(_folder: Path) -> None:
    """The sender is answered at once; the message is written a moment later."""
    put = Intake._put
    later: set[asyncio.Task[Any]] = set()

    async def answered(self: Intake, content: Any) -> messages.Accepted:
        async def write() -> None:
            await asyncio.sleep(0.1)
            await put(self, content)

        later.add(asyncio.create_task(write()))
        return messages.Accepted(
            message_id=0, fresh=True, digest=content.digest, receipt=content.receipt
        )

    Intake._put = answered  # type: ignore[method-assign]  # spoiled on purpose


def without_the_unique_index(connection: SyncConnection) -> None:
    """Make the (empty) table of messages again, without the key on sender and id."""
    listed = connection.exec_driver_sql(
        "SELECT sql FROM sqlite_master WHERE tbl_name = 'messages' AND sql IS NOT NULL"
        " ORDER BY type DESC"
    )
    made = [row[0] for row in listed]
    made[0], cut = re.subn(r",\s*CONSTRAINT \w+ UNIQUE \(sender, instance\)", "", made[0])
    if cut != 1:
        raise LookupError(made[0])
    for statement in ("DROP TABLE messages", *made):
        connection.exec_driver_sql(statement)


def ids_unguarded(_folder: Path) -> None:
    """A message is inserted whatever was there before."""
    columns = ("sender", "instance", "type", "version", "dossier", "digest", "state", "received_at")
    kept = (table.c.id, table.c.sender, table.c.instance)
    messages._INSERT["sqlite"] = Statement(insert(table).returning(*kept), *columns)


def numbers_by_chance(_folder: Path) -> None:
    """The second line of defence taken away: a retry gets other numbers than the first try."""
    decide._Turn.new_number = property(  # type: ignore[method-assign,assignment]  # spoiled on purpose
        lambda turn: f"{turn.cause.procedure.series}-{uuid.uuid4()}"
    )
    for room in (decide, consequences):
        room.reply_id = lambda *_: str(uuid.uuid4())  # type: ignore[attr-defined]  # on purpose


def leases_unchecked(folder: Path) -> None:
    """Whoever comes last commits too, whether the job is still its own or not."""
    numbers_by_chance(folder)

    def unfenced(connection: SyncConnection, batch: Sequence[Any]) -> None:
        for job in batch:
            connection.exec_driver_sql("DELETE FROM jobs WHERE id = ?", (job.id,))

    work.take_off = unfenced  # type: ignore[attr-defined]  # spoiled on purpose
