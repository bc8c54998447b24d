"""Bindings of `clearance_decision`, version 1, generated from its XSD."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from xsdata.models.datatype import XmlDate

__NAMESPACE__ = "urn:passavant:ClearanceDecision:1"


class Decision(Enum):
    """
    What the authority decided.

    Attributes:
        FULL: The declaration is cleared: everything came home.
        SHORTFALL: The declaration is cleared: what did not come home is justified.
        REFUSED: The declaration is not cleared.
        MORE_TIME: The declaration is not cleared yet: the money may come later.
    """

    FULL = "full"
    SHORTFALL = "shortfall"
    REFUSED = "refused"
    MORE_TIME = "more-time"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearanceDecision:
    """
    The authority clears one declaration of a licence, or does not; the envelope names the
    dossier.

    Attributes:
        declaration_number: The customs declaration. WCO: Declaration/ID.
        decision: What the authority decided. WCO: Status/NameCode.
        due_date: The new last day of the repatriation, with more time.
        officer: Who decided. WCO: Authenticator.
        decision_date: The day of the decision. WCO: IssueDateTime.
        reason: Why clearance was refused or more time given.
    """

    class Meta:
        namespace = "urn:passavant:ClearanceDecision:1"

    declaration_number: str = field(
        metadata={
            "name": "DeclarationNumber",
            "type": "Element",
        }
    )
    decision: Decision = field(
        metadata={
            "name": "Decision",
            "type": "Element",
        }
    )
    due_date: None | XmlDate = field(
        default=None,
        metadata={
            "name": "DueDate",
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
