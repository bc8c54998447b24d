"""`partner`: who may send what, with which certificates, and where replies are pushed."""

from __future__ import annotations

import secrets
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.addresses import Forbidden, judge_url
from gateway.commands.acting import carry_out, in_a_sentence, show
from gateway.commands.office import Office, at_office
from gateway.commands.say import out, refuse, show_json, show_table
from gateway.private import write_private
from gateway.seal.keys import Certificate, UnusableKey, load_certificate, new_key
from gateway.token import token_hash
from schemas.workflow import Role
from storage import partners

if TYPE_CHECKING:
    from gateway.acts.act import Act

app = typer.Typer(no_args_is_help=True, help="Partners, their certificates and their rights.")

Config = Annotated[Path | None, typer.Option("--config", help="The hub's TOML file.")]
NewKey = Annotated[
    Path | None,
    typer.Option("--new-key", help="For a sandbox: make key, certificate and token here."),
]
CertificateFile = Annotated[
    Path | None, typer.Option("--certificate", help="The partner's certificate, PEM.", exists=True)
]

AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]
Reason = Annotated[str, typer.Option(help="Why; written to the journal.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would happen, and stop.")]

KEY_DAYS = 730  #: how long a sandbox certificate lasts


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="As the partner writes itself in its messages.")],
    role: Annotated[Role, typer.Option(help="What the partner is to the hub.")],
    certificate: CertificateFile = None,
    new_key_folder: NewKey = None,
    push: Annotated[str | None, typer.Option(help="Address replies are pushed to.")] = None,
    also: Annotated[
        list[str] | None, typer.Option("--also", help="A message type beyond those of its role.")
    ] = None,
    consult_only: Annotated[
        bool, typer.Option("--consult-only", help="It may only ask, never act.")
    ] = False,
    config: Config = None,
) -> None:
    """Add a partner; prints its reading token unless `--new-key` wrote it to a file."""
    token = secrets.token_urlsafe(32)

    async def act(office: Office) -> None:
        if push is not None:
            _judge(push, office)
        async with office.store.write() as tx:
            if await partners.get(tx, name) is not None:
                refuse(f"There is a partner “{name}” already; `partner rotate` changes its key.")
            pem = _certificate(name, certificate, new_key_folder, office, token)
            await partners.add(
                tx,
                name=name,
                role=role,
                push_url=push,
                types=also or (),
                now=office.now,
                consults=consult_only,
            )
            await partners.set_token_hash(tx, name, token_hash(token))
            await partners.add_certificate(tx, name, _stored(pem, name, office))
            right = "consult" if consult_only else "manage"
            await office.note(tx, "partner added", name, role=role.value, right=right)

    at_office(config, act)
    out.print(f"Added: {name} ({role.value})", markup=False)
    if new_key_folder is None:
        out.print(f"Reading token, shown once: {token}", markup=False)


