"""`agent`: the people of the services, who are named in the messages that the services sign."""

from __future__ import annotations

import re
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from gateway.commands.office import Office, at_office
from gateway.commands.say import out, refuse, show_json, show_table
from schemas.workflow import Agent
from storage import agents

app = typer.Typer(no_args_is_help=True, help="The agents of the services.")

Config = Annotated[Path | None, typer.Option("--config", help="The hub's TOML file.")]
AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]

IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._\-]{0,63}")  #: as in the schemas
EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,189}")


@app.command()
def add(
    identifier: Annotated[str, typer.Argument(help="As messages name the agent.")],
    name: Annotated[str, typer.Option(help="Name and first name.")],
    service: Annotated[str, typer.Option(help="The code of the agent's service.")],
    supervisor: Annotated[bool, typer.Option("--supervisor", help="May assign dossiers.")] = False,
    email: Annotated[str, typer.Option(help="The agent's address.")] = "",
    config: Config = None,
) -> None:
    """Add an agent to a service."""
    if IDENTIFIER.fullmatch(identifier) is None:
        refuse(f"“{identifier}” cannot name an agent: letters, digits, dots and hyphens.")
    if email and EMAIL.fullmatch(email) is None:
        refuse(f"“{email}” is no e-mail address.")
    agent = Agent(
        identifier=identifier, name=name, service=service, supervisor=supervisor, email=email
    )

    async def act(office: Office) -> None:
        async with office.store.write() as tx:
            try:
                await agents.add(tx, agent, office.now)
            except agents.Taken:
                refuse(f"There is an agent “{identifier}” already.")
            except agents.Unknown:
                refuse(f"There is no service “{service}”: add it with `passavant service add`.")
            await office.note(tx, "agent added", identifier, service=service, rank=_rank(agent))

    at_office(config, act)
    out.print(f"Added: {identifier} ({_rank(agent)} of {service})", markup=False)


@app.command("list")
def list_agents(config: Config = None, as_json: AsJson = False) -> None:
    """Every agent by service, disabled ones too."""

    async def act(office: Office) -> list[Agent]:
        async with office.store.read() as connection:
            return await agents.list(connection)

    found = at_office(config, act)
    if as_json:
        show_json([asdict(agent) for agent in found])
    else:
        show_table(
            ["identifier", "name", "service", "rank", "e-mail", "state"],
            [
                (
                    agent.identifier,
                    agent.name,
                    agent.service,
                    _rank(agent),
                    agent.email,
                    "active" if agent.active else "disabled",
                )
                for agent in found
            ],
        )


@app.command()
def disable(
    identifier: str,
    reason: Annotated[str, typer.Option(help="Written to the journal.")],
    config: Config = None,
) -> None:
    """Refuse what an agent does from now on; its open dossiers wait for another assignment."""

    async def act(office: Office) -> None:
        async with office.store.write() as tx:
            if not await agents.disable(tx, identifier, office.now):
                refuse(f"There is no active agent “{identifier}”.")
            await office.note(tx, "agent disabled", identifier, reason=reason)

    at_office(config, act)
    out.print(f"Disabled: {identifier}", markup=False)


def _rank(agent: Agent) -> str:
    return "supervisor" if agent.supervisor else "agent"
