"""Bindings of `taking_charge`, version 1, generated from its XSD."""

from __future__ import annotations

from dataclasses import dataclass, field

__NAMESPACE__ = "urn:passavant:TakingCharge:1"


@dataclass(frozen=True, slots=True, kw_only=True)
class TakingCharge:
    """
    The agent begins to process the request that was assigned; the envelope names the dossier.

    Attributes:
        agent: The assignee, who takes charge. WCO: Authenticator.
    """

    class Meta:
        namespace = "urn:passavant:TakingCharge:1"

    agent: str = field(
        metadata={
            "name": "Agent",
            "type": "Element",
        }
    )
