"""`mail`: whether the settings for e-mail work, before a notice depends on them."""

from __future__ import annotations

import asyncio
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.clock import utc_now
from gateway.commands.office import settings_of
from gateway.commands.say import out, refuse
from gateway.config import Settings
from schemas.workflow import Letter

if TYPE_CHECKING:
    from gateway.post import Ended

app = typer.Typer(no_args_is_help=True, help="E-mail notices: whether they reach their server.")

Config = Annotated[Path | None, typer.Option("--config", help="The hub's TOML file.")]


@app.callback()
def mail() -> None:
    """E-mail notices: whether they reach their server."""


@app.command("test")
def send_test(
    address: Annotated[str, typer.Argument(help="Who gets the test mail.")], config: Config = None
) -> None:
    """Send one test mail by the hub's settings, and say what became of it."""
    from gateway.post import End

    settings = settings_of(config)
    if not settings.mail.server:
        refuse("No e-mail is sent: the settings have no [mail] server.")
    server = f"{settings.mail.server}:{settings.mail.port}"
    ended = asyncio.run(_send(settings, address))
    match ended.end:
        case End.SENT:
            out.print(f"{server} has taken the mail to {address}.", markup=False)
        case End.LATER:
            refuse(f"{server}: {ended.problem} A notice would be tried again.")
        case End.FAILED:
            refuse(f"{server}: {ended.problem} A notice would be parked.")
        case End.DOUBTFUL:
            refuse(f"{server}: it may have arrived, or not: {ended.problem}")


async def _send(settings: Settings, address: str) -> Ended:
    from gateway.mail import Heading, one_address, write
    from gateway.post import Server

    letter = Letter(
        to=address,
        subject_fr="Essai",
        subject_ar="تجربة",
        fr="Ceci est un essai : les avis de ce guichet arrivent à cette adresse.",
        ar="هذه تجربة: إشعارات هذا الشباك تصل إلى هذا العنوان.",
    )
    heading = Heading(instance=str(uuid.uuid4()), dossier=None, page=None, now=utc_now())

    async def begin() -> None:
        """A test mail is on no record."""

    content = write(letter, heading, settings)
    return await Server(settings).hand_over(one_address(address) or address, content, begin=begin)
