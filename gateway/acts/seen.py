"""What an operator saw of a job, and what is told when it is no longer so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from multidict import MultiMapping

from gateway.acts.act import Changed, Impossible, Overtaken
from storage import acts, queue, subjects
from storage.engine import Connection

#: Targets of one act at most.
MOST = 500
_ROWS = 2**63
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A job, what it is about, and a word for how it stood when it was shown."""

    id: int
    kind: str
    subject: int
    seen: str

    def __post_init__(self) -> None:
        check_row(self.id)
        check_row(self.subject)
        queue.Kind(self.kind)  # ValueError for another word

    @classmethod
    def of(cls, job: queue.Job) -> Target:
        """The job as it stands."""
        return cls(id=job.id, kind=job.kind.value, subject=job.subject, seen=seen(job))

    @property
    def name(self) -> str:
        """As people are told of it."""
        return f"#{self.id}"


def seen(job: queue.Job) -> str:
    """A word that changes with every claim, failure, parking and release."""
    return ".".join((job.state, str(job.claims), str(job.attempts), mark(job.due)))


def mark(at: datetime | None) -> str:
    """An instant to the microsecond, as a short word."""
    return "" if at is None else f"{(at - _EPOCH) // _MICROSECOND:x}"


def standing(job: queue.Job) -> str:
    """How a job stands, in a word: parked, waiting, held by a worker, or ready."""
    return "claimed" if job.worker is not None and job.state == "ready" else job.state


def listed(names: Sequence[str]) -> str:
    """Targets in one line, in no language: all of a few, the number of many."""
    shown = ", ".join(names[:5])
    return shown if len(names) <= 5 else f"{shown}, … ({len(names)})"


def numbers(query: MultiMapping[str], name: str) -> list[int]:
    """The row ids of a query, each once and in order; raises `Impossible`."""
    found = query.getall(name, [])
    if any(not (one.isascii() and one.isdigit() and len(one) <= 18) for one in found):
        raise Impossible("A number is expected, not “%(value)s”.", value=", ".join(found)[:60])
    unique = sorted({int(one) for one in found})
    if not unique:
        raise Impossible("Nothing is selected.")
    check_number(len(unique))
    return unique


def check_row(number: int) -> None:
    """Raises ValueError for what is no row's id."""
    if not 0 <= number < _ROWS:
        raise ValueError(f"{number} is no id of a row")


def check_ids(ids: Sequence[int]) -> None:
    """Raises ValueError when a target stands twice, `Impossible` when there are none or many."""
    if len(set(ids)) != len(ids):
        raise ValueError("a target stands twice")
    check_number(len(ids))


def check_number(many: int) -> None:
    """Raises `Impossible` when an act would have no target, or too many."""
    if not 1 <= many <= MOST:
        raise Impossible("One act takes between 1 and %(most)s targets.", most=str(MOST))


async def check(
    conn: Connection, targets: Iterable[Target], found: Mapping[int, queue.Job]
) -> None:
    """Raises `Overtaken` with everything that is no longer as it was seen."""
    changes: list[Changed] = []
    for target in targets:
        job = found.get(target.id)
        if job is None:
            changes += await _finished(conn, target)
        elif seen(job) != target.seen:
            changes.append(await _moved(conn, target, job))
    if changes:
        raise Overtaken(*changes)


async def _finished(conn: Connection, target: Target) -> list[Changed]:
    was = target.seen.partition(".")[0]
    by = await _last_operator(conn, target.id)
    gone = Changed(target=target.name, fact="Job", was=was, now="finished", by=by)
    state = await subjects.state_of(conn, queue.Kind(target.kind), target.subject)
    if state is None:
        return [gone]
    return [gone, Changed(target=target.name, fact=_ABOUT[target.kind], was="—", now=state)]


_ABOUT = {"work": "Message", "deliver": "Reply", "mail": "E-mail"}


async def _moved(conn: Connection, target: Target, job: queue.Job) -> Changed:
    was = target.seen.partition(".")[0]
    by = job.worker or await _last_operator(conn, job.id)
    return Changed(target=target.name, fact="Job", was=was, now=standing(job), by=by)


async def _last_operator(conn: Connection, number: int) -> str | None:
    """Who did the last thing to a job, and what."""
    last = await acts.last_on(conn, str(number))
    return None if last is None else f"{last.record.actor}: {last.record.kind}"


def spread(begin: datetime, many: int, per_minute: int) -> list[datetime]:
    """When each of many targets is due, so that no more begin in a minute than the settings say."""
    return [begin + timedelta(minutes=1) * place / per_minute for place in range(many)]
