"""What the hub does for a procedure: rights at its own door, serials, reports, papers told of."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from gateway import consequences
from gateway.config import MailSettings, QueueSettings
from gateway.consequences import Cause
from gateway.hub import reply_id
from gateway.reading import LedgerReader
from gateway.told import tell
from handlers.registry import Context, Handler, Procedure, registry
from schemas.bindings.common_1 import LanguageCode, LocalText
from schemas.bindings.licence_application_1 import Function
from schemas.bindings.notification_1 import Notification
from schemas.errors import TryLater
from schemas.workflow import (
    Agent,
    Amounts,
    Cell,
    Decision,
    Dossier,
    Letter,
    Reply,
    Role,
    Serial,
    Service,
    State,
    Workload,
)
from storage import agents, dossiers, outgoing, papers, tables
from storage.dossiers import Change
from storage.engine import Store, SyncConnection
from tests import letters
from tests.storage.values import NOW, change
from tests.town import Town, town

GENERAL = Cell(
    report="general", period="2026-03", service="BM", agent="m.alami", category="", state="new"
)


def inspection(number: int, **changes: Any) -> Change:
    serial = Serial(series="BM", year=2026, number=number)
    found = change(serial.reference, procedure="inspection", to_state="new", serial=serial)
    return replace(found, owner="coop-atlas", **changes)


async def keep(store: Store, *changes: Change) -> None:
    async with store.write() as tx:
        await dossiers.apply(tx, changes)


@asynccontextmanager
async def door(tmp_path: Path, url: str) -> AsyncIterator[Town]:
    """A hub that takes messages and works none."""
    async with town(tmp_path, url, workers=0) as place:
        yield place


async def test_who_may_ask_is_decided_by_the_dossiers_own_procedure(
    tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = registry().handlers["StatusQuery", "licence"]
    assert Role.CUSTOMS in ours.roles
    theirs = replace(ours, procedure="inspection", roles=frozenset({Role.DECLARANT}))
    monkeypatch.setitem(registry().handlers, ("StatusQuery", "inspection"), theirs)
    only_here = _customs_alone(theirs)
    monkeypatch.setitem(registry().handlers, ("VisaDecision", "inspection"), only_here)
    async with door(tmp_path, sqlite_url) as place:
        await keep(place.hub.store, inspection(1), change("LE-1", owner="coop-atlas"))
        query, visa = letters.status_query(), letters.visa()
        for partner, message, number, code in (
            ("adii", query, "LE-1", None),
            ("adii", query, "BM-2026-1", "PSV-401"),
            ("adii", query, "BM-2026-2", "PSV-402"),
            ("coop-atlas", query, "BM-2026-1", None),
            ("coop-souss", query, "BM-2026-1", "PSV-402"),
            ("adii", visa, "BM-2026-1", None),
            ("adii", visa, "LE-1", "PSV-401"),
            ("mce", visa, "LE-1", None),
            ("mce", visa, "BM-2026-1", "PSV-401"),
        ):
            client = await place.client(partner)
            facts = (await client.send(client.signed(message, dossier=number))).facts
            codes = [error["code"] for error in facts["errors"]]
            assert codes == ([] if code is None else [code]), (partner, message, number)


def _customs_alone(handler: Handler) -> Handler:
    return replace(handler, type="VisaDecision", roles=frozenset({Role.CUSTOMS}))


async def test_a_batch_gets_consecutive_serials_and_a_refusal_leaves_no_gap(store: Store) -> None:
    await keep(store, inspection(1))
    async with store.read() as connection:
        await connection.run_sync(_hands_out)


async def test_several_workers_number_what_they_open_without_gaps_and_park_nothing(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = registry().handlers["LicenceApplication", "licence"]

    def numbered(message: Any, dossier: Dossier | None, context: Context) -> Decision:
        decision = ours.handle(message, dossier, context)
        return replace(decision, serial=context.read.next_serial("LE", 2026))

    key = ("LicenceApplication", "licence")
    monkeypatch.setitem(registry().handlers, key, replace(ours, handle=numbered))
    queue = QueueSettings(poll=0.2, batch=3, attempts=1)  # one failure would park
    async with town(tmp_path, database_url, workers=4, queue=queue) as place:
        client = await place.client("coop-atlas")
        draft = letters.application(Function.SAVE, goods_line=(), invoice=())
        await asyncio.gather(*(client.send(client.signed(draft)) for _ in range(40)))
        await place.settled(60)
        numbers = [f"LE-2026-{number}" for number in range(1, 41)]
        async with place.hub.store.read() as connection:
            assert sorted(await dossiers.load(connection, numbers)) == sorted(numbers)
        assert await place.count("dossiers") == 40


def _hands_out(connection: SyncConnection) -> None:
    read = LedgerReader(connection)
    first = read.next_serial("BM", 2026)
    assert (first.number, read.next_serial("BM", 2026).number) == (2, 3)
    read.settle(None)  # the message was refused
    assert read.next_serial("BM", 2026) == first
    read.settle(first)
    assert read.next_serial("BM", 2026).number == 3
    assert read.next_serial("BM", 2027).number == read.next_serial("BF", 2026).number == 1


async def test_the_assignment_window_shows_what_each_agent_has(store: Store) -> None:
    async with store.write() as tx:
        await agents.add_service(tx, Service(code="BM", name="Béni Mellal", places=("X",)), NOW)
        for name in ("busy", "free", "gone", "left-work"):
            one = Agent(identifier=name, name=name, service="BM", supervisor=False)
            await agents.add(tx, one, NOW)
        for name in ("gone", "left-work"):
            await agents.disable(tx, name, NOW)
    counted = {
        replace(GENERAL, agent="busy", state="in_progress"): Amounts(dossiers=2),
        replace(GENERAL, agent="busy", state="closed", period="2026-02"): Amounts(dossiers=3),
        replace(GENERAL, agent="busy", state="archived"): Amounts(dossiers=4),
        replace(GENERAL, agent="busy", service="BF"): Amounts(dossiers=50),
        replace(GENERAL, agent="busy", report="category"): Amounts(dossiers=60),
        replace(GENERAL, agent="gone", state="closed"): Amounts(dossiers=5),
        replace(GENERAL, agent="left-work"): Amounts(dossiers=1),
        replace(GENERAL, agent=""): Amounts(dossiers=7),
    }
    await keep(store, inspection(1, tally=counted))
    async with store.read() as connection:
        loads = await connection.run_sync(lambda sync: LedgerReader(sync).workload("BM"))
    assert list(loads) == [
        Workload(agent="busy", open=2, closed=7),
        Workload(agent="free", open=0, closed=0),
        Workload(agent="left-work", open=1, closed=0),
    ]


def _by_state(dossier: Dossier) -> Mapping[Cell, Amounts]:
    value = Decimal(len(dossier.content))
    return {replace(GENERAL, state=dossier.state): Amounts(dossiers=1, value=value)}


async def test_a_move_counts_the_difference_it_makes(tmp_path: Path, sqlite_url: str) -> None:
    async with door(tmp_path, sqlite_url) as place:
        procedure = replace(registry().procedures["licence"], tally=_by_state, facets=_nothing)
        cause = await _cause(place, procedure=procedure)
        opened = consequences.change(cause, Decision(content="{}"), _state("new"), "BM-2026-1")
        assert opened.tally == {GENERAL: Amounts(dossiers=1, value=Decimal(2))}
        dossier = _dossier("new")
        moved = consequences.change(
            replace(cause, dossier=dossier), Decision(content="{…}"), _state("closed"), "BM-2026-1"
        )
        assert moved.tally == {
            GENERAL: Amounts(dossiers=-1, value=Decimal(-2)),
            replace(GENERAL, state="closed"): Amounts(dossiers=1, value=Decimal(3)),
        }
        stayed = consequences.change(
            replace(cause, dossier=dossier), Decision(), _state("new"), "BM-2026-1"
        )
        assert stayed.tally == {}


def _nothing(dossier: Dossier) -> frozenset[tuple[str, str]]:
    return frozenset()


def _state(name: str) -> State:
    return State(name=name, fr=name, ar=name, en=name)


def _dossier(state: str) -> Dossier:
    return Dossier(
        number="BM-2026-1",
        procedure="licence",
        owner="coop-atlas",
        state=state,
        version=1,
        revision=3,
        opened_at=NOW,
        changed_at=NOW,
        content="{}",
        entries=(),
    )


async def _cause(place: Town, **changes: Any) -> Cause:
    cause = Cause(
        hub=place.hub,
        partners=await place.hub.directory.look(),
        procedure=registry().procedures["licence"],
        dossier=None,
        number=None,
        event="InspectionApplication",
        sender="coop-atlas",
        instance="message-1",
        message_id=None,
        now=NOW,
    )
    return replace(cause, **changes)


def _told(dossier: Dossier, name: str, digest: str) -> tuple[Reply, ...]:
    """The owner and customs hear of a certificate by its digest, the owner by mail as well."""
    if name != "certificate":
        return ()
    body = Notification(code="sealed", text=(LocalText(value=digest, lang=LanguageCode.FR),))
    letter = Letter(
        to="a@coop.example", subject_fr="Certificat", subject_ar="شهادة", fr=digest, ar=digest
    )
    return (
        Reply(to=dossier.owner, payload=body, letter=letter),
        Reply(to=Role.CUSTOMS, payload=body),
    )


def _paper(name: str, **changes: Any) -> papers.Paper:
    found = papers.Paper(
        dossier="BM-2026-1",
        name=name,
        version=3,
        state="current",
        media_type="application/pdf",
        digest="ab" * 32,
        created_at=NOW + timedelta(minutes=1),
        content=b"%PDF",
    )
    return replace(found, **changes)


async def test_a_sealed_paper_is_told_of_with_its_digest_in_its_own_transaction(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(registry().procedures, "licence", _telling())
    mail = MailSettings(server="mail.example", sender="hub@passavant.example")
    push = {"adii": "http://127.0.0.1:9/"}
    async with town(tmp_path, database_url, workers=0, push=push, mail=mail) as place:
        store, partners = place.hub.store, await place.hub.directory.look()
        paper = _paper("certificate")
        with pytest.raises(ZeroDivisionError):
            await _cut_short(place, paper)
        assert await place.count("outgoing") == await place.count("mails") == 0
        async with store.write() as tx:
            await tell(tx, place.hub, partners, _dossier("new"), _paper("blank form"))
            await tell(tx, place.hub, partners, _dossier("new"), paper)
        async with store.read() as connection:
            found = await outgoing.of_dossier(connection, "BM-2026-1")
            kinds = await connection.run_sync(lambda sync: sync.scalars(_JOBS).all())
        parts = {
            reply_id("passavant", "paper-BM-2026-1-certificate-3", str(index)): receiver
            for index, receiver in enumerate(("coop-atlas", "adii"))
        }
        assert {notice.instance: notice.receiver for notice in found} == parts
        assert sorted(kinds) == ["deliver", "mail"]
        assert await place.count("mails") == 1
        assert await place.count("journal") == 2
        async with store.read() as connection:
            notice = await outgoing.get(connection, "coop-atlas", next(iter(parts)))
        assert notice is not None
        assert b"ab" * 32 in notice.content


_JOBS = select(tables.jobs.c.kind)


async def _cut_short(place: Town, paper: papers.Paper) -> None:
    partners = await place.hub.directory.look()
    async with place.hub.store.write() as tx:
        await tell(tx, place.hub, partners, _dossier("new"), paper)
        raise ZeroDivisionError


def _telling() -> Procedure:
    return replace(registry().procedures["licence"], printed=_told)


async def test_a_paper_waits_until_somebody_holds_the_role_that_is_told(
    tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(registry().procedures, "licence", _telling())
    async with town(tmp_path, sqlite_url, workers=0, names=("coop-atlas",)) as place:
        partners = await place.hub.directory.look()
        with pytest.raises(TryLater):
            async with place.hub.store.write() as tx:
                await tell(tx, place.hub, partners, _dossier("new"), _paper("certificate"))


async def test_the_printer_tells_of_every_paper_it_stores(
    place: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A licence's visa is printed; customs and the owner hear of the paper's own digest."""
    told: list[tuple[str, str]] = []

    def heard(dossier: Dossier, name: str, digest: str) -> tuple[Reply, ...]:
        told.append((name, digest))
        return ()

    silent = registry().procedures["licence"]
    monkeypatch.setitem(registry().procedures, "licence", replace(silent, printed=heard))
    declarant = await place.client("coop-atlas")
    reply = await declarant.send(declarant.signed(letters.application()), wait=20)
    ministry = await place.client("mce")
    number = reply.facts["dossier"]["number"]
    await ministry.send(ministry.signed(letters.visa(), dossier=number), wait=20)
    await place.settled(60)
    async with place.hub.store.read() as connection:
        kept = await papers.list(connection, number)
    assert kept
    assert sorted(told) == sorted((leaf.name, leaf.digest) for leaf in kept)


@pytest.fixture
async def place(tmp_path: Path, sqlite_url: str) -> AsyncIterator[Town]:
    """A hub that works."""
    async with town(tmp_path, sqlite_url) as found:
        yield found
