"""Bindings of `visa_request`, version 1, generated from its XSD."""

from __future__ import annotations

from dataclasses import dataclass, field

from xsdata.models.datatype import XmlDateTime

from schemas.bindings.common_1 import Licence

__NAMESPACE__ = "urn:passavant:VisaRequest:1"


@dataclass(frozen=True, slots=True, kw_only=True)
class VisaRequest:
    """
    The hub asks the ministry for its visa of a submitted licence.

    WCO: LPCO application.

    Attributes:
        dossier_number: The licence's number. WCO: LPCO number.
        version: The version that the decision must name.
        deadline: When the ministry's answer is due.
        declarant: The partner who filed the application. WCO: Declarant.
        licence: The application's whole content. WCO: LPCO.
    """

    class Meta:
        namespace = "urn:passavant:VisaRequest:1"

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
    deadline: XmlDateTime = field(
        metadata={
            "name": "Deadline",
            "type": "Element",
        }
    )
    declarant: str = field(
        metadata={
            "name": "Declarant",
            "type": "Element",
        }
    )
    licence: Licence = field(
        metadata={
            "name": "Licence",
            "type": "Element",
        }
    )
