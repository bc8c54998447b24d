"""What handlers may look up, answered from the open reading of the database."""

from __future__ import annotations

from collections.abc import Sequence

from schemas.workflow import Entry, Event
from storage import dossiers
from storage.engine import SyncConnection


class LedgerReader:
    """The handlers' `Reader` over one reading transaction."""

    def __init__(self, connection: SyncConnection) -> None:
        self._connection = connection

    def entry(self, office: str, number: str) -> tuple[str, Entry] | None:
        """The dossier and ledger entry that bear this imputation number at this office."""
        return dossiers.find_entry(self._connection, office, number)

    def history(self, number: str, limit: int) -> Sequence[Event]:
        """What happened to a dossier, newest first."""
        return [
            Event(
                at=step.at,
                event=step.event,
                actor=step.actor,
                from_state=step.from_state,
                to_state=step.to_state,
                version=step.version,
            )
            for step in dossiers.steps(self._connection, number, limit)
        ]
