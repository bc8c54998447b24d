"""Bindings of `complement_request`, version 1, generated from its XSD."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from xsdata.models.datatype import XmlDateTime

__NAMESPACE__ = "urn:passavant:ComplementRequest:1"


class Action(Enum):
    """
    What an agent does with a request for further documents.

    Attributes:
        SEND: Ask; the request is sent (Demande envoyée).
        CHANGE: Replace a request that is not answered yet.
        VALIDATE: Find the answer sufficient (Demande validée).
    """

    SEND = "send"
    CHANGE = "change"
    VALIDATE = "validate"


@dataclass(frozen=True, slots=True, kw_only=True)
class FlaggedDocument:
    """
    A document that is missing, or must be filed anew.

    WCO: AdditionalDocument.

    Attributes:
        type_value: The document's type, by the list of inspection document types. WCO:
            AdditionalDocument/TypeCode.
        file_name: The file that was filed; absent when none was. WCO: Attachment/Filename.
        remark: What is wrong with the document.
    """

    type_value: str = field(
        metadata={
            "name": "Type",
            "type": "Element",
            "namespace": "urn:passavant:ComplementRequest:1",
        }
    )
    file_name: None | str = field(
        default=None,
        metadata={
            "name": "FileName",
            "type": "Element",
            "namespace": "urn:passavant:ComplementRequest:1",
            "min_length": 1,
            "max_length": 120,
        },
    )
    remark: None | str = field(
        default=None,
        metadata={
            "name": "Remark",
            "type": "Element",
            "namespace": "urn:passavant:ComplementRequest:1",
            "min_length": 1,
            "max_length": 140,
        },
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplementRequest:
    """
    The agent asks the exporter for further documents, changes what was asked, or finds the
    answer sufficient; the envelope names the dossier.

    Attributes:
        agent: The agent who asks. WCO: Authenticator.
        action: What the agent does with the request. WCO: FunctionCode.
        complement_number: The request's number within its dossier, from 1, when one is
            changed or validated; the latest when absent.
        message: What is missing, for the exporter to read; sent and changed requests have
            it.
        flagged_document: A document that is missing, or must be filed anew. WCO:
            AdditionalDocument.
        deadline: When the answer is due; the hub's configuration when absent.
    """

    class Meta:
        namespace = "urn:passavant:ComplementRequest:1"

    agent: str = field(
        metadata={
            "name": "Agent",
            "type": "Element",
        }
    )
    action: Action = field(
        metadata={
            "name": "Action",
            "type": "Element",
        }
    )
    complement_number: None | int = field(
        default=None,
        metadata={
            "name": "ComplementNumber",
            "type": "Element",
            "max_inclusive": 999,
        },
    )
    message: None | str = field(
        default=None,
        metadata={
            "name": "Message",
            "type": "Element",
            "min_length": 1,
            "max_length": 2000,
        },
    )
    flagged_document: tuple[FlaggedDocument, ...] = field(
        default_factory=tuple,
        metadata={
            "name": "FlaggedDocument",
            "type": "Element",
            "max_occurs": 99,
        },
    )
    deadline: None | XmlDateTime = field(
        default=None,
        metadata={
            "name": "Deadline",
            "type": "Element",
        },
    )
