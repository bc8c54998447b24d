"""Turns one claimed message into everything that must be written: the pure middle of the work hop.

The handler says what it found, the procedure's table says where that leads, and the replies are
signed here; nothing is stored yet, so a second try after a crash gives the same result.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from lxml import etree

from gateway import acknowledge
from gateway.acknowledge import Addressed, Answered, Standing, Verdict
from gateway.directory import Partners
from gateway.hub import Hub, paper_lane, reply_id
from gateway.place import locate
from handlers.registry import Context, Procedure, Reader
from schemas import bind
from schemas.catalogue import catalogue
from schemas.envelope import payload
from schemas.errors import Code, Refused, TryLater, refused
from schemas.parse import parse
from schemas.workflow import Decision, Dossier, Reply, Role, State
from storage import dossiers, journal, messages, outgoing, queue, work


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
    """What the commit writes, and who is to be woken after it."""

    done: work.Done
    type: str
    wakes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Turn:
    """One message being decided: its case, procedure and payload, at one moment."""

    hub: Hub
    case: Case
    procedure: Procedure
    body: etree._Element
    now: datetime

    @property
    def new_number(self) -> str:
        """The number a new dossier gets: from the message's own row, so a retry gives the same."""
        message = self.case.message
        return f"{self.procedure.series}-{message.received_at.year}-{message.id:07d}"

    @property
    def state(self) -> State | None:
        """Where the dossier stands before the message."""
        dossier = self.case.dossier
        return None if dossier is None else self.procedure.state(dossier.state)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What the handler decided, and the state its finding leads to, if it moves the dossier."""

    decision: Decision
    to: State | None


def decide(hub: Hub, case: Case, now: datetime, read: Reader) -> Decided:
    """Run the handler and sign what it answers. Raises `TryLater`; anything else is a bug."""
    handler = hub.registry.handlers[case.message.type]
    turn = _Turn(
        hub=hub,
        case=case,
        procedure=hub.registry.procedures[handler.procedure],
        body=payload(parse(case.message.content)),
        now=now,
    )
    try:
        found = _find(turn, read)
    except Refused as refusal:
        errors = tuple(locate(finding, turn.body) for finding in refusal.findings)
        return _decided(turn, Verdict(standing=_standing(turn), errors=errors), None, [])
    decision = found.decision
    warnings = tuple(locate(warning, turn.body) for warning in decision.warnings)
    if decision.dry:
        verdict = Verdict(
            standing=_standing(turn, would_be=found.to),
            balances=decision.balances,
            warnings=warnings,
        )
        return _decided(turn, verdict, None, [])
    change = _change(turn, found)
    verdict = Verdict(
        standing=_standing(turn) if change is None else _standing_after(turn, change),
        balances=decision.balances,
        warnings=warnings,
    )
    number = case.message.dossier if change is None else change.number
    replies = [_reply(turn, reply, index, number) for index, reply in enumerate(decision.replies)]
    return _decided(turn, verdict, change, replies, reprint=decision.reprint)


def _find(turn: _Turn, read: Reader) -> _Found:
    """The handler's decision and where it leads; raises `Refused` with every reason."""
    hub, message, dossier = turn.hub, turn.case.message, turn.case.dossier
    if dossier is not None and dossier.procedure != turn.procedure.name:
        raise refused(Code.DOSSIER_UNKNOWN, value=dossier.number, dossier=dossier.number)
    _check_event(turn)
    partner = turn.case.partners.get(message.sender)
    if partner is None:
        raise TryLater(Code.SENDER_UNKNOWN, timedelta(minutes=1))
    decision = hub.registry.handlers[message.type].handle(
        bind.read(turn.body, catalogue()[message.type].binding),
        dossier,
        Context(
            sender=message.sender,
            role=partner.role,
            instance=message.instance,
            now=turn.now,
            new_number=turn.new_number,
            settings=getattr(hub.settings, turn.procedure.name),
            read=read,
            parts=turn.case.parts,
        ),
    )
    if decision.finding is None:
        return _Found(decision=decision, to=None)
    state = None if dossier is None else dossier.state
    to = turn.procedure.moves.get((state, message.type, decision.finding))
    if to is None:
        raise _forbidden(turn)
    return _Found(decision=decision, to=turn.procedure.state(to))


def _check_event(turn: _Turn) -> None:
    """Refuse at once what the table of moves never allows in this state."""
    event, dossier = turn.case.message.type, turn.case.dossier
    moved_by = {key[0] for key in turn.procedure.moves if key[1] == event}
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
        procedure=turn.procedure.name,
        version=None if dossier is None else dossier.version,
        state=turn.state,
        would_be=would_be,
    )


