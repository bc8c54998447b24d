"""What follows from a handler's decision, whatever caused it: the move, replies, mails and timers.

Nothing is stored here; the same cause gives the same identifiers, so that a second try after a
crash says the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from gateway import acknowledge, mail
from gateway.acknowledge import Addressed
from gateway.directory import Known, Partners
from gateway.hub import Hub, paper_lane, reply_id
from handlers.registry import Procedure, counts_nothing
from schemas.errors import Code, TryLater
from schemas.workflow import Amounts, Cell, Decision, Dossier, Reply, Role, State
from storage import dossiers, journal, mails, outgoing, queue, tallies


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """A message or a timer that a handler decided on.

    `event` is the message's type or the timer's name; `sender` and `instance` make the identifiers
    of what follows. `number` is the dossier's, or the one it gets when it is opened.
    """

    hub: Hub
    partners: Partners
    procedure: Procedure
    dossier: Dossier | None
    number: str | None
    event: str
    sender: str
    instance: str
    message_id: int | None
    now: datetime

    @property
    def subject(self) -> str:
        """The cause as the journal names it."""
        return f"{self.sender}/{self.instance}"


def change(cause: Cause, decision: Decision, to: State, number: str) -> dossiers.Change:
    """The dossier's move."""
    dossier = cause.dossier
    moved = dossiers.Change(
        number=number,
        procedure=cause.procedure.name,
        owner=cause.sender if dossier is None else dossier.owner,
        from_state=None if dossier is None else dossier.state,
        to_state=to.name,
        version=decision.version or (1 if dossier is None else dossier.version),
        revision=0 if dossier is None else dossier.revision,
        content=_content(decision, dossier),
        entries=decision.entries,
        takes=decision.takes,
        serial=decision.serial,
        event=cause.event,
        actor=cause.sender,
        message_id=cause.message_id,
        note=decision.note,
        at=cause.now,
    )
    after = _after(dossier, moved)
    return replace(
        moved, facets=_facets(cause, moved, after), tally=_tally(cause.procedure, dossier, after)
    )


def _content(decision: Decision, dossier: Dossier | None) -> str:
    if decision.content is not None:
        return decision.content
    return "{}" if dossier is None else dossier.content


def _after(before: Dossier | None, moved: dossiers.Change) -> Dossier:
    """The dossier as the move leaves it."""
    return Dossier(
        number=moved.number,
        procedure=moved.procedure,
        owner=moved.owner,
        state=moved.to_state,
        version=moved.version,
        revision=moved.revision,
        opened_at=moved.at if before is None else before.opened_at,
        changed_at=moved.at,
        content=moved.content,
        entries=((() if before is None else before.entries) + moved.entries),
    )


def _facets(
    cause: Cause, moved: dossiers.Change, after: Dossier
) -> frozenset[tuple[str, str]] | None:
    """What the dossier is found by from now on; None when that is as it was."""
    before, facets = cause.dossier, cause.procedure.facets
    if before is not None and not moved.entries and moved.content == before.content:
        return None
    found = facets(after)
    return None if before is not None and facets(before) == found else found


def _tally(procedure: Procedure, before: Dossier | None, after: Dossier) -> dict[Cell, Amounts]:
    """The difference that the move makes to the procedure's reports."""
    if procedure.tally is counts_nothing:
        return {}
    counted = {} if before is None else procedure.tally(before)
    return tallies.difference(procedure.tally(after), counted)


def replies(cause: Cause, decision: Decision, number: str | None) -> Iterator[outgoing.Outgoing]:
    """The messages that the decision sends, signed; raises `TryLater` without a receiver."""
    for index, reply in enumerate(decision.replies):
        holder = _holder(cause.partners, reply.to)
        if holder is None:
            raise TryLater(Code.RECEIVER_ABSENT, timedelta(minutes=1))
        addressed = Addressed(
            to=holder.name,
            instance=reply_id(cause.sender, cause.instance, str(index)),
            in_reply_to=cause.instance if holder.name == cause.sender else None,
            dossier=number,
            expects_answer_by=reply.expects_answer_by,
        )
        yield signed(cause, reply.payload, addressed, stage=None)


def _holder(partners: Partners, to: str | Role | tuple[Role, ...]) -> Known | None:
    """The partner of that name or role; of several roles, the first that anybody holds."""
    if isinstance(to, Role):
        return partners.holder(to)
    if isinstance(to, str):
        return partners.get(to)
    return next((holder for role in to if (holder := partners.holder(role))), None)


def signed(
    cause: Cause, body: object, addressed: Addressed, *, stage: str | None
) -> outgoing.Outgoing:
    """A reply with the signed bytes that every try to deliver it will carry."""
    receiver = cause.partners.get(addressed.to)
    return outgoing.Outgoing(
        instance=addressed.instance,
        receiver=addressed.to,
        type=type(body).__name__,
        dossier=addressed.dossier,
        answers=cause.message_id,
        stage=stage,
        content=acknowledge.sign(cause.hub, body, addressed, cause.now),
        push=receiver is not None and receiver.push_url is not None,
        created_at=cause.now,
    )


def letters(cause: Cause, sent: Sequence[Reply], number: str | None) -> Iterator[mails.Mail]:
    """The e-mails that go with the replies, where the hub has a server for them."""
    if not cause.hub.settings.mail.server:
        return
    for index, reply in enumerate(sent):
        if reply.letter is not None:
            yield mail.compose(
                reply.letter,
                instance=reply_id(cause.sender, cause.instance, f"mail/{index}"),
                dossier=number,
                hub=cause.hub,
                now=cause.now,
            )


def jobs(cause: Cause, decision: Decision, moved: dossiers.Change) -> tuple[queue.NewJob, ...]:
    """The timers that the decision sets, and the printing that it asks for."""
    timers = tuple(
        queue.NewJob(
            kind=queue.Kind.TIMER,
            lane=None,
            subject=0,
            due=timer.due,
            about=f"{moved.number}|{timer.name}|{timer.about}",
        )
        for timer in decision.timers
    )
    if not decision.reprint:
        return timers
    paper = queue.NewJob(
        kind=queue.Kind.RENDER,
        lane=paper_lane(moved.number),
        subject=cause.message_id or 0,
        due=cause.now,
        about=moved.number,
    )
    return (*timers, paper)


def recorded(
    cause: Cause,
    moved: dossiers.Change | None,
    sent: Sequence[outgoing.Outgoing],
    **facts: Any,
) -> Iterator[journal.Record]:
    """The journal's entries: what was handled, where the dossier went, what was signed."""
    digest = facts.pop("digest", None)
    if moved is not None:
        facts |= {"from": moved.from_state or "", "to": moved.to_state}
    dossier = cause.number if moved is None else moved.number
    yield journal.Record(
        at=cause.now,
        kind="message handled" if moved is None else "dossier moved",
        subject=cause.subject,
        dossier=dossier,
        actor=cause.sender,
        digest=digest,
        facts={"type": cause.event, **facts},
    )
    yield from recorded_replies(cause, sent)


def recorded_replies(cause: Cause, sent: Sequence[outgoing.Outgoing]) -> Iterator[journal.Record]:
    """The journal's entries of what was signed."""
    for reply in sent:
        yield journal.Record(
            at=cause.now,
            kind="reply signed",
            subject=reply.instance,
            dossier=reply.dossier,
            actor=cause.hub.name,
            digest=hashlib.sha256(reply.content).hexdigest(),
            facts={"type": reply.type, "to": reply.receiver, "answers": cause.subject},
        )
