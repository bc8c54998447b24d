"""`queue`: what waits, what is parked and why, and the operator's acts on it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from multidict import MultiDict

from gateway.commands.acting import carry_out, in_a_sentence
from gateway.commands.acting import show as show_act
from gateway.commands.office import Office, at_office
from gateway.commands.say import out, refuse, show_json, show_table
from storage import outgoing, outstanding, queue
from storage.engine import Connection

if TYPE_CHECKING:
    from gateway.acts.act import Carried

app = typer.Typer(no_args_is_help=True, help="The queue: jobs that wait, run or are parked.")

Config = Annotated[Path | None, typer.Option("--config", help="The hub's TOML file.")]
AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]
Reason = Annotated[str, typer.Option(help="Why; written to the journal.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would happen, and do nothing.")]
Jobs = Annotated[list[int], typer.Argument(help="Numbers of jobs, as `queue list` gives them.")]


@app.command("list")
def list_jobs(
    state: Annotated[str | None, typer.Option(help="ready, waiting or parked.")] = None,
    kind: Annotated[
        queue.Kind | None, typer.Option(help="work, deliver, mail, timer, render, notify.")
    ] = None,
    after: Annotated[int, typer.Option(help="Show jobs after this id.")] = 0,
    limit: Annotated[int, typer.Option(help="At most so many.")] = 50,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Outstanding jobs, oldest first."""

    async def act(office: Office) -> list[dict[str, object]]:
        async with office.store.read() as connection:
            found = await queue.listing(
                connection, state=state, kind=kind, after=after, limit=limit
            )
        return [_row(job) for job in found]

    rows = at_office(config, act)
    if as_json:
        show_json(rows)
    else:
        columns = ["id", "kind", "state", "lane", "attempts", "due", "error"]
        show_table(
            columns,
            [[_first_line(row[c]) if c == "error" else row[c] for c in columns] for row in rows],
        )


@app.command()
def show(job_id: int, config: Config = None, as_json: AsJson = False) -> None:
    """One job with its whole error."""

    async def act(office: Office) -> dict[str, object]:
        async with office.store.read() as connection:
            return _row(await _existing(connection, job_id))

    row = at_office(config, act)
    if as_json:
        show_json(row)
    else:
        show_table(["field", "value"], list(row.items()))


@app.command()
def causes(config: Config = None, as_json: AsJson = False) -> None:
    """Why jobs are parked: the last lines of their errors, those of most jobs first."""

    async def act(office: Office) -> list[dict[str, object]]:
        async with office.store.read() as connection:
            found = outstanding.causes(await outstanding.parked(connection))
        return [
            {
                "jobs": cause.count,
                "kind": str(cause.kind),
                "first": cause.first,
                "since": cause.since.isoformat(timespec="seconds"),
                "cause": cause.line,
            }
            for cause in found
        ]

    rows = at_office(config, act)
    if as_json:
        show_json(rows)
    else:
        columns = ["jobs", "kind", "first", "since", "cause"]
        show_table(columns, [[row[column] for column in columns] for row in rows])


@app.command()
def retry(
    job_ids: Jobs, reason: Reason = "", dry_run: DryRun = False, config: Config = None
) -> None:
    """Try parked or backed-off jobs at once."""
    done = _on_jobs(config, "retry", job_ids, reason, dry_run=dry_run)
    for one in done:
        out.print(f"Job {one.subject} is due now.")


@app.command()
def park(job_ids: Jobs, reason: Reason, dry_run: DryRun = False, config: Config = None) -> None:
    """Set jobs aside until somebody releases them; a message's dossier waits with it."""
    for one in _on_jobs(config, "park", job_ids, reason, dry_run=dry_run):
        out.print(f"Job {one.subject} is parked.")


@app.command()
def release(
    reason: Reason,
    job_ids: Annotated[list[int] | None, typer.Argument(help="Parked jobs.")] = None,
    cause: Annotated[
        str | None, typer.Option(help="Instead of jobs: all parked for this, as `causes` says it.")
    ] = None,
    kind: Annotated[queue.Kind, typer.Option(help="The kind of job that `--cause` is of.")] = (
        queue.Kind.WORK
    ),
    dry_run: DryRun = False,
    config: Config = None,
) -> None:
    """Let parked jobs go back to their lanes, one after another, as fast as the settings say."""
    if (cause is None) == (not job_ids):
        refuse("Name either jobs or a --cause.")
    if cause is None:
        done = _on_jobs(config, "release", job_ids or [], reason, dry_run=dry_run)
    else:
        asked = [("cause", cause), ("kind", kind.value)]
        done = _done(config, "release", asked, reason, dry_run=dry_run)
    if not dry_run:
        out.print(f"{len(done)} released.")


@app.command()
def resend(
    replies: Annotated[list[str], typer.Argument(help="Identifiers of replies the hub sent.")],
    reason: Reason,
    dry_run: DryRun = False,
    config: Config = None,
) -> None:
    """Send stored replies again, with the very same bytes: pushed, or into the mailbox."""

    async def numbers(office: Office) -> list[tuple[str, str]]:
        async with office.store.read() as connection:
            return [("sent", str(await _sent(connection, reply))) for reply in replies]

    asked = at_office(config, numbers)
    for one in _done(config, "resend", asked, reason, dry_run=dry_run):
        out.print(f"Reply {one.subject} is sent again.", markup=False)


async def _sent(connection: Connection, instance: str) -> int:
    found = await connection.run_sync(outgoing.find_sent, instance)
    if found is None:
        refuse(f"The hub sent no reply {instance}.")
    return found.id


def _on_jobs(
    config: Path | None, kind: str, job_ids: list[int], reason: str, *, dry_run: bool
) -> tuple[Carried, ...]:
    return _done(config, kind, [("job", str(job)) for job in job_ids], reason, dry_run=dry_run)


def _done(
    config: Path | None, kind: str, asked: list[tuple[str, str]], reason: str, *, dry_run: bool
) -> tuple[Carried, ...]:
    """The act of that kind, done or only shown."""
    from gateway.acts.registry import act_of

    named = ", ".join(value for _, value in asked)

    async def act(office: Office) -> tuple[Carried, ...]:
        with in_a_sentence(f"There is no job {named}; finished jobs leave the queue."):
            async with office.store.read() as connection:
                wanted = await act_of(kind).from_query(MultiDict(asked), office.hub(), connection)
            if dry_run:
                await show_act(office, wanted)
                return ()
            return await carry_out(office, wanted, reason)

    return at_office(config, act)


async def _existing(connection: Connection, job_id: int) -> queue.Job:
    job = await queue.find(connection, job_id)
    if job is None:
        refuse(f"There is no job {job_id}; finished jobs leave the queue.")
    return job


def _row(job: queue.Job) -> dict[str, object]:
    return {
        "id": job.id,
        "kind": str(job.kind),
        "state": job.state,
        "lane": job.lane,
        "subject": job.subject,
        "attempts": job.attempts,
        "due": job.due.isoformat(timespec="seconds"),
        "error": job.error,
    }


def _first_line(text: object) -> str:
    lines = str(text or "").strip().splitlines()
    return lines[-1][:80] if lines else ""