def _standing_after(turn: _Turn, change: dossiers.Change) -> Standing:
    return Standing(
        number=change.number,
        procedure=turn.procedure.name,
        version=change.version,
        state=turn.procedure.state(change.to_state),
        previous=turn.state,
    )


def _change(turn: _Turn, found: _Found) -> dossiers.Change | None:
    if found.to is None:
        return None
    message, dossier, decision = turn.case.message, turn.case.dossier, found.decision
    content = "{}" if dossier is None else dossier.content
    return dossiers.Change(
        number=turn.new_number if dossier is None else dossier.number,
        procedure=turn.procedure.name,
        owner=message.sender if dossier is None else dossier.owner,
        from_state=None if dossier is None else dossier.state,
        to_state=found.to.name,
        version=decision.version or (1 if dossier is None else dossier.version),
        revision=0 if dossier is None else dossier.revision,
        content=content if decision.content is None else decision.content,
        entries=decision.entries,
        event=message.type,
        actor=message.sender,
        message_id=message.id,
        note=decision.note,
        at=turn.now,
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
    return _outgoing(turn, acknowledge.outcome(answered, verdict), addressed, stage="outcome")


def _reply(turn: _Turn, reply: Reply, index: int, number: str | None) -> outgoing.Outgoing:
    message, partners = turn.case.message, turn.case.partners
    holder = partners.holder(reply.to) if isinstance(reply.to, Role) else partners.get(reply.to)
    if holder is None:
        raise TryLater(Code.RECEIVER_ABSENT, timedelta(minutes=1))
    addressed = Addressed(
        to=holder.name,
        instance=reply_id(message.sender, message.instance, str(index)),
        in_reply_to=message.instance if holder.name == message.sender else None,
        dossier=number,
        expects_answer_by=reply.expects_answer_by,
    )
    return _outgoing(turn, reply.payload, addressed, stage=None)


def _outgoing(
    turn: _Turn, body: object, addressed: Addressed, *, stage: str | None
) -> outgoing.Outgoing:
    """A reply with the signed bytes that every try to deliver it will carry."""
    receiver = turn.case.partners.get(addressed.to)
    return outgoing.Outgoing(
        instance=addressed.instance,
        receiver=addressed.to,
        type=type(body).__name__,
        dossier=addressed.dossier,
        answers=turn.case.message.id,
        stage=stage,
        content=acknowledge.sign(turn.hub, body, addressed, turn.now),
        push=receiver is not None and receiver.push_url is not None,
        created_at=turn.now,
    )


def _decided(
    turn: _Turn,
    verdict: Verdict,
    change: dossiers.Change | None,
    replies: Sequence[outgoing.Outgoing],
    *,
    reprint: bool = False,
) -> Decided:
    message = turn.case.message
    number = message.dossier if change is None else change.number
    sent = (_outcome(turn, verdict, number), *replies)
    paper = queue.NewJob(
        kind=queue.Kind.RENDER,
        lane=paper_lane(number or ""),
        subject=message.id,
        due=turn.now,
        about=number or "",
    )
    done = work.Done(
        job=turn.case.job,
        message_id=message.id,
        state="refused" if verdict.errors else "accepted",
        change=change,
        outgoing=sent,
        journal=(_handled(turn, verdict, change), *_signed(turn, sent)),
        papers=(paper,) if reprint and change is not None else (),
    )
    receivers = dict.fromkeys(reply.receiver for reply in sent)
    return Decided(
        done=done, type=message.type, wakes=(f"{message.sender}/{message.instance}", *receivers)
    )


def _handled(turn: _Turn, verdict: Verdict, change: dossiers.Change | None) -> journal.Record:
    message = turn.case.message
    facts = {
        "type": message.type,
        "outcome": verdict.status.value,
        "codes": " ".join(sorted({finding.code.label for finding in verdict.errors})),
    }
    if change is not None:
        facts |= {"from": change.from_state or "", "to": change.to_state}
    return journal.Record(
        at=turn.now,
        kind="message handled" if change is None else "dossier moved",
        subject=f"{message.sender}/{message.instance}",
        dossier=message.dossier if change is None else change.number,
        actor=message.sender,
        digest=message.digest,
        facts=facts,
    )


def _signed(turn: _Turn, sent: Sequence[outgoing.Outgoing]) -> Iterator[journal.Record]:
    message = turn.case.message
    for reply in sent:
        yield journal.Record(
            at=turn.now,
            kind="reply signed",
            subject=reply.instance,
            dossier=reply.dossier,
            actor=turn.hub.name,
            digest=hashlib.sha256(reply.content).hexdigest(),
            facts={
                "type": reply.type,
                "to": reply.receiver,
                "answers": f"{message.sender}/{message.instance}",
            },
        )
