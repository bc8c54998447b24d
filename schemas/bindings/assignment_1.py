"""Bindings of `assignment`, version 1, generated from its XSD."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

__NAMESPACE__ = "urn:passavant:Assignment:1"


class Action(Enum):
    """
    What a supervisor does with a dossier that awaits its agent, or has one.

    Attributes:
        ASSIGN: Give it to an agent.
        SELF: Take it over.
        REASSIGN: Give it to another agent than the present one.
    """

    ASSIGN = "assign"
    SELF = "self"
    REASSIGN = "reassign"


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """
    A supervisor gives a submitted request to an agent of the service, or takes it over; the
    envelope names the dossier.

    Attributes:
        agent: The supervisor who assigns. WCO: Authenticator.
        action: What the supervisor does. WCO: FunctionCode.
        assignee: Who shall treat the dossier; the supervisor when absent and the action is
            self.
        reason: Why another agent shall treat the dossier.
    """

    class Meta:
        namespace = "urn:passavant:Assignment:1"

    agent: str = field(
        metadata={
            "name": "Agent",
            "type": "Element",
        }
    )
    action: Action = field(
        metadata={
            "name": "Action",
            "type": "Element",
        }
    )
    assignee: None | str = field(
        default=None,
        metadata={
            "name": "Assignee",
            "type": "Element",
        },
    )
    reason: None | str = field(
        default=None,
        metadata={
            "name": "Reason",
            "type": "Element",
            "min_length": 1,
            "max_length": 2000,
        },
    )
