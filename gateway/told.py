"""Who is told that a paper was sealed: in the transaction that stores it, so once and for certain.

A notice that names a paper's digest cannot be signed before the paper is there.
"""

from __future__ import annotations

from gateway import consequences
from gateway.consequences import Cause
from gateway.directory import Partners
from gateway.hub import Hub
from schemas.workflow import Decision, Dossier
from storage import journal, mails, outgoing, papers
from storage.engine import Connection


async def tell(
    tx: Connection, hub: Hub, partners: Partners, dossier: Dossier, paper: papers.Paper
) -> None:
    """Sign and store what the procedure says of its new paper, with its deliveries and e-mails.

    Raises `TryLater` when nobody holds a receiver's role: the paper is not stored then either.
    """
    procedure = hub.registry.procedures[dossier.procedure]
    said = procedure.printed(dossier, paper.name, paper.digest)
    if not said:
        return
    cause = _cause(hub, partners, dossier, paper)
    sent = tuple(consequences.replies(cause, Decision(replies=said), dossier.number))
    await outgoing.store(tx, sent)
    await mails.store(tx, tuple(consequences.letters(cause, said, dossier.number)))
    await journal.append(tx, tuple(consequences.recorded_replies(cause, sent)))


def _cause(hub: Hub, partners: Partners, dossier: Dossier, paper: papers.Paper) -> Cause:
    """The paper, as what brings the replies about: the same paper, the same identifiers."""
    return Cause(
        hub=hub,
        partners=partners,
        procedure=hub.registry.procedures[dossier.procedure],
        dossier=dossier,
        number=dossier.number,
        event=paper.name,
        sender=hub.name,
        instance=f"paper-{dossier.number}-{paper.name}-{paper.version}",
        message_id=None,
        now=paper.created_at,
    )
