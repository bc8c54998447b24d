"""Bindings of `notification`, version 1, generated from its XSD."""

from __future__ import annotations

from dataclasses import dataclass, field

from xsdata.models.datatype import XmlDateTime

from schemas.bindings.common_1 import LocalText

__NAMESPACE__ = "urn:passavant:Notification:1"


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """
    The message and the dossier that a notification is about.

    Attributes:
        partner: The partner concerned, for example who did not answer.
        instance_identifier: The message concerned.
        type_value: That message's type.
        dossier_number: The dossier concerned. WCO: LPCO number.
    """

    partner: None | str = field(
        default=None,
        metadata={
            "name": "Partner",
            "type": "Element",
            "namespace": "urn:passavant:Notification:1",
        },
    )
    instance_identifier: None | str = field(
        default=None,
        metadata={
            "name": "InstanceIdentifier",
            "type": "Element",
            "namespace": "urn:passavant:Notification:1",
        },
    )
    type_value: None | str = field(
        default=None,
        metadata={
            "name": "Type",
            "type": "Element",
            "namespace": "urn:passavant:Notification:1",
        },
    )
    dossier_number: None | str = field(
        default=None,
        metadata={
            "name": "DossierNumber",
            "type": "Element",
            "namespace": "urn:passavant:Notification:1",
        },
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """
    The hub tells a partner of something nobody asked for, so that nothing stays silent, for
    example that an expected answer did not come.

    Attributes:
        code: What happened, by a stable word: no-answer when an expected answer did not
            come.
        text: What happened, once per language.
        about: The message and the dossier that the notification is about.
        deadline: The deadline that passed or comes.
    """

    class Meta:
        namespace = "urn:passavant:Notification:1"

    code: str = field(
        metadata={
            "name": "Code",
            "type": "Element",
        }
    )
    text: tuple[LocalText, ...] = field(
        default_factory=tuple,
        metadata={
            "name": "Text",
            "type": "Element",
            "min_occurs": 1,
            "max_occurs": 3,
        },
    )
    about: None | About = field(
        default=None,
        metadata={
            "name": "About",
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
