"""`service`: the services that treat dossiers, and the places of registration that are theirs."""

from __future__ import annotations

import re
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from gateway.commands.office import Office, at_office
from gateway.commands.say import out, refuse, show_json, show_table
from schemas.codelists import codelist
from schemas.workflow import Service
from storage import agents

app = typer.Typer(no_args_is_help=True, help="The services that treat dossiers.")

Config = Annotated[Path | None, typer.Option("--config", help="The hub's TOML file.")]
AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]

CODE = re.compile(r"[A-Z]{2,4}")  #: as in the schemas: it opens the references of dossiers


@app.command()
def add(
    code: Annotated[str, typer.Argument(help="Two to four capitals, such as BM.")],
    name: str,
    places: Annotated[
        list[str] | None,
        typer.Option("--place", help="A place of registration whose dossiers it treats."),
    ] = None,
    config: Config = None,
) -> None:
    """Add a service; it numbers its own dossiers."""
    if CODE.fullmatch(code) is None:
        refuse(f"“{code}” is no code of a service: two to four capitals.")
    service = Service(code=code, name=name, places=tuple(dict.fromkeys(places or ())))
    if unknown := set(service.places) - set(codelist("registration-places").entries):
        refuse(f"The list of places has no {', '.join(sorted(unknown))}.")

    async def act(office: Office) -> None:
        async with office.store.write() as tx:
            try:
                await agents.add_service(tx, service, office.now)
            except agents.Taken:
                refuse(f"There is a service {code} already, or one of its places has its service.")
            facts = {"name": name, "places": " ".join(service.places)}
            await office.note(tx, "service added", code, **facts)

    at_office(config, act)
    out.print(f"Added: {code} ({name})", markup=False)


@app.command("list")
def list_services(config: Config = None, as_json: AsJson = False) -> None:
    """Every service with its places."""

    async def act(office: Office) -> list[Service]:
        async with office.store.read() as connection:
            return await agents.list_services(connection)

    found = at_office(config, act)
    if as_json:
        show_json([asdict(service) for service in found])
    else:
        rows = [(service.code, service.name, " ".join(service.places)) for service in found]
        show_table(["code", "name", "places"], rows)