@app.command("list")
def list_partners(
    config: Config = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Every partner with its certificates and the days they have left."""

    async def act(office: Office) -> list[dict[str, object]]:
        async with office.store.read() as connection:
            found = await partners.all(connection)
        return [_row(partner, office) for partner in found]

    rows = at_office(config, act)
    if as_json:
        show_json(rows)
    else:
        show_table(
            ["name", "role", "right", "state", "push", "days left"],
            [
                [r["name"], r["role"], r["right"], r["state"], r["push"], r["days_left"]]
                for r in rows
            ],
        )


@app.command()
def rotate(
    name: str,
    certificate: CertificateFile = None,
    new_key_folder: NewKey = None,
    suspend_old: Annotated[
        bool, typer.Option("--suspend-old", help="End the overlap: the older ones stop at once.")
    ] = False,
    reason: Reason = "",
    config: Config = None,
) -> None:
    """Add a certificate beside those in force; both are accepted until the old ones end."""
    from gateway.acts.partner import Rotate

    async def act(office: Office) -> None:
        partner = await _existing(office, name)
        pem = b""
        if certificate is not None or new_key_folder is not None:
            pem = _certificate(name, certificate, new_key_folder, office, None)
            _stored(pem, name, office)
        elif not suspend_old:
            raise typer.BadParameter("give --certificate, --new-key or --suspend-old")
        rotation = Rotate(
            partner=name,
            seen=_in_force(partner),
            certificate=pem.decode("ascii", "replace"),
            suspend_old=suspend_old,
        )
        with in_a_sentence(_unknown(name)):
            await carry_out(office, rotation, reason)

    at_office(config, act)
    out.print(f"Rotated: {name}", markup=False)


@app.command()
def suspend(
    name: str,
    reason: Annotated[str, typer.Option(help="Written to the journal.")],
    resume: Annotated[bool, typer.Option("--resume", help="End a suspension.")] = False,
    certificate: Annotated[
        str | None, typer.Option("--fingerprint", help="One certificate only (SHA-256).")
    ] = None,
    config: Config = None,
) -> None:
    """Refuse a partner's messages, or one certificate of it, from now on."""
    from gateway.acts.act import Overtaken
    from gateway.acts.partner import OnPartner, Resume, Suspend, SuspendCertificate

    async def act(office: Office) -> None:
        partner = await _existing(office, name)
        wanted: OnPartner = Resume(partner=name) if resume else Suspend(partner=name)
        if certificate is not None:
            wanted = SuspendCertificate(
                partner=name, seen=_in_force(partner), fingerprint=certificate.lower()
            )
        with in_a_sentence(_unknown(name)), suppress(Overtaken):  # it is so already
            await carry_out(office, wanted, reason)

    at_office(config, act)
    out.print(f"{'Resumed' if resume else 'Suspended'}: {name}", markup=False)


@app.command()
def push(
    name: str,
    address: Annotated[str, typer.Argument(help="Where replies are pushed; “” for nowhere.")],
    reason: Reason,
    mailbox: Annotated[
        bool, typer.Option("--mailbox", help="Push what lies in its mailbox there, too.")
    ] = False,
    dry_run: DryRun = False,
    config: Config = None,
) -> None:
    """Push to another address from now on; with `--mailbox` to a partner that is back."""
    from gateway.acts.push import OnAddress, PushAgain, SetPush

    async def act(office: Office) -> None:
        was = (await _existing(office, name)).push_url or ""
        wanted: OnAddress = (
            PushAgain(partner=name, was=was, url=address or was)
            if mailbox
            else SetPush(partner=name, was=was, url=address)
        )
        await _done(office, wanted, reason, dry_run=dry_run)

    at_office(config, act)


@app.command("move-on")
def move_on(name: str, reason: Reason, dry_run: DryRun = False, config: Config = None) -> None:
    """Put all that waits for a dead partner in its mailbox; nothing is lost, the queue is free."""
    from gateway.acts.push import MoveOn

    async def act(office: Office) -> None:
        was = (await _existing(office, name)).push_url or ""
        await _done(office, MoveOn(partner=name, was=was), reason, dry_run=dry_run)

    at_office(config, act)


@app.command()
def ping(name: str, reason: Reason = "", config: Config = None, as_json: AsJson = False) -> None:
    """Ask the partner's push address whether it is there; nothing is sent."""
    from gateway.ping import pinged

    async def act(office: Office) -> dict[str, object]:
        await _existing(office, name)
        with in_a_sentence(_unknown(name)):
            found = await pinged(office.hub(), name, office.by(reason))
        return asdict(found)

    row = at_office(config, act)
    if as_json:
        show_json(row)
    else:
        show_table(["field", "value"], list(row.items()))
    if row["problem"]:
        raise typer.Exit(1)


async def _done(office: Office, act: Act, reason: str, *, dry_run: bool) -> None:
    """Show it, or do it and say what was done."""
    with in_a_sentence(_unknown(act.subject)):
        if dry_run:
            await show(office, act)
            return
        for done in await carry_out(office, act, reason):
            facts = "".join(f", {name} {value}" for name, value in done.facts.items() if value)
            out.print(f"{done.kind.capitalize()}: {done.subject}{facts}", markup=False)


def _in_force(partner: partners.Partner) -> tuple[str, ...]:
    return tuple(one.fingerprint for one in partner.certificates if one.suspended_at is None)


def _unknown(name: str) -> str:
    return f"There is no partner “{name}”."


def _judge(push: str, office: Office) -> None:
    try:
        judge_url(push, office.settings.delivery)
    except Forbidden as forbidden:
        refuse(f"{forbidden} (settings: delivery.allow_private, delivery.allowed_hosts)")


async def _existing(office: Office, name: str) -> partners.Partner:
    async with office.store.read() as connection:
        partner = await partners.get(connection, name)
    if partner is None:
        refuse(_unknown(name))
    return partner


def _certificate(
    name: str, file: Path | None, folder: Path | None, office: Office, token: str | None
) -> bytes:
    """The certificate's PEM, from the file given or from a key made for a sandbox."""
    if (file is None) == (folder is None):
        raise typer.BadParameter("give either --certificate FILE or --new-key DIR")
    if file is not None:
        return file.read_bytes()
    if folder is None:
        raise typer.BadParameter("give --new-key DIR")
    folder.mkdir(parents=True, exist_ok=True)
    key_pem, certificate_pem = new_key(name, KEY_DAYS, office.now)
    try:
        write_private(folder / f"{name}.key.pem", key_pem)
    except FileExistsError as there:
        refuse(f"{there.filename} is there already; name another folder.")
    (folder / f"{name}.cert.pem").write_bytes(certificate_pem)
    if token is not None:
        write_private(folder / f"{name}.token", token.encode())
    return certificate_pem


def _stored(pem: bytes, name: str, office: Office) -> partners.StoredCertificate:
    try:
        certificate: Certificate = load_certificate(pem)
    except UnusableKey as problem:
        refuse(f"The certificate of {name} cannot be used: {problem}")
    return partners.StoredCertificate(
        fingerprint=certificate.fingerprint,
        pem=certificate.pem.decode(),
        not_before=certificate.not_before,
        not_after=certificate.not_after,
        added_at=office.now,
        suspended_at=None,
    )


def _row(partner: partners.Partner, office: Office) -> dict[str, object]:
    in_force = [c for c in partner.certificates if c.suspended_at is None]
    return {
        "name": partner.name,
        "role": partner.role,
        "right": "consult" if partner.consults else "manage",
        "state": "suspended" if partner.suspended_at else "active",
        "push": partner.push_url,
        "types": partner.types,
        "days_left": max(((c.not_after - office.now).days for c in in_force), default=None),
        "certificates": [
            {
                "fingerprint": c.fingerprint,
                "not_before": c.not_before.isoformat(),
                "not_after": c.not_after.isoformat(),
                "suspended": c.suspended_at is not None,
            }
            for c in partner.certificates
        ],
    }
