"""What a job would do if it were done now: decided on what is stored, and nothing of it kept.

A handler is pure and is given a reading transaction: it writes nothing, takes no serial and wakes
nobody, and what it signs is thrown away.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from gateway.acts.act import DryRun, Sending
from gateway.decide import Case, Decided, decide
from gateway.directory import Partners
from gateway.hub import Hub
from gateway.reading import LedgerReader
from gateway.timers import Rung, ring
from schemas.errors import TryLater
from storage import dossiers, mails, messages, outgoing, outstanding, papers, queue, work
from storage.engine import Connection

_LONGEST = 500  #: characters of a problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What was found out: the handler's decision where one decides, and what would be sent.

    `facts` are names (msgids) and values; `cautions` are msgids.
    """

    facts: tuple[tuple[str, str], ...] = ()
    sends: tuple[Sending, ...] = ()
    dry_run: DryRun | None = None
    cautions: tuple[str, ...] = ()


async def tried(hub: Hub, conn: Connection, job: queue.Job, now: datetime) -> Trial:
    """Try a job in an open reading; what a bug raises is its `problem`."""
    partners = await hub.directory.look()
    match job.kind:
        case queue.Kind.WORK:
            return await _work(hub, conn, job, partners, now)
        case queue.Kind.TIMER:
            return await _timer(hub, conn, job, partners, now)
        case queue.Kind.DELIVER:
            return await _delivery(conn, job, partners)
        case queue.Kind.MAIL:
            return await _mail(conn, job)
        case queue.Kind.RENDER:
            return await _paper(conn, job)
        case _:
            return Trial(facts=(("About", job.about),))


async def _work(
    hub: Hub, conn: Connection, job: queue.Job, partners: Partners, now: datetime
) -> Trial:
    message = (await messages.load(conn, [job.subject]))[job.subject]
    numbers = [] if message.dossier is None else [message.dossier]
    found = await dossiers.load(conn, numbers) if numbers else {}
    parts = await messages.attachments_of(conn, [message.id])
    case = Case(
        job=job,
        message=message,
        dossier=found.get(message.dossier) if message.dossier else None,
        partners=partners,
        parts={part.digest: part.content for part in parts.get(message.id, ())},
    )
    try:
        decided = await conn.run_sync(lambda sync: decide(hub, case, now, LedgerReader(sync)))
    except Exception as failure:
        return Trial(dry_run=_failed(message.dossier, failure), cautions=await _behind(conn, job))
    sends = tuple(_sends(decided.done))
    return Trial(
        sends=sends, dry_run=_decided(case, decided, sends), cautions=await _behind(conn, job)
    )


def _decided(case: Case, decided: Decided, sends: tuple[Sending, ...]) -> DryRun:
    change, verdict = decided.done.change, decided.verdict
    standing = verdict.standing
    moved = change is not None and standing is not None
    before = after = None if standing is None else standing.state
    if standing is not None and moved:
        before = standing.previous
    return DryRun(
        dossier=case.message.dossier if change is None else change.number,
        before=before,
        after=after,
        version=None if standing is None else standing.version,
        balances=verdict.balances,
        sends=sends,
        errors=verdict.errors,
        warnings=verdict.warnings,
    )


def _failed(dossier: str | None, failure: Exception) -> DryRun:
    """It would fail, or wait, as it did."""
    problem = traceback.format_exception_only(failure)[-1].strip()
    if isinstance(failure, TryLater):
        problem = f"{failure.code.label}: {failure.code.text.en}"
    return DryRun(
        dossier=dossier, before=None, after=None, version=None, problem=problem[:_LONGEST]
    )


def _sends(done: work.Done) -> Iterable[Sending]:
    """The replies and e-mails of a decision."""
    for reply in done.outgoing:
        what = reply.type if reply.stage is None else f"{reply.type} ({reply.stage})"
        yield Sending(what=what, to=reply.receiver, how="push" if reply.push else "mailbox")
    for mail in done.mails:
        yield Sending(what=mail.subject, to=mail.recipient, how="mail")


