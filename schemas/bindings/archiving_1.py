"""Bindings of `archiving`, version 1, generated from its XSD."""

from __future__ import annotations

from dataclasses import dataclass, field

__NAMESPACE__ = "urn:passavant:Archiving:1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Archiving:
    """
    A supervisor puts a closed dossier into the archive before its time; the envelope names the
    dossier.

    Attributes:
        agent: The supervisor who archives. WCO: Authenticator.
    """

    class Meta:
        namespace = "urn:passavant:Archiving:1"

    agent: str = field(
        metadata={
            "name": "Agent",
            "type": "Element",
        }
    )
