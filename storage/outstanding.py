"""What is outstanding, as an operator looks at it: page by page, by lane, by partner, by cause.

No question reads more than a page or a few thousand jobs, however many there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, func, literal_column, select, union_all

from storage.engine import Connection, SyncConnection
from storage.jobs import Job, Kind, columns, job_of
from storage.outgoing import lanes_to
from storage.tables import JOB_STATES, jobs, messages, outgoing

#: How many parked jobs, the latest first, causes are looked for among.
PARKED_SEEN = 2_000
#: The end of an error that is read for its cause, in characters; and the longest cause.
_TAIL = 600
_LONGEST = 300
#: Jobs of one partner that are shown at most, of each sort.
OF_PARTNER = 200
_EVER = 2**62

_BY_ID = select(*columns).where(jobs.c.id.in_(bindparam("ids", expanding=True))).order_by(jobs.c.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Parked jobs of one kind with one cause: the last line of their errors."""

    kind: Kind
    line: str
    count: int
    first: int  #: the oldest of the jobs
    since: datetime  #: when that one was enqueued


@dataclass(frozen=True, slots=True, kw_only=True)
class Parked:
    """A parked job with its cause."""

    id: int
    kind: Kind
    cause: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A job's place in its lane: the nearest ahead of it and behind it, in the lane's order."""

    ahead: tuple[Job, ...]
    behind: tuple[Job, ...]
    more_ahead: bool
    more_behind: bool


def cause_of(error: str | None) -> str:
    """What an error is grouped by: its last line, which of a traceback names the exception."""
    lines = (error or "").strip().splitlines()
    return lines[-1].strip()[:_LONGEST] if lines else ""


async def find(conn: Connection, job_id: int) -> Job | None:
    """The job with this id, unless it is finished."""
    return (await find_all(conn, (job_id,))).get(job_id)


async def find_all(conn: Connection, ids: Sequence[int]) -> dict[int, Job]:
    """The jobs of these ids that are not finished, by id."""
    return {job.id: job for job in await _jobs(conn, _BY_ID, ids=list(ids))} if ids else {}


async def _jobs(conn: Connection, statement: Select[Any], **values: Any) -> list[Job]:
    return await conn.run_sync(
        lambda connection: [job_of(row) for row in connection.execute(statement, values)]
    )


def _page(found: Select[Any], key: ColumnElement[int], *, back: bool) -> Select[Any]:
    return found.order_by(key.desc() if back else key).limit(bindparam("most"))


@cache
def _listing(
    states: tuple[str, ...], kinds: tuple[Kind, ...], back: bool, timers: bool
) -> Select[Any]:
    """Jobs by id: one walk along `ix_jobs_state_kind_id` for each state and kind asked for."""
    each = [
        _page(
            select(*columns).where(
                jobs.c.state == state,
                jobs.c.kind == kind.value,
                jobs.c.id > bindparam("after"),
                jobs.c.id < bindparam("before"),
            ),
            jobs.c.id,
            back=back,
        ).subquery()
        for state in states
        for kind in kinds
        if timers or (state, kind) != ("ready", Kind.TIMER)
    ]
    merged = union_all(*(select(found) for found in each)).subquery()
    return _page(select(merged), merged.c.id, back=back)


@cache
def _in_lane(state: str | None, kind: Kind | None, back: bool) -> Select[Any]:
    found = select(*columns).where(
        jobs.c.lane == bindparam("lane"),
        jobs.c.id > bindparam("after"),
        jobs.c.id < bindparam("before"),
    )
    if state is not None:
        found = found.where(jobs.c.state == state)
    if kind is not None:
        found = found.where(jobs.c.kind == kind.value)
    return _page(found, jobs.c.id, back=back)


async def listing(  # noqa: PLR0913 (what a list is narrowed by)
    conn: Connection,
    *,
    state: str | None = None,
    kind: Kind | None = None,
    lane: str | None = None,
    timers: bool = True,
    after: int = 0,
    limit: int = 50,
) -> list[Job]:
    """Outstanding jobs in the order of their ids, from beyond `after`.

    Without `timers` those set for later are left out, where a kind is not asked for.
    """
    statement = _statement(state, kind, lane, back=False, timers=timers)
    return await _jobs(conn, statement, after=after, before=_EVER, most=limit, lane=lane)


async def preceding(  # noqa: PLR0913 (likewise)
    conn: Connection,
    before: int,
    *,
    state: str | None = None,
    kind: Kind | None = None,
    lane: str | None = None,
    timers: bool = True,
    limit: int = 50,
) -> list[Job]:
    """The nearest outstanding jobs below an id, in the order of their ids; as `listing`."""
    statement = _statement(state, kind, lane, back=True, timers=timers)
    found = await _jobs(conn, statement, after=0, before=before, most=limit, lane=lane)
    return found[::-1]


def _statement(
    state: str | None, kind: Kind | None, lane: str | None, *, back: bool, timers: bool
) -> Select[Any]:
    if lane is not None:
        return _in_lane(state, kind, back)
    states = JOB_STATES if state is None else (state,)
    if kind is not None:
        return _listing(states, (kind,), back, True)
    return _listing(states, tuple(Kind), back, timers)


async def first_of_lane(conn: Connection, lane: str) -> Job | None:
    """The job that the others of its lane wait for."""
    found = await listing(conn, lane=lane, limit=1)
    return found[0] if found else None


async def line_of(conn: Connection, job: Job, near: int = 10) -> Line:
    """Who stands around a job in its lane, up to `near` on either side."""
    if job.lane is None:
        return Line(ahead=(), behind=(), more_ahead=False, more_behind=False)
    ahead = await preceding(conn, job.id, lane=job.lane, limit=near + 1)
    behind = await listing(conn, lane=job.lane, after=job.id, limit=near + 1)
    return Line(
        ahead=tuple(ahead[-near:]),
        behind=tuple(behind[:near]),
        more_ahead=len(ahead) > near,
        more_behind=len(behind) > near,
    )


# The condition on states is that of the partial index `ix_messages_open`, in its own words. A
# message's lane is its dossier or its own: there is no other way from it to its job.
_OPEN_MESSAGES = (
    select(
        messages.c.id,
        func.coalesce(
            messages.c.dossier, literal_column("'message/'").op("||")(messages.c.id)
        ).label("lane"),
    )
    .where(
        messages.c.sender == bindparam("partner"),
        messages.c.state.in_((literal_column("'received'"), literal_column("'parked'"))),
    )
    .order_by(messages.c.id)
    .limit(bindparam("most"))
    .subquery()
)
_WORK_OF = select(*columns).join_from(
    _OPEN_MESSAGES,
    jobs,
    (jobs.c.lane == _OPEN_MESSAGES.c.lane)
    & (jobs.c.subject == _OPEN_MESSAGES.c.id)
    & (jobs.c.kind == "work"),
)
_PUSHES_TO = (
    select(*columns)
    .where(jobs.c.lane.in_(bindparam("lanes", expanding=True)))
    .order_by(jobs.c.id)
    .limit(bindparam("most"))
)
_PARKED_PUSHES = (
    select(jobs.c.id, jobs.c.subject)
    .where(jobs.c.state == "parked", jobs.c.kind == "deliver")
    .order_by(jobs.c.id.desc())
    .limit(PARKED_SEEN)
    .subquery()
)
_PARKED_TO = (
    select(*columns)
    .join_from(_PARKED_PUSHES, outgoing, outgoing.c.id == _PARKED_PUSHES.c.subject)
    .join(jobs, jobs.c.id == _PARKED_PUSHES.c.id)
    .where(outgoing.c.receiver == bindparam("partner"))
    .order_by(jobs.c.id)
    .limit(bindparam("most"))
)


async def of_partner(
    conn: Connection, partner: str, *, state: str | None = None, kind: Kind | None = None
) -> list[Job]:
    """A partner's messages to be handled and deliveries to it, by id: `OF_PARTNER` of each sort."""
    found = await _jobs(conn, _WORK_OF, partner=partner, most=OF_PARTNER)
    found += await _jobs(conn, _PUSHES_TO, lanes=lanes_to(partner), most=OF_PARTNER)
    found += await _jobs(conn, _PARKED_TO, partner=partner, most=OF_PARTNER)
    unique = {job.id: job for job in found}
    return [
        job
        for _, job in sorted(unique.items())
        if state in (None, job.state) and kind in (None, job.kind)
    ]


