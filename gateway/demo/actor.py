"""What the demo's partners share: keys, a diary, numbered files, and orders from the story.

A partner is a process of its own that knows the hub by HTTP alone. The story gives it orders on
standard input, a JSON object a line, and reads one answer a line; its end is the end of the orders.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import sys
import traceback
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from gateway.client import Credentials, HubClient, Mail, Reply
from gateway.demo.place import Place
from gateway.demo.record import Diary, Shelf

#: An order's name to what carries it out; the answer goes back as JSON.
Orders = Mapping[str, Callable[..., Awaitable[Mapping[str, object]]]]

PATIENCE = 45.0  #: seconds a partner waits for what the hub owes it
_MOROCCO = timezone(timedelta(hours=1))


class NothingCame(Exception):
    """What a partner waited for did not come in time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A message on its way: its identifier, the stem of its files, and the hub's first answer."""

    instance: str
    stem: str
    reply: Reply


class Actor:
    """One partner: sends, keeps every byte, and matches each outcome to what it answers."""

    def __init__(self, name: str, hub: str, place: Place) -> None:
        self.name = name
        self.place = place
        self.diary = Diary(place.diary(name), name)
        self.shelf = Shelf(place.messages, place.logs / "count")
        self.client = HubClient(
            hub,
            Credentials.load(
                key=place.keys / f"{name}.key.pem",
                certificate=place.certificate(name),
                token=place.keys / f"{name}.token",
                hub_certificate=place.hub_certificate,
            ),
        )
        self.outcomes: dict[str, dict[str, Any]] = {}
        self.mails: list[Mail] = []
        # The diary is the memory: a partner that was killed knows what it sent and received.
        noted = list(self.diary.entries())
        self._stems = {entry["id"]: entry["stem"] for entry in noted if "id" in entry}
        self._received = {entry["received"] for entry in noted if "received" in entry}

    async def send(
        self,
        body: object,
        *words: str,
        dossier: str | None = None,
        instance: str = "",
        parts: Sequence[bytes] = (),
    ) -> Sent:
        """Sign a payload, keep it, post it."""
        instance = instance or str(uuid.uuid4())
        document = self.client.signed(body, dossier=dossier, instance=instance)
        return await self.post(document, instance, type(body).__name__, *words, parts=parts)

    async def post(
        self, document: bytes, instance: str, *words: str, parts: Sequence[bytes] = ()
    ) -> Sent:
        """Post signed bytes, and keep them with the receipt or the rejection."""
        stem = self.shelf.take(self.name, *words)
        self.shelf.keep(f"{stem}.xml", document)
        # An outcome may be quicker than the receipt: know the message before it leaves.
        self._stems[instance] = stem
        reply = await self.client.send(document, parts=parts)
        kind = "receipt" if reply.received else "rejection"
        self.shelf.keep(f"{stem}.{kind}.xml", reply.document)
        self.diary.note(
            f"sends {' '.join(words)}",
            summary(reply.facts),
            id=instance,
            stem=stem,
            http=reply.status,
        )
        return Sent(instance=instance, stem=stem, reply=reply)

    def take_in(self, mail: Mail) -> bool:
        """Keep a message from the hub; False when it is one of those kept already."""
        header = mail.header
        if header.instance in self._received:
            return False
        self._received.add(header.instance)
        answered = header.in_reply_to or ""
        if header.type == "Acknowledgement" and answered in self._stems:
            self._take_outcome(mail, answered)
            return True
        stem = self.shelf.take(self.name, "received", header.type)
        self.shelf.keep(f"{stem}.xml", mail.document)
        self.mails.append(mail)
        self.diary.note(
            f"receives {header.type}",
            header.dossier or "",
            received=header.instance,
            file=f"{stem}.xml",
        )
        return True

    def _take_outcome(self, mail: Mail, answered: str) -> None:
        """An outcome stands beside the message that it answers."""
        file = self.shelf.keep(f"{self._stems[answered]}.outcome.xml", mail.document)
        facts = self.outcomes[answered] = self.client.read(mail.document)
        self.diary.note(
            "receives an outcome", summary(facts), received=mail.header.instance, file=file.name
        )

    async def collect(self, *, wait: float = 0) -> None:
        """Empty the mailbox; each message is acknowledged once it is on the disk."""
        for waiting in await self.client.mailbox(wait=wait, limit=500):
            self.take_in(await self.client.fetch(waiting["id"]))
            await self.client.acknowledge(waiting["id"])

    async def outcome(self, sent: Sent) -> dict[str, Any]:
        """The outcome of a message that was received, from the mailbox; raises `NothingCame`."""
        async with patience(f"outcome of {sent.stem}"):
            while sent.instance not in self.outcomes:
                await self.collect(wait=5)
        return self.outcomes[sent.instance]

    async def mail(self, wanted: Callable[[Mail], bool], what: str) -> Mail:
        """The latest message in the mailbox that fits; raises `NothingCame`."""
        async with patience(what):
            while True:
                for mail in reversed(self.mails):
                    if wanted(mail):
                        return mail
                await self.collect(wait=5)
        raise NothingCame(what)

    async def look(self, dossier: str) -> dict[str, Any]:
        """The dossier's page at the hub."""
        return await self.client.look(f"/dossiers/{dossier}")

    async def notified(self, dossier: str, code: str) -> Mapping[str, object]:
        """What the hub's notification of that kind says."""
        mail = await self.mail(
            lambda mail: (
                mail.header.type == "Notification"
                and mail.header.dossier == dossier
                and mail.payload().code == code
            ),
            f"notification {code} of {dossier}",
        )
        return {"ar": "", **{text.lang.value: text.value for text in mail.payload().text}}

    async def fetch(self, page: str, name: str) -> Mapping[str, object]:
        """Keep a paper or a sheet of the hub under a name, once it is printed."""
        content = await self.client.download(page, wait=60)
        (self.place.papers / name).write_bytes(content)
        self.diary.note(f"fetches {page}", f"{len(content)} bytes", file=name)
        return {
            "file": name,
            "size": len(content),
            "starts": content[:5].decode("latin-1"),
            "digest": hashlib.sha256(content).hexdigest(),
        }

    async def settled(self, sent: Sent) -> dict[str, object]:
        """A message's outcome and files, as the answer to an order."""
        return {**await self.outcome(sent), "id": sent.instance, "stem": sent.stem}


