"""Bindings of `goods_correction`, version 1, generated from its XSD."""

from __future__ import annotations

from dataclasses import dataclass, field

from schemas.bindings.common_1 import CraftLine

__NAMESPACE__ = "urn:passavant:GoodsCorrection:1"


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodsCorrection:
    """
    The agent states the goods as found, on which the certificate is based; the exporter's lines
    stay as they were; the envelope names the dossier.

    WCO: Amendment.

    Attributes:
        agent: The agent who corrects. WCO: Authenticator.
        goods_line: Every line as the certificate shall show it, also those that stay as they
            were. WCO: GovernmentAgencyGoodsItem.
        reason: Why the goods are corrected.
    """

    class Meta:
        namespace = "urn:passavant:GoodsCorrection:1"

    agent: str = field(
        metadata={
            "name": "Agent",
            "type": "Element",
        }
    )
    goods_line: tuple[CraftLine, ...] = field(
        default_factory=tuple,
        metadata={
            "name": "GoodsLine",
            "type": "Element",
            "min_occurs": 1,
            "max_occurs": 200,
        },
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
