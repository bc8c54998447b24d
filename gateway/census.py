"""Reads the sealed journal once, seal by seal: counts what passed, and keeps the messages' words.

It runs behind the message path and at its own pace: a seal's counts, its words and the mark behind
it are one transaction, so that each entry counts exactly once, whatever dies when.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterable, Mapping, Sequence
from html import unescape

import structlog

from gateway.hub import Hub
from storage import messages, progress, traffic, words
from storage.engine import Connection
from storage.journal import Happening, Record
from storage.traffic import Count, Passed

NAME = "census"  #: of the mark in the journal, and of the loop
CHUNK = 32  #: messages whose bytes are held at once
TEXT = 20_000  #: characters of a message whose words are kept
RUN = 60  #: longer runs of plain letters without a space are base64 or digests, and no words
REST = 0.5  #: seconds between two looks that find nothing, whatever is hinted

_HEADER_ENDS = re.compile(r"</(?:[\w.-]+:)?StandardBusinessDocumentHeader\s*>")
_SIGNATURE = re.compile(r"<(?:[\w.-]+:)?Signature[\s>]")
# A tag, or what opens and closes a text in which signs stand as they are.
_TAG = re.compile(r"<!\[CDATA\[|\]\]>|<[^<>]*>")

_ACCEPTED = "message accepted"
_OUTCOMES = {
    "accepted": Passed.HANDLED,
    "accepted-with-warnings": Passed.HANDLED,
    "refused": Passed.REFUSED,
}
_AS_THEY_ARE = {
    kind.value: kind for kind in (Passed.ACCEPTED, Passed.REJECTED, Passed.DELIVERED, Passed.PARKED)
}

log = structlog.get_logger(__name__)


class Census:
    """The loop of one process; among several, one at a time reads."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._looked = float("-inf")

    async def turn(self) -> int:
        """Read one seal; returns how many entries it has."""
        if time.monotonic() - self._looked < REST:
            return 0
        async with self._hub.store.read() as connection:
            if not await progress.alone(connection):
                return self._rests()
            read = await progress.unread(connection, NAME)
            if read is None:
                return self._rests()
            kept = await _words_of(connection, read.entries)
            await self._keep(read, kept)
        return len(read.entries)

    def _rests(self) -> int:
        self._looked = time.monotonic()
        return 0

    async def _keep(self, read: progress.Read, kept: Sequence[tuple[int, list[str]]]) -> None:
        try:
            async with self._hub.store.write() as tx:
                await progress.advance(tx, NAME, read, self._hub.clock())
                await traffic.count(tx, counts(read.entries))
                await words.keep(tx, kept)
        except progress.Raced:
            log.info("census_raced", seal=read.seal)


def counts(entries: Iterable[Happening]) -> list[Count]:
    """What the entries add to the traffic."""
    found = (_count(entry.record) for entry in entries)
    return [one for one in found if one is not None]


def _count(record: Record) -> Count | None:
    if record.kind == Passed.SIGNED.value:
        return _counted(record, Passed.SIGNED, record.facts.get("to", ""))
    kind = _AS_THEY_ARE.get(record.kind) or _outcome(record)
    return None if kind is None else _counted(record, kind, record.actor)


def _outcome(record: Record) -> Passed | None:
    """What became of a message; a timer moves dossiers too, and has no outcome."""
    if record.kind not in {"message handled", "dossier moved"}:
        return None
    return _OUTCOMES.get(record.facts.get("outcome", ""))


def _counted(record: Record, kind: Passed, partner: str) -> Count:
    return Count(at=record.at, kind=kind, partner=partner, type=record.facts.get("type", ""))


async def _words_of(
    connection: Connection, entries: Sequence[Happening]
) -> list[tuple[int, list[str]]]:
    """The words of the messages that these entries accepted, by row id."""
    accepted = [one.record.facts for one in entries if one.record.kind == _ACCEPTED]
    ids = [int(facts["message"]) for facts in accepted if "message" in facts]
    kept: list[tuple[int, list[str]]] = []
    for start in range(0, len(ids), CHUNK):
        contents = await messages.contents_of(connection, ids[start : start + CHUNK])
        kept += await asyncio.to_thread(_all_words, contents)
    return kept


def _all_words(contents: Mapping[int, bytes]) -> list[tuple[int, list[str]]]:
    return [(key, words_of(content)) for key, content in contents.items()]


def words_of(content: bytes) -> list[str]:
    """The words of a message's payload, folded, each once; nothing of its header and signature.

    The message was read as XML when it came and may be cut up like this: it has no comments, its
    header stands first and its signature last.
    """
    text = content.decode(errors="replace")
    header = _HEADER_ENDS.search(text)
    if header is None:
        return []
    signature = _SIGNATURE.search(text, header.end())
    body = text[header.end() : signature.start() if signature else len(text)]
    runs = unescape(_TAG.sub(" ", body)).split()
    readable = " ".join(run for run in runs if len(run) <= RUN or not run.isascii())
    return words.fold(readable[:TEXT])
