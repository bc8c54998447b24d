"""What the watch looks for: one small function a family, each by bounded reads along indexes.

A cause is named after what would have to be mended, not after what it befell: a partner that is
down is one cause, however many messages wait for it, and so is an exception, whatever it stopped.
"""

from __future__ import annotations

import asyncio
import re
import shutil
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

from gateway.directory import Known, Partners
from gateway.hub import Hub
from gateway.validity import NOTICE, URGENT, WARNING, covered_until, days_left, level_of
from schemas.errors import Code
from storage import processes, proposals, traffic, watching
from storage.alerts import Cause
from storage.engine import Connection
from storage.queue import Kind
from storage.watching import Parked

#: Causes of one family; what goes beyond is one more cause, "others".
MOST_CAUSES = 20
OTHERS = "…"
#: How far back a look sees what happens now and then.
WINDOW = timedelta(minutes=10)
#: How long such a thing must not happen again before its alert is over.
QUIET = timedelta(days=1)
#: How long a process may say nothing.
SILENCE = timedelta(seconds=90)

_STORMS = (
    (traffic.Passed.REJECTED, "storm-refused"),
    (traffic.Passed.REPEATED, "storm-repeated"),
)
_REFUSALS = 100  #: of one partner, read at one look
_PROPOSALS = 50
_LONGEST = 200  #: characters of an error in an alert
_CODE = re.compile(r"PSV-\d+")
_OWN = re.compile(r"'[^']*'|\"[^\"]*\"|“[^”]*”|«[^»]*»|\b0x[0-9a-f]+\b|\b[0-9a-f]{12,}\b|\d+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look at the hub: what it may read, at one moment."""

    hub: Hub
    conn: Connection
    partners: Partners
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """Causes of one kind, or of a few that are found together.

    `unseen` is how long one may not be found before it is over.
    """

    names: tuple[str, ...]
    find: Callable[[Look], Awaitable[Iterable[Cause]]]
    unseen: timedelta = timedelta()


def _since(at: datetime) -> str:
    return at.isoformat(timespec="seconds")


async def unreachable(look: Look) -> Iterable[Cause]:
    """Partners whose pushes have failed for a while."""
    patience = look.hub.settings.alerts.unreachable
    return [
        Cause(
            cause=f"partner-unreachable/{one.partner}",
            family="partner-unreachable",
            subject=one.partner,
            level=WARNING,
            facts={"since": _since(one.since), "error": one.error[:_LONGEST]},
            count=one.waiting,
        )
        for one in await watching.failing(look.conn)
        if look.now - one.since > patience
    ]


async def deliveries(look: Look) -> Iterable[Cause]:
    """Partners with deliveries that were given up."""
    found: defaultdict[str, list[Parked]] = defaultdict(list)
    for one in await watching.parked(look.conn, Kind.DELIVER):
        found[one.about or ""].append(one)
    return [
        _of_parked("deliveries-parked", partner, partner, parked)
        for partner, parked in found.items()
    ]


async def mails(look: Look) -> Iterable[Cause]:
    """E-mails that may have gone or not, and those that did not."""
    found: defaultdict[str, list[Parked]] = defaultdict(list)
    for one in await watching.parked(look.conn, Kind.MAIL):
        found["mails-doubtful" if one.about == "doubtful" else "mails-failed"].append(one)
    server = look.hub.settings.mail.server or look.hub.name
    return [_of_parked(family, server, server, parked) for family, parked in found.items()]


def parked_for(kind: Kind, family: str) -> Callable[[Look], Awaitable[Iterable[Cause]]]:
    """Jobs of a kind that were parked, by what they were parked with."""

    async def find(look: Look) -> Iterable[Cause]:
        found: defaultdict[str, list[Parked]] = defaultdict(list)
        for one in await watching.parked(look.conn, kind):
            name = kind_of(one.error)
            known = name in found or len(found) < MOST_CAUSES
            found[name if known else OTHERS].append(one)
        return [
            _of_parked(family, sha256(name.encode()).hexdigest()[:16], name, parked)
            for name, parked in found.items()
        ]

    return find


def kind_of(error: str) -> str:
    """An error without what is the message's own in it, so that the same errors read the same."""
    code = _CODE.match(error)
    return code.group() if code else _OWN.sub(OTHERS, error[:_LONGEST])


def _of_parked(family: str, name: str, subject: str, parked: Sequence[Parked]) -> Cause:
    return Cause(
        cause=f"{family}/{name}",
        family=family,
        subject=subject,
        level=WARNING,
        facts={
            "since": _since(min(one.at for one in parked)),
            "error": parked[-1].error[:_LONGEST],
            "first": str(parked[0].id),
        },
        count=len(parked),
    )


async def slow(look: Look) -> Iterable[Cause]:
    """Messages that no worker has taken up for too long."""
    oldest = await watching.oldest(look.conn, Kind.WORK)
    if oldest is None or look.now - oldest <= look.hub.settings.alerts.queue_age:
        return ()
    return (
        Cause(
            cause="queue-slow",
            family="queue-slow",
            subject=look.hub.name,
            level=URGENT,
            facts={"since": _since(oldest)},
        ),
    )


async def certificates(look: Look) -> Iterable[Cause]:
    """Partners whose last certificate ends soon, or has ended."""
    active = (known for known in look.partners.by_name.values() if not known.suspended)
    found = (_certificate(known, look.now) for known in active)
    return [cause for cause in found if cause is not None]


def _certificate(known: Known, now: datetime) -> Cause | None:
    spans = [pin.certificate for pin in known.pins if not pin.suspended]
    end = covered_until(spans, now)
    level = level_of(end, now)
    if level is None:
        return None
    last = end or max((span.not_after for span in spans), default=None)
    return _ending("certificate", known.name, level, last, now)


async def own_certificate(look: Look) -> Iterable[Cause]:
    """The hub's own certificate, when it ends soon or has ended."""
    end = look.hub.signer.certificate.not_after
    level = level_of(end, look.now)
    if level is None:
        return ()
    return (_ending("hub-certificate", look.hub.name, level, end, look.now),)


def _ending(family: str, subject: str, level: int, end: datetime | None, now: datetime) -> Cause:
    facts = {"days": "0"}
    if end is not None:
        facts = {"days": str(days_left(end, now)), "until": _since(end)}
    return Cause(
        cause=f"{family}/{subject}", family=family, subject=subject, level=level, facts=facts
    )


async def disk(look: Look) -> Iterable[Cause]:
    """Little space where the hub's files are."""
    settings = look.hub.settings
    folder = settings.folder
    if settings.database_url.startswith("sqlite:///"):
        folder = Path(settings.database_url.removeprefix("sqlite:///")).parent
    usage = await asyncio.to_thread(shutil.disk_usage, folder)
    free = usage.free * 100 / usage.total
    if free >= settings.alerts.disk_low:
        return ()
    return (
        Cause(
            cause="disk",
            family="disk",
            subject=str(folder),
            level=URGENT if free < settings.alerts.disk_urgent else WARNING,
            facts={"percent": f"{free:.0f}", "bytes": str(usage.free)},
        ),
    )


async def same_id(look: Look) -> Iterable[Cause]:
    """Partners that gave one identifier to different messages a moment ago."""
    label = Code.SAME_ID_OTHER_CONTENT.label
    causes = []
    for partner in look.partners.by_name:
        latest = await watching.refusals(look.conn, partner, limit=_REFUSALS)
        found = [one for one in latest if label in one.codes and look.now - one.at <= WINDOW]
        if found:
            causes.append(
                Cause(
                    cause=f"same-id/{partner}",
                    family="same-id",
                    subject=partner,
                    level=WARNING,
                    facts={"last": _since(found[0].at), "message": found[0].subject[:_LONGEST]},
                    count=len(found),
                )
            )
    return causes


async def storms(look: Look) -> Iterable[Cause]:
    """Partners of which very much was refused, or repeated, a moment ago."""
    since = look.now - WINDOW
    passed = await traffic.by_partner(look.conn, traffic.Span.MINUTE, since)
    most = look.hub.settings.alerts.storm
    return [
        Cause(
            cause=f"{family}/{partner}",
            family=family,
            subject=partner,
            level=WARNING,
            facts={"last": _since(look.now)},
            count=counts[kind],
        )
        for partner, counts in passed.items()
        for kind, family in _STORMS
        if counts.get(kind, 0) > most
    ]


async def silent(look: Look) -> Iterable[Cause]:
    """Processes that did not end as they should, and say nothing any more."""
    return [
        Cause(
            cause=f"process-silent/{one.name}",
            family="process-silent",
            subject=one.name,
            level=WARNING,
            facts={"since": _since(one.seen_at), "host": one.host, "pid": str(one.pid)},
        )
        for one in await processes.alive(look.conn)
        if look.now - one.seen_at > SILENCE
    ]


async def faults(look: Look) -> Iterable[Cause]:
    """Faults that the latest verification of the journal found."""
    verified = await watching.verified(look.conn)
    if verified is None or not verified[2]:
        return ()
    number, at, found = verified
    return (
        Cause(
            cause="journal-fault",
            family="journal-fault",
            subject=look.hub.name,
            level=URGENT,
            facts={"last": _since(at), "error": found[0][:_LONGEST], "verification": str(number)},
            count=len(found),
        ),
    )


async def waiting_acts(look: Look) -> Iterable[Cause]:
    """Dangerous acts that wait for a second person."""
    return [
        Cause(
            cause=f"proposal/{one.id}",
            family="proposal",
            subject=one.subject[:_LONGEST],
            level=NOTICE,
            facts={
                "act": one.kind,
                "by": one.proposed_by,
                "since": _since(one.proposed_at),
                "until": _since(one.expires_at),
                "proposal": str(one.id),
            },
        )
        for one in await proposals.listing(look.conn, state="open", limit=_PROPOSALS)
        if one.expires_at > look.now
    ]


FAMILIES: tuple[Family, ...] = (
    Family(names=("partner-unreachable",), find=unreachable),
    Family(names=("deliveries-parked",), find=deliveries),
    Family(names=("messages-parked",), find=parked_for(Kind.WORK, "messages-parked")),
    Family(names=("timers-parked",), find=parked_for(Kind.TIMER, "timers-parked")),
    Family(names=("papers-parked",), find=parked_for(Kind.RENDER, "papers-parked")),
    Family(names=("notices-parked",), find=parked_for(Kind.NOTIFY, "notices-parked")),
    Family(names=("mails-doubtful", "mails-failed"), find=mails),
    Family(names=("queue-slow",), find=slow),
    Family(names=("certificate",), find=certificates),
    Family(names=("hub-certificate",), find=own_certificate),
    Family(names=("disk",), find=disk),
    Family(names=("same-id",), find=same_id, unseen=QUIET),
    Family(names=("storm-refused", "storm-repeated"), find=storms, unseen=QUIET),
    Family(names=("process-silent",), find=silent),
    Family(names=("journal-fault",), find=faults),
    Family(names=("proposal",), find=waiting_acts),
)
