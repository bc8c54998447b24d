"""Bindings of `inspection_decision`, version 1, generated from its XSD."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

__NAMESPACE__ = "urn:passavant:InspectionDecision:1"


class Decision(Enum):
    """
    What was decided on the request.

    WCO: Status/NameCode.

    Attributes:
        ACCEPTED: The certificate may be issued.
        REFUSED: There will be no certificate; the dossier is closed.
    """

    ACCEPTED = "accepted"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectionDecision:
    """
    The service's answer to the request, which is final; the envelope names the dossier.

    WCO: LPCO decision.

    Attributes:
        agent: The agent who decides. WCO: Authenticator.
        decision: What was decided. WCO: Status/NameCode.
        observation: The reasons, for the exporter to read; a refusal must have them.
    """

    class Meta:
        namespace = "urn:passavant:InspectionDecision:1"

    agent: str = field(
        metadata={
            "name": "Agent",
            "type": "Element",
        }
    )
    decision: Decision = field(
        metadata={
            "name": "Decision",
            "type": "Element",
        }
    )
    observation: None | str = field(
        default=None,
        metadata={
            "name": "Observation",
            "type": "Element",
            "min_length": 1,
            "max_length": 2000,
        },
    )
