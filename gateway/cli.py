"""The command `passavant`: the names of its commands, and where each of them stands."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_command as made_command
from typer.main import get_group as made_group
from typing_extensions import override

#: Command → module and function, or the typer of a group.
COMMANDS = {
    "init": "gateway.commands.hub:init",
    "serve": "gateway.commands.hub:serve",
    "worker": "gateway.commands.hub:worker",
    "partner": "gateway.commands.partner:app",
    "service": "gateway.commands.service:app",
    "agent": "gateway.commands.agent:app",
    "operator": "gateway.commands.operator:app",
    "send": "gateway.commands.client:send",
    "pull": "gateway.commands.client:pull",
    "status": "gateway.commands.client:status",
    "check": "gateway.commands.hub:check",
    "verify": "gateway.commands.hub:verify",
    "queue": "gateway.commands.queue:app",
    "proposal": "gateway.commands.proposal:app",
    "mail": "gateway.commands.mail:app",
    "alert": "gateway.commands.alert:app",
    "journal": "gateway.commands.journal:app",
    "demo": "gateway.commands.hub:demo",
}


class OnDemand(TyperGroup):
    """Imports a command's module when that command is asked for: the others cost no time."""

    @override
    def list_commands(self, ctx: Any) -> list[str]:
        """Every name, in the order of the table."""
        return list(COMMANDS)

    @override
    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of that name, None when there is none."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        found = getattr(import_module(module), name)
        if isinstance(found, typer.Typer):
            group = made_group(found)
            group.name = cmd_name
            return group
        alone = typer.Typer(add_completion=False)
        alone.command(cmd_name)(found)
        return made_command(alone)


app = typer.Typer(
    cls=OnDemand,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def passavant() -> None:
    """Passavant, the open single-window hub: signed XML in; licences, visas, imputations out."""


def main() -> None:
    """The entry point; what is not there is said in a sentence, with status 1."""
    try:
        app()
    except FileNotFoundError as missing:
        typer.echo(f"{missing.filename} is not there.", err=True)
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None
