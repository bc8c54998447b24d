"""`queue`: what waits, what is parked and why, and the operator's acts on it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gateway.commands.office import Office, at_office
from gateway.commands.say import out, refuse, show_json, show_table
from storage import queue
from storage.engine import Connection

app = typer.Typer(no_args_is_help=True, help="The queue: jobs that wait, run or are parked.")

Config = Annotated[Path | None, typer.Option("--config", help="The hub's TOML file.")]
AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]
Reason = Annotated[str, typer.Option(help="Why; written to the journal.")]


@app.command("list")
def list_jobs(
    state: Annotated[str | None, typer.Option(help="ready, waiting or parked.")] = None,
    kind: Annotated[
        queue.Kind | None, typer.Option(help="work, deliver, mail, timer, render.")
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
def retry(job_id: int, reason: Reason = "", config: Config = None) -> None:
    """Try a parked or backed-off job at once."""

    async def act(office: Office) -> None:
        async with office.store.write() as tx:
            job = await _existing(tx, job_id)
            await queue.unpark(tx, job.id, office.now)
            await office.note(tx, "job retried", str(job_id), reason=reason)
        office.store.hint()

    at_office(config, act)
    out.print(f"Job {job_id} is due now.")


@app.command()
def park(job_id: int, reason: Reason, config: Config = None) -> None:
    """Set a job aside until `queue retry`; a message's dossier waits with it."""

    async def act(office: Office) -> None:
        async with office.store.write() as tx:
            job = await _existing(tx, job_id)
            await queue.park(tx, job, reason=reason, now=office.now)
            await office.note(tx, "job parked", str(job_id), reason=reason)

    try:
        at_office(config, act)
    except queue.LeaseLost:
        refuse(f"Job {job_id} moved on meanwhile; look at it again.")
    out.print(f"Job {job_id} is parked.")


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
