"""Bindings of `inspection_application`, version 1, generated from its XSD."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from schemas.bindings.common_1 import Inspection

__NAMESPACE__ = "urn:passavant:InspectionApplication:1"


class Function(Enum):
    """
    What the sender wants done with the application.

    WCO: FunctionCode.

    Attributes:
        SAVE: Keep it as a draft; it may be incomplete.
        CHECK: A dry run: the full verdict, with no effect.
        SUBMIT: Submit it to the service, which sees it only now.
    """

    SAVE = "save"
    CHECK = "check"
    SUBMIT = "submit"


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectionApplication:
    """
    An application for the inspection certificate of handicraft to be exported, from the
    exporter to the hub.

    WCO: LPCO application.

    Attributes:
        function: What the sender wants done with the application. WCO:
            Declaration/FunctionCode.
        inspection: What the certificate is asked for. WCO: LPCO.
    """

    class Meta:
        namespace = "urn:passavant:InspectionApplication:1"

    function: Function = field(
        metadata={
            "name": "Function",
            "type": "Element",
        }
    )
    inspection: Inspection = field(
        metadata={
            "name": "Inspection",
            "type": "Element",
        }
    )
