"""Doing acts: shown first, done in one transaction with the journal, or proposed and agreed to.

`perform` is the way of whoever may be told to find a second person; `carry_out` is for those who
need nobody else. Both leave the same marks in the journal.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from gateway.acts.act import (
    Act,
    By,
    Carried,
    Changed,
    Impossible,
    NotAllowed,
    Overtaken,
    Preview,
)
from gateway.acts.registry import act_of
from gateway.hub import Hub
from schemas.errors import Code, Refused, refused
from storage import journal, proposals
from storage.engine import Connection

#: How many open proposals are compared with a new one, so that nobody proposes the same twice.
COMPARED = 200
_LONGEST_REMARK = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Performed:
    """What came of an act: it was carried out, or it waits for a second person as a proposal."""

    carried: tuple[Carried, ...] = ()
    proposal: int | None = None


async def preview(hub: Hub, act: Act) -> Preview:
    """What would happen; raises as the act does, and changes nothing."""
    await hub.directory.look()  # before the reading: a reader that waits for another may wait long
    async with hub.store.read() as conn:
        return await act.preview(hub, conn)


async def perform(hub: Hub, act: Act, by: By) -> Performed:
    """Do it, or propose it where somebody else has to agree first."""
    if act.second_person(hub):
        return Performed(proposal=await propose(hub, act, by))
    return Performed(carried=await carry_out(hub, act, by))


async def carry_out(hub: Hub, act: Act, by: By) -> tuple[Carried, ...]:
    """Do it now, all of it or nothing, with its records; raises as the act does, and `NotAllowed`.

    Who calls this answers for the second person, where the act needs one.
    """
    _allowed(act, by)
    await hub.directory.look()
    async with hub.store.write() as tx:
        done = await _done(hub, tx, act, by)
    _tell(hub, done)
    return done


async def _done(hub: Hub, tx: Connection, act: Act, by: By) -> tuple[Carried, ...]:
    done = await act.carry_out(hub, tx, by)
    await journal.append(tx, [_record(one, by) for one in done])
    return done


def _allowed(act: Act | type[Act], by: By) -> None:
    if by.rank < act.needs:
        raise NotAllowed(act.needs)


def _record(one: Carried, by: By) -> journal.Record:
    facts = {**one.facts, "reason": by.reason}
    if by.second is not None:
        facts["second"] = by.second
    return journal.Record(
        at=by.at,
        kind=one.kind,
        subject=one.subject,
        dossier=one.dossier,
        actor=by.actor,
        digest=None,
        facts=facts,
    )


def _tell(hub: Hub, done: Iterable[Carried]) -> None:
    """Wake who has work now; what was known of partners may be other since."""
    hub.directory.forget()
    hub.store.hint("seal", *{kind for one in done for kind in one.hints})


async def propose(hub: Hub, act: Act, by: By) -> int:
    """Let it wait for a second person; returns the proposal's number.

    Raises as the act's preview does, and `NotAllowed`. Proposing the same again is the same
    proposal; what somebody else proposed already is `Overtaken`.
    """
    _allowed(act, by)
    await preview(hub, act)
    async with hub.store.write() as tx:
        known = await _known(tx, act, by)
        if known is not None:
            return known
        number = await proposals.add(
            tx,
            proposals.NewProposal(
                kind=act.kind,
                subject=act.subject,
                act=act.to_json(),
                reason=by.reason,
                proposed_by=by.name,
                proposed_at=by.at,
                expires_at=by.at + hub.settings.console.approval,
            ),
        )
        await journal.append(tx, [_record(_about(number, "act proposed", act), by)])
    _tell(hub, ())
    return number


async def _known(tx: Connection, act: Act, by: By) -> int | None:
    """The number under which the same person has proposed the same."""
    await proposals.expire(tx, by.at)
    written = act.to_json()
    for one in await proposals.listing(tx, state="open", limit=COMPARED):
        if (one.kind, one.act) != (act.kind, written):
            continue
        if one.proposed_by == by.name:
            return one.id
        raise Overtaken(
            Changed(
                target=act.subject,
                fact="Proposal",
                was="—",
                now=str(one.id),
                by=f"operator {one.proposed_by}",
            )
        )
    return None


def _about(number: int, kind: str, act: Act) -> Carried:
    return Carried(
        kind=kind, subject=f"proposal/{number}", facts={"act": act.kind, "about": act.subject}
    )


async def approve(hub: Hub, number: int, by: By) -> tuple[Carried, ...]:
    """Agree to a proposal and do it, in one transaction; the record names both people.

    Raises `Refused(NOT_FOUND)`, `NotAllowed`, `Impossible` (one's own), and `Overtaken` when it was
    decided or its time is over. When its targets have moved on, the proposal ends as overtaken,
    with what changed as its remark, and the act's own exception is raised.
    """
    await hub.directory.look()
    try:
        async with hub.store.write() as tx:
            waiting, act = await _waiting(tx, number, by, own=False)
            both = replace(by, name=waiting.proposed_by, reason=waiting.reason, second=by.name)
            await _decide(tx, waiting, "done", by)
            done = await _done(hub, tx, act, both)
    except _NotOpen as ended:
        raise await _ended(hub, number, by) from ended
    except NotYours:
        raise
    except (Overtaken, Impossible, Refused) as moved:
        await _overtaken(hub, number, by, moved)
        raise
    _tell(hub, done)
    return done


class _NotOpen(Exception):
    """The proposal was decided meanwhile, or its time is over."""


class NotYours(Impossible):
    """Nobody agrees to what he proposed himself, or takes back what another proposed."""


async def _waiting(
    tx: Connection, number: int, by: By, *, own: bool
) -> tuple[proposals.Proposal, Act]:
    """An open proposal and its act, where this person may decide on it."""
    found = await proposals.find(tx, number)
    if found is None or found.state != "open" or found.expires_at <= by.at:
        raise _NotOpen
    kind = act_of(found.kind)
    _allowed(kind, by)
    mine = found.proposed_by == by.name
    if mine and not own:
        raise NotYours("You proposed it yourself: somebody else must decide.")
    if own and not mine:
        raise NotYours("Somebody else proposed it: only who proposed it withdraws it.")
    try:
        return found, kind.from_json(found.act)
    except ValueError as problem:
        raise Impossible("This proposal was made by another version of the hub.") from problem


async def _decide(
    tx: Connection, waiting: proposals.Proposal, to: str, by: By, remark: str | None = None
) -> None:
    if not await proposals.decide(tx, waiting.id, to, by=by.name, at=by.at, remark=remark):
        raise _NotOpen


async def _ended(hub: Hub, number: int, by: By) -> Exception:
    """What to say of a proposal that is not open; one whose time is over ends here."""
    async with hub.store.write() as tx:
        await proposals.expire(tx, by.at)
        found = await proposals.find(tx, number)
    if found is None:
        return refused(Code.NOT_FOUND)
    who = None if found.decided_by is None else f"operator {found.decided_by}"
    return Overtaken(
        Changed(target=found.subject, fact="Proposal", was="open", now=found.state, by=who)
    )


async def _overtaken(hub: Hub, number: int, by: By, moved: Exception) -> None:
    remark = str(moved)[:_LONGEST_REMARK]
    async with hub.store.write() as tx:
        if await proposals.decide(tx, number, "overtaken", by=by.name, at=by.at, remark=remark):
            ended = Carried(
                kind="proposal overtaken", subject=f"proposal/{number}", facts={"remark": remark}
            )
            await journal.append(tx, [_record(ended, by)])
    hub.store.hint("seal")


async def reject(hub: Hub, number: int, by: By) -> None:
    """Say no to somebody else's proposal; the reason is its remark. Raises as `approve` does."""
    await _end(hub, number, "rejected", by)


async def withdraw(hub: Hub, number: int, by: By) -> None:
    """Take one's own proposal back. Raises as `approve` does."""
    await _end(hub, number, "withdrawn", by)


async def _end(hub: Hub, number: int, to: str, by: By) -> None:
    try:
        async with hub.store.write() as tx:
            waiting, act = await _waiting(tx, number, by, own=to == "withdrawn")
            await _decide(tx, waiting, to, by, remark=by.reason)
            await journal.append(tx, [_record(_about(number, f"proposal {to}", act), by)])
    except _NotOpen as ended:
        raise await _ended(hub, number, by) from ended
    hub.store.hint("seal")
