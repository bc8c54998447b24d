"""Partners: who may speak to the hub, as what, and with which certificates."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, insert, null, select, update

from schemas.workflow import Role
from storage.engine import BROKEN_RULE, Connection, SyncConnection, takes_a_key
from storage.tables import certificates, partners


class Taken(Exception):
    """The partner's name, certificate or token already stands in the database."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCertificate:
    """A pinned certificate; `fingerprint` is the SHA-256 (hex) of its DER."""

    fingerprint: str
    pem: str
    not_before: datetime
    not_after: datetime
    added_at: datetime
    suspended_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Partner:
    """A partner with every certificate it ever had, the oldest first."""

    name: str
    role: Role
    push_url: str | None = None
    types: tuple[str, ...] = ()  #: message types allowed beyond the role's
    suspended_at: datetime | None = None
    suspension_reason: str | None = None
    created_at: datetime
    consults: bool = False  #: may only ask, never act
    certificates: tuple[StoredCertificate, ...] = ()


_columns = tuple(column for column in partners.c if column.name != "token_hash")
_ALL = select(*_columns).order_by(partners.c.name)
_PAGE = _ALL.where(partners.c.name > bindparam("after")).limit(bindparam("most"))
_GET = select(*_columns).where(partners.c.name == bindparam("name"))
_BY_ROLE = _ALL.where(partners.c.role == bindparam("role"), partners.c.suspended_at.is_(None))
_BY_TOKEN = select(*_columns).where(partners.c.token_hash == bindparam("token"))
_CERTIFICATES = (
    select(certificates)
    .where(certificates.c.partner.in_(bindparam("names", expanding=True)))
    .order_by(certificates.c.added_at, certificates.c.fingerprint)
)
_ADD = insert(partners)
_ADD_CERTIFICATE = insert(certificates)
_SUSPEND_CERTIFICATE = (
    update(certificates)
    .where(
        certificates.c.fingerprint == bindparam("of_fingerprint"),
        certificates.c.suspended_at.is_(None),
    )
    .values(suspended_at=bindparam("now"))
)
_of_name = partners.c.name == bindparam("of_name")
_SUSPEND = (
    update(partners)
    .where(_of_name, partners.c.suspended_at.is_(None))
    .values(suspended_at=bindparam("now"), suspension_reason=bindparam("reason"))
)
_RESUME = update(partners).where(_of_name).values(suspended_at=null(), suspension_reason=null())
_SET_TOKEN = update(partners).where(_of_name).values(token_hash=bindparam("token"))
_SET_PUSH = update(partners).where(_of_name).values(push_url=bindparam("url"))
_SET_CONSULTS = update(partners).where(_of_name).values(consults=bindparam("only"))


def _select(
    connection: SyncConnection, statement: Select[Any], values: dict[str, Any]
) -> list[Partner]:
    rows = connection.execute(statement, values).all()
    held: defaultdict[str, list[StoredCertificate]] = defaultdict(list)
    if rows:
        for found in connection.execute(_CERTIFICATES, {"names": [row.name for row in rows]}):
            columns = found._asdict()
            held[columns.pop("partner")].append(StoredCertificate(**columns))
    return [
        Partner(
            **{
                **row._asdict(),
                "role": Role(row.role),
                "types": tuple(row.types or ()),
                "certificates": tuple(held[row.name]),
            }
        )
        for row in rows
    ]


def _first(found: Sequence[Partner]) -> Partner | None:
    return found[0] if found else None


async def all(conn: Connection) -> list[Partner]:
    """Every partner by name, suspended ones too."""
    return await conn.run_sync(_select, _ALL, {})


async def page(conn: Connection, *, after: str = "", limit: int = 50) -> list[Partner]:
    """Partners by name, from beyond a name; suspended ones too."""
    return await conn.run_sync(_select, _PAGE, {"after": after, "most": limit})


async def get(conn: Connection, name: str) -> Partner | None:
    """The partner of this name."""
    return _first(await conn.run_sync(_select, _GET, {"name": name}))


async def by_role(conn: Connection, role: Role) -> list[Partner]:
    """The partners in this role that are not suspended, by name."""
    return await conn.run_sync(_select, _BY_ROLE, {"role": role.value})


async def by_token_hash(conn: Connection, token_hash: str) -> Partner | None:
    """The partner whose token has this hash."""
    return _first(await conn.run_sync(_select, _BY_TOKEN, {"token": token_hash}))


def _write(connection: SyncConnection, statement: Any, values: dict[str, Any]) -> int:
    try:
        return connection.execute(statement, values).rowcount
    except BROKEN_RULE as error:
        if takes_a_key(error):
            raise Taken(str(error)) from error
        raise


async def _change(tx: Connection, statement: Any, values: dict[str, Any]) -> bool:
    return await tx.run_sync(_write, statement, values) > 0


async def add(  # noqa: PLR0913 (what a partner is)
    tx: Connection,
    *,
    name: str,
    role: Role,
    now: datetime,
    push_url: str | None = None,
    types: Iterable[str] = (),
    consults: bool = False,
) -> None:
    """A new partner, without certificate or token yet; raises `Taken`."""
    values = {
        "name": name,
        "role": role.value,
        "push_url": push_url,
        "types": sorted(types) or None,
        "consults": consults,
        "created_at": now,
    }
    await _change(tx, _ADD, values)


async def add_certificate(tx: Connection, name: str, certificate: StoredCertificate) -> None:
    """Pin one more certificate; several are good at once. Raises `Taken`."""
    values = {
        "partner": name,
        "fingerprint": certificate.fingerprint,
        "pem": certificate.pem,
        "not_before": certificate.not_before,
        "not_after": certificate.not_after,
        "added_at": certificate.added_at,
        "suspended_at": certificate.suspended_at,
    }
    await _change(tx, _ADD_CERTIFICATE, values)


async def suspend_certificate(tx: Connection, fingerprint: str, now: datetime) -> bool:
    """No longer trust a certificate; False when it is unknown or suspended already."""
    return await _change(tx, _SUSPEND_CERTIFICATE, {"of_fingerprint": fingerprint, "now": now})


async def suspend(tx: Connection, name: str, reason: str, now: datetime) -> bool:
    """No longer hear a partner; False when it is unknown or suspended already."""
    return await _change(tx, _SUSPEND, {"of_name": name, "reason": reason, "now": now})


async def resume(tx: Connection, name: str) -> bool:
    """Hear a partner again; False when it is unknown."""
    return await _change(tx, _RESUME, {"of_name": name})


async def set_token_hash(tx: Connection, name: str, token_hash: str | None) -> bool:
    """Replace the partner's token, or take it away; False when it is unknown. Raises `Taken`."""
    return await _change(tx, _SET_TOKEN, {"of_name": name, "token": token_hash})


async def set_push_url(tx: Connection, name: str, push_url: str | None) -> bool:
    """Push to another address, or leave everything in the mailbox; False when it is unknown."""
    return await _change(tx, _SET_PUSH, {"of_name": name, "url": push_url})


async def set_consults(tx: Connection, name: str, consults: bool) -> bool:
    """Let a partner only ask, or act as well; False when it is unknown."""
    return await _change(tx, _SET_CONSULTS, {"of_name": name, "only": consults})
