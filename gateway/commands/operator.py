"""`operator`: who may open the console, as what, and their sessions."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal, TypeVar

import typer

from gateway import people
from gateway.acts.act import Impossible
from gateway.commands.office import Office, at_office
from gateway.commands.say import out, refuse, show_json, show_table
from gateway.passwords import Passwords, Weak, generated, judge
from storage import operators, sessions
from storage.operators import Operator
from storage.sessions import Session

T = TypeVar("T")

app = typer.Typer(no_args_is_help=True, help="The people of the console, and their sessions.")

Config = Annotated[Path | None, typer.Option("--config", help="The hub's TOML file.")]
AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]
Reason = Annotated[str, typer.Option(help="Why; written to the journal.")]
Name = Annotated[str, typer.Argument(help="As the operator signs in.")]
Role = Literal["viewer", "operator", "administrator"]
Language = Literal["fr", "ar", "en"]
PasswordFile = Annotated[
    Path | None,
    typer.Option("--password-file", help="Its first line is the password.", exists=True),
]
Generate = Annotated[
    bool, typer.Option("--generate", help="Make a password, print it once; it must be changed.")
]


@app.command()
def add(
    name: Name,
    role: Annotated[Role, typer.Option(help="What the operator may do.")],
    display: Annotated[str, typer.Option(help="How the operator is called.")] = "",
    email: Annotated[str, typer.Option(help="The operator's address.")] = "",
    language: Annotated[Language, typer.Option(help="In which the console speaks.")] = "fr",
    password_file: PasswordFile = None,
    generate: Generate = False,
    no_password: Annotated[
        bool, typer.Option("--no-password", help="For the OpenID provider alone.")
    ] = False,
    reason: Reason = "",
    config: Config = None,
) -> None:
    """Add an operator; asks for a password unless an option says where it comes from."""
    password = None if no_password else _password(password_file, generate, name, display, email)

    async def act(office: Office) -> None:
        operator = Operator(
            name=name,
            display=display or name,
            email=email or None,
            role=role,
            language=language,
            created_at=office.now,
        )
        hashed = await Passwords().hash(password) if password else None
        async with office.store.write() as tx:
            await people.add(tx, operator, office.by(reason))
            chosen = None if generate else office.now
            await operators.set_password_hash(tx, name, hashed, chosen)

    _at_office(config, act)
    out.print(f"Added: {name} ({role})", markup=False)
    _show_once(password, generate)


@app.command("list")
def list_operators(config: Config = None, as_json: AsJson = False) -> None:
    """Every operator by name, disabled ones too."""

    async def act(office: Office) -> list[dict[str, object]]:
        async with office.store.read() as connection:
            found = await operators.all(connection)
        return [_row(operator, office) for operator in found]

    rows = at_office(config, act)
    if as_json:
        show_json(rows)
    else:
        columns = ["name", "display", "role", "state", "password", "second_factor", "email"]
        show_table(columns, [[row[column] for column in columns] for row in rows])


@app.command()
def role(
    name: Name,
    role: Annotated[Role, typer.Argument(help="What the operator may do from now on.")],
    reason: Reason,
    config: Config = None,
) -> None:
    """Give another role, which counts from the operator's next click."""

    async def act(office: Office) -> None:
        async with office.store.write() as tx:
            before = await people.existing(tx, name)
            await people.change(tx, replace(before, role=role), office.by(reason))

    _at_office(config, act)
    out.print(f"{name} is {role}.", markup=False)


@app.command()
def disable(name: Name, reason: Reason, config: Config = None) -> None:
    """Sign an operator out at once, and in no more."""

    async def act(office: Office) -> None:
        async with office.store.write() as tx:
            await people.disable(tx, name, office.by(reason))

    _at_office(config, act)
    out.print(f"Disabled: {name}", markup=False)


