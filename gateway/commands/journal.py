"""`journal`: the tamper-evident record, taken out and checked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from gateway.commands.office import Office, at_office
from gateway.commands.say import out, refuse
from gateway.seal.keys import load_certificate
from gateway.verifying import signed_by
from storage import chain, journal

app = typer.Typer(no_args_is_help=True, help="The journal: export it, verify an export.")

Config = Annotated[Path | None, typer.Option("--config", help="The hub's TOML file.")]


@app.command()
def export(
    file: Annotated[Path, typer.Argument(help="Where the export is written (JSON Lines).")],
    config: Config = None,
) -> None:
    """Seal what is not sealed yet, and write every entry with its seals."""
    from gateway.serve import load_seal

    async def act(office: Office) -> int:
        _, stamp = load_seal(office.settings)
        while True:
            async with office.store.write() as tx:
                if not await journal.seal(tx, stamp.sign, office.now):
                    break
        count = 0
        async with office.store.read() as connection:
            with file.open("w", encoding="utf-8") as target:
                async for line in journal.export(connection, stamp.sign, office.now):
                    target.write(line.rstrip("\n") + "\n")
                    count += 1
        return count

    lines = at_office(config, act)
    out.print(f"Exported: {file} ({lines} lines)", markup=False)


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(help="An export.", exists=True)],
    hub_cert: Annotated[
        Path | None, typer.Option("--hub-cert", help="The hub's certificate.", exists=True)
    ] = None,
    config: Config = None,
) -> None:
    """Check an export alone; names the first entry that was edited, deleted, reordered, cut off."""
    verify_export(file, hub_cert, config)


def verify_export(file: Path, hub_cert: Path | None, config: Path | None) -> None:
    """Print the verdict; status 1 when the export does not hold."""
    check = checker(hub_cert, config)
    with file.open(encoding="utf-8") as lines:
        verdict = chain.verify(lines, check)
    if not verdict.whole:
        refuse(f"{file}: {verdict}")
    out.print(f"{file}: {verdict}", style="green", markup=False)


def checker(hub_cert: Path | None, config: Path | None) -> Callable[[bytes, bytes], bool]:
    """Whether the hub's key signed a statement, by the certificate given or configured."""
    from gateway.commands.office import settings_of

    if hub_cert is None:
        settings = settings_of(config)
        hub_cert = settings.path(settings.hub.certificate)
    return signed_by(load_certificate(hub_cert.read_bytes()))
