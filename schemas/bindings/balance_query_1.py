"""Bindings of `balance_query`, version 1, generated from its XSD."""

from __future__ import annotations

from dataclasses import dataclass, field

from xsdata.models.datatype import XmlDate

from schemas.bindings.common_1 import (
    Amount,
    Quantity,
)

__NAMESPACE__ = "urn:passavant:BalanceQuery:1"


@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceQuery:
    """
    What remains on a line, and would this imputation pass?

    The envelope names the dossier; nothing changes.

    Attributes:
        line: The licence's line. WCO: GovernmentAgencyGoodsItem/SequenceNumeric.
        commodity_code: The code that the declaration will bear. WCO:
            Commodity/Classification.
        quantity: The quantity to be imputed. WCO: GoodsMeasure/TariffQuantity.
        value: The value to be imputed. WCO: Commodity/ValueAmount.
        customs_office: The office of the declaration. WCO: CustomsOffice.
        customs_procedure: The procedure of the declaration. WCO: GovernmentProcedure.
        imputation_date: The day of the imputation; today when absent.
        declaration_number: The declaration that will be imputed: what it reserved itself is
            left to it. WCO: Declaration/ID.
    """

    class Meta:
        namespace = "urn:passavant:BalanceQuery:1"

    line: int = field(
        metadata={
            "name": "Line",
            "type": "Element",
            "max_inclusive": 999,
        }
    )
    commodity_code: None | str = field(
        default=None,
        metadata={
            "name": "CommodityCode",
            "type": "Element",
        },
    )
    quantity: None | Quantity = field(
        default=None,
        metadata={
            "name": "Quantity",
            "type": "Element",
        },
    )
    value: None | Amount = field(
        default=None,
        metadata={
            "name": "Value",
            "type": "Element",
        },
    )
    customs_office: None | str = field(
        default=None,
        metadata={
            "name": "CustomsOffice",
            "type": "Element",
        },
    )
    customs_procedure: None | str = field(
        default=None,
        metadata={
            "name": "CustomsProcedure",
            "type": "Element",
        },
    )
    imputation_date: None | XmlDate = field(
        default=None,
        metadata={
            "name": "ImputationDate",
            "type": "Element",
        },
    )
    declaration_number: None | str = field(
        default=None,
        metadata={
            "name": "DeclarationNumber",
            "type": "Element",
        },
    )
