"""Acts on a partner: heard no more, heard again, and which of its certificates are believed."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from datetime import datetime
from typing import Self
from urllib.parse import quote

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
    Rank,
)
from gateway.hub import Hub
from gateway.seal.keys import Certificate, UnusableKey, load_certificate
from gateway.validity import covered_until
from schemas.errors import Code, refused
from storage import partners
from storage.engine import Connection
from storage.partners import Partner, StoredCertificate

_LONGEST_PEM = 20_000


async def found(conn: Connection, name: str) -> Partner:
    """The partner of that name; raises `Refused(NOT_FOUND)`."""
    partner = await partners.get(conn, name)
    if partner is None:
        raise refused(Code.NOT_FOUND)
    return partner


def named(query: MultiMapping[str]) -> str:
    """`partner=NAME`; raises `Impossible`."""
    name = query.get("partner", "")
    if not name:
        raise Impossible("No partner is named.")
    return name


def page_of(name: str) -> str:
    """The partner's page below /console."""
    return f"/partners/{quote(name, safe='')}"


def in_force(partner: Partner) -> list[StoredCertificate]:
    """The certificates that are not suspended, the oldest first."""
    return [one for one in partner.certificates if one.suspended_at is None]


def day(at: datetime | None) -> str | None:
    """The day of an instant in UTC, as certificates count."""
    return None if at is None else at.date().isoformat()


