"""What handlers may look up, answered from the open reading of the database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from gateway.seal.profile import check
from schemas import bind
from schemas.catalogue import catalogue
from schemas.envelope import payload
from schemas.parse import parse
from schemas.workflow import Agent, Entry, Event, Sent, Serial, Service, Workload
from storage import agents, dossiers, outgoing, serials, tallies
from storage.engine import SyncConnection

#: The report from which an agent's load is read, and the states of work that is done.
GENERAL = "general"
DONE = frozenset(("closed", "archived"))


class LedgerReader:
    """The handlers' `Reader` over one reading transaction, for the decisions of one batch."""

    def __init__(self, connection: SyncConnection) -> None:
        self._connection = connection
        self._serials: dict[tuple[str, int], int] = {}  # the last kept by a decision of the batch
        self._offered: dict[tuple[str, int], int] = {}  # the last given to the decision being made

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

    def agent(self, identifier: str) -> Agent | None:
        """The agent of that identifier, active or not."""
        return agents.find_agent(self._connection, identifier)

    def service_of(self, place: str) -> Service | None:
        """The service to which a place of registration belongs."""
        return agents.find_service_of(self._connection, place)

    def workload(self, service: str) -> Sequence[Workload]:
        """What each agent of a service has open and has closed; who left, while work is open."""
        counted: defaultdict[tuple[str, bool], int] = defaultdict(int)
        for agent, state, number in tallies.workload(self._connection, GENERAL, service):
            counted[agent, state in DONE] += number
        loads = (
            (
                one.active,
                Workload(
                    agent=one.identifier,
                    open=counted[one.identifier, False],
                    closed=counted[one.identifier, True],
                ),
            )
            for one in agents.agents_of(self._connection, service)
        )
        return [load for active, load in loads if active or load.open]

    def next_serial(self, series: str, year: int) -> Serial:
        """The number that the next dossier of a series gets; another one at each call."""
        key = (series, year)
        if key not in self._serials:
            self._serials[key] = serials.last(self._connection, series, year)
        number = self._offered.get(key, self._serials[key]) + 1
        self._offered[key] = number
        return Serial(series=series, year=year, number=number)

    def settle(self, kept: Serial | None) -> None:
        """End a decision: the serial it keeps is given, others it was offered are not.

        A message that is refused after it asked for a number leaves no gap for the next one.
        """
        self._offered.clear()
        if kept is not None:
            self._serials[kept.series, kept.year] = kept.number

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
