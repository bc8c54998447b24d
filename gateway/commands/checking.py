"""`check`: everything that can be said of a message with no hub at hand.

The schema decides first; then the handler itself runs on an empty hub, so that the business rules
are the hub's own and not a copy.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import typer

from gateway.clock import utc_now
from gateway.commands.say import out, show_acknowledgement, show_json
from gateway.config import Settings
from gateway.place import locate
from gateway.verdict import problem_facts
from handlers.registry import Context, Handler, registry
from schemas import bind
from schemas.catalogue import catalogue
from schemas.envelope import payload, read_header
from schemas.errors import Finding, Refused
from schemas.parse import parse
from schemas.problems import problem
from schemas.validate import validate
from schemas.workflow import Agent, Entry, Event, Sent, Serial, Service, Workload


class _Nothing:
    """The reader of a hub that holds nothing."""

    def entry(self, office: str, number: str) -> tuple[str, Entry] | None:
        """No imputation is known."""

    def history(self, number: str, limit: int, before: int | None = None) -> Sequence[Event]:
        """No dossier has a past."""
        return ()

    def taken(self, kind: str, value: str) -> str | None:
        """Nothing has served yet."""

    def sent(self, instance: str) -> Sent | None:
        """Nothing was sent."""

    def agent(self, identifier: str) -> Agent | None:
        """No agent is known."""

    def service_of(self, place: str) -> Service | None:
        """Any place may have its service: only the hub knows its directory."""
        return Service(code="XX", name=place, places=(place,))

    def workload(self, service: str) -> Sequence[Workload]:
        """Nobody has work."""
        return ()

    def next_serial(self, series: str, year: int) -> Serial:
        """No number was given yet."""
        return Serial(series=series, year=year, number=1)


def check_file(file: Path, *, as_json: bool) -> None:
    """Print every finding; status 1 when there is one."""
    findings = _findings(file.read_bytes())
    if as_json:
        show_json([problem_facts(problem(finding)) for finding in findings])
    elif findings:
        show_acknowledgement(
            {
                "stage": "check",
                "status": "refused",
                "dossier": None,
                "balances": [],
                "errors": [problem_facts(problem(finding)) for finding in findings],
                "warnings": [],
            },
            name=str(file),
        )
    else:
        out.print(f"{file}: nothing to object", style="green", markup=False)
    if findings:
        raise typer.Exit(1)


def _findings(document: bytes) -> tuple[Finding, ...]:
    try:
        root = parse(document)
        header = read_header(root)
        if found := validate(root):
            return tuple(found)
        handler = registry().handler(header.type, None)
        if handler is None or header.dossier is not None or not handler.opens:
            return ()  # the rest depends on a dossier that only the hub knows
        body = payload(root)
        try:
            handler.handle(
                bind.read(body, catalogue()[header.type].binding),
                None,
                _context(header.sender, handler),
            )
        except Refused as refusal:
            return tuple(locate(finding, body) for finding in refusal.findings)
    except Refused as refusal:
        return refusal.findings
    return ()


def _context(sender: str, handler: Handler) -> Context:
    return Context(
        sender=sender,
        role=min(handler.roles),
        instance="check",
        now=utc_now(),
        new_number="LE-0000-0000000",
        settings=Settings.model_fields[handler.procedure].get_default(call_default_factory=True),
        read=_Nothing(),
        parts={},
    )