@dataclass(frozen=True, slots=True, kw_only=True)
class OnPartner(Act):
    """An act on one partner."""

    partner: str

    @property
    @override
    def subject(self) -> str:
        return self.partner

    @abstractmethod
    async def effect(self, hub: Hub, conn: Connection, partner: Partner) -> Effect:
        """What it would do; raises `Overtaken` and `Impossible`."""

    def cautions(self, hub: Hub, partner: Partner) -> tuple[str, ...]:
        """What to say besides."""
        return ()

    @override
    async def preview(self, hub: Hub, conn: Connection) -> Preview:
        partner = await found(conn, self.partner)
        return Preview(
            effects=(await self.effect(hub, conn, partner),),
            second_person=self.second_person(hub),
            cautions=self.cautions(hub, partner),
        )

    def changed(self, fact: str, was: str | None, now: str | None) -> Changed:
        """One fact about the partner, before and after; None is shown as a dash."""
        return Changed(target=self.partner, fact=fact, was=was or "—", now=now or "—")

    def shown(self, *changes: Changed, facts: tuple[tuple[str, str], ...] = ()) -> Effect:
        """The effect on the partner."""
        return Effect(target=self.partner, link=page_of(self.partner), facts=facts, changes=changes)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Named(OnPartner):
    """An act that needs nothing but the partner's name."""

    @override
    @classmethod
    async def from_query(cls, query: MultiMapping[str], hub: Hub, conn: Connection) -> Self:
        """`partner=NAME`."""
        return cls(partner=(await found(conn, named(query))).name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspend(_Named):
    """The partner's messages are refused; what is for it waits."""

    kind = "suspend"
    title = "Suspend the partner"

    @override
    async def effect(self, hub: Hub, conn: Connection, partner: Partner) -> Effect:
        if partner.suspended_at is not None:
            raise Overtaken(self.changed("State", "active", "suspended"))
        return self.shown(self.changed("State", "active", "suspended"))

    @override
    def cautions(self, hub: Hub, partner: Partner) -> tuple[str, ...]:
        return (
            "Every message of this partner will be refused with PSV-403, and nothing is pushed to"
            " it until it is resumed.",
        )

    @override
    async def carry_out(self, hub: Hub, tx: Connection, by: By) -> tuple[Carried, ...]:
        await self.effect(hub, tx, await found(tx, self.partner))
        if not await partners.suspend(tx, self.partner, by.reason, by.at):
            raise Overtaken(self.changed("State", "active", "suspended"))
        return (Carried(kind="partner suspended", subject=self.partner),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Resume(_Named):
    """A suspended partner is heard again."""

    kind = "resume"
    title = "Resume the partner"

    @override
    async def effect(self, hub: Hub, conn: Connection, partner: Partner) -> Effect:
        if partner.suspended_at is None:
            raise Overtaken(self.changed("State", "suspended", "active"))
        why = ("Suspended because", partner.suspension_reason or "—")
        return self.shown(self.changed("State", "suspended", "active"), facts=(why,))

    @override
    async def carry_out(self, hub: Hub, tx: Connection, by: By) -> tuple[Carried, ...]:
        await self.effect(hub, tx, await found(tx, self.partner))
        await partners.resume(tx, self.partner)
        return (Carried(kind="partner resumed", subject=self.partner, hints=("deliver",)),)


@dataclass(frozen=True, slots=True, kw_only=True)
class _OnKeys(OnPartner):
    """An act on whom the hub believes: it takes an administrator, and a second person.

    `seen` are the fingerprints of the certificates that were in force when it was asked for.
    """

    needs = Rank.ADMINISTRATOR

    seen: tuple[str, ...]

    @override
    def second_person(self, hub: Hub) -> bool:
        return True

    def of_certificate(self, fingerprint: str, was: str, now: str) -> Changed:
        """How a certificate stands, before and after; the beginning of its fingerprint names it."""
        target = f"{self.partner} {fingerprint[:16]}"
        return Changed(target=target, fact="Certificate", was=was, now=now)

    def check(self, partner: Partner) -> list[StoredCertificate]:
        """The certificates in force; raises `Overtaken` when they are others than were seen."""
        now = in_force(partner)
        if sorted(one.fingerprint for one in now) != sorted(self.seen):
            was = ", ".join(one[:16] for one in self.seen)
            other = ", ".join(one.fingerprint[:16] for one in now)
            raise Overtaken(self.changed("Certificates in force", was, other))
        return now


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotate(_OnKeys):
    """One more certificate beside those in force, or the end of the older ones, or both.

    Without a `certificate` the overlap is ended: all but the one added last stop at once.
    """

    kind = "rotate"
    title = "Add a certificate"

    certificate: str  #: PEM, or empty
    suspend_old: bool

    @override
    @classmethod
    async def from_query(cls, query: MultiMapping[str], hub: Hub, conn: Connection) -> Self:
        """`partner=NAME&certificate=PEM`, and `suspend_old=yes` to end the overlap at once."""
        partner = await found(conn, named(query))
        act = cls(
            partner=partner.name,
            seen=tuple(one.fingerprint for one in in_force(partner)),
            certificate=query.get("certificate", "").strip(),
            suspend_old=query.get("suspend_old") == "yes",
        )
        act.loaded()
        return act

    def loaded(self) -> Certificate | None:
        """The new certificate; raises `Impossible` when it is none, or nothing is asked for."""
        if not self.certificate:
            if not self.suspend_old:
                raise Impossible("Give a certificate (PEM).")
            return None
        try:
            return load_certificate(self.certificate[:_LONGEST_PEM].encode())
        except UnusableKey as problem:
            raise Impossible(
                "The certificate cannot be used: %(problem)s", problem=str(problem)
            ) from problem

    def _ended(self, partner: Partner, now: list[StoredCertificate]) -> list[StoredCertificate]:
        if not self.suspend_old:
            return []
        newest = max(partner.certificates, key=lambda one: one.added_at)
        return [one for one in now if self.certificate or one is not newest]

    @override
    async def effect(self, hub: Hub, conn: Connection, partner: Partner) -> Effect:
        now = self.check(partner)
        new, ended = self.loaded(), self._ended(partner, now)
        changes = [self.of_certificate(one.fingerprint, "current", "suspended") for one in ended]
        facts: tuple[tuple[str, str], ...] = ()
        if new is not None:
            if any(one.fingerprint == new.fingerprint for one in partner.certificates):
                raise Impossible("The partner has this certificate already.")
            changes.append(self.of_certificate(new.fingerprint, "—", "current"))
            facts = _described(new)
        left = [one for one in now if one not in ended]
        until = covered_until([*left, *([new] if new else [])], hub.clock())
        before = covered_until(now, hub.clock())
        changes.append(self.changed("Believed until", day(before), day(until)))
        return self.shown(*changes, facts=facts)

    @override
    def cautions(self, hub: Hub, partner: Partner) -> tuple[str, ...]:
        said = []
        if self.certificate:
            said.append("Compare the fingerprint with the partner by telephone before you agree.")
        if self.suspend_old:
            said.append("What was signed with the older certificates is refused from then on.")
        new = self.loaded()
        if new is not None and new.not_after <= hub.clock():
            said.append("This certificate has ended already.")
        return tuple(said)

    @override
    async def carry_out(self, hub: Hub, tx: Connection, by: By) -> tuple[Carried, ...]:
        partner = await found(tx, self.partner)
        await self.effect(hub, tx, partner)
        ended, new = self._ended(partner, self.check(partner)), self.loaded()
        facts = {}
        if new is not None:
            await self._add(tx, new, by)
            facts["fingerprint"] = new.fingerprint
        for old in ended:
            await partners.suspend_certificate(tx, old.fingerprint, by.at)
        if ended:
            facts["suspended"] = " ".join(old.fingerprint for old in ended)
        return (Carried(kind="certificate rotated", subject=self.partner, facts=facts),)

    async def _add(self, tx: Connection, new: Certificate, by: By) -> None:
        stored = StoredCertificate(
            fingerprint=new.fingerprint,
            pem=new.pem.decode(),
            not_before=new.not_before,
            not_after=new.not_after,
            added_at=by.at,
        )
        try:
            await partners.add_certificate(tx, self.partner, stored)
        except partners.Taken as taken:
            raise Impossible("Another partner has this certificate.") from taken


def _described(certificate: Certificate) -> tuple[tuple[str, str], ...]:
    return (
        ("SHA-256 fingerprint", certificate.fingerprint),
        ("Holder", certificate.subject),
        ("Valid from", certificate.not_before.isoformat(timespec="seconds")),
        ("Valid until", certificate.not_after.isoformat(timespec="seconds")),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspendCertificate(_OnKeys):
    """One certificate is believed no more, from now on."""

    kind = "suspend-certificate"
    title = "Suspend a certificate"

    fingerprint: str

    @override
    @classmethod
    async def from_query(cls, query: MultiMapping[str], hub: Hub, conn: Connection) -> Self:
        """`partner=NAME&fingerprint=SHA256`."""
        partner = await found(conn, named(query))
        return cls(
            partner=partner.name,
            seen=tuple(one.fingerprint for one in in_force(partner)),
            fingerprint=query.get("fingerprint", "").strip().lower(),
        )

    @override
    async def effect(self, hub: Hub, conn: Connection, partner: Partner) -> Effect:
        if all(one.fingerprint != self.fingerprint for one in partner.certificates):
            raise Impossible("The partner has no certificate with this fingerprint.")
        now = self.check(partner)
        left = [one for one in now if one.fingerprint != self.fingerprint]
        if len(left) == len(now):
            raise Overtaken(self.of_certificate(self.fingerprint, "current", "suspended"))
        before, until = covered_until(now, hub.clock()), covered_until(left, hub.clock())
        return self.shown(
            self.of_certificate(self.fingerprint, "current", "suspended"),
            self.changed("Believed until", day(before), day(until)),
        )

    @override
    def cautions(self, hub: Hub, partner: Partner) -> tuple[str, ...]:
        left = [one for one in in_force(partner) if one.fingerprint != self.fingerprint]
        said = ("What was signed with the older certificates is refused from then on.",)
        if covered_until(left, hub.clock()) is None:
            alone = "No other certificate is in force: every message of this partner is refused."
            return (*said, alone)
        return said

    @override
    async def carry_out(self, hub: Hub, tx: Connection, by: By) -> tuple[Carried, ...]:
        await self.effect(hub, tx, await found(tx, self.partner))
        if not await partners.suspend_certificate(tx, self.fingerprint, by.at):
            raise Overtaken(self.of_certificate(self.fingerprint, "current", "suspended"))
        facts = {"fingerprint": self.fingerprint}
        return (Carried(kind="certificate suspended", subject=self.partner, facts=facts),)
