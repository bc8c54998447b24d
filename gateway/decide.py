"""Turns one claimed message into everything that must be written: the pure middle of the work hop.

The handler says what it found, the procedure's table says where that leads, and the replies are
signed here; nothing is stored yet, so a second try after a crash gives the same result.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from lxml import etree

from gateway import acknowledge, consequences
from gateway.acknowledge import Addressed, Answered, Standing, Verdict
from gateway.consequences import Cause
from gateway.directory import Partners
from gateway.hub import Hub, reply_id
from gateway.place import locate
from handlers.registry import Context, Handler, Reader
from schemas import bind
from schemas.catalogue import catalogue
from schemas.envelope import payload
from schemas.errors import Code, Refused, TryLater, refused
from schemas.parse import parse
from schemas.workflow import Decision, Dossier, State
from storage import dossiers, messages, outgoing, queue, work


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A claimed job with what was read for it."""

    job: queue.Job
    message: messages.Message
    dossier: Dossier | None
    partners: Partners
    parts: Mapping[str, bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What the commit writes, who is to be woken after it, and what the outcome says."""

    done: work.Done
    type: str
    wakes: tuple[str, ...]
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class _Turn:
    """One message being decided: its case, cause, handler and payload."""

    case: Case
    cause: Cause
    handler: Handler
    body: etree._Element

    @property
    def new_number(self) -> str:
        """The number a new dossier gets: from the message's own row, so a retry gives the same."""
        message = self.case.message
        series = self.cause.procedure.series
        return f"{series}-{message.received_at.year}-{message.id:07d}"

    @property
    def state(self) -> State | None:
        """Where the dossier stands before the message."""
        dossier = self.case.dossier
        return None if dossier is None else self.cause.procedure.state(dossier.state)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What the handler decided, and the state its finding leads to, if it moves the dossier."""

    decision: Decision
    to: State | None


def decide(hub: Hub, case: Case, now: datetime, read: Reader) -> Decided:
    """Run the handler and sign what it answers. Raises `TryLater`; anything else is a bug."""
    turn = _turn(hub, case, now)
    try:
        found = _find(turn, read)
    except Refused as refusal:
        errors = tuple(locate(finding, turn.body) for finding in refusal.findings)
        return _decided(turn, Verdict(standing=_standing(turn), errors=errors), Decision(), None)
    decision = found.decision
    warnings = tuple(locate(warning, turn.body) for warning in decision.warnings)
    if decision.dry:
        verdict = Verdict(
            standing=_standing(turn, would_be=found.to),
            balances=decision.balances,
            warnings=warnings,
        )
        return _decided(turn, verdict, Decision(), None)
    number = _number(turn, decision)
    to = found.to
    change = None if to is None else consequences.change(turn.cause, decision, to, number)
    verdict = Verdict(
        standing=_standing(turn) if change is None else _standing_after(turn, change),
        balances=decision.balances,
        warnings=warnings,
    )
    return _decided(turn, verdict, decision, change)


def _number(turn: _Turn, decision: Decision) -> str:
    """The dossier's number, or that of the dossier which the decision opens."""
    if turn.case.dossier is not None:
        return turn.case.dossier.number
    return turn.new_number if decision.serial is None else decision.serial.reference


def _turn(hub: Hub, case: Case, now: datetime) -> _Turn:
    message, dossier = case.message, case.dossier
    handler = hub.registry.handler(message.type, None if dossier is None else dossier.procedure)
    if handler is None:  # the type is known, but not to this dossier's procedure
        handler = hub.registry.of_type(message.type)[0]
    cause = Cause(
        hub=hub,
        partners=case.partners,
        procedure=hub.registry.procedures[handler.procedure],
        dossier=dossier,
        number=message.dossier,
        event=message.type,
        sender=message.sender,
        instance=message.instance,
        message_id=message.id,
        now=now,
    )
    return _Turn(case=case, cause=cause, handler=handler, body=payload(parse(message.content)))


def _find(turn: _Turn, read: Reader) -> _Found:
    """The handler's decision and where it leads; raises `Refused` with every reason."""
    message, dossier, procedure = turn.case.message, turn.case.dossier, turn.cause.procedure
    if dossier is not None and dossier.procedure != procedure.name:
        raise refused(Code.DOSSIER_UNKNOWN, value=dossier.number, dossier=dossier.number)
    _check_event(turn)
    partner = turn.case.partners.get(message.sender)
    if partner is None:
        raise TryLater(Code.SENDER_UNKNOWN, timedelta(minutes=1))
    decision = turn.handler.handle(
        bind.read(turn.body, catalogue()[message.type].binding),
        dossier,
        Context(
            sender=message.sender,
            role=partner.role,
            instance=message.instance,
            now=turn.cause.now,
            new_number=turn.new_number,
            settings=getattr(turn.cause.hub.settings, procedure.name),
            read=read,
            parts=turn.case.parts,
        ),
    )
    if decision.finding is None:
        return _Found(decision=decision, to=None)
    state = None if dossier is None else dossier.state
    to = procedure.moves.get((state, message.type, decision.finding))
    if to is None:
        raise _forbidden(turn)
    return _Found(decision=decision, to=procedure.state(to))


def _check_event(turn: _Turn) -> None:
    """Refuse at once what the table of moves never allows in this state."""
    event, dossier = turn.case.message.type, turn.case.dossier
    moved_by = {key[0] for key in turn.cause.procedure.moves if key[1] == event}
    if moved_by and (None if dossier is None else dossier.state) not in moved_by:
        raise _forbidden(turn)


def _forbidden(turn: _Turn) -> Refused:
    state = turn.state
    return refused(
        Code.MOVE_FORBIDDEN,
        value=None if state is None else state.name,
        event=turn.case.message.type,
        state="—" if state is None else f"{state.fr} ({state.en})",
    )


def _standing(turn: _Turn, *, would_be: State | None = None) -> Standing | None:
    """The dossier as the message found it, with the state a dry run would lead to."""
    dossier = turn.case.dossier
    if dossier is None and would_be is None:
        return None
    return Standing(
        number=None if dossier is None else dossier.number,
        procedure=turn.cause.procedure.name,
        version=None if dossier is None else dossier.version,
        state=turn.state,
        would_be=would_be,
    )


def _standing_after(turn: _Turn, change: dossiers.Change) -> Standing:
    return Standing(
        number=change.number,
        procedure=change.procedure,
        version=change.version,
        state=turn.cause.procedure.state(change.to_state),
        previous=turn.state,
    )


def _outcome(turn: _Turn, verdict: Verdict, number: str | None) -> outgoing.Outgoing:
    message = turn.case.message
    answered = Answered(
        sender=message.sender,
        instance=message.instance,
        type=message.type,
        digest=message.digest,
        received_at=message.received_at,
    )
    addressed = Addressed(
        to=message.sender,
        instance=reply_id(message.sender, message.instance, "outcome"),
        in_reply_to=message.instance,
        dossier=number,
    )
    body = acknowledge.outcome(answered, verdict)
    return consequences.signed(turn.cause, body, addressed, stage="outcome")


def _decided(
    turn: _Turn, verdict: Verdict, decision: Decision, change: dossiers.Change | None
) -> Decided:
    message, cause = turn.case.message, turn.cause
    number = message.dossier if change is None else change.number
    codes = tuple(sorted({finding.code.label for finding in verdict.errors}))
    sent = (
        _outcome(turn, verdict, number),
        *consequences.replies(cause, decision, number),
    )
    done = work.Done(
        job=turn.case.job,
        message_id=message.id,
        state="refused" if verdict.errors else "accepted",
        change=change,
        outgoing=sent,
        journal=tuple(
            consequences.recorded(
                cause,
                change,
                sent,
                digest=message.digest,
                outcome=verdict.status.value,
                codes=" ".join(codes),
            )
        ),
        jobs=() if change is None else consequences.jobs(cause, decision, change),
        mails=tuple(consequences.letters(cause, decision.replies, number)),
        codes=codes,
    )
    receivers = dict.fromkeys(reply.receiver for reply in sent)
    return Decided(
        done=done,
        type=message.type,
        wakes=(f"{message.sender}/{message.instance}", *receivers),
        verdict=verdict,
    )
