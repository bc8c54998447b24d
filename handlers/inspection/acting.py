"""May this person act? The guards on the agent that a message names, each one small function.

The service's system signs; the person stands in the hub's directory, and belongs to a service.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Self

from handlers.inspection.inspection import Inspection
from handlers.registry import Reader
from schemas.errors import Code, Finding
from schemas.workflow import Agent


@dataclass(frozen=True, slots=True, kw_only=True)
class Acting:
    """A person named in a message about a dossier; `agent` is None when nobody bears that name."""

    identifier: str
    path: str  #: the element that names the person
    agent: Agent | None
    inspection: Inspection

    @classmethod
    def of(cls, identifier: str, inspection: Inspection, read: Reader, path: str = "Agent") -> Self:
        """That person, as the directory knows them."""
        agent = read.agent(identifier)
        return cls(identifier=identifier, path=path, agent=agent, inspection=inspection)


Guard = Callable[[Acting], Iterator[Finding]]


def findings(guards: Iterable[Guard], acting: Acting) -> list[Finding]:
    """Every guard that the person does not pass."""
    return [finding for guard in guards for finding in guard(acting)]


def agent_known(acting: Acting) -> Iterator[Finding]:
    """The person stands in the directory."""
    if acting.agent is None:
        yield _finding(Code.AGENT_UNKNOWN, acting)


def agent_active(acting: Acting) -> Iterator[Finding]:
    """The person still acts for the service."""
    if acting.agent is not None and not acting.agent.active:
        yield _finding(Code.AGENT_INACTIVE, acting)


def of_service(acting: Acting) -> Iterator[Finding]:
    """The person belongs to the service that treats the dossier."""
    service = acting.inspection.service
    if acting.agent is not None and acting.agent.service != service:
        yield _finding(Code.AGENT_OF_OTHER_SERVICE, acting, service=service)


def is_supervisor(acting: Acting) -> Iterator[Finding]:
    """The person may assign and archive dossiers."""
    if acting.agent is not None and not acting.agent.supervisor:
        yield _finding(Code.AGENT_NOT_SUPERVISOR, acting)


def is_assignee(acting: Acting) -> Iterator[Finding]:
    """The dossier is given to this person; a supervisor who took it over is one such."""
    assignee = acting.inspection.assignee
    if acting.agent is not None and acting.identifier != assignee:
        yield _finding(Code.AGENT_NOT_ASSIGNEE, acting, assignee=assignee or "—")


def _finding(code: Code, acting: Acting, **fields: object) -> Finding:
    return Finding(
        code=code,
        path=acting.path,
        value=acting.identifier,
        fields={"found": acting.identifier, **fields},
    )


OF_SERVICE: tuple[Guard, ...] = (agent_known, agent_active, of_service)
SUPERVISOR: tuple[Guard, ...] = (*OF_SERVICE, is_supervisor)
ASSIGNEE: tuple[Guard, ...] = (*OF_SERVICE, is_assignee)
