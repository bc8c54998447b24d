"""What the console's pages cost with a million messages in the store and with a thousand.

Both hubs run side by side and are asked in turns over HTTP, so that what else the machine does
meets both; a page's figure is the ratio of its quickest answers.
"""

from __future__ import annotations

import secrets
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import aiohttp

from bench.console_fill import Filled, fill
from bench.town import hub_in
from gateway.console.sessions import IN, cookie_name, digest_of
from gateway.hub import Hub
from gateway.serve import Running
from storage import operators, sessions

FEW, MANY = 1_000, 1_000_000
ROUNDS = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """A signed-in browser before one hub, with what its pages are about."""

    http: aiohttp.ClientSession
    pages: dict[str, str]


async def measure(folder: Path, many: int = MANY) -> dict[str, float]:
    """Each page's ratio: 1 is no dearer with `many` messages than with `FEW`."""
    places = {count: folder / str(count) for count in (FEW, many)}
    for place in places.values():
        place.mkdir()
    async with AsyncExitStack() as stack:
        small = await _desk(stack, places[FEW], FEW)
        large = await _desk(stack, places[many], many)
        least: dict[str, list[float]] = {name: [9e9, 9e9] for name in small.pages}
        for _ in range(ROUNDS):
            for name, best in least.items():
                for side, desk in enumerate((small, large)):
                    best[side] = min(best[side], await _seconds(desk, name))
    return {name: best[1] / best[0] for name, best in least.items()}


async def _desk(stack: AsyncExitStack, folder: Path, count: int) -> Desk:
    hub, signer = await stack.enter_async_context(hub_in(folder))
    filled = await fill(hub, signer, count)
    cookie = await _signed_in(hub)
    host, port = await stack.enter_async_context(Running(hub).door())
    http = await stack.enter_async_context(
        aiohttp.ClientSession(f"http://{host}:{port}", cookies={cookie_name(hub.settings): cookie})
    )
    return Desk(http=http, pages=_pages(filled, count))


async def _signed_in(hub: Hub) -> str:
    """The cookie of an administrator who signed in a moment ago."""
    cookie, now = secrets.token_urlsafe(32), hub.clock()
    amina = operators.Operator(
        name="amina", display="Amina", role="administrator", language="fr", created_at=now
    )
    session = sessions.Session(
        digest=digest_of(cookie),
        operator=amina.name,
        content={"operator": amina.name, "stage": IN, "by": "password", "csrf": "bench"},
        created_at=now,
        seen_at=now,
        expires_at=now + timedelta(hours=4),
        address="127.0.0.1",
        agent="bench",
    )
    async with hub.store.write() as tx:
        await operators.add(tx, amina)
        await sessions.open(tx, session)
    return cookie


def _pages(filled: Filled, count: int) -> dict[str, str]:
    """Each page, and each way of searching, with a name for the table."""
    middle = count // 2 // 100 * 100
    return {
        "now": "/",
        "now, its charts": "/now/charts",
        "messages": "/messages",
        "messages by sender": "/messages?partner=coop-7",
        "messages by identifier": f"/messages?id=bench-{middle}",
        "messages by dossier": f"/messages?dossier={filled.dossier}",
        "messages by type": "/messages?type=Imputation",
        "messages refused": "/messages?state=refused",
        "messages parked": "/messages?state=parked",
        "messages by code": "/messages?code=PSV-601",
        "messages by rare words": f"/messages?q=tapis+F{middle}",
        "messages by common words": "/messages?q=tapis+laine",
        "messages by much": "/messages?partner=coop-10&type=VisaDecision&state=refused&q=souk",
        "messages sent": "/messages?in=sent&partner=coop-7",
        "messages rejected": "/messages?in=rejected&partner=coop-3",
        "one message": f"/messages/received/{filled.message}",
        "one reply": f"/messages/sent/{filled.sent}",
        "dossiers": "/dossiers",
        "dossiers by state": "/dossiers?state=granted",
        "dossiers by number": f"/dossiers?number={filled.dossier}",
        "one dossier": f"/dossiers/{filled.dossier}",
        "queue": "/queue",
        "queue of one partner": "/queue?partner=coop-7",
        "acts": "/acts",
        "partners": "/partners",
        "one partner": "/partners/coop-7",
        "alerts": "/alerts",
        "journal": "/journal",
        "journal of a dossier": f"/journal?dossier={filled.dossier}",
        "people": "/people",
    }


async def _seconds(desk: Desk, name: str) -> float:
    started = time.perf_counter()
    async with desk.http.get(f"/console{desk.pages[name]}", allow_redirects=False) as answer:
        await answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{name}: {desk.pages[name]} answered {answer.status}")
    return time.perf_counter() - started
