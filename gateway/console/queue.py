"""The room Queue: what is outstanding, what is parked and why, and one job with all that is known.

A filter that no index covers is looked for among a bounded number of jobs, and the page says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from aiohttp import web
from multidict import MultiMapping

from gateway.acts.act import Act, Impossible
from gateway.acts.jobs import OnJobs, Park, Release, Retry
from gateway.acts.seen import Target, standing
from gateway.console.render import render
from gateway.console.visit import Access, Page, Visit, visit_of
from storage import acts, outstanding, queue, subjects
from storage.engine import Connection
from storage.tables import JOB_STATES

PAGE = 50
CAUSES = 12  #: causes that are shown, those with most jobs
ACTS = 10  #: what operators did to one job


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What is asked for; an empty text asks nothing."""

    state: str = ""
    kind: str = ""
    partner: str = ""
    lane: str = ""
    cause: str = ""
    after: int = 0
    before: int = 0

    @classmethod
    def of(cls, query: MultiMapping[str]) -> Filters:
        """Read from the address; ValueError for what is no state, kind or number."""
        state, kind = query.get("state", ""), query.get("kind", "")
        if state not in ("", *JOB_STATES) or kind not in ("", *queue.Kind):
            raise ValueError(f"no state or kind: {state!r}, {kind!r}")
        return cls(
            state=state,
            kind=kind,
            partner=query.get("partner", "").strip(),
            lane=query.get("lane", "").strip(),
            cause=query.get("cause", "").strip(),
            after=_number(query.get("after", "")),
            before=_number(query.get("before", "")),
        )

    @property
    def of_kind(self) -> queue.Kind | None:
        """The kind, where one is asked for."""
        return queue.Kind(self.kind) if self.kind else None

    def address(self, **more: object) -> str:
        """The page's address with these filters, from another place on."""
        names = ("state", "kind", "partner", "lane", "cause")
        given = {name: value for name in names if (value := getattr(self, name))}
        asked = urlencode({**given, **more})
        return f"/console/queue?{asked}" if asked else "/console/queue"


def _number(text: str) -> int:
    if len(text) > 18:
        raise ValueError("no id is so long")
    return int(text) if text else 0


async def outstanding_jobs(request: web.Request) -> web.Response:
    """`GET /console/queue`."""
    visit = visit_of(request)
    wrong = False
    try:
        filters = Filters.of(request.query)
    except ValueError:
        filters, wrong = Filters(), True
    async with visit.hub.store.read() as conn:
        parked = await outstanding.parked(conn)
        found = await _found(conn, filters, parked)
        jobs = found[:PAGE] if not filters.before else found[-PAGE:]
        about = await subjects.subjects(conn, jobs)
    causes = outstanding.causes(parked)
    return render(
        request,
        "queue.html",
        status=400 if wrong else 200,
        filters=filters,
        wrong=wrong,
        states=JOB_STATES,
        kinds=tuple(queue.Kind),
        causes=causes[:CAUSES],
        more_causes=len(causes) - CAUSES,
        many_parked=len(parked) >= outstanding.PARKED_SEEN,
        jobs=jobs,
        about=about,
        standing=standing,
        cause_of=outstanding.cause_of,
        acts=(Retry, Release, Park),
        next=_next(filters, jobs, len(found)),
        back=filters.address(before=jobs[0].id) if jobs and filters.after else None,
    )


def _next(filters: Filters, jobs: Sequence[queue.Job], many: int) -> str | None:
    full = bool(filters.before) or many > PAGE
    return filters.address(after=jobs[-1].id) if jobs and full else None


async def _found(
    conn: Connection, filters: Filters, parked: Sequence[outstanding.Parked]
) -> list[queue.Job]:
    """The jobs of one page, and one more where there is one."""
    if filters.cause:
        ids = [
            one.id
            for one in parked
            if one.cause == filters.cause and filters.kind in ("", one.kind)
        ]
        found = await outstanding.find_all(conn, _beside(sorted(ids), filters))
        return [job for _, job in sorted(found.items())]
    state, kind, lane = filters.state or None, filters.of_kind, filters.lane or None
    if filters.partner:
        of = await outstanding.of_partner(conn, filters.partner, state=state, kind=kind)
        jobs = {job.id: job for job in of if lane in (None, job.lane)}
        return [jobs[one] for one in _beside(list(jobs), filters)]
    if filters.before:
        return await outstanding.preceding(
            conn, filters.before, state=state, kind=kind, lane=lane, timers=False, limit=PAGE
        )
    return await outstanding.listing(
        conn, state=state, kind=kind, lane=lane, timers=False, after=filters.after, limit=PAGE + 1
    )


def _beside(ids: Sequence[int], filters: Filters) -> list[int]:
    """The ids of a page among all of them."""
    if filters.before:
        return [one for one in ids if one < filters.before][-PAGE:]
    return [one for one in ids if one > filters.after][: PAGE + 1]


async def one_job(request: web.Request) -> web.Response:
    """`GET /console/queue/{job}`."""
    visit, number = visit_of(request), int(request.match_info["job"])
    async with visit.hub.store.read() as conn:
        job = await outstanding.find(conn, number)
        done = await acts.latest(conn, subject=str(number), limit=ACTS)
        if job is None:
            return render(request, "job_gone.html", status=404, number=number, done=done)
        line = await outstanding.line_of(conn, job)
        around = await subjects.subjects(conn, (job, *line.ahead, *line.behind))
    return render(
        request,
        "job.html",
        job=job,
        about=around[job.id],
        around=around,
        line=line,
        standing=standing,
        cause=outstanding.cause_of(job.error),
        done=done,
        offered=_offered(job, visit),
    )


def _offered(job: queue.Job, visit: Visit) -> list[type[Act]]:
    """The acts that make sense for a job as it stands."""
    kinds: tuple[type[OnJobs], ...] = (Retry, Release, Park)
    return [kind for kind in kinds if _fits(kind, job, visit)]


def _fits(kind: type[OnJobs], job: queue.Job, visit: Visit) -> bool:
    try:
        kind(targets=(Target.of(job),)).possible(job, visit.hub.clock())
    except Impossible:
        return False
    return visit.rank is not None and visit.rank >= kind.needs


PAGES = (
    Page("GET", "/queue", Access.VIEWER, outstanding_jobs),
    Page("GET", r"/queue/{job:\d{1,18}}", Access.VIEWER, one_job),
)
