"""What a partner may read: its messages, its mailbox, the dossiers its role lets it see.

A declarant sees its own dossiers, the ministry and customs every licence, the service what was
submitted to it; what may not be seen does not exist.
"""

from __future__ import annotations

from typing import Any

from gateway import filters, history_sheet
from gateway.config import Settings
from gateway.directory import Known
from gateway.hub import Hub, paper_lane, reply_id
from gateway.verdict import read_outcome
from handlers.registry import Registry
from schemas.errors import Code, refused
from schemas.workflow import Dossier
from storage import dossiers as cases
from storage import journal, messages, outgoing, papers, queue, search
from storage.engine import Connection


async def message(connection: Connection, known: Known, instance: str) -> dict[str, Any]:
    """A message of this partner: state, errors, replies."""
    found = await messages.find(connection, known.name, instance)
    if found is None:
        raise refused(Code.NOT_FOUND)
    replies = await outgoing.replies_to(connection, found.id)
    outcome = next((reply for reply in replies if reply.stage == "outcome"), None)
    return {
        "id": found.instance,
        "type": found.type,
        "version": found.version,
        "state": found.state,
        "received_at": found.received_at.isoformat(),
        "finished_at": None if found.finished_at is None else found.finished_at.isoformat(),
        "dossier": found.dossier if outcome is None else outcome.dossier or found.dossier,
        "digest": found.digest,
        "receipt": f"/messages/{found.instance}/receipt",
        "outcome": None if outcome is None else read_outcome(outcome.content),
        "replies": [
            {
                "id": reply.instance,
                "type": reply.type,
                "to": reply.receiver,
                "state": reply.state,
                "created_at": reply.created_at.isoformat(),
            }
            for reply in replies
        ],
    }


async def receipt(connection: Connection, known: Known, instance: str) -> bytes:
    """The stored receipt of this partner's message."""
    found = await messages.find(connection, known.name, instance)
    if found is None:
        raise refused(Code.NOT_FOUND)
    return found.receipt


async def outcome(connection: Connection, sender: str, instance: str) -> bytes | None:
    """The stored outcome of a partner's message, byte for byte, once there is one."""
    stored = await outgoing.get(connection, sender, reply_id(sender, instance, "outcome"))
    return None if stored is None else stored.content


async def mailbox(
    connection: Connection, known: Known, *, after: int, limit: int
) -> dict[str, Any]:
    """A page of what waits, oldest first; `next` is the `after` of the following page."""
    page = await outgoing.mailbox(connection, known.name, after=after, limit=limit)
    return {
        "messages": [
            {
                "id": stored.instance,
                "type": stored.type,
                "dossier": stored.dossier,
                "created_at": stored.created_at.isoformat(),
                "link": f"/mailbox/{stored.instance}",
            }
            for stored in page
        ],
        "next": page[-1].id if page and len(page) == limit else None,
    }


async def acknowledge(hub: Hub, known: Known, instance: str) -> None:
    """The partner has this reply: it leaves the mailbox, and the journal says when."""
    now = hub.clock()
    async with hub.store.write() as tx:
        stored = await outgoing.get(tx, known.name, instance)
        if stored is None:
            raise refused(Code.NOT_FOUND)
        if stored.state != "delivered" and await outgoing.acknowledge(
            tx, known.name, instance, now
        ):
            record = journal.Record(
                at=now,
                kind="reply delivered",
                subject=instance,
                dossier=stored.dossier,
                actor=known.name,
                digest=None,
                facts={"type": stored.type, "how": "pull"},
            )
            await journal.append(tx, [record])


async def dossiers(
    connection: Connection, registry: Registry, known: Known, asked: filters.Asked
) -> dict[str, Any]:
    """The latest dossiers this partner may see among those asked for, newest first."""
    wanted = filters.narrowed(asked, registry, known)
    page = await search.latest(connection, wanted, limit=asked.limit, before=asked.before)
    return {
        "dossiers": [
            {**_heading(registry, one), "link": f"/dossiers/{one.number}"} for one in page
        ],
        "next": filters.place(page[-1].changed_at, page[-1].number)
        if len(page) == asked.limit
        else None,
    }


