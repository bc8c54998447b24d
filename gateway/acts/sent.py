"""The act on what was sent: a stored reply goes once more, with the very same bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from multidict import MultiMapping
from typing_extensions import override

from gateway.acts.act import (
    Act,
    By,
    Carried,
    Changed,
    Effect,
    Impossible,
    Overtaken,
    Preview,
)
from gateway.acts.dry_run import delivery
from gateway.acts.jobs import SHOWN
from gateway.acts.seen import check_ids, check_row, listed, mark, numbers, spread
from gateway.directory import Partners
from gateway.hub import Hub
from schemas.errors import Code, refused
from storage import acts, outgoing, queue, resending
from storage.engine import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A stored outgoing message, and a word for how it stood when it was shown."""

    id: int
    instance: str
    seen: str

    def __post_init__(self) -> None:
        check_row(self.id)

    @classmethod
    def of(cls, message: outgoing.Notice) -> Reply:
        """The message as it stands."""
        return cls(id=message.id, instance=message.instance, seen=_seen(message))


def _seen(message: outgoing.Notice) -> str:
    return ".".join((message.state, str(message.attempts), mark(message.delivered_at)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Resend(Act):
    """Replies that were delivered are pushed again, or lie in the mailbox again."""

    kind = "resend"
    title = "Send again"

    replies: tuple[Reply, ...]

    def __post_init__(self) -> None:
        check_ids([reply.id for reply in self.replies])

    @override
    @classmethod
    async def from_query(cls, query: MultiMapping[str], hub: Hub, conn: Connection) -> Self:
        """`sent=ID` of an outgoing message, once or more."""
        found = await resending.look(conn, numbers(query, "sent"))
        if not found:
            raise refused(Code.NOT_FOUND)
        return cls(replies=tuple(Reply.of(message) for _, message in sorted(found.items())))

    @override
    def second_person(self, hub: Hub) -> bool:
        return len(self.replies) > hub.settings.console.alone

    @property
    @override
    def subject(self) -> str:
        return listed([reply.instance for reply in self.replies])

    @override
    async def preview(self, hub: Hub, conn: Connection) -> Preview:
        now, partners = hub.clock(), await hub.directory.look()
        found = await resending.look(conn, [reply.id for reply in self.replies])
        await self._check(conn, found, partners)
        dues = spread(now, len(self.replies), hub.settings.console.bulk_per_minute)
        whole = await outgoing.load(conn, [reply.id for reply in self.replies[:SHOWN]])
        effects: list[Effect] = []
        cautions: list[str] = []
        for reply, due in zip(self.replies[:SHOWN], dues, strict=False):
            message = whole[reply.id]
            trial = delivery(message, partners)
            push = _pushed(message, partners)
            cautions += trial.cautions
            changes = [_state(message, push=push)]
            if message.delivered_at is not None:
                was = message.delivered_at.isoformat(timespec="seconds")
                changes.append(
                    Changed(target=message.instance, fact="Delivered at", was=was, now="—")
                )
            effects.append(
                Effect(
                    target=f"{message.type} {message.instance} → {message.receiver}",
                    link=None if message.answers is None else f"/messages/{message.answers}",
                    facts=trial.facts,
                    changes=tuple(changes),
                    sends=trial.sends,
                    due=due if push else None,
                )
            )
        return Preview(
            effects=tuple(effects),
            more=len(self.replies) - len(effects),
            second_person=self.second_person(hub),
            cautions=tuple(dict.fromkeys(cautions)),
        )

    async def _check(
        self, conn: Connection, found: Mapping[int, outgoing.Notice], partners: Partners
    ) -> None:
        """Raises `Overtaken` for what moved on, and `Impossible` for what is still on its way."""
        if any(reply.id not in found for reply in self.replies):
            raise refused(Code.NOT_FOUND)
        changes = [
            await _moved(conn, reply, found[reply.id])
            for reply in self.replies
            if _seen(found[reply.id]) != reply.seen
        ]
        if changes:
            raise Overtaken(*changes)
        for reply in self.replies:
            _check_possible(found[reply.id], partners)

    @override
    async def carry_out(self, hub: Hub, tx: Connection, by: By) -> tuple[Carried, ...]:
        partners = await hub.directory.look()
        held = await resending.hold(tx, [reply.id for reply in self.replies])
        await self._check(tx, held, partners)
        dues = spread(by.at, len(held), hub.settings.console.bulk_per_minute)
        again = [
            resending.Again(message=message, push=_pushed(message, partners), due=due)
            for message, due in zip((held[one.id] for one in self.replies), dues, strict=True)
        ]
        await resending.again(tx, again, by.at)
        return tuple(_carried(one) for one in again)


def _pushed(message: outgoing.Notice, partners: Partners) -> bool:
    partner = partners.get(message.receiver)
    return partner is not None and partner.push_url is not None


def _check_possible(message: outgoing.Notice, partners: Partners) -> None:
    about = {"reply": message.instance}
    if partners.get(message.receiver) is None:
        raise Impossible(
            "Reply %(reply)s went to %(receiver)s, which is no partner.",
            receiver=message.receiver,
            **about,
        )
    if message.state == "pushing":
        raise Impossible("Reply %(reply)s is being delivered already.", **about)
    if message.state == "parked":
        raise Impossible("The delivery of reply %(reply)s is parked: release its job.", **about)
    if message.state == "mailbox" and not _pushed(message, partners):
        raise Impossible("Reply %(reply)s lies in the mailbox already.", **about)


def _state(message: outgoing.Notice, *, push: bool) -> Changed:
    after = "pushing" if push else "mailbox"
    return Changed(target=message.instance, fact="Reply", was=message.state, now=after)


async def _moved(conn: Connection, reply: Reply, message: outgoing.Notice) -> Changed:
    last = await acts.last_on(conn, reply.instance)
    return Changed(
        target=reply.instance,
        fact="Reply",
        was=reply.seen.partition(".")[0],
        now=message.state,
        by=None if last is None else f"{last.record.actor}: {last.record.kind}",
    )


def _carried(one: resending.Again) -> Carried:
    message = one.message
    facts = {
        "to": message.receiver,
        "how": "push" if one.push else "mailbox",
        "was": message.state,
        "due": one.due.isoformat(timespec="seconds"),
    }
    if message.delivered_at is not None:
        facts["delivered"] = message.delivered_at.isoformat(timespec="seconds")
    return Carried(
        kind="reply resent",
        subject=message.instance,
        dossier=message.dossier,
        facts=facts,
        hints=(queue.Kind.DELIVER,) if one.push else (),
    )
