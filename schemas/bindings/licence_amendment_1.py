"""Bindings of `licence_amendment`, version 1, generated from its XSD."""

from __future__ import annotations

from dataclasses import dataclass, field

from schemas.bindings.common_1 import Licence

__NAMESPACE__ = "urn:passavant:LicenceAmendment:1"


@dataclass(frozen=True, slots=True, kw_only=True)
class LicenceAmendment:
    """
    The declarant replaces the whole content of an application or of a licence that was never
    imputed; the envelope names the dossier.

    WCO: LPCO amendment.

    Attributes:
        base_version: The version that the amendment starts from, which is the dossier's
            unless another change came first.
        reason: Why the content changes. WCO: Amendment.
        licence: The whole content as it shall be. WCO: LPCO.
    """

    class Meta:
        namespace = "urn:passavant:LicenceAmendment:1"

    base_version: int = field(
        metadata={
            "name": "BaseVersion",
            "type": "Element",
            "max_inclusive": 9999,
        }
    )
    reason: None | str = field(
        default=None,
        metadata={
            "name": "Reason",
            "type": "Element",
            "min_length": 1,
            "max_length": 2000,
        },
    )
    licence: Licence = field(
        metadata={
            "name": "Licence",
            "type": "Element",
        }
    )
