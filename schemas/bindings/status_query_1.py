"""Bindings of `status_query`, version 1, generated from its XSD."""

from __future__ import annotations

from dataclasses import dataclass, field

__NAMESPACE__ = "urn:passavant:StatusQuery:1"


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusQuery:
    """
    How does this dossier stand?

    The envelope names the dossier; nothing changes.

    Attributes:
        changes: How many of the last changes to report; ten when absent.
    """

    class Meta:
        namespace = "urn:passavant:StatusQuery:1"

    changes: None | int = field(
        default=None,
        metadata={
            "name": "Changes",
            "type": "Element",
            "max_inclusive": 100,
        },
    )