@app.command()
def enable(name: Name, reason: Reason, config: Config = None) -> None:
    """Let a disabled operator sign in again."""

    async def act(office: Office) -> None:
        async with office.store.write() as tx:
            await people.enable(tx, name, office.by(reason))

    _at_office(config, act)
    out.print(f"Enabled: {name}", markup=False)


@app.command()
def reset(
    name: Name,
    reason: Reason,
    password_file: PasswordFile = None,
    generate: Generate = False,
    password: Annotated[bool, typer.Option("--password", help="Another password.")] = False,
    totp: Annotated[bool, typer.Option("--totp", help="No second factor.")] = False,
    config: Config = None,
) -> None:
    """Give another password, or take a lost second factor away; locks and sessions end."""
    if not (password or totp or generate or password_file):
        raise typer.BadParameter("give --password, --generate, --password-file or --totp")
    wanted = password or generate or password_file is not None
    found = _password(password_file, generate, name) if wanted else None

    async def act(office: Office) -> None:
        hashed = await Passwords().hash(found) if found else None
        async with office.store.write() as tx:
            if hashed is not None:
                by = office.by(reason)
                await people.give_password(tx, name, hashed, by, own=not generate)
            if totp:
                await people.drop_factor(tx, name, office.by(reason))

    _at_office(config, act)
    out.print(f"Reset: {name}", markup=False)
    _show_once(found, generate)


@app.command("sessions")
def list_sessions(name: Name, config: Config = None, as_json: AsJson = False) -> None:
    """Where an operator is signed in, the last one seen first."""

    async def act(office: Office) -> list[Session]:
        async with office.store.read() as connection:
            await people.existing(connection, name)
            found = await sessions.of(connection, name)
        return [session for session in found if session.expires_at > office.now]

    rows = [
        {
            "address": session.address,
            "browser": session.agent,
            "since": session.created_at.isoformat(timespec="seconds"),
            "seen": session.seen_at.isoformat(timespec="seconds"),
            "until": session.expires_at.isoformat(timespec="seconds"),
        }
        for session in _at_office(config, act)
    ]
    if as_json:
        show_json(rows)
    else:
        show_table(["address", "browser", "since", "seen"], [list(r.values())[:4] for r in rows])


@app.command()
def revoke(name: Name, reason: Reason, config: Config = None) -> None:
    """End all of an operator's sessions."""

    async def act(office: Office) -> int:
        async with office.store.write() as tx:
            return await people.sign_out(tx, name, office.by(reason))

    ended = _at_office(config, act)
    out.print(f"Ended: {ended} of {name}", markup=False)


def _at_office(config: Path | None, act: Callable[[Office], Awaitable[T]]) -> T:
    """Run an act; why it makes no sense is said in a sentence."""
    try:
        return at_office(config, act)
    except Impossible as problem:
        refuse(str(problem))


def _password(file: Path | None, generate: bool, *personal: str) -> str:
    """Made, read from a file, or typed twice by who sits here."""
    if generate:
        return generated()
    if file is not None:
        lines = file.read_text(encoding="utf-8").splitlines()
        found = lines[0] if lines else ""
    elif sys.stdin.isatty():
        found = str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
    else:
        refuse("There is nobody to ask for a password: give --password-file or --generate.")
    try:
        judge(found, *personal)
    except Weak as weak:
        refuse(str(weak))
    return found


def _show_once(password: str | None, generate: bool) -> None:
    if generate:
        out.print(f"Password, shown once, to be changed at once: {password}", markup=False)


def _row(operator: Operator, office: Office) -> dict[str, object]:
    locked = operator.locked_until is not None and office.now < operator.locked_until
    state = "disabled" if operator.disabled_at else "locked" if locked else "active"
    return {
        "name": operator.name,
        "display": operator.display,
        "role": operator.role,
        "state": state,
        "password": operator.has_password,
        "second_factor": operator.has_totp,
        "email": operator.email,
        "language": operator.language,
        "subject": operator.subject,
        "created": operator.created_at.isoformat(timespec="seconds"),
    }
