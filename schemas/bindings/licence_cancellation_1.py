"""Bindings of `licence_cancellation`, version 1, generated from its XSD."""

from __future__ import annotations

from dataclasses import dataclass, field

__NAMESPACE__ = "urn:passavant:LicenceCancellation:1"


@dataclass(frozen=True, slots=True, kw_only=True)
class LicenceCancellation:
    """
    A request to cancel a licence that was never imputed; the envelope names the dossier.

    WCO: LPCO cancellation.

    Attributes:
        reason_code: Why the licence is cancelled, by the list of cancellation reasons. WCO:
            Amendment/ChangeReasonCode.
        reason: Why the licence is cancelled, in words.
    """

    class Meta:
        namespace = "urn:passavant:LicenceCancellation:1"

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
