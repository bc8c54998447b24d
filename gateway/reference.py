"""What an integrator must know, as values: message types, errors, procedures, HTTP operations.

Both the hub's own pages and `docs/reference/` are made of this, so that they cannot disagree.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from handlers.registry import Procedure, registry
from schemas.errors import Code
from schemas.vocabulary import Described, vocabulary
from schemas.workflow import After, State

OPENAPI = Path(__file__).parent / "openapi.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message type and who sends it to whom."""

    described: Described
    senders: tuple[str, ...]  #: partner roles; empty when the hub is the sender
    opens: bool  #: it may open a dossier
    procedures: tuple[str, ...]

    @property
    def direction(self) -> str:
        """Such as `declarant, customs → hub`."""
        return f"{', '.join(self.senders)} → hub" if self.senders else "hub → partner"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One move of a procedure, in words."""

    state: str  #: `—` before the dossier exists
    event: str
    finding: str
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """An event that leaves the dossier in its state, and the states in which it may come."""

    event: str
    finding: str
    states: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """A procedure's states in order, the moves between them, and the events that move nothing."""

    name: str
    series: str
    states: tuple[State, ...]
    steps: tuple[Step, ...]
    stays: tuple[Stay, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One input of an operation besides the body."""

    name: str
    place: str  #: path, query or header
    required: bool
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """One answer of an operation."""

    status: str
    text: str
    media: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One HTTP operation of the OpenAPI document, its references resolved."""

    method: str
    path: str
    tag: str
    summary: str
    text: str
    public: bool  #: no credential is asked for
    parameters: tuple[Parameter, ...]
    media: tuple[str, ...]  #: what the request's body may be
    responses: tuple[Response, ...]


@cache
def messages() -> tuple[Message, ...]:
    """Every message type: first those that partners send, then those of the hub."""
    found = [_message(described) for described in vocabulary().messages]
    return tuple(sorted(found, key=lambda message: (not message.senders, message.described.name)))


def _message(described: Described) -> Message:
    handlers = registry().of_type(described.name)
    return Message(
        described=described,
        senders=tuple(sorted({role.value for one in handlers for role in one.roles})),
        opens=any(one.opens for one in handlers),
        procedures=tuple(one.procedure for one in handlers),
    )


def errors() -> list[dict[str, Any]]:
    """Every error in the order of its number, ready for JSON."""
    return [
        {
            "code": code.label,
            "name": code.name.lower(),
            "stage": code.stage.label,
            "status": code.status,
            "fault": code.fault.value,
            "fr": code.text.fr,
            "en": code.text.en,
            "repair_fr": code.text.repair_fr,
            "repair_en": code.text.repair_en,
        }
        for code in sorted(Code, key=lambda code: code.number)
    ]


@cache
def machines() -> tuple[Machine, ...]:
    """Every procedure with its moves, in the order of its states."""
    return tuple(_machine(procedure) for procedure in registry().procedures.values())


def _machine(procedure: Procedure) -> Machine:
    order = ["—", *(state.name for state in procedure.states)]
    steps = [
        Step(state=state or "—", event=_event(event), finding=finding, to=to)
        for (state, event, finding), to in procedure.moves.items()
    ]
    steps.sort(key=lambda step: (order.index(step.state), step.event, step.finding))
    return Machine(
        name=procedure.name,
        series=procedure.series,
        states=procedure.states,
        steps=tuple(step for step in steps if step.state != step.to),
        stays=tuple(_stays(step for step in steps if step.state == step.to)),
    )


def _stays(steps: Iterable[Step]) -> Iterator[Stay]:
    """Steps from a state to itself, those of one event and finding together."""
    where: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for step in steps:
        where[step.event, step.finding].append(step.state)
    for (event, finding), states in sorted(where.items()):
        yield Stay(event=event, finding=finding, states=tuple(states))


def _event(event: str | After) -> str:
    return f"after {event.timer}" if isinstance(event, After) else event


@cache
def openapi() -> dict[str, Any]:
    """The OpenAPI document; shared, so nobody changes it."""
    document: dict[str, Any] = json.loads(OPENAPI.read_text(encoding="utf-8"))
    return document


@cache
def operations() -> tuple[Operation, ...]:
    """Every operation in the document's order."""
    return tuple(_operations(openapi()))


def _operations(document: dict[str, Any]) -> Iterator[Operation]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield Operation(
                method=method.upper(),
                path=path,
                tag=operation["tags"][0],
                summary=operation["summary"],
                text=operation.get("description", ""),
                public=operation.get("security", document["security"]) == [],
                parameters=tuple(_parameters(document, operation)),
                media=tuple(operation.get("requestBody", {}).get("content", ())),
                responses=tuple(_responses(document, operation)),
            )


def _parameters(document: dict[str, Any], operation: dict[str, Any]) -> Iterator[Parameter]:
    for given in operation.get("parameters", ()):
        parameter = _resolved(document, given)
        yield Parameter(
            name=parameter["name"],
            place=parameter["in"],
            required=parameter.get("required", False),
            text=parameter["description"],
        )


def _responses(document: dict[str, Any], operation: dict[str, Any]) -> Iterator[Response]:
    for status, given in operation["responses"].items():
        response = _resolved(document, given)
        yield Response(
            status=status,
            text=response["description"],
            media=tuple(response.get("content", ())),
        )


def _resolved(document: dict[str, Any], item: dict[str, Any]) -> dict[str, Any]:
    """The item itself, or what its `$ref` within the document points to."""
    found: Any = item
    while "$ref" in found:
        _, *steps = found["$ref"].split("/")
        found = document
        for step in steps:
            found = found[step]
    resolved: dict[str, Any] = found
    return resolved
