"""`init`, `serve`, `worker`, `check`, `verify`, `demo`: the hub itself, and proofs without it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from gateway.commands.say import out, refuse

Config = Annotated[Path | None, typer.Option("--config", help="The hub's TOML file.")]


def init(
    folder: Annotated[Path, typer.Argument(help="Where the hub lives.")] = Path(),
    name: Annotated[str, typer.Option(help="The hub's name, as partners write it.")] = "passavant",
    database: Annotated[
        str, typer.Option(help="sqlite:///FILE or postgresql://…")
    ] = "sqlite:///passavant.db",
    sandbox: Annotated[
        bool, typer.Option("--sandbox", help="Allow pushes to private and loopback addresses.")
    ] = False,
    operator: Annotated[
        str, typer.Option(help="The console's first administrator; else named as you are here.")
    ] = "",
) -> None:
    """Make a hub: configuration, keys and certificate, database, first administrator."""
    import getpass

    from gateway.people import NAME
    from gateway.setting_up import AlreadyThere, first_operator, safe_name, set_up

    who = operator or safe_name(getpass.getuser())
    if NAME.fullmatch(who) is None:
        refuse(f"“{who}” cannot name an operator: small letters, digits, dots and hyphens.")
    try:
        file = set_up(folder, name=name, database=database, sandbox=sandbox)
    except AlreadyThere as there:
        refuse(f"{there} is there already; nothing was changed.")
    out.print(f"Made: {file}. Next: passavant --help, partner add, serve.", markup=False)
    if (password := first_operator(file, who)) is not None:
        out.print(f"Console: {who}, with the password {password} (shown once)", markup=False)


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 0 takes a free one.")] = None,
    workers: Annotated[int | None, typer.Option(help="Worker loops in this process.")] = None,
    no_workers: Annotated[
        bool, typer.Option("--no-workers", help="Only the door; `worker` does the rest.")
    ] = False,
    config: Config = None,
) -> None:
    """The gateway and its workers in one process; prints one line when ready."""
    _serve(config, host=host, port=port, workers=0 if no_workers else workers)


def worker(
    workers: Annotated[int | None, typer.Option(help="Worker loops in this process.")] = None,
    config: Config = None,
) -> None:
    """Workers alone, any number, on any machine that reaches the database."""
    _serve(config, host=None, port=-1, workers=workers or None)


def _serve(config: Path | None, *, host: str | None, port: int | None, workers: int | None) -> None:
    from gateway.commands.office import settings_of
    from gateway.logs import configure
    from gateway.serve import serve as run
    from storage import StoreUnavailable

    configure()
    settings = settings_of(config)
    try:
        asyncio.run(
            run(
                settings,
                host=host,
                port=port,
                workers=settings.queue.workers if workers is None else workers,
                ready=lambda line: print(line, flush=True),
            )
        )
    except (OSError, StoreUnavailable) as problem:
        refuse(f"The hub cannot start: {problem}")


def check(
    file: Annotated[Path, typer.Argument(help="An XML message, signed or not.", exists=True)],
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """XSD and business rules of one message, without a hub."""
    from gateway.commands.checking import check_file

    check_file(file, as_json=as_json)


def verify(
    files: Annotated[
        list[Path],
        typer.Argument(help="Signed messages, journal exports, or folders of messages."),
    ],
    hub_cert: Annotated[
        Path | None, typer.Option("--hub-cert", help="The certificate to trust.", exists=True)
    ] = None,
    config: Config = None,
) -> None:
    """Check signatures, a journal, or chains of balances, with no hub at hand."""
    from gateway.commands.chain import opened, show_chains
    from gateway.commands.verifying import verify_file

    good: list[Path] = []
    for file in (asked := opened(files)):
        try:
            verify_file(file, hub_cert, config)
            good.append(file)
        except typer.Exit:
            continue  # it said why; the other files are still worth a look
    if not show_chains(good, whole=len(asked) > 1) or len(good) < len(asked):
        raise typer.Exit(1)


def demo(
    output: Annotated[Path, typer.Option(help="Where everything is kept.")] = Path("demo-output"),
) -> None:
    """The whole story on real samples, on a fresh embedded database."""
    from gateway.demo.story import run

    raise typer.Exit(run(output))
