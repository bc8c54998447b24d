"""Writes the two signed replies of every message: the receipt (or rejection) and the outcome.

Statuses follow UNTDID 1373. Each reply names the message it answers and carries the SHA-256 of its
signed content, so that a stored pair proves what was sent and what was answered.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from xsdata.models.datatype import XmlDateTime

from gateway.hub import Hub
from gateway.seal.verify import Verified
from schemas.bindings import acknowledgement_1 as ack
from schemas.bindings.common_1 import SignedAmount, StateLabel
from schemas.catalogue import catalogue
from schemas.envelope import Header, compose
from schemas.errors import Finding
from schemas.problems import problem
from schemas.workflow import BalanceReceipt, LineBalance, State

#: Where a rejection goes whose sender could not be read.
ANYONE = "unknown"

# The forms the schema gives these words: what a stranger wrote there may be anything, and a
# rejection must be valid all the same.
_PARTNER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_INSTANCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,99}")
_TYPE = re.compile(r"[A-Z][A-Za-z0-9]{0,63}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The message a reply answers, as far as it could be read."""

    sender: str | None
    instance: str | None
    type: str | None
    digest: str | None
    received_at: datetime

    @classmethod
    def of(cls, header: Header | None, verified: Verified | None, now: datetime) -> Self:
        """What is known of a message at the door."""
        return cls(
            sender=None if header is None else _fitting(_PARTNER, header.sender),
            instance=None if header is None else _fitting(_INSTANCE, header.instance),
            type=None if header is None else _fitting(_TYPE, header.type),
            digest=None if verified is None else verified.digest,
            received_at=now,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressed:
    """Where a reply goes and what it refers to."""

    to: str
    instance: str
    in_reply_to: str | None = None
    dossier: str | None = None
    expects_answer_by: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where the dossier stands after the message, as the outcome tells it."""

    number: str | None
    procedure: str
    version: int | None
    state: State | None
    previous: State | None = None
    would_be: State | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What an outcome says besides naming its message."""

    standing: Standing | None
    balances: tuple[LineBalance, ...] = ()
    errors: tuple[Finding, ...] = ()
    warnings: tuple[Finding, ...] = ()

    @property
    def status(self) -> ack.StatusName:
        """Refused, accepted, or accepted with warnings."""
        if self.errors:
            return ack.StatusName.REFUSED
        return ack.StatusName.ACCEPTED_WITH_WARNINGS if self.warnings else ack.StatusName.ACCEPTED


_CODES = {
    ack.StatusName.RECEIVED: ack.StatusCode.VALUE_43,
    ack.StatusName.REJECTED: ack.StatusCode.VALUE_8,
    ack.StatusName.ACCEPTED: ack.StatusCode.VALUE_1,
    ack.StatusName.ACCEPTED_WITH_WARNINGS: ack.StatusCode.VALUE_44,
    ack.StatusName.REFUSED: ack.StatusCode.VALUE_8,
}


def receipt(hub: Hub, answered: Answered, *, instance: str, now: datetime) -> bytes:
    """The signed receipt of a message that is about to be stored."""
    body = ack.Acknowledgement(
        stage=ack.Stage.RECEIPT,
        status=_status(ack.StatusName.RECEIVED),
        answers=_answers(answered),
    )
    return sign(hub, body, _to_sender(answered, instance), now)


def rejection(hub: Hub, answered: Answered, findings: Sequence[Finding], *, now: datetime) -> bytes:
    """The signed rejection at the door, with every error found there."""
    body = ack.Acknowledgement(
        stage=ack.Stage.RECEIPT,
        status=_status(ack.StatusName.REJECTED),
        answers=_answers(answered),
        error=tuple(problem(finding) for finding in findings),
    )
    return sign(hub, body, _to_sender(answered, str(uuid.uuid4())), now)


def _to_sender(answered: Answered, instance: str) -> Addressed:
    return Addressed(to=answered.sender or ANYONE, instance=instance, in_reply_to=answered.instance)


def outcome(answered: Answered, verdict: Verdict) -> ack.Acknowledgement:
    """What became of a message that was worked on."""
    return ack.Acknowledgement(
        stage=ack.Stage.OUTCOME,
        status=_status(verdict.status),
        answers=_answers(answered),
        dossier=None if verdict.standing is None else _dossier(verdict.standing),
        balance=tuple(_movement(balance) for balance in verdict.balances),
        error=tuple(problem(finding) for finding in verdict.errors),
        warning=tuple(problem(finding) for finding in verdict.warnings),
    )


def sign(hub: Hub, body: object, addressed: Addressed, now: datetime) -> bytes:
    """A payload in its envelope, signed by the hub."""
    name = type(body).__name__
    header = Header(
        sender=hub.name,
        receiver=addressed.to,
        type=name,
        version=catalogue()[name].version,
        instance=addressed.instance,
        created=now,
        dossier=addressed.dossier,
        in_reply_to=addressed.in_reply_to,
        expects_answer_by=addressed.expects_answer_by,
    )
    return hub.signer.sign_canonical(compose(header, body), now)


def moment(when: datetime) -> XmlDateTime:
    """A time to the second, in UTC."""
    return XmlDateTime.from_datetime(when.astimezone(UTC).replace(microsecond=0))


def _fitting(form: re.Pattern[str], text: str) -> str | None:
    return text if form.fullmatch(text) else None


def _status(name: ack.StatusName) -> ack.Status:
    return ack.Status(value=name, code=_CODES[name])


def _answers(answered: Answered) -> ack.Answers:
    return ack.Answers(
        sender=answered.sender,
        instance_identifier=answered.instance,
        type_value=answered.type,
        digest=answered.digest,
        received_date_time=moment(answered.received_at),
    )


def _dossier(standing: Standing) -> ack.Dossier:
    return ack.Dossier(
        number=standing.number,
        procedure=standing.procedure,
        version=standing.version,
        state=_state(standing.state),
        previous_state=_state(standing.previous),
        would_be_state=_state(standing.would_be),
    )


def _state(state: State | None) -> StateLabel | None:
    return None if state is None else StateLabel(value=state.name, fr=state.fr)


def _movement(balance: LineBalance) -> ack.Movement:
    return ack.Movement(
        line=balance.line,
        unit=balance.unit,
        granted=balance.granted,
        imputed_before=balance.before,
        imputed_delta=balance.delta,
        imputed_after=balance.after,
        remaining=balance.remaining,
        outcome=None if balance.outcome is None else ack.LineOutcome(balance.outcome.value),
        receipt=None if balance.receipt is None else _link(balance.receipt),
    )


def _link(receipt: BalanceReceipt) -> ack.Receipt:
    entry = receipt.entry
    return ack.Receipt(
        customs_office=entry.office,
        imputation_number=entry.number,
        type_value=ack.EntryType(entry.kind),
        original_number=entry.corrects,
        declaration_number=entry.declaration,
        value=SignedAmount(value=entry.value, currency=receipt.currency),
        previous=receipt.previous,
        digest=receipt.digest,
    )
