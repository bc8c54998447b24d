"""Bindings of `complement_reply`, version 1, generated from its XSD."""

from __future__ import annotations

from dataclasses import dataclass, field

from schemas.bindings.common_1 import CraftDocument

__NAMESPACE__ = "urn:passavant:ComplementReply:1"


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplementReply:
    """
    The exporter files the documents that were asked for; the envelope names the dossier.

    Attributes:
        document: A document that was asked for. WCO: AdditionalDocument.
        message: What the exporter says to it.
    """

    class Meta:
        namespace = "urn:passavant:ComplementReply:1"

    document: tuple[CraftDocument, ...] = field(
        default_factory=tuple,
        metadata={
            "name": "Document",
            "type": "Element",
            "max_occurs": 99,
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
