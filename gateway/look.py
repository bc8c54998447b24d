"""What a partner may read: its messages, its mailbox, the dossiers its role lets it see.

A declarant sees its own dossiers, the ministry and customs every licence; what may not be seen
does not exist.
"""

from __future__ import annotations

from typing import Any

from gateway.directory import Known
from gateway.hub import Hub
from gateway.verdict import read_outcome
from handlers.licence.licence import Licence
from handlers.registry import registry
from schemas.errors import Code, refused
from schemas.workflow import Dossier, Role, State
from storage import dossiers as cases
from storage import journal, messages, outgoing, papers
from storage.engine import Connection

#: Roles that see every dossier of a procedure.
_SEES_ALL = {
    "licence": frozenset({Role.MINISTRY, Role.CUSTOMS, Role.EXCHANGE_OFFICE}),
}


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
        "next": page[-1].id if len(page) == limit else None,
    }


async def acknowledge(hub: Hub, known: Known, instance: str) -> None:
    """The partner has this reply: it leaves the mailbox, and the journal says when."""
    now = hub.clock()
    async with hub.store.write() as tx:
        stored = await outgoing.get(tx, known.name, instance)
        if stored is None:
            raise refused(Code.NOT_FOUND)
        if await outgoing.acknowledge(tx, known.name, instance, now):
            record = journal.Record(
                at=now,
                kind="reply delivered",
                subject=instance,
                dossier=stored.dossier,
                actor=known.name,
                digest=None,
                facts={"how": "pull"},
            )
            await journal.append(tx, [record])


async def dossiers(
    connection: Connection, known: Known, *, state: str | None, before: str | None, limit: int
) -> dict[str, Any]:
    """The latest dossiers this partner may see, newest first."""
    owner = known.name if known.role not in _SEES_ALL["licence"] else None
    page = await cases.latest(
        connection, owner=owner, procedure="licence", state=state, limit=limit, before=before
    )
    return {
        "dossiers": [
            {
                "number": one.number,
                "procedure": one.procedure,
                "owner": one.owner,
                "state": one.state,
                "state_fr": label(one).fr,
                "version": one.version,
                "changed_at": one.changed_at.isoformat(),
                "link": f"/dossiers/{one.number}",
            }
            for one in page
        ],
        "next": page[-1].number if len(page) == limit else None,
    }


async def visible(connection: Connection, known: Known, number: str) -> Dossier:
    """The dossier, or the same 404 whether it does not exist or is somebody else's."""
    found = (await cases.load(connection, [number])).get(number)
    if found is None or not (
        found.owner == known.name or known.role in _SEES_ALL.get(found.procedure, frozenset())
    ):
        raise refused(Code.NOT_FOUND)
    return found


async def dossier(connection: Connection, known: Known, number: str) -> dict[str, Any]:
    """State, version, validity and balances of one dossier."""
    found = await visible(connection, known, number)
    licence = Licence.of(found)
    state = label(found)
    return {
        "number": found.number,
        "procedure": found.procedure,
        "owner": found.owner,
        "state": found.state,
        "state_fr": state.fr,
        "state_ar": state.ar,
        "version": found.version,
        "opened_at": found.opened_at.isoformat(),
        "changed_at": found.changed_at.isoformat(),
        "visa": None
        if licence.visa is None
        else {
            "number": licence.visa.number,
            "valid_from": licence.visa.valid_from.isoformat(),
            "valid_until": licence.visa.valid_until.isoformat(),
        },
        "balances": [
            {
                "line": balance.line,
                "unit": balance.unit,
                "granted": str(balance.granted),
                "imputed": str(balance.imputed),
                "remaining": str(balance.remaining),
            }
            for balance in (licence.balance(line.number) for line in licence.lines)
        ],
        "history": f"/dossiers/{number}/history",
        "documents": f"/dossiers/{number}/documents",
    }


async def history(
    connection: Connection, known: Known, number: str, *, before: int | None, limit: int
) -> dict[str, Any]:
    """What happened to one dossier, newest first."""
    await visible(connection, known, number)
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
        "next": page[-1].id if len(page) == limit else None,
    }


async def documents(connection: Connection, known: Known, number: str) -> dict[str, Any]:
    """The papers of one dossier."""
    await visible(connection, known, number)
    return {
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
    }


async def document(
    connection: Connection, known: Known, number: str, name: str
) -> papers.StoredPaper:
    """One paper."""
    await visible(connection, known, number)
    paper = await papers.get(connection, number, name)
    if paper is None:
        raise refused(Code.NOT_FOUND)
    return paper


def label(found: Dossier | cases.Summary) -> State:
    """The state's labels."""
    states = registry().procedures[found.procedure].states
    return next(state for state in states if state.name == found.state)
