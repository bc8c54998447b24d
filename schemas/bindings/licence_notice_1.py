"""Bindings of `licence_notice`, version 1, generated from its XSD."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum

from xsdata.models.datatype import XmlDate

from schemas.bindings.common_1 import (
    Control,
    Exporter,
    StateLabel,
)

__NAMESPACE__ = "urn:passavant:LicenceNotice:1"


class Action(Enum):
    """
    What customs must do with the licence.

    Attributes:
        INSERT: Take up a new licence.
        REPLACE: Replace what is known of the licence.
        CANCEL: The licence may no longer be used.
    """

    INSERT = "insert"
    REPLACE = "replace"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeLine:
    """
    One line of the licence with its balance.

    Attributes:
        line: The line's number. WCO: GovernmentAgencyGoodsItem/SequenceNumeric.
        commodity_code: The goods' code in the customs nomenclature. WCO:
            Commodity/Classification.
        description: The goods' trade description. WCO: Commodity/Description.
        origin_country: The goods' country of origin. WCO: Origin/CountryCode.
        unit: The unit of the line's quantities.
        granted: The quantity granted. WCO: GoodsMeasure/TariffQuantity.
        remaining: The quantity that remains.
        value: The line's value, in the licence's currency. WCO: Commodity/ValueAmount.
    """

    line: int = field(
        metadata={
            "name": "Line",
            "type": "Element",
            "namespace": "urn:passavant:LicenceNotice:1",
            "max_inclusive": 999,
        }
    )
    commodity_code: str = field(
        metadata={
            "name": "CommodityCode",
            "type": "Element",
            "namespace": "urn:passavant:LicenceNotice:1",
        }
    )
    description: str = field(
        metadata={
            "name": "Description",
            "type": "Element",
            "namespace": "urn:passavant:LicenceNotice:1",
            "min_length": 1,
            "max_length": 512,
        }
    )
    origin_country: str = field(
        metadata={
            "name": "OriginCountry",
            "type": "Element",
            "namespace": "urn:passavant:LicenceNotice:1",
        }
    )
    unit: str = field(
        metadata={
            "name": "Unit",
            "type": "Element",
            "namespace": "urn:passavant:LicenceNotice:1",
        }
    )
    granted: Decimal = field(
        metadata={
            "name": "Granted",
            "type": "Element",
            "namespace": "urn:passavant:LicenceNotice:1",
            "min_inclusive": Decimal("0"),
            "total_digits": 18,
            "fraction_digits": 6,
        }
    )
    remaining: Decimal = field(
        metadata={
            "name": "Remaining",
            "type": "Element",
            "namespace": "urn:passavant:LicenceNotice:1",
            "total_digits": 18,
            "fraction_digits": 6,
        }
    )
    value: None | Decimal = field(
        default=None,
        metadata={
            "name": "Value",
            "type": "Element",
            "namespace": "urn:passavant:LicenceNotice:1",
            "min_inclusive": Decimal("0"),
            "total_digits": 18,
            "fraction_digits": 3,
        },
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LicenceNotice:
    """
    The hub tells customs of a licence that may be imputed, has changed, or is cancelled.

    WCO: LPCO.

    Attributes:
        action: What customs must do with the licence. WCO: FunctionCode.
        dossier_number: The licence's number. WCO: LPCO number.
        version: The licence's version that this notice describes.
        status: The licence's state; it may be imputed only while granted or partly imputed.
            WCO: Status/NameCode.
        control: What customs counts down.
        visa_number: The visa's number. WCO: AdditionalDocument/ID.
        valid_from: The first day of use. WCO: EffectiveDateTime.
        valid_until: The last day of use. WCO: ExpirationDateTime.
        exporter: The licence's holder. WCO: Exporter.
        customs_procedure: The customs procedure of the licence. WCO: GovernmentProcedure.
        customs_office: The customs office of the licence. WCO: CustomsOffice.
        currency: The licence's currency. WCO: CurrencyExchange.
        total_amount: The licence's total amount. WCO: Declaration/InvoiceAmount.
        remaining_amount: What remains of the total amount.
        destination_country: A country the goods may go to. WCO: Destination/CountryCode.
        line: One line of the licence with its balance. WCO: GovernmentAgencyGoodsItem.
        condition: A condition of the visa. WCO: AdditionalInformation.
    """

    class Meta:
        namespace = "urn:passavant:LicenceNotice:1"

    action: Action = field(
        metadata={
            "name": "Action",
            "type": "Element",
        }
    )
    dossier_number: str = field(
        metadata={
            "name": "DossierNumber",
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
    status: None | StateLabel = field(
        default=None,
        metadata={
            "name": "Status",
            "type": "Element",
        },
    )
    control: Control = field(
        metadata={
            "name": "Control",
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
    exporter: None | Exporter = field(
        default=None,
        metadata={
            "name": "Exporter",
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
    customs_office: None | str = field(
        default=None,
        metadata={
            "name": "CustomsOffice",
            "type": "Element",
        },
    )
    currency: None | str = field(
        default=None,
        metadata={
            "name": "Currency",
            "type": "Element",
        },
    )
    total_amount: None | Decimal = field(
        default=None,
        metadata={
            "name": "TotalAmount",
            "type": "Element",
            "min_inclusive": Decimal("0"),
            "total_digits": 18,
            "fraction_digits": 3,
        },
    )
    remaining_amount: None | Decimal = field(
        default=None,
        metadata={
            "name": "RemainingAmount",
            "type": "Element",
            "total_digits": 18,
            "fraction_digits": 3,
        },
    )
    destination_country: tuple[str, ...] = field(
        default_factory=tuple,
        metadata={
            "name": "DestinationCountry",
            "type": "Element",
            "max_occurs": 50,
        },
    )
    line: tuple[NoticeLine, ...] = field(
        default_factory=tuple,
        metadata={
            "name": "Line",
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
