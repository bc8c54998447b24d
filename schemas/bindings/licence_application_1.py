"""Bindings of `licence_application`, version 1, generated from its XSD."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from schemas.bindings.common_1 import Licence

__NAMESPACE__ = "urn:passavant:LicenceApplication:1"


class Function(Enum):
    """
    What the sender wants done with the application.

    WCO: FunctionCode.

    Attributes:
        SAVE: Keep it as a draft; it may be incomplete.
        CHECK: A dry run: the full verdict, with no effect.
        SUBMIT: Send it to the ministry for its visa.
    """

    SAVE = "save"
    CHECK = "check"
    SUBMIT = "submit"


@dataclass(frozen=True, slots=True, kw_only=True)
class LicenceApplication:
    """
    An application for an export licence, from the declarant to the hub.

    WCO: LPCO application.

    Attributes:
        function: What the sender wants done with the application. WCO:
            Declaration/FunctionCode.
        licence: What the licence is asked for. WCO: LPCO.
    """

    class Meta:
        namespace = "urn:passavant:LicenceApplication:1"

    function: Function = field(
        metadata={
            "name": "Function",
            "type": "Element",
        }
    )
    licence: Licence = field(
        metadata={
            "name": "Licence",
            "type": "Element",
        }
    )
