"""Turns one claimed message into everything that must be written: the pure middle of the work hop.

The handler says what it found, the procedure's table says where that leads, and the replies are
signed here; nothing is stored yet, so a second try after a crash gives the same result.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from lxml import etree

from gateway import acknowledge
from gateway.acknowledge import Answered, Standing, Verdict
from gateway.directory import Partners
from gateway.hub import Hub, reply_id
from handlers.registry import Context, Handler, Procedure, Reader
from schemas import bind
from schemas.catalogue import catalogue
from schemas.envelope import payload
from schemas.errors import Code, Finding, Refused, TryLater, refused
from schemas.parse import parse
from schemas.workflow import Decision, Dossier, Reply, Role, State
from storage import dossiers, journal, messages, outgoing, queue, work

_STEP = re.compile(r"([A-Za-z]+)(?:\[([0-9]+)\])?")


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
class _Move:
    """Where the finding leads: None where the message moves nothing."""

    before: State | None
    after: State | None


def decide(hub: Hub, case: Case, now: datetime, read: Reader) -> Decided:
    """Run the handler and sign what it answers. Raises `TryLater`; anything else is a bug."""
    message = case.message
    handler = hub.registry.handlers[message.type]
    procedure = hub.registry.procedures[handler.procedure]
    root = payload(parse(message.content))
    try:
        decision, move = _verdict_of(hub, case, handler, procedure, root, now, read)
        verdict = _accepted(case, decision, move, procedure, root, _new_number(procedure, message))
    except Refused as refusal:
        decision, move = Decision(), _Move(before=None, after=None)
        verdict = Verdict(
            standing=_standing_of(case.dossier, procedure),
            errors=tuple(locate(finding, root) for finding in refusal.findings),
        )
    effective = not (decision.dry or verdict.errors)
    change = _change(case, decision, move, procedure, now) if effective and move.after else None
    number = change.number if change else message.dossier
    replies = [_outcome(hub, case, verdict, number, now)]
    if effective:
        replies += _replies(hub, case, decision, number, now)
    return _decided(case, decision, verdict, change, replies, now)


def _verdict_of(
    hub: Hub,
    case: Case,
    handler: Handler,
    procedure: Procedure,
    root: etree._Element,
    now: datetime,
    read: Reader,
) -> tuple[Decision, _Move]:
    message, dossier = case.message, case.dossier
    if dossier is not None and dossier.procedure != procedure.name:
        raise refused(Code.DOSSIER_UNKNOWN, value=dossier.number, dossier=dossier.number)
    state = None if dossier is None else dossier.state
    _check_event(procedure, state, message.type)
    partner = case.partners.get(message.sender)
    if partner is None:
        raise TryLater(Code.SENDER_UNKNOWN, timedelta(minutes=1))
    decision = handler.handle(
        bind.read(root, catalogue()[message.type].binding),
        dossier,
        Context(
            sender=message.sender,
            role=partner.role,
            instance=message.instance,
            now=now,
            new_number=_new_number(procedure, message),
            settings=getattr(hub.settings, procedure.name),
            read=read,
            parts=case.parts,
        ),
    )
    if decision.finding is None:
        return decision, _Move(before=None, after=None)
    to = procedure.moves.get((state, message.type, decision.finding))
    if to is None:
        raise _forbidden(procedure, state, message.type)
    return decision, _Move(before=procedure.state(state), after=procedure.state(to))


def _check_event(procedure: Procedure, state: str | None, event: str) -> None:
    """Refuse at once what the table of moves never allows in this state."""
    moved_by = {key[0] for key in procedure.moves if key[1] == event}
    if moved_by and state not in moved_by:
        raise _forbidden(procedure, state, event)


def _forbidden(procedure: Procedure, state: str | None, event: str) -> Refused:
    known = procedure.state(state)
    return refused(
        Code.MOVE_FORBIDDEN,
        value=state,
        event=event,
        state="—" if known is None else f"{known.fr} ({known.en})",
    )


def _new_number(procedure: Procedure, message: messages.Message) -> str:
    """The number a new dossier gets: from the message's own row, so a retry gives the same."""
    return f"{procedure.series}-{message.received_at.year}-{message.id:07d}"


def _standing_of(dossier: Dossier | None, procedure: Procedure) -> Standing | None:
    if dossier is None:
        return None
    return Standing(
        number=dossier.number,
        procedure=dossier.procedure,
        version=dossier.version,
        state=procedure.state(dossier.state),
    )


def _accepted(
    case: Case,
    decision: Decision,
    move: _Move,
    procedure: Procedure,
    root: etree._Element,
    new_number: str,
) -> Verdict:
    standing = _standing_of(case.dossier, procedure)
    if move.after is not None and decision.dry:
        standing = Standing(
            number=None if case.dossier is None else case.dossier.number,
            procedure=procedure.name,
            version=None if case.dossier is None else case.dossier.version,
            state=move.before,
            would_be=move.after,
        )
    elif move.after is not None:
        version = 1 if case.dossier is None else case.dossier.version
        standing = Standing(
            number=new_number if case.dossier is None else case.dossier.number,
            procedure=procedure.name,
            version=decision.version or version,
            state=move.after,
            previous=move.before,
        )
    return Verdict(
        standing=standing,
        balances=decision.balances,
        warnings=tuple(locate(warning, root) for warning in decision.warnings),
    )


