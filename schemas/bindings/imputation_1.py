"""Bindings of `imputation`, version 1, generated from its XSD."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from xsdata.models.datatype import XmlDate

from schemas.bindings.common_1 import (
    Amount,
    Quantity,
)

__NAMESPACE__ = "urn:passavant:Imputation:1"


class ImputationType(Enum):
    """
    What the imputation does to the ledger.

    Attributes:
        ORIGINAL: Consumes the line.
        CONTRA: Gives back what an original consumed, whole or in part.
        ADJUSTMENT: The declaration was amended: Quantity and Value are the corrected totals
            of the original, and the ledger gets the difference.
        LATE: Consumes the line: declared within validity, told afterwards.
    """

    ORIGINAL = "original"
    CONTRA = "contra"
    ADJUSTMENT = "adjustment"
    LATE = "late"


@dataclass(frozen=True, slots=True, kw_only=True)
class Imputation:
    """
    Customs writes a declaration off against one line of a licence; the envelope names the
    dossier.

    WCO: AdditionalDocument/WriteOff.

    Attributes:
        type_value: What the imputation does to the ledger.
        imputation_number: The imputation's number, unique per customs office.
        original_number: The imputation that a contra or an adjustment corrects; absent
            otherwise.
        declaration_number: The customs declaration. WCO: Declaration/ID.
        declaration_date: The declaration's day. WCO: Declaration/IssueDateTime.
        customs_office: The office that took the declaration. WCO: CustomsOffice.
        customs_procedure: The declaration's procedure. WCO: GovernmentProcedure.
        article: The declaration's article. WCO: GovernmentAgencyGoodsItem/SequenceNumeric.
        line: The licence's line that is written off.
        commodity_code: The goods' code as declared. WCO: Commodity/Classification.
        quantity: The quantity written off, or given back by a contra, or the original's
            corrected total. WCO: WriteOff/QuantityQuantity.
        value: The value written off, or given back by a contra, or the original's corrected
            total. WCO: WriteOff/AmountAmount.
        imputation_date: The day of the imputation.
        last_use: True when the licence will not be used again; false when absent.
    """

    class Meta:
        namespace = "urn:passavant:Imputation:1"

    type_value: ImputationType = field(
        metadata={
            "name": "Type",
            "type": "Element",
        }
    )
    imputation_number: str = field(
        metadata={
            "name": "ImputationNumber",
            "type": "Element",
        }
    )
    original_number: None | str = field(
        default=None,
        metadata={
            "name": "OriginalNumber",
            "type": "Element",
        },
    )
    declaration_number: str = field(
        metadata={
            "name": "DeclarationNumber",
            "type": "Element",
        }
    )
    declaration_date: XmlDate = field(
        metadata={
            "name": "DeclarationDate",
            "type": "Element",
        }
    )
    customs_office: str = field(
        metadata={
            "name": "CustomsOffice",
            "type": "Element",
        }
    )
    customs_procedure: str = field(
        metadata={
            "name": "CustomsProcedure",
            "type": "Element",
        }
    )
    article: int = field(
        metadata={
            "name": "Article",
            "type": "Element",
            "max_inclusive": 999,
        }
    )
    line: int = field(
        metadata={
            "name": "Line",
            "type": "Element",
            "max_inclusive": 999,
        }
    )
    commodity_code: str = field(
        metadata={
            "name": "CommodityCode",
            "type": "Element",
        }
    )
    quantity: Quantity = field(
        metadata={
            "name": "Quantity",
            "type": "Element",
        }
    )
    value: Amount = field(
        metadata={
            "name": "Value",
            "type": "Element",
        }
    )
    imputation_date: XmlDate = field(
        metadata={
            "name": "ImputationDate",
            "type": "Element",
        }
    )
    last_use: None | bool = field(
        default=None,
        metadata={
            "name": "LastUse",
            "type": "Element",
        },
    )
