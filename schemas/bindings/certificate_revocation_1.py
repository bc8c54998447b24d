"""Bindings of `certificate_revocation`, version 1, generated from its XSD."""

from __future__ import annotations

from dataclasses import dataclass, field

__NAMESPACE__ = "urn:passavant:CertificateRevocation:1"


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateRevocation:
    """
    The service takes back a certificate that it issued; the envelope names the dossier.

    WCO: LPCO revocation.

    Attributes:
        agent: The agent who revokes. WCO: Authenticator.
        certificate_number: The certificate taken back; the one in force when absent. WCO:
            AdditionalDocument/ID.
        reason: Why the certificate is taken back. WCO: Amendment/ChangeReasonCode.
        replacement: Whether a corrected certificate shall take its place.
    """

    class Meta:
        namespace = "urn:passavant:CertificateRevocation:1"

    agent: str = field(
        metadata={
            "name": "Agent",
            "type": "Element",
        }
    )
    certificate_number: None | str = field(
        default=None,
        metadata={
            "name": "CertificateNumber",
            "type": "Element",
        },
    )
    reason: str = field(
        metadata={
            "name": "Reason",
            "type": "Element",
            "min_length": 1,
            "max_length": 2000,
        }
    )
    replacement: bool = field(
        metadata={
            "name": "Replacement",
            "type": "Element",
        }
    )
