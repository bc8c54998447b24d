"""Bindings of `repatriation_proof`, version 1, generated from its XSD."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from xsdata.models.datatype import XmlDate

from schemas.bindings.common_1 import (
    Amount,
    Attachment,
)

__NAMESPACE__ = "urn:passavant:RepatriationProof:1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """
    What of the amount received belongs to one declaration.

    Attributes:
        declaration_number: The customs declaration. WCO: Declaration/ID.
        amount: The declaration's share, in the currency received.
    """

    declaration_number: str = field(
        metadata={
            "name": "DeclarationNumber",
            "type": "Element",
            "namespace": "urn:passavant:RepatriationProof:1",
        }
    )
    amount: Decimal = field(
        metadata={
            "name": "Amount",
            "type": "Element",
            "namespace": "urn:passavant:RepatriationProof:1",
            "min_exclusive": Decimal("0"),
            "total_digits": 18,
            "fraction_digits": 3,
        }
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Deduction:
    """
    What was kept back abroad of one declaration's amount, and its proof.

    Attributes:
        declaration_number: The customs declaration. WCO: Declaration/ID.
        deduction_code: Why it was kept back, by the list of deductions.
        amount: The amount kept back, in the currency received.
        description: What it was kept back for, in words.
        attachment: The proof, a PDF. WCO: AdditionalDocument/Attachment.
    """

    declaration_number: str = field(
        metadata={
            "name": "DeclarationNumber",
            "type": "Element",
            "namespace": "urn:passavant:RepatriationProof:1",
        }
    )
    deduction_code: str = field(
        metadata={
            "name": "DeductionCode",
            "type": "Element",
            "namespace": "urn:passavant:RepatriationProof:1",
        }
    )
    amount: Decimal = field(
        metadata={
            "name": "Amount",
            "type": "Element",
            "namespace": "urn:passavant:RepatriationProof:1",
            "min_exclusive": Decimal("0"),
            "total_digits": 18,
            "fraction_digits": 3,
        }
    )
    description: None | str = field(
        default=None,
        metadata={
            "name": "Description",
            "type": "Element",
            "namespace": "urn:passavant:RepatriationProof:1",
            "min_length": 1,
            "max_length": 512,
        },
    )
    attachment: Attachment = field(
        metadata={
            "name": "Attachment",
            "type": "Element",
            "namespace": "urn:passavant:RepatriationProof:1",
        }
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RepatriationProof:
    """
    A bank or the declarant proves what a licence's exports brought home; the envelope names the
    dossier.

    Attributes:
        bank: The bank that received the money. WCO: Bank.
        attestation_number: The number of the bank's attestation, which serves once. WCO:
            AdditionalDocument/ID.
        attestation_date: The day of the attestation. WCO: AdditionalDocument/IssueDateTime.
        amount: The amount received, with its currency.
        rate: The dirhams paid for one unit of the currency. WCO:
            CurrencyExchange/RateNumeric.
        split: What of the amount belongs to one declaration; the shares sum up to the
            amount.
        deduction: What was kept back abroad, and its proof.
        attachment: The attestation itself, a PDF. WCO: AdditionalDocument/Attachment.
    """

    class Meta:
        namespace = "urn:passavant:RepatriationProof:1"

    bank: str = field(
        metadata={
            "name": "Bank",
            "type": "Element",
            "min_length": 1,
            "max_length": 140,
        }
    )
    attestation_number: str = field(
        metadata={
            "name": "AttestationNumber",
            "type": "Element",
        }
    )
    attestation_date: XmlDate = field(
        metadata={
            "name": "AttestationDate",
            "type": "Element",
        }
    )
    amount: Amount = field(
        metadata={
            "name": "Amount",
            "type": "Element",
        }
    )
    rate: Decimal = field(
        metadata={
            "name": "Rate",
            "type": "Element",
            "min_exclusive": Decimal("0"),
            "total_digits": 12,
            "fraction_digits": 6,
        }
    )
    split: tuple[Split, ...] = field(
        default_factory=tuple,
        metadata={
            "name": "Split",
            "type": "Element",
            "min_occurs": 1,
            "max_occurs": 200,
        },
    )
    deduction: tuple[Deduction, ...] = field(
        default_factory=tuple,
        metadata={
            "name": "Deduction",
            "type": "Element",
            "max_occurs": 50,
        },
    )
    attachment: None | Attachment = field(
        default=None,
        metadata={
            "name": "Attachment",
            "type": "Element",
        },
    )
