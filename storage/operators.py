"""Operators: the people who watch over the hub, their roles, and what proves who they are.

Secrets are not part of an `Operator`: each is asked for by a function of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, func, insert, null, or_, select, update

from storage.console_tables import operators
from storage.engine import BROKEN_RULE, Connection, SyncConnection, takes_a_key
from storage.statement import Statement

TRIES = 5  #: failures in a row before the first pause
FIRST_PAUSE = timedelta(minutes=1)  #: it doubles with every further failure
LONGEST_PAUSE = timedelta(hours=1)


class Taken(Exception):
    """The operator's name, or subject at the OpenID provider, is another's already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """Somebody who may open the console."""

    name: str
    display: str
    email: str | None = None
    role: str  #: viewer, operator or administrator
    language: str  #: fr, ar or en
    has_password: bool = False
    password_at: datetime | None = None  #: None with a password: somebody else chose it
    has_totp: bool = False
    failures: int = 0  #: wrong passwords or codes since the last right one
    locked_until: datetime | None = None
    subject: str | None = None  #: issuer and subject at the OpenID provider
    created_at: datetime
    disabled_at: datetime | None = None


_columns = (
    operators.c.name,
    operators.c.display,
    operators.c.email,
    operators.c.role,
    operators.c.language,
    operators.c.password_hash.is_not(None).label("has_password"),
    operators.c.password_at,
    operators.c.totp_secret.is_not(None).label("has_totp"),
    operators.c.failures,
    operators.c.locked_until,
    operators.c.subject,
    operators.c.created_at,
    operators.c.disabled_at,
)
_names = tuple(column.name for column in _columns)
_named = operators.c.name == bindparam("of_name")
_update = update(operators).where(_named)
_ALL = Statement(select(*_columns).order_by(operators.c.name))
_GET = Statement(select(*_columns).where(_named))
_BY_SUBJECT = Statement(select(*_columns).where(operators.c.subject == bindparam("subject")))
_ADDED = ("name", "display", "email", "role", "language", "failures", "subject", "created_at")
_ADD = Statement(insert(operators), *_ADDED)
_CHANGE = Statement(
    _update.values({name: bindparam(name) for name in ("display", "email", "role", "language")})
)
_SET_LANGUAGE = Statement(_update.values(language=bindparam("language")))
_SET_SUBJECT = Statement(_update.values(subject=bindparam("subject")))
_DISABLE = Statement(
    _update.where(operators.c.disabled_at.is_(None)).values(disabled_at=bindparam("now"))
)
_ENABLE = Statement(_update.where(operators.c.disabled_at.is_not(None)).values(disabled_at=null()))
_SET_PASSWORD = Statement(
    _update.values(password_hash=bindparam("hash"), password_at=bindparam("at"))
)
_REHASH = Statement(_update.values(password_hash=bindparam("hash")))
_PASSWORD = Statement(select(operators.c.password_hash).where(_named))
_FAIL = Statement(_update.values(failures=operators.c.failures + 1).returning(operators.c.failures))
_LOCK = Statement(_update.values(locked_until=bindparam("until")))
_SUCCEED = Statement(_update.values(failures=0, locked_until=null()))
_TOTP = Statement(select(operators.c.totp_secret, operators.c.totp_step).where(_named))
_SET_TOTP = Statement(_update.values(totp_secret=bindparam("secret"), totp_step=bindparam("step")))
_USE_STEP = Statement(
    _update.where(
        or_(operators.c.totp_step.is_(None), operators.c.totp_step < bindparam("step"))
    ).values(totp_step=bindparam("step"))
)
_ADMINISTRATORS = Statement(
    select(operators.c.name)
    .where(operators.c.role == "administrator", operators.c.disabled_at.is_(None))
    .with_for_update()  # of two that demote each other at once, one waits, and sees itself alone
)
_COUNT = Statement(select(func.count()).select_from(operators))


def _select(
    connection: SyncConnection, statement: Statement, values: Mapping[str, Any]
) -> list[Operator]:
    return [
        Operator(**dict(zip(_names, row, strict=True)))
        for row in statement.rows(connection, values)
    ]


async def _first(conn: Connection, statement: Statement, **values: object) -> Operator | None:
    return next(iter(await conn.run_sync(_select, statement, values)), None)


async def _touches(tx: Connection, statement: Statement, **values: object) -> bool:
    return await tx.run_sync(statement.count, values) > 0


async def all(conn: Connection) -> list[Operator]:
    """Every operator by name, disabled ones too."""
    return await conn.run_sync(_select, _ALL, {})


