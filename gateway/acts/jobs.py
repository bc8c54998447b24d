"""Acts on jobs: tried again at once, let go from where they were parked, or parked."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Self

from multidict import MultiMapping
from typing_extensions import override

from gateway.acts.act import Act, By, Carried, Changed, Effect, Impossible, Preview
from gateway.acts.dry_run import Trial, tried
from gateway.acts.seen import MOST, Target, check, check_ids, listed, numbers, spread, standing
from gateway.hub import Hub
from schemas.errors import Code, refused
from storage import outstanding, parking, queue, subjects
from storage.engine import Connection

#: Targets that are shown, and tried, one by one.
SHOWN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class OnJobs(Act):
    """An act on jobs, as they were seen."""

    done: ClassVar[str]  #: in the journal's words
    leads_to: ClassVar[str]  #: the state of a job afterwards

    targets: tuple[Target, ...]

    def __post_init__(self) -> None:
        check_ids([target.id for target in self.targets])

    @override
    @classmethod
    async def from_query(cls, query: MultiMapping[str], hub: Hub, conn: Connection) -> Self:
        """`job=ID`, once or more."""
        ids = numbers(query, "job")
        found = await outstanding.find_all(conn, ids)
        if not found:
            raise refused(Code.NOT_FOUND)
        return cls(targets=tuple(Target.of(found[one]) for one in ids if one in found))

    @property
    @override
    def subject(self) -> str:
        return listed([target.name for target in self.targets])

    @abstractmethod
    def possible(self, job: queue.Job, now: datetime) -> None:
        """Raises `Impossible` when it makes no sense for a job in this state."""

    @abstractmethod
    async def act(self, tx: Connection, held: Sequence[queue.Job], by: By, hub: Hub) -> None:
        """Do it to jobs that are held."""

    def dues(self, hub: Hub, now: datetime) -> list[datetime | None]:
        """When each target begins."""
        per_minute = hub.settings.console.bulk_per_minute
        return list(spread(now, len(self.targets), per_minute))

    def cautions(self) -> tuple[str, ...]:
        """What to say besides."""
        return ()

    @override
    async def preview(self, hub: Hub, conn: Connection) -> Preview:
        now = hub.clock()
        found = await outstanding.find_all(conn, [target.id for target in self.targets])
        jobs = await self._checked(conn, found, now)
        about = await subjects.subjects(conn, jobs[:SHOWN])
        effects, cautions = [], list(self.cautions())
        for job, due in zip(jobs[:SHOWN], self.dues(hub, now), strict=False):
            trial = await self.trial(hub, conn, job, now)
            cautions += trial.cautions
            effects.append(self._effect(job, about[job.id], trial, due))
        return Preview(
            effects=tuple(effects),
            more=len(jobs) - len(effects),
            second_person=self.second_person(hub),
            cautions=tuple(dict.fromkeys(cautions)),
        )

    async def trial(self, hub: Hub, conn: Connection, job: queue.Job, now: datetime) -> Trial:
        """What the job would do."""
        return await tried(hub, conn, job, now)

    def _effect(
        self, job: queue.Job, about: subjects.Subject, trial: Trial, due: datetime | None
    ) -> Effect:
        what = " ".join(filter(None, (about.partner, about.type, about.name)))
        after = self.leads_to
        return Effect(
            target=f"#{job.id} {what}",
            link=f"/queue/{job.id}",
            facts=trial.facts,
            changes=(Changed(target=f"#{job.id}", fact="Job", was=standing(job), now=after),),
            sends=trial.sends,
            dry_run=trial.dry_run,
            due=due,
        )

    async def _checked(
        self, conn: Connection, found: dict[int, queue.Job], now: datetime
    ) -> list[queue.Job]:
        """The jobs, as they were seen and fit for the act."""
        await check(conn, self.targets, found)
        jobs = [found[target.id] for target in self.targets]
        for job in jobs:
            self.possible(job, now)
        return jobs

    @override
    async def carry_out(self, hub: Hub, tx: Connection, by: By) -> tuple[Carried, ...]:
        held = await parking.hold(tx, [target.id for target in self.targets])
        jobs = await self._checked(tx, held, by.at)
        about = await subjects.subjects(tx, jobs)
        await self.act(tx, jobs, by, hub)
        return tuple(
            Carried(
                kind=self.done,
                subject=str(job.id),
                dossier=about[job.id].dossier,
                facts={"job": job.kind.value, "was": standing(job), "about": about[job.id].name},
                hints=(job.kind.value,),
            )
            for job in jobs
        )


class _LetGo(OnJobs):
    """What retrying and releasing have in common: the jobs become due, one after another."""

    __slots__ = ()
    leads_to = "ready"

    @override
    def second_person(self, hub: Hub) -> bool:
        return len(self.targets) > hub.settings.console.alone

    @override
    async def act(self, tx: Connection, held: Sequence[queue.Job], by: By, hub: Hub) -> None:
        dues = spread(by.at, len(held), hub.settings.console.bulk_per_minute)
        wanted = [parking.Let(job=job, due=due) for job, due in zip(held, dues, strict=True)]
        await parking.release_all(tx, wanted)


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry(_LetGo):
    """Jobs that back off, or are parked, are tried now."""

    kind = "retry"
    title = "Try again now"
    done = "job retried"

    @override
    def possible(self, job: queue.Job, now: datetime) -> None:
        if job.state == "waiting":
            raise Impossible("Job %(job)s waits behind another of its lane.", job=str(job.id))
        if job.worker is not None:
            raise Impossible(
                "Job %(job)s is being done by %(worker)s.", job=str(job.id), worker=job.worker
            )
        if job.kind is queue.Kind.TIMER and job.error is None and job.due > now:
            raise Impossible("Job %(job)s is a timer set for later.", job=str(job.id))


@dataclass(frozen=True, slots=True, kw_only=True)
class Release(_LetGo):
    """Parked jobs go back to their lanes; `more` says that others of their cause are left."""

    kind = "release"
    title = "Release"
    done = "job released"

    more: bool = False

    @override
    @classmethod
    async def from_query(cls, query: MultiMapping[str], hub: Hub, conn: Connection) -> Self:
        """`job=ID`, once or more, or `cause=LAST LINE&kind=KIND`: the oldest of that cause."""
        if "cause" not in query:
            return await super(Release, cls).from_query(query, hub, conn)
        kind = query.get("kind", "")
        if kind not in set(queue.Kind):
            raise Impossible("There is no kind of job “%(kind)s”.", kind=kind[:40])
        parked = await outstanding.parked(conn, queue.Kind(kind))
        ids = sorted(one.id for one in parked if one.cause == query["cause"].strip())
        found = await outstanding.find_all(conn, ids[:MOST])
        if not found:
            raise Impossible("No job is parked for this cause any more.")
        targets = tuple(Target.of(job) for _, job in sorted(found.items()))
        return cls(targets=targets, more=len(ids) > MOST or len(parked) >= outstanding.PARKED_SEEN)

    @override
    def possible(self, job: queue.Job, now: datetime) -> None:
        if job.state != "parked":
            raise Impossible("Job %(job)s is not parked.", job=str(job.id))

    @override
    def cautions(self) -> tuple[str, ...]:
        said = "There may be more jobs of this cause: release the others after these."
        return (said,) if self.more else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Park(OnJobs):
    """Jobs are set aside until somebody acts; a message's dossier waits with it."""

    kind = "park"
    title = "Park"
    done = "job parked"
    leads_to = "parked"

    @override
    def possible(self, job: queue.Job, now: datetime) -> None:
        if job.state == "parked":
            raise Impossible("Job %(job)s is parked already.", job=str(job.id))

    @override
    async def trial(self, hub: Hub, conn: Connection, job: queue.Job, now: datetime) -> Trial:
        cautions = []
        if job.kind is queue.Kind.WORK:
            line = await outstanding.line_of(conn, job, near=1)
            if line.behind:
                cautions.append("Others of the same dossier wait behind it, and go on waiting.")
        if job.worker is not None:
            cautions.append("A worker is at it: what it does is not kept.")
        return Trial(cautions=tuple(cautions))

    @override
    def dues(self, hub: Hub, now: datetime) -> list[datetime | None]:
        return [None] * len(self.targets)

    @override
    async def act(self, tx: Connection, held: Sequence[queue.Job], by: By, hub: Hub) -> None:
        await parking.park_all(tx, held, reason=by.reason, now=by.at)
