"""What handlers may look up, answered from the open reading of the database."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.seal.profile import check
from schemas import bind
from schemas.catalogue import catalogue
from schemas.envelope import payload
from schemas.parse import parse
from schemas.workflow import Entry, Event, Sent
from storage import dossiers, outgoing
from storage.engine import SyncConnection


class LedgerReader:
    """The handlers' `Reader` over one reading transaction."""

    def __init__(self, connection: SyncConnection) -> None:
        self._connection = connection

    def entry(self, office: str, number: str) -> tuple[str, Entry] | None:
        """The dossier and ledger entry that bear this imputation number at this office."""
        return dossiers.find_entry(self._connection, office, number)

    def taken(self, kind: str, value: str) -> str | None:
        """The dossier in which this number, which serves once, has served already."""
        return dossiers.find_taken(self._connection, kind, value)

    def sent(self, instance: str) -> Sent | None:
        """The message that the hub sent under this identifier."""
        stored = outgoing.find_sent(self._connection, instance)
        return None if stored is None else _sent(stored)

    def history(self, number: str, limit: int, before: int | None = None) -> Sequence[Event]:
        """What happened to a dossier, newest first, from below event id `before`."""
        return [
            Event(
                id=step.id,
                at=step.at,
                event=step.event,
                actor=step.actor,
                from_state=step.from_state,
                to_state=step.to_state,
                version=step.version,
                note=step.note,
            )
            for step in dossiers.steps(self._connection, number, limit, before)
        ]


def _sent(stored: outgoing.Stored) -> Sent:
    root = parse(stored.content)
    return Sent(
        instance=stored.instance,
        type=stored.type,
        receiver=stored.receiver,
        dossier=stored.dossier,
        digest=check(root).document.digest.hex(),
        payload=bind.read(payload(root), catalogue()[stored.type].binding),
    )
