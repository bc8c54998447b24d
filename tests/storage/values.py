"""Values the tests of the store begin from; every one can be varied by name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any

from schemas.workflow import Entry
from storage import queue
from storage.dossiers import Change
from storage.engine import Connection, Store
from storage.journal import Record
from storage.mails import Mail
from storage.messages import Received
from storage.outgoing import Outgoing
from storage.queue import Job, Kind, NewJob
from storage.work import Done

NOW = datetime(2026, 3, 2, 9, 30, 0, 123456, tzinfo=UTC)
LEASE = timedelta(seconds=30)


def received(instance: str = "m-1", **changes: Any) -> Received:
    content = f"<{instance}/>".encode()
    found = Received(
        sender="exporter",
        instance=instance,
        type="LicenceApplication",
        version="1.0",
        dossier=None,
        digest=sha256(content).hexdigest(),
        content=content,
        receipt=b"receipt of " + instance.encode(),
        received_at=NOW,
    )
    return replace(found, **changes)


def change(number: str = "LE-2026-000001", **changes: Any) -> Change:
    found = Change(
        number=number,
        procedure="licence",
        owner="exporter",
        from_state=None,
        to_state="saved",
        version=1,
        revision=0,
        content='{"of": "' + number + '"}',
        event="LicenceApplication",
        actor="exporter",
        message_id=None,
        at=NOW,
    )
    return replace(found, **changes)


def entry(number: str = "IMP-1", **changes: Any) -> Entry:
    found = Entry(
        number=number,
        office="300",
        kind="original",
        line=1,
        quantity=Decimal("120.500"),
        value=Decimal("26775.10"),
        declaration="3000102026000123",
        declared_on=date(2026, 3, 1),
        imputed_on=date(2026, 3, 2),
    )
    return replace(found, **changes)


def outgoing(instance: str = "hub-1", **changes: Any) -> Outgoing:
    found = Outgoing(
        instance=instance,
        receiver="exporter",
        type="Acknowledgement",
        dossier=None,
        answers=None,
        stage=None,
        content=f"<signed>{instance}</signed>".encode(),
        push=False,
        created_at=NOW,
    )
    return replace(found, **changes)


def mail(instance: str = "mail-1", **changes: Any) -> Mail:
    found = Mail(
        instance=instance,
        dossier="LE-2026-000001",
        recipient="export@atlas.example",
        subject="Votre licence",
        content=b"Subject: =?utf-8?q?Votre_licence?=\r\n\r\n",
        created_at=NOW,
    )
    return replace(found, **changes)


def record(subject: str = "s-1", **changes: Any) -> Record:
    found = Record(
        at=NOW,
        kind="message accepted",
        subject=subject,
        dossier=None,
        actor="exporter",
        digest=None,
        facts={"type": "LicenceApplication"},
    )
    return replace(found, **changes)


def done(job: Job, **changes: Any) -> Done:
    found = Done(job=job, message_id=None, state="accepted", change=None)
    return replace(found, **changes)


def work(subject: int = 1, lane: str | None = None, **changes: Any) -> NewJob:
    found = NewJob(kind=Kind.WORK, lane=lane, subject=subject, due=NOW)
    return replace(found, **changes)


async def put(store: Store, *batch: NewJob, now: datetime = NOW) -> None:
    async with store.write() as tx:
        await queue.enqueue(tx, batch, now)


async def claim(
    store: Store,
    *,
    limit: int = 10,
    now: datetime = NOW,
    kinds: Iterable[Kind] = (Kind.WORK,),
    worker: str = "worker-1",
) -> list[Job]:
    async with store.write() as tx:
        return await queue.claim(tx, kinds=kinds, worker=worker, now=now, lease=LEASE, limit=limit)


async def finish(store: Store, *batch: Job) -> None:
    async with store.write() as tx:
        await queue.finish(tx, batch)


async def count(store: Store, table: str) -> int:
    async with store.read() as connection:
        return await rows_of(connection, table)


async def rows_of(connection: Connection, table: str) -> int:
    found = await connection.run_sync(
        lambda sync: sync.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one()  # noqa: S608
    )
    return int(found)
