"""Commits arrivals in groups: while one transaction is being written, the next one fills up.

A group costs one flush to disk whatever its size, so that load makes receipts cheaper, not later.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from storage import StoreUnavailable, journal, messages
from storage.engine import Store

GROUP = 64  #: arrivals per transaction

log = structlog.get_logger(__name__)


class Overloaded(Exception):
    """More arrivals are waiting for their commit than the hub promises to remember."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Arrival:
    content: messages.Received | journal.Record
    done: asyncio.Future[messages.Accepted | None]


class Intake:
    """The only writer of new messages in this process."""

    def __init__(self, store: Store, *, limit: int) -> None:
        self._store = store
        self._limit = limit
        self._waiting: list[_Arrival] = []
        self._arrived = asyncio.Event()
        self._stopping = False

    async def message(self, received: messages.Received) -> messages.Accepted:
        """Store a message; returns after the commit. Raises `Overloaded`, `StoreUnavailable`."""
        accepted = await self._put(received)
        if accepted is None:
            raise TypeError("a message was answered as a refusal is")
        return accepted

    async def refusal(self, record: journal.Record) -> None:
        """Write a refusal into the journal; same promises."""
        await self._put(record)

    async def run(self) -> None:
        """Commit groups until stopped and empty."""
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            while self._waiting:
                group, self._waiting = self._waiting[:GROUP], self._waiting[GROUP:]
                await self._commit(group)
            if self._stopping:
                return

    def stop(self) -> None:
        """Let `run` end once everything that waits is committed."""
        self._stopping = True
        self._arrived.set()

    async def _put(self, content: messages.Received | journal.Record) -> messages.Accepted | None:
        if len(self._waiting) >= self._limit:
            raise Overloaded
        done: asyncio.Future[messages.Accepted | None] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Arrival(content=content, done=done))
        self._arrived.set()
        # The sender may hang up; the commit goes on, and the next try of the same id finds it.
        return await asyncio.shield(done)

    async def _commit(self, group: Sequence[_Arrival]) -> None:
        try:
            answers = await self._write(group)
        except StoreUnavailable as problem:
            log.error("intake_unavailable", arrivals=len(group), problem=str(problem))
            _fail(group, problem)
        except Exception as problem:
            if len(group) > 1:  # one bad arrival must not take the others with it
                for arrival in group:
                    await self._commit([arrival])
                return
            log.exception("intake_failed")
            _fail(group, problem)
        else:
            for arrival, answer in zip(group, answers, strict=True):
                if not arrival.done.done():
                    arrival.done.set_result(answer)
            self._store.hint("work", "seal")

    async def _write(self, group: Sequence[_Arrival]) -> list[messages.Accepted | None]:
        received = [a.content for a in group if isinstance(a.content, messages.Received)]
        records = [a.content for a in group if isinstance(a.content, journal.Record)]
        async with self._store.write() as tx:
            accepted = iter(await messages.accept(tx, received) if received else ())
            if records:
                await journal.append(tx, records)
        return [next(accepted) if isinstance(a.content, messages.Received) else None for a in group]


def _fail(group: Sequence[_Arrival], problem: Exception) -> None:
    for arrival in group:
        if not arrival.done.done():
            arrival.done.set_exception(problem)
