"""Bindings of `inspection_amendment`, version 1, generated from its XSD."""

from __future__ import annotations

from dataclasses import dataclass, field

from schemas.bindings.common_1 import Inspection

__NAMESPACE__ = "urn:passavant:InspectionAmendment:1"


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectionAmendment:
    """
    The exporter replaces the whole content of a request that is not processed yet; the envelope
    names the dossier.

    WCO: LPCO amendment.

    Attributes:
        base_version: The version that the amendment starts from, which is the dossier's
            unless another change came first.
        reason: Why the content changes. WCO: Amendment.
        inspection: The whole content as it shall be. WCO: LPCO.
    """

    class Meta:
        namespace = "urn:passavant:InspectionAmendment:1"

    base_version: int = field(
        metadata={
            "name": "BaseVersion",
            "type": "Element",
            "max_inclusive": 9999,
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
    inspection: Inspection = field(
        metadata={
            "name": "Inspection",
            "type": "Element",
        }
    )
