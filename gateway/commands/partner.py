"""`partner`: who may send what, with which certificates, and where replies are pushed."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Annotated

import typer

from gateway.addresses import Forbidden, judge_url
from gateway.commands.office import Office, at_office
from gateway.commands.say import out, refuse, show_json, show_table
from gateway.private import write_private
from gateway.seal.keys import Certificate, UnusableKey, load_certificate, new_key
from gateway.token import token_hash
from schemas.workflow import Role
from storage import partners
from storage.engine import Connection

app = typer.Typer(no_args_is_help=True, help="Partners, their certificates and their rights.")

Config = Annotated[Path | None, typer.Option("--config", help="The hub's TOML file.")]
NewKey = Annotated[
    Path | None,
    typer.Option("--new-key", help="For a sandbox: make key, certificate and token here."),
]
CertificateFile = Annotated[
    Path | None, typer.Option("--certificate", help="The partner's certificate, PEM.", exists=True)
]

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
    config: Config = None,
) -> None:
    """Add a certificate beside those in force; both are accepted until the old ones end."""

    async def act(office: Office) -> None:
        async with office.store.write() as tx:
            partner = await _existing(tx, name)
            if certificate is not None or new_key_folder is not None:
                pem = _certificate(name, certificate, new_key_folder, office, None)
                await partners.add_certificate(tx, name, _stored(pem, name, office))
            elif not suspend_old:
                raise typer.BadParameter("give --certificate, --new-key or --suspend-old")
            if suspend_old:
                keep = max(partner.certificates, key=lambda found: found.added_at)
                for old in partner.certificates:
                    if certificate is None and new_key_folder is None and old is keep:
                        continue
                    await partners.suspend_certificate(tx, old.fingerprint, office.now)
            await office.note(tx, "certificate rotated", name)

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

    async def act(office: Office) -> None:
        async with office.store.write() as tx:
            await _existing(tx, name)
            if certificate is not None:
                await partners.suspend_certificate(tx, certificate, office.now)
            elif resume:
                await partners.resume(tx, name)
            else:
                await partners.suspend(tx, name, reason, office.now)
            await office.note(
                tx, "partner resumed" if resume else "partner suspended", name, reason=reason
            )

    at_office(config, act)
    out.print(f"{'Resumed' if resume else 'Suspended'}: {name}", markup=False)


def _judge(push: str, office: Office) -> None:
    try:
        judge_url(push, office.settings.delivery)
    except Forbidden as forbidden:
        refuse(f"{forbidden} (settings: delivery.allow_private, delivery.allowed_hosts)")


async def _existing(tx: Connection, name: str) -> partners.Partner:
    partner = await partners.get(tx, name)
    if partner is None:
        refuse(f"There is no partner “{name}”.")
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
