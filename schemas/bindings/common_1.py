"""Bindings of `common`, version 1, generated from its XSD."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum

from xsdata.models.datatype import XmlDate

__NAMESPACE__ = "urn:passavant:common:1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """
    An amount with its currency.

    Attributes:
        value:
        currency: The currency of the amount.
    """

    value: Decimal = field(
        metadata={
            "min_inclusive": Decimal("0"),
            "total_digits": 18,
            "fraction_digits": 3,
        }
    )
    currency: str = field(
        metadata={
            "type": "Attribute",
        }
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """
    A file that goes with the message: inside it as base64, or beside it as a MIME part named by
    its digest.

    WCO: AdditionalDocument/Attachment.

    Attributes:
        file_name: The file's name. WCO: Attachment/Filename.
        media_type: The file's media type; the content itself decides. WCO:
            Attachment/MIMECode.
        content: The file itself in base64.
        digest: The SHA-256 digest of the MIME part that holds the file.
    """

    file_name: str = field(
        metadata={
            "name": "FileName",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
            "min_length": 1,
            "max_length": 120,
        }
    )
    media_type: str = field(
        metadata={
            "name": "MediaType",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
            "max_length": 80,
        }
    )
    content: None | bytes = field(
        default=None,
        metadata={
            "name": "Content",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
            "format": "base64",
        },
    )
    digest: None | str = field(
        default=None,
        metadata={
            "name": "Digest",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
        },
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Consignee:
    """
    Who receives the goods.

    WCO: Consignee.

    Attributes:
        name: The consignee's name. WCO: Consignee/Name.
        address: The consignee's postal address. WCO: Consignee/Address.
        country: The consignee's country. WCO: Address/CountryCode.
    """

    name: str = field(
        metadata={
            "name": "Name",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
            "min_length": 1,
            "max_length": 140,
        }
    )
    address: None | str = field(
        default=None,
        metadata={
            "name": "Address",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
            "min_length": 1,
            "max_length": 512,
        },
    )
    country: str = field(
        metadata={
            "name": "Country",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
        }
    )


class Control(Enum):
    """
    What customs counts down.

    Attributes:
        QUANTITY: The quantity of each line.
        VALUE: The licence's total amount.
        BOTH: The quantity of each line and the total amount.
        OPEN: Neither: the licence is only checked for being there.
    """

    QUANTITY = "quantity"
    VALUE = "value"
    BOTH = "both"
    OPEN = "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class CraftExporter:
    """
    Who exports the handicraft, as the register of craftspeople and the other registers know it.

    WCO: Exporter.

    Attributes:
        name: The exporter's name. WCO: Exporter/Name.
        legal_form: The exporter's legal form, by the list of legal forms.
        register_centre: The centre of the commercial register that holds the exporter.
        register_number: The exporter's number in that register.
        tax_identifier: The exporter's identifier in the tax register. WCO: Exporter/ID.
        ice: The exporter's common enterprise identifier. WCO: Exporter/ID.
        customs_code: The exporter's code with customs. WCO: Exporter/ID.
        address: The exporter's postal address. WCO: Exporter/Address.
        email: Where the exporter is notified. WCO: Communication.
        mobile: The exporter's mobile telephone. WCO: Communication.
        phone: The exporter's fixed telephone. WCO: Communication.
        registration_number: The exporter's number in the register of craftspeople.
        registration_place: Where the exporter is registered, which tells the service that
            treats the dossier.
    """

    name: str = field(
        metadata={
            "name": "Name",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
            "min_length": 1,
            "max_length": 140,
        }
    )
    legal_form: str = field(
        metadata={
            "name": "LegalForm",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
        }
    )
    register_centre: str = field(
        metadata={
            "name": "RegisterCentre",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
        }
    )
    register_number: str = field(
        metadata={
            "name": "RegisterNumber",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
        }
    )
    tax_identifier: str = field(
        metadata={
            "name": "TaxIdentifier",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
        }
    )
    ice: str = field(
        metadata={
            "name": "ICE",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
        }
    )
    customs_code: None | str = field(
        default=None,
        metadata={
            "name": "CustomsCode",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
        },
    )
    address: str = field(
        metadata={
            "name": "Address",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
            "min_length": 1,
            "max_length": 512,
        }
    )
    email: str = field(
        metadata={
            "name": "Email",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
            "max_length": 254,
        }
    )
    mobile: str = field(
        metadata={
            "name": "Mobile",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
        }
    )
    phone: None | str = field(
        default=None,
        metadata={
            "name": "Phone",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
        },
    )
    registration_number: str = field(
        metadata={
            "name": "RegistrationNumber",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
        }
    )
    registration_place: str = field(
        metadata={
            "name": "RegistrationPlace",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
        }
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CraftLine:
    """
    One line of the handicraft to be exported.

    WCO: GovernmentAgencyGoodsItem.

    Attributes:
        line: The line's number, from 1, which a correction names. WCO:
            GovernmentAgencyGoodsItem/SequenceNumeric.
        commodity_code: The goods' code in the customs nomenclature. WCO:
            Commodity/Classification.
        category: The goods' category of handicraft. WCO: Commodity/Classification.
        product: The product within its category.
        description: The goods' description. WCO: Commodity/Description.
        quality: A carpet's quality; carpets only. WCO: Commodity quality.
        article_number: The article's number with the exporter. WCO: Commodity/ID.
        weight: The goods' weight in kilograms. WCO: GoodsMeasure/NetNetWeightMeasure.
        surface: A carpet's surface in square metres, of all its units together; carpets
            only. WCO: GoodsMeasure.
        units: The number of pieces. WCO: GoodsMeasure/TariffQuantity.
        local_value: The line's value in dirhams. WCO: Commodity/ValueAmount.
        value: The line's value in its currency. WCO: Commodity/ValueAmount.
        currency: The currency of the value. WCO: CurrencyExchange.
        pottery_certificate: The number of the pottery's certificate; pottery only. WCO:
            AdditionalDocument/ID.
    """

    line: int = field(
        metadata={
            "name": "Line",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
            "max_inclusive": 999,
        }
    )
    commodity_code: str = field(
        metadata={
            "name": "CommodityCode",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
        }
    )
    category: str = field(
        metadata={
            "name": "Category",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
        }
    )
    product: None | str = field(
        default=None,
        metadata={
            "name": "Product",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
        },
    )
    description: str = field(
        metadata={
            "name": "Description",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
            "min_length": 1,
            "max_length": 512,
        }
    )
    quality: None | str = field(
        default=None,
        metadata={
            "name": "Quality",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
        },
    )
    article_number: None | str = field(
        default=None,
        metadata={
            "name": "ArticleNumber",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
        },
    )
    weight: Decimal = field(
        metadata={
            "name": "Weight",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
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
            "namespace": "urn:passavant:common:1",
            "min_exclusive": Decimal("0"),
            "total_digits": 18,
            "fraction_digits": 6,
        },
    )
    units: int = field(
        metadata={
            "name": "Units",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
            "max_inclusive": 999999999,
        }
    )
    local_value: None | Decimal = field(
        default=None,
        metadata={
            "name": "LocalValue",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
            "min_inclusive": Decimal("0"),
            "total_digits": 18,
            "fraction_digits": 3,
        },
    )
    value: Decimal = field(
        metadata={
            "name": "Value",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
            "min_inclusive": Decimal("0"),
            "total_digits": 18,
            "fraction_digits": 3,
        }
    )
    currency: str = field(
        metadata={
            "name": "Currency",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
        }
    )
    pottery_certificate: None | str = field(
        default=None,
        metadata={
            "name": "PotteryCertificate",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
        },
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Exporter:
    """
    Who exports the goods.

    WCO: Exporter.

    Attributes:
        name: The exporter's name. WCO: Exporter/Name.
        ice: The exporter's common enterprise identifier. WCO: Exporter/ID.
        register_centre: The centre of the commercial register that holds the exporter.
        register_number: The exporter's number in that register.
        address: The exporter's postal address. WCO: Exporter/Address.
        email: Where the exporter is notified. WCO: Communication.
    """

    name: str = field(
        metadata={
            "name": "Name",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
            "min_length": 1,
            "max_length": 140,
        }
    )
    ice: str = field(
        metadata={
            "name": "ICE",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
        }
    )
    register_centre: str = field(
        metadata={
            "name": "RegisterCentre",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
        }
    )
    register_number: str = field(
        metadata={
            "name": "RegisterNumber",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
        }
    )
    address: None | str = field(
        default=None,
        metadata={
            "name": "Address",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
            "min_length": 1,
            "max_length": 512,
        },
    )
    email: None | str = field(
        default=None,
        metadata={
            "name": "Email",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
            "max_length": 254,
        },
    )


class LanguageCode(Enum):
    """
    The languages of the hub's texts (ISO 639-1).

    Attributes:
        FR: French
        EN: English
        AR: Arabic
    """

    FR = "fr"
    EN = "en"
    AR = "ar"


@dataclass(frozen=True, slots=True, kw_only=True)
class LineBalance:
    """
    What was granted on one line, what was imputed, what remains.

    Attributes:
        line: The licence's line. WCO: GovernmentAgencyGoodsItem/SequenceNumeric.
        commodity_code: The line's code in the customs nomenclature. WCO:
            Commodity/Classification.
        unit: The unit of the line's quantities.
        granted: The quantity the ministry granted.
        imputed: The quantity imputed so far. WCO: AdditionalDocument/WriteOff.
        remaining: What remains; below zero only by the tolerance.
        reserved: What reservations hold of the remaining; none when absent.
    """

    line: int = field(
        metadata={
            "name": "Line",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
            "max_inclusive": 999,
        }
    )
    commodity_code: None | str = field(
        default=None,
        metadata={
            "name": "CommodityCode",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
        },
    )
    unit: str = field(
        metadata={
            "name": "Unit",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
        }
    )
    granted: Decimal = field(
        metadata={
            "name": "Granted",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
            "min_inclusive": Decimal("0"),
            "total_digits": 18,
            "fraction_digits": 6,
        }
    )
    imputed: Decimal = field(
        metadata={
            "name": "Imputed",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
            "total_digits": 18,
            "fraction_digits": 6,
        }
    )
    remaining: Decimal = field(
        metadata={
            "name": "Remaining",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
            "total_digits": 18,
            "fraction_digits": 6,
        }
    )
    reserved: None | Decimal = field(
        default=None,
        metadata={
            "name": "Reserved",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
            "min_inclusive": Decimal("0"),
            "total_digits": 18,
            "fraction_digits": 6,
        },
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredQuantity:
    """
    A quantity with its unit, zero allowed.

    Attributes:
        value:
        unit: The unit of the quantity.
    """

    value: Decimal = field(
        metadata={
            "min_inclusive": Decimal("0"),
            "total_digits": 18,
            "fraction_digits": 6,
        }
    )
    unit: str = field(
        metadata={
            "type": "Attribute",
        }
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """
    A quantity with its unit.

    WCO: Commodity/GoodsMeasure.

    Attributes:
        value:
        unit: The unit of the quantity.
    """

    value: Decimal = field(
        metadata={
            "min_exclusive": Decimal("0"),
            "total_digits": 18,
            "fraction_digits": 6,
        }
    )
    unit: str = field(
        metadata={
            "type": "Attribute",
        }
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedAmount:
    """
    An amount of either sign with its currency.

    Attributes:
        value:
        currency: The currency of the amount.
    """

    value: Decimal = field(
        metadata={
            "total_digits": 18,
            "fraction_digits": 3,
        }
    )
    currency: str = field(
        metadata={
            "type": "Attribute",
        }
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class StateLabel:
    """
    A procedure's state with its label as people read it.

    Attributes:
        value:
        fr: The state's French label.
    """

    value: str = field(default="")
    fr: str = field(
        metadata={
            "type": "Attribute",
            "min_length": 1,
            "max_length": 140,
        }
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CraftDocument:
    """
    A document that supports a request for an inspection certificate.

    WCO: AdditionalDocument.

    Attributes:
        type_value: The document's type, by the list of inspection document types. WCO:
            AdditionalDocument/TypeCode.
        description: A brief description of the document; its type's label when absent. WCO:
            AdditionalDocument/Name.
        issue_date: The document's date. WCO: AdditionalDocument/IssueDateTime.
        attachment: The document itself, a PDF. WCO: AdditionalDocument/Attachment.
    """

    type_value: str = field(
        metadata={
            "name": "Type",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
        }
    )
    description: None | str = field(
        default=None,
        metadata={
            "name": "Description",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
            "min_length": 1,
            "max_length": 512,
        },
    )
    issue_date: XmlDate = field(
        metadata={
            "name": "IssueDate",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
        }
    )
    attachment: Attachment = field(
        metadata={
            "name": "Attachment",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
        }
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodsLine:
    """
    One line of the goods to be exported.

    WCO: GovernmentAgencyGoodsItem.

    Attributes:
        line: The line's number, from 1, which visa and imputations name. WCO:
            GovernmentAgencyGoodsItem/SequenceNumeric.
        commodity_code: The goods' code in the customs nomenclature. WCO:
            Commodity/Classification.
        description: The goods' trade description. WCO: Commodity/Description.
        origin_country: The goods' country of origin. WCO: Origin/CountryCode.
        quantity: The quantity asked for, with its unit. WCO: GoodsMeasure/TariffQuantity.
        net_weight: The goods' net weight in kilograms. WCO:
            GoodsMeasure/NetNetWeightMeasure.
        supplementary_quantity: The quantity in the supplementary unit, in kilograms by
            default. WCO: GoodsMeasure/TariffQuantity.
        value: The line's value, in the licence's currency. WCO: Commodity/ValueAmount.
    """

    line: int = field(
        metadata={
            "name": "Line",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
            "max_inclusive": 999,
        }
    )
    commodity_code: str = field(
        metadata={
            "name": "CommodityCode",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
        }
    )
    description: str = field(
        metadata={
            "name": "Description",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
            "min_length": 1,
            "max_length": 512,
        }
    )
    origin_country: str = field(
        metadata={
            "name": "OriginCountry",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
        }
    )
    quantity: Quantity = field(
        metadata={
            "name": "Quantity",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
        }
    )
    net_weight: Decimal = field(
        metadata={
            "name": "NetWeight",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
            "min_exclusive": Decimal("0"),
            "total_digits": 18,
            "fraction_digits": 6,
        }
    )
    supplementary_quantity: None | Quantity = field(
        default=None,
        metadata={
            "name": "SupplementaryQuantity",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
        },
    )
    value: None | Decimal = field(
        default=None,
        metadata={
            "name": "Value",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
            "min_inclusive": Decimal("0"),
            "total_digits": 18,
            "fraction_digits": 3,
        },
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice:
    """
    An invoice, in the licence's currency.

    WCO: Invoice.

    Attributes:
        number: The invoice's number. WCO: Invoice/ID.
        amount: The invoice's amount, in the licence's currency. WCO: Invoice amount.
        issue_date: The invoice's date. WCO: Invoice/IssueDateTime.
        attachment: The scanned invoice, a PDF. WCO: AdditionalDocument/Attachment.
    """

    number: None | str = field(
        default=None,
        metadata={
            "name": "Number",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
        },
    )
    amount: Decimal = field(
        metadata={
            "name": "Amount",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
            "min_inclusive": Decimal("0"),
            "total_digits": 18,
            "fraction_digits": 3,
        }
    )
    issue_date: XmlDate = field(
        metadata={
            "name": "IssueDate",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
        }
    )
    attachment: Attachment = field(
        metadata={
            "name": "Attachment",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
        }
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalText:
    """
    A text in one language.

    Attributes:
        value:
        lang: The language of the text.
    """

    value: str = field(
        default="",
        metadata={
            "min_length": 1,
            "max_length": 2000,
        },
    )
    lang: LanguageCode = field(
        metadata={
            "type": "Attribute",
        }
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportingDocument:
    """
    A document that supports the application.

    WCO: AdditionalDocument.

    Attributes:
        type_value: The document's type. WCO: AdditionalDocument/TypeCode.
        description: A brief description of the document. WCO: AdditionalDocument/Name.
        issue_date: The document's date. WCO: AdditionalDocument/IssueDateTime.
        attachment: The document itself, a PDF. WCO: AdditionalDocument/Attachment.
    """

    type_value: str = field(
        metadata={
            "name": "Type",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
        }
    )
    description: str = field(
        metadata={
            "name": "Description",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
            "min_length": 1,
            "max_length": 512,
        }
    )
    issue_date: XmlDate = field(
        metadata={
            "name": "IssueDate",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
        }
    )
    attachment: Attachment = field(
        metadata={
            "name": "Attachment",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
        }
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """
    What an inspection certificate is asked for; a draft may leave out what it does not know
    yet.

    WCO: LPCO.

    Attributes:
        exporter: Who exports the handicraft. WCO: Exporter.
        consignee: Who receives the goods. WCO: Consignee.
        transport_mode: How the goods leave, by the list of transport modes. WCO:
            BorderTransportMeans/ModeCode.
        exit_point: The town from which the goods leave. WCO: ExitOffice.
        customs_office: The customs office where the goods will be declared, when it is
            known. WCO: CustomsOffice.
        goods_line: One line of the goods. WCO: GovernmentAgencyGoodsItem.
        document: A document that supports the request. WCO: AdditionalDocument.
    """

    exporter: None | CraftExporter = field(
        default=None,
        metadata={
            "name": "Exporter",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
        },
    )
    consignee: None | Consignee = field(
        default=None,
        metadata={
            "name": "Consignee",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
        },
    )
    transport_mode: None | str = field(
        default=None,
        metadata={
            "name": "TransportMode",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
        },
    )
    exit_point: None | str = field(
        default=None,
        metadata={
            "name": "ExitPoint",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
        },
    )
    customs_office: None | str = field(
        default=None,
        metadata={
            "name": "CustomsOffice",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
        },
    )
    goods_line: tuple[CraftLine, ...] = field(
        default_factory=tuple,
        metadata={
            "name": "GoodsLine",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
            "max_occurs": 200,
        },
    )
    document: tuple[CraftDocument, ...] = field(
        default_factory=tuple,
        metadata={
            "name": "Document",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
            "max_occurs": 99,
        },
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Licence:
    """
    What a licence is asked for; a draft may leave out what it does not know yet.

    WCO: LPCO.

    Attributes:
        exporter: Who exports the goods. WCO: Exporter.
        consignee: Who receives the goods. WCO: Consignee.
        category: The licence's category, LE by default. WCO: LPCO category.
        total_amount: The goods' total amount, in the licence's currency. WCO:
            Declaration/InvoiceAmount.
        currency: The currency of settlement, which is that of every amount of the licence.
            WCO: CurrencyExchange.
        customs_procedure: The customs procedure of the export. WCO: GovernmentProcedure.
        customs_office: The customs office where the goods will be declared. WCO:
            CustomsOffice.
        payment_terms: How the goods are sold and paid, for example a firm sale. WCO:
            PaymentTerms.
        incoterm: The delivery rule agreed with the consignee. WCO: TradeTerms/ConditionCode.
        destination_country: A country the goods go to. WCO: Destination/CountryCode.
        invoice: An invoice for the goods. WCO: Invoice.
        goods_line: One line of the goods. WCO: GovernmentAgencyGoodsItem.
        supporting_document: A document that supports the application. WCO:
            AdditionalDocument.
    """

    exporter: None | Exporter = field(
        default=None,
        metadata={
            "name": "Exporter",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
        },
    )
    consignee: None | Consignee = field(
        default=None,
        metadata={
            "name": "Consignee",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
        },
    )
    category: None | str = field(
        default=None,
        metadata={
            "name": "Category",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
        },
    )
    total_amount: None | Decimal = field(
        default=None,
        metadata={
            "name": "TotalAmount",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
            "min_inclusive": Decimal("0"),
            "total_digits": 18,
            "fraction_digits": 3,
        },
    )
    currency: None | str = field(
        default=None,
        metadata={
            "name": "Currency",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
        },
    )
    customs_procedure: None | str = field(
        default=None,
        metadata={
            "name": "CustomsProcedure",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
        },
    )
    customs_office: None | str = field(
        default=None,
        metadata={
            "name": "CustomsOffice",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
        },
    )
    payment_terms: None | str = field(
        default=None,
        metadata={
            "name": "PaymentTerms",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
        },
    )
    incoterm: None | str = field(
        default=None,
        metadata={
            "name": "Incoterm",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
        },
    )
    destination_country: tuple[str, ...] = field(
        default_factory=tuple,
        metadata={
            "name": "DestinationCountry",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
            "max_occurs": 50,
        },
    )
    invoice: tuple[Invoice, ...] = field(
        default_factory=tuple,
        metadata={
            "name": "Invoice",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
            "max_occurs": 99,
        },
    )
    goods_line: tuple[GoodsLine, ...] = field(
        default_factory=tuple,
        metadata={
            "name": "GoodsLine",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
            "max_occurs": 200,
        },
    )
    supporting_document: tuple[SupportingDocument, ...] = field(
        default_factory=tuple,
        metadata={
            "name": "SupportingDocument",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
            "max_occurs": 99,
        },
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """
    One thing the hub found wrong, or warns of.

    Attributes:
        code: The error's stable code. WCO: Error/ValidationCode.
        xpath: Where in the message, as an XPath. WCO: Error/Pointer.
        line: The line of the file, from 1.
        value: The offending value, cut to 512 characters.
        rule: The name of the rule that was broken.
        text: What is wrong, once per language. WCO: Error/Description.
        repair: What would repair it, once per language.
    """

    code: str = field(
        metadata={
            "name": "Code",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
        }
    )
    xpath: None | str = field(
        default=None,
        metadata={
            "name": "XPath",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
            "max_length": 512,
        },
    )
    line: None | int = field(
        default=None,
        metadata={
            "name": "Line",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
        },
    )
    value: None | str = field(
        default=None,
        metadata={
            "name": "Value",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
            "max_length": 512,
        },
    )
    rule: None | str = field(
        default=None,
        metadata={
            "name": "Rule",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
            "min_length": 1,
            "max_length": 140,
        },
    )
    text: tuple[LocalText, ...] = field(
        default_factory=tuple,
        metadata={
            "name": "Text",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
            "min_occurs": 1,
            "max_occurs": 3,
        },
    )
    repair: tuple[LocalText, ...] = field(
        default_factory=tuple,
        metadata={
            "name": "Repair",
            "type": "Element",
            "namespace": "urn:passavant:common:1",
            "max_occurs": 3,
        },
    )
