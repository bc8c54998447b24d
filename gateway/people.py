"""What is done about operators, by the console and the commands alike: each with its record."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from gateway.acts.act import By, Impossible, Rank
from gateway.config import ADDRESS
from storage import journal, operators, sessions
from storage.engine import Connection
from storage.operators import Operator, Taken

NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
LANGUAGES = ("fr", "ar", "en")
DISPLAY_MOST = 120
SUBJECT_MOST = 500


async def add(tx: Connection, operator: Operator, by: By) -> None:
    """A new operator; raises `Impossible`."""
    if NAME.fullmatch(operator.name) is None:
        raise Impossible("A name has small letters, digits, dots and hyphens: 64 at most.")
    _judge(operator)
    try:
        await operators.add(tx, replace(operator, created_at=by.at))
    except Taken:
        raise Impossible("There is an operator “%(name)s” already.", name=operator.name) from None
    await _note(tx, by, "operator added", operator.name, role=operator.role)


async def change(tx: Connection, changed: Operator, by: By) -> None:
    """Another display, e-mail, role or language; raises `Impossible`."""
    _judge(changed)
    before = await existing(tx, changed.name)
    if before.role == "administrator" != changed.role:
        await _spare_the_last(tx, before)
    await operators.change(tx, changed)
    facts = {
        what: f"{getattr(before, what) or '—'} → {getattr(changed, what) or '—'}"
        for what in ("role", "display", "email", "language")
        if getattr(before, what) != getattr(changed, what)
    }
    await _note(tx, by, "operator changed", changed.name, **facts)


async def link(tx: Connection, name: str, subject: str | None, by: By) -> None:
    """Who they are at the OpenID provider, or nobody; raises `Impossible`."""
    await existing(tx, name)
    if subject is not None and len(subject) > SUBJECT_MOST:
        raise Impossible("This is too long.")
    try:
        await operators.set_subject(tx, name, subject)
    except Taken:
        raise Impossible("This subject is another operator already.") from None
    await _note(tx, by, "operator linked" if subject else "operator unlinked", name)


async def disable(tx: Connection, name: str, by: By) -> None:
    """They sign in no more, and are signed out; raises `Impossible`."""
    await _spare_the_last(tx, await existing(tx, name))
    if not await operators.disable(tx, name, by.at):
        raise Impossible("“%(name)s” is disabled already.", name=name)
    ended = await sessions.revoke_all(tx, name)
    await _note(tx, by, "operator disabled", name, sessions=str(ended))


async def enable(tx: Connection, name: str, by: By) -> None:
    """They may sign in again; raises `Impossible`."""
    await existing(tx, name)
    if not await operators.enable(tx, name):
        raise Impossible("“%(name)s” is not disabled.", name=name)
    await operators.succeeded(tx, name)
    await _note(tx, by, "operator enabled", name)


async def give_password(tx: Connection, name: str, found: str, by: By, *, own: bool) -> None:
    """Another password, by its hash, and a fresh start; `own` when they chose it themselves."""
    await existing(tx, name)
    await operators.set_password_hash(tx, name, found, by.at if own else None)
    await operators.succeeded(tx, name)
    await sessions.revoke_all(tx, name)
    await _note(tx, by, "password reset", name)


async def drop_factor(tx: Connection, name: str, by: By) -> None:
    """They sign in by their password alone, and are signed out; raises `Impossible`."""
    if not (await existing(tx, name)).has_totp:
        raise Impossible("“%(name)s” has no second factor.", name=name)
    await operators.set_totp(tx, name, None, None)
    await operators.succeeded(tx, name)
    await sessions.revoke_all(tx, name)
    await _note(tx, by, "second factor reset", name)


async def sign_out(tx: Connection, name: str, by: By) -> int:
    """End all of somebody's sessions; how many. Raises `Impossible`."""
    await existing(tx, name)
    ended = await sessions.revoke_all(tx, name)
    await _note(tx, by, "sessions revoked", name, sessions=str(ended))
    return ended


async def note_own(tx: Connection, kind: str, by: By, **facts: str) -> None:
    """Write down what operators do about themselves."""
    await _note(tx, by, kind, by.name, **facts)


async def existing(conn: Connection, name: str) -> Operator:
    """The operator of that name; raises `Impossible`."""
    found = await operators.get(conn, name)
    if found is None:
        raise Impossible("There is no operator “%(name)s”.", name=name)
    return found


async def _spare_the_last(tx: Connection, operator: Operator) -> None:
    """Somebody must be able to let the others in."""
    if operator.role != "administrator" or operator.disabled_at is not None:
        return
    if await operators.count_administrators(tx) < 2:
        raise Impossible("“%(name)s” is the last administrator.", name=operator.name)


_RULES: tuple[tuple[Callable[[Operator], bool], str], ...] = (
    (lambda o: 0 < len(o.display.strip()) <= DISPLAY_MOST, "Say how people are called."),
    (lambda o: o.display.isprintable(), "Say how people are called."),
    (
        lambda o: not o.email or re.fullmatch(ADDRESS, o.email) is not None,
        "This is no e-mail address.",
    ),
    (lambda o: o.role in {rank.word for rank in Rank}, "There is no such role."),
    (lambda o: o.language in LANGUAGES, "There is no such language."),
)


def _judge(operator: Operator) -> None:
    for holds, text in _RULES:
        if not holds(operator):
            raise Impossible(text)


async def _note(tx: Connection, by: By, kind: str, subject: str, **facts: str) -> None:
    reason = {"reason": by.reason} if by.reason else {}
    record = journal.Record(
        at=by.at,
        kind=kind,
        subject=subject,
        dossier=None,
        actor=by.actor,
        digest=None,
        facts={**facts, **reason},
    )
    await journal.append(tx, [record])
