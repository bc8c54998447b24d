"""What partners look at, with few licences in the store and with many: it must cost the same."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path

from bench.letters import signed
from bench.town import SENDER, hub_in
from gateway import look
from gateway.bell import Bell
from gateway.directory import Known
from gateway.filters import Asked
from gateway.hub import Hub
from gateway.intake import Intake
from gateway.receive import Reception
from gateway.work import Worker
from schemas.workflow import Dossier, Entry, Role
from storage import dossiers, outgoing, search
from storage.engine import Connection, Store

FEW, MANY = 100, 10_000
ROUNDS = 150

_BATCH = 1_000  #: licences in one transaction
_STATES = ("submitted", "granted", "partly_imputed", "cancelled")
_START = datetime(2026, 1, 1, tzinfo=UTC)
_MINISTRY = "mce"


async def measure(folder: Path) -> float:
    """How much dearer the lists are with `MANY` licences than with `FEW`: 1 is no dearer.

    The rounds over the two stores take turns, so that what else the machine does meets both.
    """
    places = {many: folder / str(many) for many in (FEW, MANY)}
    for place in places.values():
        place.mkdir()
    async with hub_in(places[FEW]) as (small, signer), hub_in(places[MANY]) as (large, other):
        few = await _filled(small, next(signed(signer, 1)), FEW)
        many = await _filled(large, next(signed(other, 1)), MANY)
        costs = [(await _cost(small, few), await _cost(large, many)) for _ in range(ROUNDS)]
    return min(cost for _, cost in costs) / min(cost for cost, _ in costs)


async def _filled(hub: Hub, document: bytes, count: int) -> str:
    """Fill a store with licences like the one filed; the number of that one."""
    model = await filed(hub, document)
    await fill(hub.store, model, 1, count)
    return model.number


async def filed(hub: Hub, document: bytes) -> Dossier:
    """A licence filed as partners file them."""
    intake = Intake(hub.store, limit=10)
    committing = asyncio.create_task(intake.run())
    await Reception(hub, intake).receive(document)
    intake.stop()
    await committing
    while await Worker(hub, Bell(), name="bench").turn():
        pass
    async with hub.store.read() as connection:
        (model,) = await search.latest(connection)
    return model


async def fill(store: Store, model: Dossier, first: int, last: int) -> None:
    """Licences like `model` under the numbers from `first` to `last`, with ledger and mail."""
    for start in range(first, last + 1, _BATCH):
        numbers = range(start, min(start + _BATCH, last + 1))
        async with store.write() as tx:
            await dossiers.apply(tx, [_licence(model, number) for number in numbers])
            await outgoing.store(tx, [mail for number in numbers for mail in _mails(number)])


def _number(number: int) -> str:
    return f"LE-2026-{9_000_000 + number}"


def _licence(model: Dossier, number: int) -> dossiers.Change:
    entry = Entry(
        number=f"IMP-{number}",
        office="300",
        kind="original",
        line=1,
        quantity=Decimal(1),
        value=Decimal(20),
        declaration=f"300060{_START.year}{number:07d}",
        declared_on=date(2026, 1, 2),
        imputed_on=date(2026, 1, 2),
    )
    return dossiers.Change(
        number=_number(number),
        procedure=model.procedure,
        owner=SENDER if number % 2 else f"coop-{number % 50}",
        from_state=None,
        to_state=_STATES[number % len(_STATES)],
        version=1,
        revision=0,
        content=model.content.replace(model.number, _number(number)),
        entries=(entry,),
        event="LicenceApplication",
        actor=SENDER,
        message_id=None,
        at=_START + timedelta(minutes=number),
    )


def _mails(number: int) -> Iterator[outgoing.Outgoing]:
    for receiver in (SENDER, _MINISTRY):
        yield outgoing.Outgoing(
            instance=f"{receiver}-{number}",
            receiver=receiver,
            type="Notification",
            dossier=_number(number),
            answers=None,
            stage=None,
            content=b"<Notification/>",
            push=False,
            created_at=_START + timedelta(minutes=number),
        )


async def _cost(hub: Hub, number: str) -> float:
    """Seconds of processor time for one look at everything."""
    started = time.process_time()
    for one in _looks(hub, number):
        async with hub.store.read() as connection:
            await one(connection)
    return time.process_time() - started


def _looks(hub: Hub, number: str) -> Iterator[Callable[[Connection], Awaitable[object]]]:
    ministry = Known(
        name=_MINISTRY,
        role=Role.MINISTRY,
        push_url=None,
        types=frozenset(),
        suspended=False,
        pins=(),
    )
    declarant = replace(ministry, name=SENDER, role=Role.DECLARANT)
    registry, before = hub.registry, (_START + timedelta(minutes=60), "Z")
    for who in (ministry, declarant):
        for state in (None, "granted"):
            for place in (None, before):
                yield partial(
                    look.dossiers,
                    registry=registry,
                    known=who,
                    asked=Asked(
                        wanted=search.Wanted(states=None if state is None else (state,)),
                        before=place,
                    ),
                )
        yield partial(look.mailbox, known=who, after=20, limit=50)
        yield partial(
            look.history, registry=registry, known=who, number=number, before=None, limit=10
        )
