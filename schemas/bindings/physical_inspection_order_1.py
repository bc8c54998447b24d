"""Bindings of `physical_inspection_order`, version 1, generated from its XSD."""

from __future__ import annotations

from dataclasses import dataclass, field

from xsdata.models.datatype import XmlDate

__NAMESPACE__ = "urn:passavant:PhysicalInspectionOrder:1"


@dataclass(frozen=True, slots=True, kw_only=True)
class PhysicalInspectionOrder:
    """
    The agent demands a physical check of the goods, or sets a new day for it; the envelope
    names the dossier.

    WCO: Examination.

    Attributes:
        agent: The agent who demands the check. WCO: Authenticator.
        message: What the exporter must prepare, and where.
        inspection_date: The proposed day. WCO: Examination/EffectiveDateTime.
        reason: Why the day changes, when one was set before.
    """

    class Meta:
        namespace = "urn:passavant:PhysicalInspectionOrder:1"

    agent: str = field(
        metadata={
            "name": "Agent",
            "type": "Element",
        }
    )
    message: str = field(
        metadata={
            "name": "Message",
            "type": "Element",
            "min_length": 1,
            "max_length": 2000,
        }
    )
    inspection_date: XmlDate = field(
        metadata={
            "name": "InspectionDate",
            "type": "Element",
        }
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
