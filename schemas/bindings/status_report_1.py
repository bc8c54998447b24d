"""Bindings of `status_report`, version 1, generated from its XSD."""

from __future__ import annotations

from dataclasses import dataclass, field

from xsdata.models.datatype import XmlDate, XmlDateTime

from schemas.bindings.common_1 import (
    LineBalance,
    SignedAmount,
    StateLabel,
)

__NAMESPACE__ = "urn:passavant:StatusReport:1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """
    One change of the dossier.

    Attributes:
        at: When it happened.
        event: The message type or timer that caused it.
        by: The partner who caused it; absent when the hub did.
        from_value: The state before; absent when the dossier was opened.
        to: The state after.
        version: The version after.
    """

    at: XmlDateTime = field(
        metadata={
            "name": "At",
            "type": "Element",
            "namespace": "urn:passavant:StatusReport:1",
        }
    )
    event: str = field(
        metadata={
            "name": "Event",
            "type": "Element",
            "namespace": "urn:passavant:StatusReport:1",
            "min_length": 1,
            "max_length": 140,
        }
    )
    by: None | str = field(
        default=None,
        metadata={
            "name": "By",
            "type": "Element",
            "namespace": "urn:passavant:StatusReport:1",
        },
    )
    from_value: None | StateLabel = field(
        default=None,
        metadata={
            "name": "From",
            "type": "Element",
            "namespace": "urn:passavant:StatusReport:1",
        },
    )
    to: StateLabel = field(
        metadata={
            "name": "To",
            "type": "Element",
            "namespace": "urn:passavant:StatusReport:1",
        }
    )
    version: None | int = field(
        default=None,
        metadata={
            "name": "Version",
            "type": "Element",
            "namespace": "urn:passavant:StatusReport:1",
            "max_inclusive": 9999,
        },
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusReport:
    """
    The hub's answer to a status query: state, version, validity, balances, last changes.

    WCO: Status.

    Attributes:
        dossier_number: The dossier's number. WCO: LPCO number.
        procedure: The dossier's procedure.
        state: The dossier's state. WCO: Status/NameCode.
        version: The dossier's business version.
        at: The moment the dossier was read.
        visa_number: The visa's number. WCO: AdditionalDocument/ID.
        valid_from: The first day of use. WCO: EffectiveDateTime.
        valid_until: The last day of use. WCO: ExpirationDateTime.
        line_balance: The balance of one line.
        remaining_amount: What remains of the licence's total amount.
        change: One of the last changes, the latest first.
    """

    class Meta:
        namespace = "urn:passavant:StatusReport:1"

    dossier_number: str = field(
        metadata={
            "name": "DossierNumber",
            "type": "Element",
        }
    )
    procedure: str = field(
        metadata={
            "name": "Procedure",
            "type": "Element",
        }
    )
    state: StateLabel = field(
        metadata={
            "name": "State",
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
    at: XmlDateTime = field(
        metadata={
            "name": "At",
            "type": "Element",
        }
    )
    visa_number: None | str = field(
        default=None,
        metadata={
            "name": "VisaNumber",
            "type": "Element",
        },
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
    line_balance: tuple[LineBalance, ...] = field(
        default_factory=tuple,
        metadata={
            "name": "LineBalance",
            "type": "Element",
            "max_occurs": 200,
        },
    )
    remaining_amount: None | SignedAmount = field(
        default=None,
        metadata={
            "name": "RemainingAmount",
            "type": "Element",
        },
    )
    change: tuple[Change, ...] = field(
        default_factory=tuple,
        metadata={
            "name": "Change",
            "type": "Element",
            "max_occurs": 100,
        },
    )
