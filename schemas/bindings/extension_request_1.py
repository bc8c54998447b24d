"""Bindings of `extension_request`, version 1, generated from its XSD."""

from __future__ import annotations

from dataclasses import dataclass, field

from xsdata.models.datatype import XmlDate, XmlDateTime

__NAMESPACE__ = "urn:passavant:ExtensionRequest:1"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtensionRequest:
    """
    The declarant asks for a longer validity, and the hub forwards it to the ministry; the
    envelope names the dossier.

    WCO: LPCO amendment.

    Attributes:
        valid_until: The last day of validity that is asked for. WCO: ExpirationDateTime.
        reason: Why the licence needs more time.
        dossier_number: The licence's number; the hub fills it in when it forwards. WCO: LPCO
            number.
        current_valid_until: The last day of validity so far; the hub fills it in when it
            forwards. WCO: ExpirationDateTime.
        declarant: The partner who asks; the hub fills it in when it forwards. WCO:
            Declarant.
        deadline: When the ministry's answer is due; the hub fills it in when it forwards.
    """

    class Meta:
        namespace = "urn:passavant:ExtensionRequest:1"

    valid_until: XmlDate = field(
        metadata={
            "name": "ValidUntil",
            "type": "Element",
        }
    )
    reason: str = field(
        metadata={
            "name": "Reason",
            "type": "Element",
            "min_length": 1,
            "max_length": 2000,
        }
    )
    dossier_number: None | str = field(
        default=None,
        metadata={
            "name": "DossierNumber",
            "type": "Element",
        },
    )
    current_valid_until: None | XmlDate = field(
        default=None,
        metadata={
            "name": "CurrentValidUntil",
            "type": "Element",
        },
    )
    declarant: None | str = field(
        default=None,
        metadata={
            "name": "Declarant",
            "type": "Element",
        },
    )
    deadline: None | XmlDateTime = field(
        default=None,
        metadata={
            "name": "Deadline",
            "type": "Element",
        },
    )
