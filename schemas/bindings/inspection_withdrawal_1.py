"""Bindings of `inspection_withdrawal`, version 1, generated from its XSD."""

from __future__ import annotations

from dataclasses import dataclass, field

__NAMESPACE__ = "urn:passavant:InspectionWithdrawal:1"


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectionWithdrawal:
    """
    The exporter withdraws a request that is not processed yet; the envelope names the dossier.

    WCO: LPCO cancellation.

    Attributes:
        reason_code: Why the request is withdrawn, by the list of withdrawal reasons. WCO:
            Amendment/ChangeReasonCode.
        reason: Why the request is withdrawn, in words.
    """

    class Meta:
        namespace = "urn:passavant:InspectionWithdrawal:1"

    reason_code: str = field(
        metadata={
            "name": "ReasonCode",
            "type": "Element",
        }
    )
    reason: str = field(
        metadata={
            "name": "Reason",
            "type": "Element",
            "min_length": 1,
            "max_length": 2000,
        }
    )
