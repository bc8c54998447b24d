"""Bindings of `physical_inspection_result`, version 1, generated from its XSD."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from xsdata.models.datatype import XmlDate

from schemas.bindings.common_1 import Attachment

__NAMESPACE__ = "urn:passavant:PhysicalInspectionResult:1"


class Result(Enum):
    """
    What a physical check found.

    WCO: ExaminationResult.

    Attributes:
        CONFORMING: The goods are as the dossier states them.
        NOT_CONFORMING: The goods are not as the dossier states them.
    """

    CONFORMING = "conforming"
    NOT_CONFORMING = "not-conforming"


@dataclass(frozen=True, slots=True, kw_only=True)
class PhysicalInspectionResult:
    """
    What the physical check of the goods found; the envelope names the dossier.

    WCO: Examination.

    Attributes:
        agent: The agent who checked. WCO: Authenticator.
        inspection_date: The day of the check. WCO: Examination/EffectiveDateTime.
        result: What was found. WCO: ExaminationResult.
        minutes: What was checked and found, in words.
        attachment: The minutes as a PDF. WCO: AdditionalDocument/Attachment.
    """

    class Meta:
        namespace = "urn:passavant:PhysicalInspectionResult:1"

    agent: str = field(
        metadata={
            "name": "Agent",
            "type": "Element",
        }
    )
    inspection_date: XmlDate = field(
        metadata={
            "name": "InspectionDate",
            "type": "Element",
        }
    )
    result: Result = field(
        metadata={
            "name": "Result",
            "type": "Element",
        }
    )
    minutes: str = field(
        metadata={
            "name": "Minutes",
            "type": "Element",
            "min_length": 1,
            "max_length": 2000,
        }
    )
    attachment: None | Attachment = field(
        default=None,
        metadata={
            "name": "Attachment",
            "type": "Element",
        },
    )