async def _behind(conn: Connection, job: queue.Job) -> tuple[str, ...]:
    """What to say of a job that is not the first of its lane."""
    first = None if job.lane is None else await outstanding.first_of_lane(conn, job.lane)
    if first is None or first.id == job.id:
        return ()
    return ("It waits behind others: this is decided as if those ahead of it had not happened.",)


async def _timer(
    hub: Hub, conn: Connection, job: queue.Job, partners: Partners, now: datetime
) -> Trial:
    rung = Rung.of(job)
    facts = (("Timer", rung.timer), ("About", rung.about or rung.number))
    dossier = (await dossiers.load(conn, [rung.number])).get(rung.number)
    if dossier is None:
        failure = LookupError(f"no dossier {rung.number}")
        return Trial(facts=facts, dry_run=_failed(rung.number, failure))
    try:
        done = await conn.run_sync(
            lambda sync: ring(hub, rung, dossier, partners, LedgerReader(sync), now)
        )
    except Exception as failure:
        return Trial(facts=facts, dry_run=_failed(rung.number, failure))
    procedure = hub.registry.procedures[dossier.procedure]
    change, sends = done.change, tuple(_sends(done))
    decided = DryRun(
        dossier=dossier.number,
        before=procedure.state(dossier.state),
        after=procedure.state(dossier.state if change is None else change.to_state),
        version=dossier.version if change is None else change.version,
        sends=sends,
    )
    cautions = () if change else ("There is nothing to do any more: it would simply be finished.",)
    return Trial(facts=facts, sends=sends, dry_run=decided, cautions=cautions)


async def _delivery(conn: Connection, job: queue.Job, partners: Partners) -> Trial:
    message = (await outgoing.load(conn, [job.subject]))[job.subject]
    return delivery(message, partners)


def delivery(message: outgoing.Stored, partners: Partners) -> Trial:
    """What sending a stored message comes to: what, to whom, where, how large, how often tried."""
    partner = partners.get(message.receiver)
    address = None if partner is None else partner.push_url
    facts = [
        ("Type", message.type),
        ("Address", address or "—"),
        ("Size", f"{len(message.content)} B"),
        ("Tries", str(message.attempts)),
    ]
    if message.last_error:
        facts.append(("Last error", outstanding.cause_of(message.last_error)))
    how = "mailbox" if address is None else "push"
    cautions = []
    if partner is None:
        cautions.append("Nobody of that name is a partner any more.")
    elif partner.suspended:
        cautions.append("The partner is suspended: the delivery fails until it is resumed.")
    return Trial(
        facts=tuple(facts),
        sends=(Sending(what=message.type, to=message.receiver, how=how),),
        cautions=tuple(cautions),
    )


async def _mail(conn: Connection, job: queue.Job) -> Trial:
    mail = await mails.load(conn, job.subject)
    if mail is None:
        return Trial(facts=(("About", job.about),))
    facts = [("Size", f"{len(mail.content)} B"), ("Tries", str(mail.attempts))]
    if mail.last_error:
        facts.append(("Last error", outstanding.cause_of(mail.last_error)))
    doubtful = mail.state in ("doubtful", "sending")
    return Trial(
        facts=tuple(facts),
        sends=(Sending(what=mail.subject, to=mail.recipient, how="mail"),),
        cautions=("It may have been sent already: somebody may get it twice.",) if doubtful else (),
    )


async def _paper(conn: Connection, job: queue.Job) -> Trial:
    """The papers themselves are not rendered: which there are is shown."""
    kept = await papers.list(conn, job.about)
    current = (leaf for leaf in kept if leaf.state == "current")
    facts = [("Dossier", job.about)]
    facts += [("Paper", f"{leaf.name}, version {leaf.version}") for leaf in current]
    return Trial(facts=tuple(facts))
