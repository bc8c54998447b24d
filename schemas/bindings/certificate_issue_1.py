"""Bindings of `certificate_issue`, version 1, generated from its XSD."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

__NAMESPACE__ = "urn:passavant:CertificateIssue:1"


class Action(Enum):
    """
    What the agent does with the certificate.

    Attributes:
        PREVIEW: Have it drawn up, without effect.
        ISSUE: Issue it; the dossier is closed.
    """

    PREVIEW = "preview"
    ISSUE = "issue"


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateIssue:
    """
    The agent has the certificate of an accepted request previewed or issued; the envelope names
    the dossier.

    WCO: LPCO issuance.

    Attributes:
        agent: The agent who issues. WCO: Authenticator.
        action: Whether the certificate is only looked at. WCO: FunctionCode.
        certificate_number: The number of the certificate; the hub gives it when absent. WCO:
            AdditionalDocument/ID.
    """

    class Meta:
        namespace = "urn:passavant:CertificateIssue:1"

    agent: str = field(
        metadata={
            "name": "Agent",
            "type": "Element",
        }
    )
    action: Action = field(
        metadata={
            "name": "Action",
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