async def visible(connection: Connection, registry: Registry, known: Known, number: str) -> Dossier:
    """The dossier, or the same 404 whether it does not exist or is somebody else's."""
    found = (await cases.load(connection, [number])).get(number)
    if found is None or not (found.owner == known.name or _reads(registry, known, found)):
        raise refused(Code.NOT_FOUND)
    return found


def _reads(registry: Registry, known: Known, found: Dossier) -> bool:
    """Whether the partner's role sees another's dossier: nobody's draft."""
    procedure = registry.procedures[found.procedure]
    return known.role in procedure.readers and found.state not in procedure.drafts


async def dossier(
    connection: Connection, registry: Registry, settings: Settings, known: Known, number: str
) -> dict[str, Any]:
    """State, version and what the procedure shows of one dossier."""
    found = await visible(connection, registry, known, number)
    return {
        **_heading(registry, found),
        **registry.procedures[found.procedure].show(found, getattr(settings, found.procedure)),
        "history": f"/dossiers/{number}/history",
        "timeline": f"/dossiers/{number}/timeline",
        "documents": f"/dossiers/{number}/documents",
    }


def _heading(registry: Registry, found: Dossier) -> dict[str, Any]:
    state = registry.procedures[found.procedure].state(found.state)
    return {
        "number": found.number,
        "procedure": found.procedure,
        "owner": found.owner,
        "state": found.state,
        "state_fr": None if state is None else state.fr,
        "state_ar": None if state is None else state.ar,
        "version": found.version,
        "opened_at": found.opened_at.isoformat(),
        "changed_at": found.changed_at.isoformat(),
    }


async def history(
    connection: Connection,
    registry: Registry,
    known: Known,
    number: str,
    *,
    before: int | None,
    limit: int,
) -> dict[str, Any]:
    """What happened to one dossier, newest first."""
    await visible(connection, registry, known, number)
    page = await cases.history(connection, number, limit=limit, before=before)
    return {
        "events": [
            {
                "id": event.id,
                "at": event.at.isoformat(),
                "event": event.event,
                "actor": event.actor,
                "from": event.from_state,
                "to": event.to_state,
                "version": event.version,
                "note": dict(event.note),
            }
            for event in page
        ],
        "next": page[-1].id if page and len(page) == limit else None,
    }


async def whole_history(
    connection: Connection, registry: Registry, known: Known, number: str
) -> tuple[Dossier, list[cases.Step]]:
    """A dossier with every one of its steps, newest first."""
    found = await visible(connection, registry, known, number)
    return found, await every_step(connection, number)


async def every_step(connection: Connection, number: str) -> list[cases.Step]:
    """All steps of a dossier, newest first."""
    steps: list[cases.Step] = []
    before: int | None = None
    while page := await cases.history(connection, number, 500, before):
        steps += page
        before = page[-1].id
    return steps


async def documents(
    connection: Connection, registry: Registry, known: Known, number: str
) -> dict[str, Any]:
    """The papers of one dossier; `printing` says that a newer one is on its way.

    The history as a spreadsheet is made anew for whoever fetches it.
    """
    found = await visible(connection, registry, known, number)
    return {
        "printing": await printing(connection, number),
        "documents": [
            {
                "name": paper.name,
                "version": paper.version,
                "state": paper.state,
                "media_type": paper.media_type,
                "sha256": paper.digest,
                "created_at": paper.created_at.isoformat(),
                "link": f"/dossiers/{number}/documents/{paper.name}",
            }
            for paper in await papers.list(connection, number)
        ]
        + [
            {
                "name": history_sheet.NAME,
                "version": found.revision,
                "state": "current",
                "media_type": history_sheet.MEDIA_TYPE,
                "sha256": None,
                "created_at": found.changed_at.isoformat(),
                "link": f"/dossiers/{number}/documents/{history_sheet.NAME}",
            }
        ],
    }


async def printing(connection: Connection, number: str) -> bool:
    """Whether a paper of this dossier is still to be printed."""
    return bool(await queue.listing(connection, lane=paper_lane(number), limit=1))


async def document(
    connection: Connection, registry: Registry, known: Known, number: str, name: str
) -> papers.Paper:
    """One paper."""
    await visible(connection, registry, known, number)
    paper = await papers.get(connection, number, name)
    if paper is None:
        raise refused(Code.NOT_FOUND)
    return paper
