"""Bindings of `imputation_statement`, version 1, generated from its XSD."""

from __future__ import annotations

from dataclasses import dataclass, field

from xsdata.models.datatype import XmlDate

from schemas.bindings.common_1 import (
    Amount,
    MeasuredQuantity,
)

__NAMESPACE__ = "urn:passavant:ImputationStatement:1"


@dataclass(frozen=True, slots=True, kw_only=True)
class LineTotal:
    """
    What customs imputed on one line in all, since the licence was granted.

    Attributes:
        line: The licence's line. WCO: GovernmentAgencyGoodsItem/SequenceNumeric.
        quantity: The total quantity written off, what was given back deducted. WCO:
            WriteOff/QuantityQuantity.
        value: The total value written off, what was given back deducted. WCO:
            WriteOff/AmountAmount.
    """

    line: int = field(
        metadata={
            "name": "Line",
            "type": "Element",
            "namespace": "urn:passavant:ImputationStatement:1",
            "max_inclusive": 999,
        }
    )
    quantity: MeasuredQuantity = field(
        metadata={
            "name": "Quantity",
            "type": "Element",
            "namespace": "urn:passavant:ImputationStatement:1",
        }
    )
    value: Amount = field(
        metadata={
            "name": "Value",
            "type": "Element",
            "namespace": "urn:passavant:ImputationStatement:1",
        }
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ImputationStatement:
    """
    Customs tells what it has imputed on a licence in all; the hub compares it with its ledger
    and changes nothing.

    The envelope names the dossier. WCO: AdditionalDocument/WriteOff.

    Attributes:
        period_start: The first day of the period.
        period_end: The last day of the period, at whose end the totals stand.
        line_total: The total of one line.
    """

    class Meta:
        namespace = "urn:passavant:ImputationStatement:1"

    period_start: XmlDate = field(
        metadata={
            "name": "PeriodStart",
            "type": "Element",
        }
    )
    period_end: XmlDate = field(
        metadata={
            "name": "PeriodEnd",
            "type": "Element",
        }
    )
    line_total: tuple[LineTotal, ...] = field(
        default_factory=tuple,
        metadata={
            "name": "LineTotal",
            "type": "Element",
            "max_occurs": 200,
        },
    )