async def get(conn: Connection, name: str) -> Operator | None:
    """The operator of that name."""
    return await _first(conn, _GET, of_name=name)


async def by_subject(conn: Connection, subject: str) -> Operator | None:
    """The operator who is that subject at the OpenID provider."""
    return await _first(conn, _BY_SUBJECT, subject=subject)


async def add(tx: Connection, operator: Operator) -> None:
    """A new operator, without a password or a second factor; raises `Taken`."""
    row = {name: getattr(operator, name) for name in _ADDED}
    await tx.run_sync(_keyed, _ADD, {**row, "failures": 0})


def _keyed(connection: SyncConnection, statement: Statement, values: Mapping[str, Any]) -> int:
    try:
        return statement.count(connection, values)
    except BROKEN_RULE as error:
        if takes_a_key(error):
            raise Taken(str(error)) from error
        raise


async def change(tx: Connection, operator: Operator) -> bool:
    """Write down display, e-mail, role and language; False for an unknown name."""
    return await _touches(
        tx,
        _CHANGE,
        of_name=operator.name,
        display=operator.display,
        email=operator.email,
        role=operator.role,
        language=operator.language,
    )


async def set_language(tx: Connection, name: str, language: str) -> bool:
    """The language that they read: fr, ar or en; False for an unknown name."""
    return await _touches(tx, _SET_LANGUAGE, of_name=name, language=language)


async def set_subject(tx: Connection, name: str, subject: str | None) -> bool:
    """Who they are at the OpenID provider, or nobody; raises `Taken`."""
    return await tx.run_sync(_keyed, _SET_SUBJECT, {"of_name": name, "subject": subject}) > 0


async def disable(tx: Connection, name: str, now: datetime) -> bool:
    """They sign in no more; False when unknown or disabled already."""
    return await _touches(tx, _DISABLE, of_name=name, now=now)


async def enable(tx: Connection, name: str) -> bool:
    """They may sign in again; False when unknown or not disabled."""
    return await _touches(tx, _ENABLE, of_name=name)


async def set_password_hash(
    tx: Connection, name: str, found: str | None, at: datetime | None
) -> None:
    """Another password, or none; `at` is when they chose it, None when somebody else did."""
    await _touches(tx, _SET_PASSWORD, of_name=name, hash=found, at=at)


async def rehash(tx: Connection, name: str, found: str) -> None:
    """The same password under stronger parameters."""
    await _touches(tx, _REHASH, of_name=name, hash=found)


async def password_hash(conn: Connection, name: str) -> str | None:
    """The encoded hash; None for somebody unknown, or who has no password."""
    row = await conn.run_sync(_PASSWORD.first, {"of_name": name})
    return None if row is None else row[0]


async def failed(tx: Connection, name: str, now: datetime) -> Operator | None:
    """One more failure: counts it, and locks for a pause that grows; None for an unknown name."""
    row = await tx.run_sync(_FAIL.first, {"of_name": name})
    if row is None:
        return None
    if (more := row[0] - TRIES) >= 0:
        pause = min(FIRST_PAUSE * 2 ** min(more, 16), LONGEST_PAUSE)
        await _touches(tx, _LOCK, of_name=name, until=now + pause)
    return await get(tx, name)


async def succeeded(tx: Connection, name: str) -> None:
    """Forget the failures and the pause."""
    await _touches(tx, _SUCCEED, of_name=name)


async def totp(conn: Connection, name: str) -> tuple[str | None, int | None]:
    """The sealed secret of the second factor, and the last time step that was used."""
    row = await conn.run_sync(_TOTP.first, {"of_name": name})
    return (None, None) if row is None else (row[0], row[1])


async def set_totp(tx: Connection, name: str, secret: str | None, step: int | None) -> None:
    """Another second factor, or none; `step` is that of the code which confirmed it."""
    await _touches(tx, _SET_TOTP, of_name=name, secret=secret, step=step)


async def use_totp_step(tx: Connection, name: str, step: int) -> bool:
    """Take a time step; False when it, or a later one, was taken before."""
    return await _touches(tx, _USE_STEP, of_name=name, step=step)


async def count_administrators(tx: Connection) -> int:
    """How many administrators may sign in; nobody else changes that until the transaction ends."""
    return len(await tx.run_sync(_ADMINISTRATORS.rows, {}))


async def count(conn: Connection) -> int:
    """How many operators there are, disabled ones too."""
    row = await conn.run_sync(_COUNT.first, {})
    return 0 if row is None else int(row[0])
