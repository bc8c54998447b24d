"""Bindings of `reservation`, version 1, generated from its XSD."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from xsdata.models.datatype import XmlDate

from schemas.bindings.common_1 import (
    Amount,
    Quantity,
)

__NAMESPACE__ = "urn:passavant:Reservation:1"


class Action(Enum):
    """
    What customs does with a reservation.

    Attributes:
        PLACE: Hold a part of the line.
        CHANGE: Replace what the reservation holds, and until when.
        RELEASE: Give the reservation up.
    """

    PLACE = "place"
    CHANGE = "change"
    RELEASE = "release"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """
    Customs holds a part of a line for a declaration that is not cleared yet; the envelope names
    the dossier.

    Attributes:
        action: What customs does with the reservation. WCO: FunctionCode.
        customs_office: The office of the declaration. WCO: CustomsOffice.
        declaration_number: The customs declaration that the reservation is for. WCO:
            Declaration/ID.
        line: The licence's line. WCO: GovernmentAgencyGoodsItem/SequenceNumeric.
        quantity: The whole quantity held, also on a change; not needed to release. WCO:
            GoodsMeasure/TariffQuantity.
        value: The whole value held. WCO: Commodity/ValueAmount.
        expiry_date: The last day of the reservation; not needed to release. WCO:
            ExpirationDateTime.
    """

    class Meta:
        namespace = "urn:passavant:Reservation:1"

    action: Action = field(
        metadata={
            "name": "Action",
            "type": "Element",
        }
    )
    customs_office: str = field(
        metadata={
            "name": "CustomsOffice",
            "type": "Element",
        }
    )
    declaration_number: str = field(
        metadata={
            "name": "DeclarationNumber",
            "type": "Element",
        }
    )
    line: int = field(
        metadata={
            "name": "Line",
            "type": "Element",
            "max_inclusive": 999,
        }
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
    expiry_date: None | XmlDate = field(
        default=None,
        metadata={
            "name": "ExpiryDate",
            "type": "Element",
        },
    )
