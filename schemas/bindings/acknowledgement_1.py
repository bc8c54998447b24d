"""Bindings of `acknowledgement`, version 1, generated from its XSD."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum

from xsdata.models.datatype import XmlDateTime

from schemas.bindings.common_1 import (
    Problem,
    SignedAmount,
    StateLabel,
)

__NAMESPACE__ = "urn:passavant:Acknowledgement:1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """
    The message that this acknowledges, as far as it could be read.

    Attributes:
        sender: Who sent it.
        instance_identifier: Its identifier.
        type_value: Its type.
        digest: The SHA-256 digest of its signed content; absent when it could not be read.
        received_date_time: When the hub received it. WCO: AcceptanceDateTime.
    """

    sender: None | str = field(
        default=None,
        metadata={
            "name": "Sender",
            "type": "Element",
            "namespace": "urn:passavant:Acknowledgement:1",
        },
    )
    instance_identifier: None | str = field(
        default=None,
        metadata={
            "name": "InstanceIdentifier",
            "type": "Element",
            "namespace": "urn:passavant:Acknowledgement:1",
        },
    )
    type_value: None | str = field(
        default=None,
        metadata={
            "name": "Type",
            "type": "Element",
            "namespace": "urn:passavant:Acknowledgement:1",
        },
    )
    digest: None | str = field(
        default=None,
        metadata={
            "name": "Digest",
            "type": "Element",
            "namespace": "urn:passavant:Acknowledgement:1",
        },
    )
    received_date_time: XmlDateTime = field(
        metadata={
            "name": "ReceivedDateTime",
            "type": "Element",
            "namespace": "urn:passavant:Acknowledgement:1",
        }
    )


class EntryType(Enum):
    """
    What kind of imputation made a ledger entry.

    Attributes:
        ORIGINAL: Consumes the line.
        ADJUSTMENT: Corrects an imputation to its declaration's amended totals.
        CONTRA: Gives back what an imputation consumed, whole or in part.
        LATE: Consumes the line: declared within validity, told afterwards.
    """

    ORIGINAL = "original"
    ADJUSTMENT = "adjustment"
    CONTRA = "contra"
    LATE = "late"


class LineOutcome(Enum):
    """
    What became of one line that the message speaks of.

    Attributes:
        ACCEPTED: It took effect.
        ALREADY_SEEN: It had taken effect before; nothing changed.
        WAITING: It is kept until what it refers to arrives.
        AGREES: It agrees with the hub's ledger.
        DIFFERS: It differs from the hub's ledger, which stays as it is.
    """

    ACCEPTED = "accepted"
    ALREADY_SEEN = "already-seen"
    WAITING = "waiting"
    AGREES = "agrees"
    DIFFERS = "differs"


class Stage(Enum):
    """
    Whether this is the receipt or the outcome.

    Attributes:
        RECEIPT: The message is durable, or refused at the door.
        OUTCOME: The message was handled.
    """

    RECEIPT = "receipt"
    OUTCOME = "outcome"


class StatusCode(Enum):
    """
    A code of the UNTDID 1373 list.

    Attributes:
        VALUE_1: Accepted.
        VALUE_8: Rejected.
        VALUE_43: Received.
        VALUE_44: Accepted with comment.
    """

    VALUE_1 = "1"
    VALUE_8 = "8"
    VALUE_43 = "43"
    VALUE_44 = "44"


class StatusName(Enum):
    """
    What became of the message.

    Attributes:
        RECEIVED: The message is durable (43).
        REJECTED: The message is refused at the door (8).
        ACCEPTED: The message took effect (1).
        ACCEPTED_WITH_WARNINGS: The message took effect, with warnings (44).
        REFUSED: The message is refused by the rules (8).
    """

    RECEIVED = "received"
    REJECTED = "rejected"
    ACCEPTED = "accepted"
    ACCEPTED_WITH_WARNINGS = "accepted-with-warnings"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """
    The dossier as it stands after the message.

    Attributes:
        number: The dossier's number; absent while it has none. WCO: LPCO number.
        procedure: The dossier's procedure.
        version: The dossier's business version.
        state: The dossier's state. WCO: Status/NameCode.
        previous_state: The state before the message.
        would_be_state: The state that a dry run would have led to.
    """

    number: None | str = field(
        default=None,
        metadata={
            "name": "Number",
            "type": "Element",
            "namespace": "urn:passavant:Acknowledgement:1",
        },
    )
    procedure: str = field(
        metadata={
            "name": "Procedure",
            "type": "Element",
            "namespace": "urn:passavant:Acknowledgement:1",
        }
    )
    version: None | int = field(
        default=None,
        metadata={
            "name": "Version",
            "type": "Element",
            "namespace": "urn:passavant:Acknowledgement:1",
            "max_inclusive": 9999,
        },
    )
    state: None | StateLabel = field(
        default=None,
        metadata={
            "name": "State",
            "type": "Element",
            "namespace": "urn:passavant:Acknowledgement:1",
        },
    )
    previous_state: None | StateLabel = field(
        default=None,
        metadata={
            "name": "PreviousState",
            "type": "Element",
            "namespace": "urn:passavant:Acknowledgement:1",
        },
    )
    would_be_state: None | StateLabel = field(
        default=None,
        metadata={
            "name": "WouldBeState",
            "type": "Element",
            "namespace": "urn:passavant:Acknowledgement:1",
        },
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """
    One link of the line's chain of balances: a ledger entry, and the digests that bind it to
    the entry before.

    Attributes:
        customs_office: The office that imputed. WCO: CustomsOffice.
        imputation_number: The imputation's number, unique per customs office. WCO:
            AdditionalDocument/WriteOff.
        type_value: What kind of imputation made the entry.
        original_number: The imputation that the entry corrects; absent otherwise.
        declaration_number: The customs declaration. WCO: Declaration/ID.
        value: What the entry added to the value imputed, or gave back below zero. WCO:
            WriteOff/AmountAmount.
        previous: The digest of the line's link before; absent on its first.
        digest: The digest of this link.
    """

    customs_office: str = field(
        metadata={
            "name": "CustomsOffice",
            "type": "Element",
            "namespace": "urn:passavant:Acknowledgement:1",
        }
    )
    imputation_number: str = field(
        metadata={
            "name": "ImputationNumber",
            "type": "Element",
            "namespace": "urn:passavant:Acknowledgement:1",
        }
    )
    type_value: EntryType = field(
        metadata={
            "name": "Type",
            "type": "Element",
            "namespace": "urn:passavant:Acknowledgement:1",
        }
    )
    original_number: None | str = field(
        default=None,
        metadata={
            "name": "OriginalNumber",
            "type": "Element",
            "namespace": "urn:passavant:Acknowledgement:1",
        },
    )
    declaration_number: str = field(
        metadata={
            "name": "DeclarationNumber",
            "type": "Element",
            "namespace": "urn:passavant:Acknowledgement:1",
        }
    )
    value: SignedAmount = field(
        metadata={
            "name": "Value",
            "type": "Element",
            "namespace": "urn:passavant:Acknowledgement:1",
        }
    )
    previous: None | str = field(
        default=None,
        metadata={
            "name": "Previous",
            "type": "Element",
            "namespace": "urn:passavant:Acknowledgement:1",
        },
    )
    digest: str = field(
        metadata={
            "name": "Digest",
            "type": "Element",
            "namespace": "urn:passavant:Acknowledgement:1",
        }
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """
    What became of the message, with its UNTDID 1373 code.

    Attributes:
        value:
        code: The status in the UNTDID 1373 list.
    """

    value: StatusName = field()
    code: StatusCode = field(
        metadata={
            "type": "Attribute",
        }
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """
    What the message changed on one line of a licence.

    Attributes:
        line: The licence's line. WCO: GovernmentAgencyGoodsItem/SequenceNumeric.
        unit: The unit of the quantities.
        granted: The quantity granted.
        imputed_before: The quantity imputed before the message.
        imputed_delta: What the message added, or gave back below zero.
        imputed_after: The quantity imputed after the message.
        remaining: What remains after the message.
        outcome: What became of what the message says of the line.
        receipt: The link that the message added to the line's chain of balances.
    """

    line: int = field(
        metadata={
            "name": "Line",
            "type": "Element",
            "namespace": "urn:passavant:Acknowledgement:1",
            "max_inclusive": 999,
        }
    )
    unit: str = field(
        metadata={
            "name": "Unit",
            "type": "Element",
            "namespace": "urn:passavant:Acknowledgement:1",
        }
    )
    granted: Decimal = field(
        metadata={
            "name": "Granted",
            "type": "Element",
            "namespace": "urn:passavant:Acknowledgement:1",
            "min_inclusive": Decimal("0"),
            "total_digits": 18,
            "fraction_digits": 6,
        }
    )
    imputed_before: Decimal = field(
        metadata={
            "name": "ImputedBefore",
            "type": "Element",
            "namespace": "urn:passavant:Acknowledgement:1",
            "total_digits": 18,
            "fraction_digits": 6,
        }
    )
    imputed_delta: Decimal = field(
        metadata={
            "name": "ImputedDelta",
            "type": "Element",
            "namespace": "urn:passavant:Acknowledgement:1",
            "total_digits": 18,
            "fraction_digits": 6,
        }
    )
    imputed_after: Decimal = field(
        metadata={
            "name": "ImputedAfter",
            "type": "Element",
            "namespace": "urn:passavant:Acknowledgement:1",
            "total_digits": 18,
            "fraction_digits": 6,
        }
    )
    remaining: Decimal = field(
        metadata={
            "name": "Remaining",
            "type": "Element",
            "namespace": "urn:passavant:Acknowledgement:1",
            "total_digits": 18,
            "fraction_digits": 6,
        }
    )
    outcome: None | LineOutcome = field(
        default=None,
        metadata={
            "name": "Outcome",
            "type": "Element",
            "namespace": "urn:passavant:Acknowledgement:1",
        },
    )
    receipt: None | Receipt = field(
        default=None,
        metadata={
            "name": "Receipt",
            "type": "Element",
            "namespace": "urn:passavant:Acknowledgement:1",
        },
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledgement:
    """
    The hub's signed reply: a receipt once the message is durable, an outcome once it is
    handled.

    WCO: Response.

    Attributes:
        stage: Whether this is the receipt or the outcome.
        status: What became of the message, with its UNTDID 1373 code. WCO: Status/NameCode.
        answers: The message that this acknowledges.
        dossier: The dossier as it stands after the message.
        balance: What the message changed on one line.
        remaining_amount: What remains of the licence's total amount.
        error: One of the errors, all of them at once. WCO: Error.
        warning: Something that did not prevent the message from passing.
    """

    class Meta:
        namespace = "urn:passavant:Acknowledgement:1"

    stage: Stage = field(
        metadata={
            "name": "Stage",
            "type": "Element",
        }
    )
    status: Status = field(
        metadata={
            "name": "Status",
            "type": "Element",
        }
    )
    answers: Answers = field(
        metadata={
            "name": "Answers",
            "type": "Element",
        }
    )
    dossier: None | Dossier = field(
        default=None,
        metadata={
            "name": "Dossier",
            "type": "Element",
        },
    )
    balance: tuple[Movement, ...] = field(
        default_factory=tuple,
        metadata={
            "name": "Balance",
            "type": "Element",
            "max_occurs": 200,
        },
    )
    remaining_amount: None | SignedAmount = field(
        default=None,
        metadata={
            "name": "RemainingAmount",
            "type": "Element",
        },
    )
    error: tuple[Problem, ...] = field(
        default_factory=tuple,
        metadata={
            "name": "Error",
            "type": "Element",
            "max_occurs": 500,
        },
    )
    warning: tuple[Problem, ...] = field(
        default_factory=tuple,
        metadata={
            "name": "Warning",
            "type": "Element",
            "max_occurs": 500,
        },
    )
