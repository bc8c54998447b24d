"""One dossier in the smallest hub there is: handlers, the table of moves, a clock, and its timers.

It carries decisions out as the gateway does, keeps what partners would have received, and counts
the ledger a second time from the balances that the outcomes state.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from handlers.licence.licence import Licence
from handlers.registry import Context, Ring, registry
from schemas.errors import Code, Refused, Stage, refused
from schemas.problems import problem
from schemas.workflow import (
    After,
    Agent,
    Decision,
    Dossier,
    Entry,
    Event,
    Reply,
    Role,
    Sent,
    Serial,
    Service,
    Taken,
    Timer,
    Workload,
)
from tests.handlers.crafts import HOUSE, Directory
from tests.handlers.dossiers import DECLARANT, DEFAULTS, NUMBER

PARTNERS = {
    Role.DECLARANT: DECLARANT,
    Role.MINISTRY: "mce",
    Role.CUSTOMS: "adii",
    Role.BANK: "banque-atlas",
    Role.EXCHANGE_OFFICE: "office-changes",
    Role.INSPECTION: HOUSE,
}


@dataclass
class Life:
    """A dossier of a procedure from nothing on, in one hub that has the tests' directory."""

    now: datetime
    settings: Any = DEFAULTS
    procedure: str = "licence"
    directory: Directory = field(default_factory=Directory)
    dossier: Dossier | None = None
    timers: list[Timer] = field(default_factory=list)
    outbox: list[Sent] = field(default_factory=list)
    numbers: set[Taken] = field(default_factory=set)
    counted: defaultdict[int, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    states: set[str] = field(default_factory=set)
    taken_moves: set[tuple[str | None, str | After, str]] = field(default_factory=set)

    @property
    def state(self) -> str | None:
        return None if self.dossier is None else self.dossier.state

    @property
    def licence(self) -> Licence:
        assert self.dossier is not None
        return Licence.of(self.dossier)

    @property
    def number(self) -> str:
        return NUMBER if self.dossier is None else self.dossier.number

    @property
    def moves(self) -> dict[tuple[str | None, str | After, str], str]:
        return registry().procedures[self.procedure].moves

    # What a handler may look up.

    def entry(self, office: str, number: str) -> tuple[str, Entry] | None:
        entries = () if self.dossier is None else self.dossier.entries
        found = (one for one in entries if (one.office, one.number) == (office, number))
        return next(((NUMBER, one) for one in found), None)

    def history(self, number: str, limit: int, before: int | None = None) -> list[Event]:
        return []

    def taken(self, kind: str, value: str) -> str | None:
        return self.number if Taken(kind=kind, value=value) in self.numbers else None

    def sent(self, instance: str) -> Sent | None:
        return next((one for one in self.outbox if one.instance == instance), None)

    def agent(self, identifier: str) -> Agent | None:
        return self.directory.agent(identifier)

    def service_of(self, place: str) -> Service | None:
        return self.directory.service_of(place)

    def workload(self, service: str) -> Sequence[Workload]:
        return self.directory.workload(service)

    def next_serial(self, series: str, year: int) -> Serial:
        return self.directory.next_serial(series, year)

    # What happens to it.

    def send(self, message: Any, role: Role) -> Decision | Refused:
        """Let a partner's message be handled, and carry the decision out."""
        try:
            decision = self._decide(message, role)
        except Refused as refusal:
            return refusal
        if not decision.dry:
            self._carry_out(type(message).__name__, decision)
        return decision

    def ring(self) -> int:
        """Ring every timer that is due, the first one first; how many did something."""
        done = 0
        while due := [one for one in self.timers if one.due <= self.now]:
            timer = min(due, key=lambda one: one.due)
            self.timers.remove(timer)
            assert self.dossier is not None
            ring = Ring(about=timer.about, now=self.now, settings=self.settings, read=self)
            decision = registry().rings[timer.name, self.procedure](self.dossier, ring)
            if decision.finding is not None:
                self._carry_out(After(timer.name), decision)
                done += 1
        return done

    def wait(self, length: timedelta) -> int:
        """Let time pass; every timer rings at its own moment."""
        until, done = self.now + length, 0
        while due := [one.due for one in self.timers if one.due <= until]:
            self.now = max(self.now, min(due))
            done += self.ring()
        self.now = until
        return done

    def _decide(self, message: Any, role: Role) -> Decision:
        event, moves = type(message).__name__, self.moves
        if self.state not in {key[0] for key in moves if key[1] == event}:
            raise refused(Code.MOVE_FORBIDDEN, value=self.state, event=event, state=self.state)
        handler = registry().handlers[event, self.procedure]
        assert role in handler.roles, f"{event} is not for {role}"
        decision = handler.handle(message, self.dossier, self._context(role))
        if decision.finding is not None and (self.state, event, decision.finding) not in moves:
            raise refused(Code.MOVE_FORBIDDEN, value=self.state, event=event, state=self.state)
        return decision

    def _context(self, role: Role) -> Context:
        return Context(
            sender=PARTNERS[role],
            role=role,
            instance="message",
            now=self.now,
            new_number=NUMBER,
            settings=self.settings,
            read=self,
            parts={},
        )

    def _carry_out(self, event: str | After, decision: Decision) -> None:
        for reply in decision.replies:
            self._deliver(reply)
        if decision.finding is None:
            return
        move = (self.state, event, decision.finding)
        to = self.moves[move]
        self.taken_moves.add(move)
        self.states.add(to)
        before = self.dossier
        for balance in decision.balances:
            self.counted[balance.line] += balance.delta
        for taken in decision.takes:
            assert taken not in self.numbers, f"{taken} serves twice"
            self.numbers.add(taken)
        self.timers.extend(decision.timers)
        self.dossier = Dossier(
            number=self.number if decision.serial is None else decision.serial.reference,
            procedure=self.procedure,
            owner=DECLARANT if before is None else before.owner,
            state=to,
            version=decision.version or (1 if before is None else before.version),
            revision=1 if before is None else before.revision + 1,
            opened_at=self.now if before is None else before.opened_at,
            changed_at=self.now,
            content=self._content(decision),
            entries=(() if before is None else before.entries) + decision.entries,
        )

    def _content(self, decision: Decision) -> str:
        if decision.content is not None:
            return decision.content
        return "{}" if self.dossier is None else self.dossier.content

    def _deliver(self, reply: Reply) -> None:
        to = reply.to[0] if isinstance(reply.to, tuple) else reply.to
        self.outbox.append(
            Sent(
                instance=f"sent-{len(self.outbox)}",
                type=type(reply.payload).__name__,
                receiver=PARTNERS[to] if isinstance(to, Role) else to,
                dossier=self.number,
                digest=f"{len(self.outbox):064x}",
                payload=reply.payload,
            )
        )


def names_its_rule(refusal: Refused) -> None:
    """A refusal names rules, each in French and in English."""
    assert refusal.findings
    for finding in refusal.findings:
        assert finding.code.stage in {Stage.RULE, Stage.LOOKUP}, finding
        told = problem(finding)
        assert told.code == finding.code.label
        assert len(told.text) == 2, "in French and in English"