@cache
def _parked(dialect: str, kinds: tuple[Kind, ...]) -> Select[Any]:
    """The latest parked jobs with the ends of their errors."""
    tail = func.right(jobs.c.error, _TAIL)
    if dialect == "sqlite":
        tail = func.substr(jobs.c.error, -_TAIL)
    each = [
        select(jobs.c.id, jobs.c.kind, tail.label("tail"), jobs.c.created_at)
        .where(jobs.c.state == "parked", jobs.c.kind == kind.value)
        .order_by(jobs.c.id.desc())
        .limit(PARKED_SEEN)
        .subquery()
        for kind in kinds
    ]
    merged = union_all(*(select(found) for found in each)).subquery()
    return select(merged).order_by(merged.c.id.desc()).limit(PARKED_SEEN)


async def parked(conn: Connection, *kinds: Kind) -> list[Parked]:
    """The latest `PARKED_SEEN` parked jobs of these kinds (of any, when none is named)."""

    def _read(connection: SyncConnection) -> list[Parked]:
        statement = _parked(connection.dialect.name, kinds or tuple(Kind))
        return [
            Parked(id=key, kind=Kind(kind), cause=cause_of(tail), created_at=created_at)
            for key, kind, tail, created_at in connection.execute(statement)
        ]

    return await conn.run_sync(_read)


def causes(found: Iterable[Parked]) -> list[Cause]:
    """Parked jobs by kind and cause, those with most jobs first."""
    groups: dict[tuple[Kind, str], list[Parked]] = {}
    for one in found:
        groups.setdefault((one.kind, one.cause), []).append(one)
    grouped = [
        Cause(
            kind=kind,
            line=line,
            count=len(group),
            first=(oldest := min(group, key=lambda one: one.id)).id,
            since=oldest.created_at,
        )
        for (kind, line), group in groups.items()
    ]
    return sorted(grouped, key=lambda cause: (-cause.count, cause.first))
