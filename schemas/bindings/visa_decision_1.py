"""Bindings of `visa_decision`, version 1, generated from its XSD."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from xsdata.models.datatype import XmlDate

from schemas.bindings.common_1 import (
    Control,
    MeasuredQuantity,
)

__NAMESPACE__ = "urn:passavant:VisaDecision:1"


class Decision(Enum):
    """
    What the ministry decided.

    Attributes:
        GRANTED: The visa is given.
        REJECTED: The application is rejected for good.
        RETURNED: The application goes back to the declarant for correction.
        SUSPENDED: The licence may not be used until it is reinstated.
        REINSTATED: The suspended licence may be used again.
        REVOKED: The licence is withdrawn for good.
    """

    GRANTED = "granted"
    REJECTED = "rejected"
    RETURNED = "returned"
    SUSPENDED = "suspended"
    REINSTATED = "reinstated"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantedLine:
    """
    The quantity granted on one line.

    Attributes:
        line: The goods line's number. WCO: GovernmentAgencyGoodsItem/SequenceNumeric.
        quantity: What the ministry grants, at most what was asked. WCO:
            GoodsMeasure/TariffQuantity.
    """

    line: int = field(
        metadata={
            "name": "Line",
            "type": "Element",
            "namespace": "urn:passavant:VisaDecision:1",
            "max_inclusive": 999,
        }
    )
    quantity: MeasuredQuantity = field(
        metadata={
            "name": "Quantity",
            "type": "Element",
            "namespace": "urn:passavant:VisaDecision:1",
        }
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class VisaDecision:
    """
    The ministry's decision on a visa request, or later on the licence that bears the visa; the
    envelope names the dossier.

    WCO: LPCO decision.

    Attributes:
        decision: What the ministry decided. WCO: Status/NameCode.
        version: The version decided on, as the request gave it.
        visa_number: The visa's number: its new one when granted, the one decided on
            otherwise. WCO: AdditionalDocument/ID.
        officer: Who decided. WCO: Authenticator.
        decision_date: The day of the decision. WCO: IssueDateTime.
        valid_from: The first day on which the licence may be used. WCO: EffectiveDateTime.
        valid_until: The last day on which the licence may be used. WCO: ExpirationDateTime.
        control: What customs controls; the hub's configuration when absent.
        granted_line: The quantity granted on one line; a line not named is granted as asked.
        condition: A condition of the visa.
        reason: Why the application was rejected or returned, or the licence suspended,
            reinstated or revoked.
    """

    class Meta:
        namespace = "urn:passavant:VisaDecision:1"

    decision: Decision = field(
        metadata={
            "name": "Decision",
            "type": "Element",
        }
    )
    version: int = field(
        metadata={
            "name": "Version",
            "type": "Element",
            "max_inclusive": 9999,
        }
    )
    visa_number: None | str = field(
        default=None,
        metadata={
            "name": "VisaNumber",
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
    valid_from: None | XmlDate = field(
        default=None,
        metadata={
            "name": "ValidFrom",
            "type": "Element",
        },
    )
    valid_until: None | XmlDate = field(
        default=None,
        metadata={
            "name": "ValidUntil",
            "type": "Element",
        },
    )
    control: None | Control = field(
        default=None,
        metadata={
            "name": "Control",
            "type": "Element",
        },
    )
    granted_line: tuple[GrantedLine, ...] = field(
        default_factory=tuple,
        metadata={
            "name": "GrantedLine",
            "type": "Element",
            "max_occurs": 200,
        },
    )
    condition: tuple[str, ...] = field(
        default_factory=tuple,
        metadata={
            "name": "Condition",
            "type": "Element",
            "max_occurs": 50,
            "min_length": 1,
            "max_length": 2000,
        },
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
