"""Bindings of `balance_report`, version 1, generated from its XSD."""

from __future__ import annotations

from dataclasses import dataclass, field

from xsdata.models.datatype import XmlDateTime

from schemas.bindings.common_1 import (
    LineBalance,
    Problem,
    SignedAmount,
    StateLabel,
)

__NAMESPACE__ = "urn:passavant:BalanceReport:1"


@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceReport:
    """
    The hub's answer to a balance query: what remains, and every error that an imputation would
    meet.

    Attributes:
        dossier_number: The licence's number. WCO: LPCO number.
        state: The licence's state. WCO: Status/NameCode.
        at: The moment the balance was read.
        line_balance: The balance of one line.
        remaining_amount: What remains of the licence's total amount.
        error: An error that the imputation asked about would meet. WCO: Error.
    """

    class Meta:
        namespace = "urn:passavant:BalanceReport:1"

    dossier_number: str = field(
        metadata={
            "name": "DossierNumber",
            "type": "Element",
        }
    )
    state: StateLabel = field(
        metadata={
            "name": "State",
            "type": "Element",
        }
    )
    at: XmlDateTime = field(
        metadata={
            "name": "At",
            "type": "Element",
        }
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
    error: tuple[Problem, ...] = field(
        default_factory=tuple,
        metadata={
            "name": "Error",
            "type": "Element",
            "max_occurs": 500,
        },
    )
