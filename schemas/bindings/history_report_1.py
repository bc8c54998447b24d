"""Bindings of `history_report`, version 1, generated from its XSD."""

from __future__ import annotations

from dataclasses import dataclass, field

from xsdata.models.datatype import XmlDateTime

from schemas.bindings.common_1 import StateLabel

__NAMESPACE__ = "urn:passavant:HistoryReport:1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """
    One fact of an event, for example its reason.

    Attributes:
        value:
        name: What the fact tells.
    """

    value: str = field(
        default="",
        metadata={
            "min_length": 1,
            "max_length": 2000,
        },
    )
    name: str = field(
        metadata={
            "type": "Attribute",
        }
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """
    One event of the dossier.

    Attributes:
        id: The event's number in the hub.
        at: When it happened.
        event: The message type or timer that caused it.
        by: The partner who caused it, or the hub itself.
        from_value: The state before; absent when the dossier was opened.
        to: The state after.
        version: The version after.
        fact: One fact of the event.
    """

    id: int = field(
        metadata={
            "name": "Id",
            "type": "Element",
            "namespace": "urn:passavant:HistoryReport:1",
            "max_inclusive": 999999999999999999,
        }
    )
    at: XmlDateTime = field(
        metadata={
            "name": "At",
            "type": "Element",
            "namespace": "urn:passavant:HistoryReport:1",
        }
    )
    event: str = field(
        metadata={
            "name": "Event",
            "type": "Element",
            "namespace": "urn:passavant:HistoryReport:1",
            "min_length": 1,
            "max_length": 140,
        }
    )
    by: str = field(
        metadata={
            "name": "By",
            "type": "Element",
            "namespace": "urn:passavant:HistoryReport:1",
        }
    )
    from_value: None | StateLabel = field(
        default=None,
        metadata={
            "name": "From",
            "type": "Element",
            "namespace": "urn:passavant:HistoryReport:1",
        },
    )
    to: StateLabel = field(
        metadata={
            "name": "To",
            "type": "Element",
            "namespace": "urn:passavant:HistoryReport:1",
        }
    )
    version: int = field(
        metadata={
            "name": "Version",
            "type": "Element",
            "namespace": "urn:passavant:HistoryReport:1",
            "max_inclusive": 9999,
        }
    )
    fact: tuple[Fact, ...] = field(
        default_factory=tuple,
        metadata={
            "name": "Fact",
            "type": "Element",
            "namespace": "urn:passavant:HistoryReport:1",
            "max_occurs": 50,
        },
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryReport:
    """
    The hub's answer to a history query: what happened to the dossier, the latest first.

    Attributes:
        dossier_number: The dossier's number. WCO: LPCO number.
        at: The moment the dossier was read.
        event: One event, the latest first.
        next: What the next query gives as Before to go on; absent when there is nothing
            older.
    """

    class Meta:
        namespace = "urn:passavant:HistoryReport:1"

    dossier_number: str = field(
        metadata={
            "name": "DossierNumber",
            "type": "Element",
        }
    )
    at: XmlDateTime = field(
        metadata={
            "name": "At",
            "type": "Element",
        }
    )
    event: tuple[Event, ...] = field(
        default_factory=tuple,
        metadata={
            "name": "Event",
            "type": "Element",
            "max_occurs": 200,
        },
    )
    next: None | int = field(
        default=None,
        metadata={
            "name": "Next",
            "type": "Element",
            "max_inclusive": 999999999999999999,
        },
    )
