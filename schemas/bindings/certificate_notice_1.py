"""Bindings of `certificate_notice`, version 1, generated from its XSD."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum

from xsdata.models.datatype import XmlDate

from schemas.bindings.common_1 import (
    Consignee,
    Exporter,
)

__NAMESPACE__ = "urn:passavant:CertificateNotice:1"


class Action(Enum):
    """
    What happened to a certificate.

    Attributes:
        ISSUED: It was issued.
        REPLACED: It was issued in place of a revoked one, which it names.
        REVOKED: It is no longer valid.
    """

    ISSUED = "issued"
    REPLACED = "replaced"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True, kw_only=True)
class CertifiedLine:
    """
    One line of the goods as certified.

    WCO: GovernmentAgencyGoodsItem.

    Attributes:
        line: The line's number. WCO: GovernmentAgencyGoodsItem/SequenceNumeric.
        commodity_code: The goods' code in the customs nomenclature. WCO:
            Commodity/Classification.
        category: The goods' category of handicraft. WCO: Commodity/Classification.
        description: The goods' description. WCO: Commodity/Description.
        weight: The goods' weight in kilograms. WCO: GoodsMeasure/NetNetWeightMeasure.
        surface: A carpet's surface in square metres. WCO: GoodsMeasure.
        units: The number of pieces. WCO: GoodsMeasure/TariffQuantity.
        value: The line's value in its currency. WCO: Commodity/ValueAmount.
        currency: The currency of the value. WCO: CurrencyExchange.
    """

    line: int = field(
        metadata={
            "name": "Line",
            "type": "Element",
            "namespace": "urn:passavant:CertificateNotice:1",
            "max_inclusive": 999,
        }
    )
    commodity_code: str = field(
        metadata={
            "name": "CommodityCode",
            "type": "Element",
            "namespace": "urn:passavant:CertificateNotice:1",
        }
    )
    category: str = field(
        metadata={
            "name": "Category",
            "type": "Element",
            "namespace": "urn:passavant:CertificateNotice:1",
        }
    )
    description: str = field(
        metadata={
            "name": "Description",
            "type": "Element",
            "namespace": "urn:passavant:CertificateNotice:1",
            "min_length": 1,
            "max_length": 512,
        }
    )
    weight: Decimal = field(
        metadata={
            "name": "Weight",
            "type": "Element",
            "namespace": "urn:passavant:CertificateNotice:1",
            "min_exclusive": Decimal("0"),
            "total_digits": 18,
            "fraction_digits": 6,
        }
    )
    surface: None | Decimal = field(
        default=None,
        metadata={
            "name": "Surface",
            "type": "Element",
            "namespace": "urn:passavant:CertificateNotice:1",
            "min_exclusive": Decimal("0"),
            "total_digits": 18,
            "fraction_digits": 6,
        },
    )
    units: int = field(
        metadata={
            "name": "Units",
            "type": "Element",
            "namespace": "urn:passavant:CertificateNotice:1",
            "max_inclusive": 999999999,
        }
    )
    value: Decimal = field(
        metadata={
            "name": "Value",
            "type": "Element",
            "namespace": "urn:passavant:CertificateNotice:1",
            "min_inclusive": Decimal("0"),
            "total_digits": 18,
            "fraction_digits": 3,
        }
    )
    currency: str = field(
        metadata={
            "name": "Currency",
            "type": "Element",
            "namespace": "urn:passavant:CertificateNotice:1",
        }
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Revocation:
    """
    Why and when a certificate was taken back.

    Attributes:
        revocation_date: The day it was taken back. WCO: ExpirationDateTime.
        reason: Why it was taken back.
        replacement: Whether a corrected certificate shall take its place.
    """

    revocation_date: XmlDate = field(
        metadata={
            "name": "RevocationDate",
            "type": "Element",
            "namespace": "urn:passavant:CertificateNotice:1",
        }
    )
    reason: str = field(
        metadata={
            "name": "Reason",
            "type": "Element",
            "namespace": "urn:passavant:CertificateNotice:1",
            "min_length": 1,
            "max_length": 2000,
        }
    )
    replacement: bool = field(
        metadata={
            "name": "Replacement",
            "type": "Element",
            "namespace": "urn:passavant:CertificateNotice:1",
        }
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateNotice:
    """
    The hub tells the exporter and customs of a certificate that was issued, replaces another,
    or is no longer valid.

    WCO: LPCO.

    Attributes:
        action: What happened to the certificate. WCO: FunctionCode.
        certificate_number: The certificate's number. WCO: AdditionalDocument/ID.
        dossier_number: The dossier's reference. WCO: LPCO number.
        version: The dossier's version that was certified.
        service: The service that issued the certificate. WCO: LPCO issuer.
        issue_date: The day of issue. WCO: AdditionalDocument/IssueDateTime.
        exporter: The certificate's holder. WCO: Exporter.
        consignee: Who receives the goods. WCO: Consignee.
        transport_mode: How the goods leave. WCO: BorderTransportMeans/ModeCode.
        exit_point: The town from which the goods leave. WCO: ExitOffice.
        customs_office: The customs office where the goods will be declared, when it is
            known. WCO: CustomsOffice.
        line: One line of the goods as certified. WCO: GovernmentAgencyGoodsItem.
        digest: The SHA-256 digest of the certificate's sealed PDF.
        qr_payload: The signed text of the certificate's QR code, which can be verified
            without a network.
        replaces: The revoked certificate whose place this one takes. WCO:
            PreviousDocument/ID.
        revocation: Why and when the certificate was taken back.
    """

    class Meta:
        namespace = "urn:passavant:CertificateNotice:1"

    action: Action = field(
        metadata={
            "name": "Action",
            "type": "Element",
        }
    )
    certificate_number: str = field(
        metadata={
            "name": "CertificateNumber",
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
    service: str = field(
        metadata={
            "name": "Service",
            "type": "Element",
        }
    )
    issue_date: XmlDate = field(
        metadata={
            "name": "IssueDate",
            "type": "Element",
        }
    )
    exporter: Exporter = field(
        metadata={
            "name": "Exporter",
            "type": "Element",
        }
    )
    consignee: None | Consignee = field(
        default=None,
        metadata={
            "name": "Consignee",
            "type": "Element",
        },
    )
    transport_mode: None | str = field(
        default=None,
        metadata={
            "name": "TransportMode",
            "type": "Element",
        },
    )
    exit_point: None | str = field(
        default=None,
        metadata={
            "name": "ExitPoint",
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
    line: tuple[CertifiedLine, ...] = field(
        default_factory=tuple,
        metadata={
            "name": "Line",
            "type": "Element",
            "min_occurs": 1,
            "max_occurs": 200,
        },
    )
    digest: None | str = field(
        default=None,
        metadata={
            "name": "Digest",
            "type": "Element",
        },
    )
    qr_payload: None | str = field(
        default=None,
        metadata={
            "name": "QrPayload",
            "type": "Element",
            "min_length": 1,
            "max_length": 2000,
        },
    )
    replaces: None | str = field(
        default=None,
        metadata={
            "name": "Replaces",
            "type": "Element",
        },
    )
    revocation: None | Revocation = field(
        default=None,
        metadata={
            "name": "Revocation",
            "type": "Element",
        },
    )
