"""`proposal`: acts that wait for a second person, and the second person's word."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gateway.commands.acting import in_a_sentence
from gateway.commands.office import Office, at_office
from gateway.commands.say import out, show_json, show_table
from storage import proposals

app = typer.Typer(no_args_is_help=True, help="Acts that wait for a second person.")

Config = Annotated[Path | None, typer.Option("--config", help="The hub's TOML file.")]
AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]
State = Annotated[
    str | None,
    typer.Option(help="open, done, rejected, withdrawn, overtaken, expired; none for all."),
]


@app.command("list")
def list_proposals(
    state: State = "open",
    before: Annotated[int, typer.Option(help="Show those below this number.")] = 2**62,
    limit: Annotated[int, typer.Option(help="At most so many.")] = 50,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Proposals, the latest first."""

    async def act(office: Office) -> list[dict[str, object]]:
        async with office.store.read() as connection:
            found = await proposals.listing(
                connection,
                state=None if state in (None, "none") else state,
                before=before,
                limit=limit,
            )
        return [
            {
                "id": one.id,
                "act": one.kind,
                "about": one.subject,
                "state": one.state,
                "by": one.proposed_by,
                "expires": one.expires_at.isoformat(timespec="seconds"),
                "reason": one.reason,
            }
            for one in found
        ]

    rows = at_office(config, act)
    if as_json:
        show_json(rows)
    else:
        columns = ["id", "act", "about", "state", "by", "expires", "reason"]
        show_table(columns, [[row[column] for column in columns] for row in rows])


@app.command()
def approve(number: int, config: Config = None) -> None:
    """Agree to somebody else's proposal: it is done at once, in both names."""

    async def act(office: Office) -> int:
        from gateway.acts import doing

        with in_a_sentence(f"There is no proposal {number}."):
            return len(await doing.approve(office.hub(), number, office.by("")))

    out.print(f"Proposal {number} is done: {at_office(config, act)} targets.")


@app.command()
def reject(
    number: int,
    reason: Annotated[str, typer.Option(help="Why; written to the journal.")],
    config: Config = None,
) -> None:
    """Say no to somebody else's proposal."""

    async def act(office: Office) -> None:
        from gateway.acts import doing

        with in_a_sentence(f"There is no proposal {number}."):
            await doing.reject(office.hub(), number, office.by(reason))

    at_office(config, act)
    out.print(f"Proposal {number} is rejected.")
