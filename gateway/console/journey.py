"""A message's way through the hub, step by step, from what is stored about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from storage import dossiers, entries, messages, outgoing, queue
from storage.engine import Connection
from storage.entries import Entry
from storage.messages import Heading
from storage.outgoing import Attempt, Notice
from storage.queue import Job, Kind

LANE = 500  #: jobs of a lane that are looked through
PARKED = 2_000  #: parked deliveries that are looked through
STEPS = 300  #: steps of a dossier that are looked through
ATTEMPTS = 20  #: failed pushes of one reply that are shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A job, and how many are before it in its lane (of those that were looked through)."""

    job: Job
    ahead: int
    first: Job | None  #: of the lane, when it is another

    @property
    def standing(self) -> str:
        """In a word: parked, waiting, held, backing-off or ready."""
        if self.job.state != "ready":
            return self.job.state
        if self.job.worker is not None:
            return "held"
        return "backing-off" if self.job.attempts or self.job.error else "ready"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A message sent, with its failed pushes, the latest first, and its job while it has one."""

    notice: Notice
    attempts: Sequence[Attempt] = ()
    place: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """A received message's way."""

    entry: Entry | None
    place: Place | None  #: of the job, until the message is handled
    moved: Sequence[dossiers.Step]  #: what it did to its dossier
    replies: Sequence[Sent] = field(default=())


async def of_received(conn: Connection, message: Heading) -> Journey:
    """Everything that is known of a message's way."""
    subject = f"{message.sender}/{message.instance}"
    replies = await outgoing.replies_to(conn, message.id)
    moved: list[dossiers.Step] = []
    if message.dossier is not None and message.state == "accepted":
        history = await dossiers.history(conn, message.dossier, STEPS)
        moved = [step for step in history if step.message_id == message.id]
    place = None
    if message.state in {"received", "parked"}:
        lane = message.dossier or f"message/{message.id}"
        place = await _place(conn, lane, Kind.WORK, message.id)
    return Journey(
        entry=await entries.about(conn, "message accepted", subject, message.received_at),
        place=place,
        moved=moved,
        replies=[await of_sent(conn, _notice(reply)) for reply in replies],
    )


async def of_sent(conn: Connection, notice: Notice) -> Sent:
    """A message sent with its tries."""
    attempts = await outgoing.attempts_of(conn, notice.id, ATTEMPTS) if notice.attempts else []
    return Sent(notice=notice, attempts=attempts, place=await _delivery(conn, notice))


def _notice(stored: outgoing.Stored) -> Notice:
    return Notice(**{name: getattr(stored, name) for name in Notice.__dataclass_fields__})


async def _place(conn: Connection, lane: str, kind: Kind, subject: int) -> Place | None:
    jobs = await queue.listing(conn, lane=lane, limit=LANE)
    for ahead, job in enumerate(jobs):
        if job.kind is kind and job.subject == subject:
            return Place(job=job, ahead=ahead, first=jobs[0] if ahead else None)
    return None


async def _delivery(conn: Connection, notice: Notice) -> Place | None:
    if notice.state == "parked":
        parked = await queue.listing(conn, state="parked", kind=Kind.DELIVER, limit=PARKED)
        jobs = [job for job in parked if job.subject == notice.id]
        return Place(job=jobs[0], ahead=0, first=None) if jobs else None
    if notice.state == "pushing":
        for lane in outgoing.lanes_to(notice.receiver):
            if (place := await _place(conn, lane, Kind.DELIVER, notice.id)) is not None:
                return place
    return None


async def answered(conn: Connection, notice: Notice) -> Heading | None:
    """The received message that a sent one answers."""
    if notice.answers is None:
        return None
    found = (await messages.load(conn, [notice.answers])).get(notice.answers)
    if found is None:
        return None
    return Heading(**{name: getattr(found, name) for name in Heading.__dataclass_fields__})
