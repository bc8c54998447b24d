"""Acts on where a partner's messages are pushed: another address, none any more, or again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Self

from multidict import MultiMapping
from typing_extensions import override

from gateway.acts.act import By, Carried, Effect, Impossible, Overtaken, Sending
from gateway.acts.partner import OnPartner, found, named
from gateway.addresses import Forbidden, judge_url
from gateway.hub import Hub
from storage import mailboxes, partners
from storage.engine import Connection
from storage.mailboxes import CAP, Undelivered
from storage.partners import Partner


def counted(number: int) -> str:
    """A capped count as it is told."""
    return f"{CAP}+" if number >= CAP else str(number)


def judged(url: str, hub: Hub) -> str:
    """The address, when the hub may push to it; raises `Impossible`."""
    try:
        judge_url(url, hub.settings.delivery)
    except (Forbidden, ValueError) as forbidden:
        raise Impossible("Nothing may be pushed there: %(why)s", why=str(forbidden)) from forbidden
    return url


@dataclass(frozen=True, slots=True, kw_only=True)
class OnAddress(OnPartner):
    """An act on a partner's push address; `was` is the one that was seen, empty for none."""

    was: str

    def check(self, partner: Partner) -> None:
        """Raises `Overtaken` when the address is another than was seen."""
        if (partner.push_url or "") != self.was:
            raise Overtaken(self.changed("Push address", self.was, partner.push_url))


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPush(OnAddress):
    """Messages are pushed to another address from now on; to none when it is empty."""

    kind = "set-push"
    title = "Change the push address"

    url: str

    @override
    @classmethod
    async def from_query(cls, query: MultiMapping[str], hub: Hub, conn: Connection) -> Self:
        """`partner=NAME&url=ADDRESS`."""
        partner = await found(conn, named(query))
        url = query.get("url", "").strip()
        return cls(partner=partner.name, was=partner.push_url or "", url=url)

    @override
    async def effect(self, hub: Hub, conn: Connection, partner: Partner) -> Effect:
        self.check(partner)
        if self.url == self.was:
            raise Impossible("That is its push address already.")
        if self.url:
            judged(self.url, hub)
        waits = await mailboxes.undelivered(conn, self.partner)
        facts = (("Being pushed", counted(waits.pushing)), ("In the mailbox", str(waits.mailbox)))
        return self.shown(self.changed("Push address", self.was, self.url), facts=facts)

    @override
    def cautions(self, hub: Hub, partner: Partner) -> tuple[str, ...]:
        if self.url:
            return ("Ping the address first: what is pushed there cannot be called back.",)
        return ("What is being pushed is left in the mailbox as its turn comes.",)

    @override
    async def carry_out(self, hub: Hub, tx: Connection, by: By) -> tuple[Carried, ...]:
        await self.effect(hub, tx, await found(tx, self.partner))
        await partners.set_push_url(tx, self.partner, self.url or None)
        facts = {"was": self.was, "now": self.url}
        return (
            Carried(
                kind="push address changed",
                subject=self.partner,
                facts=facts,
                hints=("deliver",),
            ),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveOn(OnAddress):
    """A partner that stays away: all that waits for it goes into its mailbox."""

    kind = "move-on"
    title = "Move on without the partner"

    @override
    @classmethod
    async def from_query(cls, query: MultiMapping[str], hub: Hub, conn: Connection) -> Self:
        """`partner=NAME`."""
        partner = await found(conn, named(query))
        return cls(partner=partner.name, was=partner.push_url or "")

    @override
    async def effect(self, hub: Hub, conn: Connection, partner: Partner) -> Effect:
        self.check(partner)
        waits = await mailboxes.undelivered(conn, self.partner)
        if not (self.was or waits.pushing or waits.parked):
            raise Impossible("Nothing is pushed to this partner: it fetches from its mailbox.")
        return self.shown(
            self.changed("Push address", self.was, None),
            self.changed("Being pushed", counted(waits.pushing), "0"),
            self.changed("Parked", counted(waits.parked), "0"),
            self.changed("In the mailbox", counted(waits.mailbox), _together(waits)),
            facts=_since(waits),
        )

    @override
    def cautions(self, hub: Hub, partner: Partner) -> tuple[str, ...]:
        return (
            "Nothing is lost: the partner fetches its messages from its mailbox, or has them pushed"
            " again when it is back.",
        )

    @override
    async def carry_out(self, hub: Hub, tx: Connection, by: By) -> tuple[Carried, ...]:
        await self.effect(hub, tx, await found(tx, self.partner))
        moved = await mailboxes.to_mailbox(tx, self.partner)
        await partners.set_push_url(tx, self.partner, None)
        facts = {"was": self.was, "messages": str(moved)}
        return (Carried(kind="partner moved on from", subject=self.partner, facts=facts),)


def _together(waits: Undelivered) -> str:
    return counted(waits.pushing + waits.parked + waits.mailbox)


def _since(waits: Undelivered) -> tuple[tuple[str, str], ...]:
    if waits.oldest is None:
        return ()
    return (("Oldest from", waits.oldest.isoformat(timespec="seconds")),)


@dataclass(frozen=True, slots=True, kw_only=True)
class PushAgain(OnAddress):
    """A partner that is back: what lies in its mailbox is pushed, in order and at a pace."""

    kind = "push-again"
    title = "Push again"

    url: str

    @override
    @classmethod
    async def from_query(cls, query: MultiMapping[str], hub: Hub, conn: Connection) -> Self:
        """`partner=NAME&url=ADDRESS`; without one, to the address it has."""
        partner = await found(conn, named(query))
        was = partner.push_url or ""
        return cls(partner=partner.name, was=was, url=query.get("url", "").strip() or was)

    def _apart(self, hub: Hub) -> timedelta:
        return timedelta(minutes=1) / hub.settings.console.bulk_per_minute

    @override
    async def effect(self, hub: Hub, conn: Connection, partner: Partner) -> Effect:
        self.check(partner)
        if not self.url:
            raise Impossible("Give the address to push to.")
        judged(self.url, hub)
        if partner.suspended_at is not None:
            raise Impossible("The partner is suspended: nothing is pushed to it.")
        waits = await mailboxes.undelivered(conn, self.partner)
        if waits.mailbox >= CAP:
            raise Impossible("Too much lies in its mailbox: let the partner fetch it.")
        changes = [self.changed("In the mailbox", counted(waits.mailbox), "0")]
        changes.append(self.changed("Being pushed", counted(waits.pushing), _together(waits)))
        if self.url != self.was:
            changes.insert(0, self.changed("Push address", self.was, self.url))
        effect = self.shown(
            *changes,
            facts=(("Messages a minute", str(hub.settings.console.bulk_per_minute)),),
        )
        last = hub.clock() + self._apart(hub) * waits.mailbox
        return Effect(
            target=effect.target,
            link=effect.link,
            changes=effect.changes,
            facts=(*effect.facts, ("Last one at about", last.isoformat(timespec="minutes"))),
            sends=(Sending(what=f"{counted(waits.mailbox)} ×", to=self.partner, how="push"),),
        )

    @override
    def cautions(self, hub: Hub, partner: Partner) -> tuple[str, ...]:
        return (
            "New messages of the same dossiers wait behind these, so that their order is kept.",
        )

    @override
    async def carry_out(self, hub: Hub, tx: Connection, by: By) -> tuple[Carried, ...]:
        await self.effect(hub, tx, await found(tx, self.partner))
        if self.url != self.was:
            await partners.set_push_url(tx, self.partner, self.url)
        pushed = await mailboxes.to_push(tx, self.partner, by.at, self._apart(hub))
        facts = {"address": self.url, "messages": str(pushed)}
        return (
            Carried(kind="mailbox pushed", subject=self.partner, facts=facts, hints=("deliver",)),
        )
