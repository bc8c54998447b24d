"""Bindings of `clearance_proposal`, version 1, generated from its XSD."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from xsdata.models.datatype import XmlDate, XmlDateTime

from schemas.bindings.common_1 import Amount

__NAMESPACE__ = "urn:passavant:ClearanceProposal:1"


class Proposal(Enum):
    """
    How the hub would clear the declaration.

    Attributes:
        FULL: Everything came home.
        SHORTFALL: What did not come home is justified by the deductions proved.
    """

    FULL = "full"
    SHORTFALL = "shortfall"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearanceProposal:
    """
    The hub proposes to the authority how to clear one declaration of a licence, by what was
    repatriated of what was exported.

    Attributes:
        dossier_number: The licence's number. WCO: LPCO number.
        declarant: The partner who holds the licence. WCO: Declarant.
        declaration_number: The customs declaration. WCO: Declaration/ID.
        imputed: The value that the declaration wrote off. WCO: WriteOff/AmountAmount.
        repatriated: What was proved to have come home.
        deducted: What was proved to have been kept back abroad.
        due_date: The last day of the repatriation.
        proposal: How the hub would clear the declaration.
        deadline: When the authority's answer is due.
    """

    class Meta:
        namespace = "urn:passavant:ClearanceProposal:1"

    dossier_number: str = field(
        metadata={
            "name": "DossierNumber",
            "type": "Element",
        }
    )
    declarant: str = field(
        metadata={
            "name": "Declarant",
            "type": "Element",
        }
    )
    declaration_number: str = field(
        metadata={
            "name": "DeclarationNumber",
            "type": "Element",
        }
    )
    imputed: Amount = field(
        metadata={
            "name": "Imputed",
            "type": "Element",
        }
    )
    repatriated: Amount = field(
        metadata={
            "name": "Repatriated",
            "type": "Element",
        }
    )
    deducted: Amount = field(
        metadata={
            "name": "Deducted",
            "type": "Element",
        }
    )
    due_date: XmlDate = field(
        metadata={
            "name": "DueDate",
            "type": "Element",
        }
    )
    proposal: Proposal = field(
        metadata={
            "name": "Proposal",
            "type": "Element",
        }
    )
    deadline: XmlDateTime = field(
        metadata={
            "name": "Deadline",
            "type": "Element",
        }
    )
