"""`send`, `pull`, `status`: what a partner's developer needs at the terminal."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any, TypeVar

import aiohttp
import typer

from gateway.client import Credentials, HubClient, Reply, Unanswered, freshened
from gateway.clock import utc_now
from gateway.commands.say import out, refuse, show_acknowledgement, show_json, show_table
from schemas.errors import Refused
from schemas.parse import parse

Hub = Annotated[str, typer.Option("--hub", help="Address of the hub.", envvar="PASSAVANT_HUB_URL")]
Key = Annotated[Path, typer.Option("--key", help="Private key, PEM.", exists=True)]
Cert = Annotated[Path, typer.Option("--cert", help="Certificate, PEM.", exists=True)]
Token = Annotated[Path | None, typer.Option("--token", help="File with the partner token.")]
HubCert = Annotated[
    Path | None, typer.Option("--hub-cert", help="The hub's certificate: its replies are verified.")
]
AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]

T = TypeVar("T")

DEFAULT_HUB = "http://127.0.0.1:8080"


def send(
    files: Annotated[list[Path], typer.Argument(help="XML messages.", exists=True)],
    key: Annotated[Path | None, typer.Option(help="Private key, PEM.")] = None,
    cert: Annotated[Path | None, typer.Option(help="Certificate, PEM.")] = None,
    token: Token = None,
    hub: Hub = DEFAULT_HUB,
    hub_cert: HubCert = None,
    wait: Annotated[float, typer.Option(help="Seconds to wait for the outcome.")] = 0,
    signed: Annotated[bool, typer.Option("--signed", help="Send the files as they are.")] = False,
    sign_only: Annotated[
        bool, typer.Option("--sign-only", help="Write FILE.signed.xml and send nothing.")
    ] = False,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Give each a new identifier and the current time.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Sign messages, send them, and print the acknowledgements."""
    if not signed and (key is None or cert is None):
        raise typer.BadParameter("give --key and --cert, or --signed for files signed already")
    documents = {file: _document(file, key, cert, signed=signed, fresh=fresh) for file in files}
    if sign_only:
        for file, document in documents.items():
            target = file.with_suffix(".signed.xml")
            target.write_bytes(document)
            out.print(f"Signed: {target}", markup=False)
        return
    replies = asyncio.run(_send_all(documents, hub, key, cert, token, hub_cert, wait))
    if as_json:
        show_json([{"file": str(file), **reply.facts} for file, reply in replies.items()])
    else:
        for file, reply in replies.items():
            show_acknowledgement(reply.facts, name=file.name)
    if any(r.facts["status"] in {"rejected", "refused"} for r in replies.values()):
        raise typer.Exit(1)


def _document(
    file: Path, key: Path | None, cert: Path | None, *, signed: bool, fresh: bool
) -> bytes:
    content = file.read_bytes()
    if signed or key is None or cert is None:
        return content
    try:
        root = parse(content)
        if fresh:
            root = freshened(root, now=utc_now())
        signer = Credentials.load(key=key, certificate=cert).signer
        if signer is None:
            refuse("These credentials cannot sign.")
        return signer.sign(root, utc_now())
    except Refused as refusal:
        refuse(f"{file}: {refusal}")


async def _send_all(
    documents: dict[Path, bytes],
    hub: str,
    key: Path | None,
    cert: Path | None,
    token: Path | None,
    hub_cert: Path | None,
    wait: float,
) -> dict[Path, Reply]:
    credentials = (
        Credentials.load(key=key, certificate=cert, token=token, hub_certificate=hub_cert)
        if key is not None and cert is not None
        else Credentials.reader(hub_certificate=hub_cert)
    )
    async with HubClient(hub, credentials, tries=4) as client:
        try:
            return {
                file: await client.send(document, wait=wait) for file, document in documents.items()
            }
        except Unanswered as problem:
            refuse(f"No answer from {hub}: {problem}. Send the same files again; nothing doubles.")


def pull(
    key: Key,
    cert: Cert,
    token: Annotated[Path, typer.Option("--token", help="File with the partner token.")],
    hub: Hub = DEFAULT_HUB,
    hub_cert: HubCert = None,
    into: Annotated[Path, typer.Option(help="Folder the messages are written to.")] = Path("inbox"),
    wait: Annotated[float, typer.Option(help="Seconds to wait for the first one.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Collect what waits in the mailbox; each is acknowledged once it is on the disk."""
    into.mkdir(parents=True, exist_ok=True)
    credentials = Credentials.load(key=key, certificate=cert, token=token, hub_certificate=hub_cert)

    async def run() -> list[dict[str, str | None]]:
        collected = []
        async with HubClient(hub, credentials) as client:
            for waiting in await client.mailbox(wait=wait, limit=500):
                mail = await client.fetch(waiting["id"])
                target = into / f"{mail.header.type}-{mail.header.instance}.xml"
                target.write_bytes(mail.document)
                await client.acknowledge(waiting["id"])
                collected.append(
                    {
                        "type": mail.header.type,
                        "id": mail.header.instance,
                        "answers": mail.header.in_reply_to,
                        "dossier": mail.header.dossier,
                        "file": str(target),
                    }
                )
        return collected

    found = _run(run(), hub)
    if as_json:
        show_json(found)
    else:
        show_table(
            ["type", "dossier", "answers", "file"],
            [[one["type"], one["dossier"], one["answers"], one["file"]] for one in found],
        )


def status(
    what: Annotated[str, typer.Argument(help="A message's identifier or a dossier's number.")],
    key: Key,
    cert: Cert,
    token: Annotated[Path, typer.Option("--token", help="File with the partner token.")],
    hub: Hub = DEFAULT_HUB,
    as_json: AsJson = False,
) -> None:
    """What became of a message, or where a dossier stands."""
    credentials = Credentials.load(key=key, certificate=cert, token=token)

    async def run() -> dict[str, Any]:
        async with HubClient(hub, credentials) as client:
            for path in (f"/messages/{what}", f"/dossiers/{what}"):
                try:
                    return await client.look(path)
                except aiohttp.ClientResponseError as answer:
                    if answer.status != 404:
                        raise
        return refuse(f"{what} is neither a message nor a dossier of yours.")

    found = _run(run(), hub)
    if as_json:
        show_json(found)
    else:
        _show_standing(found)


def _show_standing(found: dict[str, Any]) -> None:
    plain = {key: value for key, value in found.items() if not isinstance(value, dict | list)}
    show_table(["field", "value"], list(plain.items()))
    if found.get("outcome"):
        show_acknowledgement(found["outcome"])
    for name in ("balances", "replies"):
        if rows := found.get(name):
            show_table(list(rows[0]), [list(row.values()) for row in rows])


def _run(work: Coroutine[None, None, T], hub: str) -> T:
    try:
        return asyncio.run(work)
    except aiohttp.ClientResponseError as answer:
        if answer.status == 401:
            refuse("The hub does not accept this token.")
        refuse(f"{hub} answered {answer.status}: {answer.message}")
    except (aiohttp.ClientError, TimeoutError, OSError) as problem:
        refuse(f"{hub} cannot be reached: {problem}")
    except Refused as refusal:
        refuse(f"A reply does not bear the hub's signature: {refusal}")