def _change(
    case: Case, decision: Decision, move: _Move, procedure: Procedure, now: datetime
) -> dossiers.Change | None:
    if move.after is None:
        return None
    message, dossier = case.message, case.dossier
    return dossiers.Change(
        number=_new_number(procedure, message) if dossier is None else dossier.number,
        procedure=procedure.name,
        owner=message.sender if dossier is None else dossier.owner,
        from_state=None if dossier is None else dossier.state,
        to_state=move.after.name,
        version=decision.version or (1 if dossier is None else dossier.version),
        revision=0 if dossier is None else dossier.revision,
        content=decision.content or ("{}" if dossier is None else dossier.content),
        entries=decision.entries,
        event=message.type,
        actor=message.sender,
        message_id=message.id,
        note=decision.note,
        at=now,
    )


def _outcome(
    hub: Hub, case: Case, verdict: Verdict, number: str | None, now: datetime
) -> outgoing.Outgoing:
    message = case.message
    answered = Answered(
        sender=message.sender,
        instance=message.instance,
        type=message.type,
        digest=message.digest,
        received_at=message.received_at,
    )
    instance = reply_id(message.sender, message.instance, "outcome")
    partner = case.partners.get(message.sender)
    return outgoing.Outgoing(
        instance=instance,
        receiver=message.sender,
        type="Acknowledgement",
        dossier=number,
        answers=message.id,
        stage="outcome",
        content=acknowledge.sign(
            hub,
            acknowledge.outcome(answered, verdict),
            to=message.sender,
            instance=instance,
            now=now,
            in_reply_to=message.instance,
            dossier=number,
        ),
        push=partner is not None and partner.push_url is not None,
        created_at=now,
    )


def _replies(
    hub: Hub, case: Case, decision: Decision, number: str | None, now: datetime
) -> list[outgoing.Outgoing]:
    return [
        _reply(hub, case, reply, index, number, now)
        for index, reply in enumerate(decision.replies)
    ]


def _reply(
    hub: Hub, case: Case, reply: Reply, index: int, number: str | None, now: datetime
) -> outgoing.Outgoing:
    message = case.message
    holder = (
        case.partners.holder(reply.to) if isinstance(reply.to, Role) else case.partners.get(reply.to)
    )
    if holder is None:
        raise TryLater(Code.RECEIVER_ABSENT, timedelta(minutes=1))
    instance = reply_id(message.sender, message.instance, str(index))
    return outgoing.Outgoing(
        instance=instance,
        receiver=holder.name,
        type=type(reply.payload).__name__,
        dossier=number,
        answers=message.id,
        stage=None,
        content=acknowledge.sign(
            hub,
            reply.payload,
            to=holder.name,
            instance=instance,
            now=now,
            in_reply_to=message.instance if holder.name == message.sender else None,
            dossier=number,
            expects_answer_by=reply.expects_answer_by,
        ),
        push=holder.push_url is not None,
        created_at=now,
    )


def _decided(
    case: Case,
    decision: Decision,
    verdict: Verdict,
    change: dossiers.Change | None,
    replies: Sequence[outgoing.Outgoing],
    now: datetime,
) -> Decided:
    message = case.message
    state = "refused" if verdict.errors else "accepted"
    papers = tuple(
        queue.NewJob(
            kind=queue.Kind.RENDER,
            lane=f"paper/{change.number}",
            subject=message.id,
            due=now,
            about=change.number,
        )
        for _ in decision.papers
        if change is not None
    )
    done = work.Done(
        job=case.job,
        message_id=message.id,
        state=state,
        change=change,
        outgoing=tuple(replies),
        journal=tuple(_records(case, verdict, change, replies, now)),
        papers=papers,
    )
    receivers = tuple(dict.fromkeys(reply.receiver for reply in replies))
    return Decided(
        done=done, type=message.type, wakes=(f"{message.sender}/{message.instance}", *receivers)
    )


def _records(
    case: Case,
    verdict: Verdict,
    change: dossiers.Change | None,
    replies: Sequence[outgoing.Outgoing],
    now: datetime,
) -> list[journal.Record]:
    message = case.message
    number = change.number if change else message.dossier
    handled = journal.Record(
        at=now,
        kind="message handled" if change is None else "dossier moved",
        subject=message.instance,
        dossier=number,
        actor=message.sender,
        digest=message.digest,
        facts={
            "type": message.type,
            "outcome": verdict.status.value,
            "codes": " ".join(sorted({finding.code.label for finding in verdict.errors})),
            "from": (change.from_state or "") if change else "",
            "to": change.to_state if change else "",
        },
    )
    signed = [
        journal.Record(
            at=now,
            kind="reply signed",
            subject=reply.instance,
            dossier=number,
            actor=reply.receiver,
            digest=hashlib.sha256(reply.content).hexdigest(),
            facts={"type": reply.type, "answers": message.instance},
        )
        for reply in replies
    ]
    return [handled, *signed]


def locate(finding: Finding, root: etree._Element) -> Finding:
    """Give a handler's relative path its absolute XPath, line and value in the message."""
    name = etree.QName(root).localname
    absolute = f"/StandardBusinessDocument/{name}"
    if not finding.path:
        return replace(finding, path=absolute, line=finding.line or root.sourceline)
    element: etree._Element = root
    for step, position in _STEP.findall(finding.path):
        found = element.findall(f"{{*}}{step}")
        index = int(position or 1) - 1
        if index >= len(found):
            break  # the element that is missing: its parent's line is the place to add it
        element = found[index]
    else:
        text = (element.text or "").strip()
        value = finding.value if finding.value is not None else text or None
        return replace(
            finding, path=f"{absolute}/{finding.path}", line=element.sourceline, value=value
        )
    return replace(finding, path=f"{absolute}/{finding.path}", line=element.sourceline)