@asynccontextmanager
async def patience(what: str) -> AsyncIterator[None]:
    """A limit to waiting; raises `NothingCame` and says for what."""
    try:
        async with asyncio.timeout(PATIENCE):
            yield
    except TimeoutError:
        raise NothingCame(f"no {what} in {PATIENCE:g} s") from None


def today() -> date:
    """The day in Morocco."""
    return datetime.now(UTC).astimezone(_MOROCCO).date()


def summary(facts: Mapping[str, Any]) -> str:
    """An acknowledgement in a few words: status, dossier and state, codes of errors."""
    dossier = facts["dossier"] or {}
    words = [facts["status"], dossier.get("number"), dossier.get("state_fr")]
    found = sorted({problem["code"] for problem in (*facts["errors"], *facts["warnings"])})
    return " ".join(str(word) for word in (*words, *found) if word)


def arguments(description: str | None) -> argparse.ArgumentParser:
    """What every partner is told when it is started."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--name", required=True, help="the partner's name at the hub")
    parser.add_argument("--hub", required=True, help="the hub's address")
    parser.add_argument("--output", required=True, type=Path, help="the demo's folder")
    return parser


async def obey(orders: Orders) -> None:
    """Say that one is ready, then carry out order after order until there are no more."""
    loop = asyncio.get_running_loop()
    lines = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    _say({"ready": True})
    async for line in lines:
        order = json.loads(line)
        try:
            _say(await orders[order.pop("do")](**order))
        except Exception as problem:  # the story decides what a failure means
            traceback.print_exc()
            _say({"failed": f"{type(problem).__name__}: {problem}"})


def _say(answer: Mapping[str, object]) -> None:
    print(json.dumps(answer, ensure_ascii=False, default=str), flush=True)
