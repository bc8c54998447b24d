"""Bindings of `extension_decision`, version 1, generated from its XSD."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from xsdata.models.datatype import XmlDate

__NAMESPACE__ = "urn:passavant:ExtensionDecision:1"


class Decision(Enum):
    """
    What the ministry decided on the extension.

    Attributes:
        GRANTED: The licence is valid for longer.
        REJECTED: The validity stays as it is.
    """

    GRANTED = "granted"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtensionDecision:
    """
    The ministry's decision on an extension request; the envelope names the dossier.

    WCO: LPCO decision.

    Attributes:
        decision: What the ministry decided. WCO: Status/NameCode.
        valid_until: The new last day of validity, when granted. WCO: ExpirationDateTime.
        officer: Who decided. WCO: Authenticator.
        decision_date: The day of the decision. WCO: IssueDateTime.
        reason: Why the extension was rejected.
    """

    class Meta:
        namespace = "urn:passavant:ExtensionDecision:1"

    decision: Decision = field(
        metadata={
            "name": "Decision",
            "type": "Element",
        }
    )
    valid_until: None | XmlDate = field(
        default=None,
        metadata={
            "name": "ValidUntil",
            "type": "Element",
        },
    )
    officer: str = field(
        metadata={
            "name": "Officer",
            "type": "Element",
            "min_length": 1,
            "max_length": 140,
        }
    )
    decision_date: XmlDate = field(
        metadata={
            "name": "DecisionDate",
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
