"""Letting somebody in: the password, then the code, then a session; each failure counts.

Whatever is wrong (the name, the password, the account's state), the answer and its time are the
same, and nothing says which names there are.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from aiohttp import web

from gateway import people
from gateway.acts.act import By, Rank
from gateway.console import factor
from gateway.console.sessions import CODE, IN, begin
from gateway.console.tries import Tries
from gateway.hub import HUB, Hub
from gateway.passwords import Passwords
from storage import operators
from storage.engine import Connection
from storage.operators import Operator

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Door:
    """What is remembered of those who try, as long as the process lives."""

    passwords: Passwords = field(default_factory=Passwords)
    tries: Tries = field(default_factory=Tries)


DOOR = web.AppKey("door", Door)


class Pause(Exception):
    """Too many failures from this address; `seconds` until it may try again."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"too many tries: wait {seconds} s")
        self.seconds = seconds


def by(request: web.Request, operator: Operator, reason: str = "") -> By:
    """An operator, acting now."""
    return By(
        name=operator.name,
        rank=Rank.of(operator.role),
        at=request.app[HUB].clock(),
        reason=reason,
    )


async def by_password(request: web.Request, name: str, password: str) -> bool:
    """A session for who knows the password, or for the code that is still to come.

    Raises `Pause`, and `TooMany` passwords at once.
    """
    hub, door = request.app[HUB], request.app[DOOR]
    _brake(request)
    async with hub.store.read() as connection:
        known = await operators.password_hash(connection, name)
    right = await door.passwords.verify(known, password)
    fresh = None
    if right and known is not None and door.passwords.is_outdated(known):
        fresh = await door.passwords.hash(password)
    async with hub.store.write() as tx:
        operator = await _admitted(request, tx, name, right=right)
        if operator is not None and fresh is not None:
            await operators.rehash(tx, name, fresh)
        if operator is not None and not operator.has_totp:
            await _let_in(request, tx, operator, "password")
    if operator is not None:
        await begin(request, name, CODE if operator.has_totp else IN, "password")
    return operator is not None


async def by_code(request: web.Request, name: str, code: str, how: str) -> bool:
    """A session for who also knows the code; raises `Pause`."""
    hub = request.app[HUB]
    _brake(request)
    async with hub.store.write() as tx:
        right = await factor.take(hub, tx, name, code)
        operator = await _admitted(request, tx, name, right=right)
        if operator is not None:
            await _let_in(request, tx, operator, how)
    if operator is not None:
        await begin(request, name, IN, how)
    return operator is not None


async def by_provider(request: web.Request, operator: Operator) -> None:
    """A session for whom the OpenID provider vouches; a second factor is asked for here too."""
    if not operator.has_totp:
        async with request.app[HUB].store.write() as tx:
            await _let_in(request, tx, operator, "provider")
    await begin(request, operator.name, CODE if operator.has_totp else IN, "provider")


async def is_theirs(request: web.Request, name: str, password: str) -> bool:
    """Whether who is signed in knows the password, asked before what matters; raises `Pause`."""
    hub = request.app[HUB]
    _brake(request)
    async with hub.store.read() as connection:
        known = await operators.password_hash(connection, name)
    right = await request.app[DOOR].passwords.verify(known, password)
    async with hub.store.write() as tx:
        operator = await _admitted(request, tx, name, right=right)
        if operator is not None:
            await operators.succeeded(tx, name)
    return operator is not None


async def is_code(request: web.Request, name: str, code: str) -> bool:
    """Whether who is signed in has the second factor at hand; raises `Pause`."""
    hub = request.app[HUB]
    _brake(request)
    async with hub.store.write() as tx:
        right = await factor.take(hub, tx, name, code)
        return await _admitted(request, tx, name, right=right) is not None


def _brake(request: web.Request) -> None:
    pause = request.app[DOOR].tries.pause(request.remote or "", request.app[HUB].clock())
    if pause is not None:
        raise Pause(math.ceil(pause.total_seconds()))


async def _admitted(
    request: web.Request, tx: Connection, name: str, *, right: bool
) -> Operator | None:
    """The operator, unless what they gave is wrong, or they are disabled or locked.

    Seen inside the transaction: of many guesses at once, those after the fifth find the lock.
    """
    hub: Hub = request.app[HUB]
    now = hub.clock()
    operator = await operators.get(tx, name)
    if right and operator is not None and not operator.disabled_at and not _locked(operator, now):
        return operator
    request.app[DOOR].tries.failed(request.remote or "", now)
    if operator is None:
        log.warning("sign_in_failed", address=request.remote)
    elif _locked(operator, now):
        log.warning("sign_in_locked", operator=name, address=request.remote)
    else:
        counted = await operators.failed(tx, name, now)
        log.warning("sign_in_failed", operator=name, address=request.remote)
        if counted is not None and counted.locked_until is not None:
            await people.note_own(
                tx,
                "operator locked",
                by(request, operator),
                failures=str(counted.failures),
                address=request.remote or "",
            )
    return None


def _locked(operator: Operator, now: datetime) -> bool:
    return operator.locked_until is not None and now < operator.locked_until


async def _let_in(request: web.Request, tx: Connection, operator: Operator, how: str) -> None:
    await operators.succeeded(tx, operator.name)
    facts = {"proof": how, "address": request.remote or ""}
    await people.note_own(tx, "operator signed in", by(request, operator), **facts)
