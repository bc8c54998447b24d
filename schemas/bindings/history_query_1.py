"""Bindings of `history_query`, version 1, generated from its XSD."""

from __future__ import annotations

from dataclasses import dataclass, field

__NAMESPACE__ = "urn:passavant:HistoryQuery:1"


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryQuery:
    """
    What happened to this dossier?

    The envelope names the dossier; nothing changes.

    Attributes:
        before: Only what happened before this event; from the latest when absent.
        limit: How many events to report at most; fifty when absent.
    """

    class Meta:
        namespace = "urn:passavant:HistoryQuery:1"

    before: None | int = field(
        default=None,
        metadata={
            "name": "Before",
            "type": "Element",
            "max_inclusive": 999999999999999999,
        },
    )
    limit: None | int = field(
        default=None,
        metadata={
            "name": "Limit",
            "type": "Element",
            "max_inclusive": 200,
        },
    )
