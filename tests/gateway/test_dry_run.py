"""A dry run says what would happen, and leaves the database as it was."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select

from gateway.acts.act import DryRun
from gateway.acts.dry_run import Trial, tried
from gateway.config import MailSettings
from schemas.bindings.visa_decision_1 import Decision
from storage import mails, outgoing, queue
from storage.engine import SyncConnection
from storage.queue import Job, Kind, NewJob
from storage.tables import metadata
from tests import crafts, letters
from tests.poison import drop, jobs, poisoned
from tests.storage.values import mail
from tests.storage.values import outgoing as sent
from tests.town import Town, town

#: A running process says every now and then that it lives, whatever is asked of it.
BEATS = "processes"
NOBODY = "http://127.0.0.1:9/inbox"  # nobody listens at the port of "discard"


async def checksum(place: Town) -> dict[str, tuple[int, str]]:
    """Every table's rows, counted and hashed."""

    def _read(sync: SyncConnection) -> dict[str, tuple[int, str]]:
        found = {}
        for table in metadata.sorted_tables:
            if table.name == BEATS:
                continue
            rows = sorted(map(repr, sync.execute(select(table))))
            found[table.name] = (len(rows), hashlib.sha256("\n".join(rows).encode()).hexdigest())
        return found

    async with place.hub.store.read() as conn:
        return await conn.run_sync(_read)


async def trial(place: Town, job: Job) -> Trial:
    async with place.hub.store.read() as conn:
        return await tried(place.hub, conn, job, place.hub.clock())


async def decided(place: Town, job: Job) -> DryRun:
    found = (await trial(place, job)).dry_run
    assert found is not None
    return found


async def opened(place: Town, *bodies: tuple[str, object]) -> str:
    """A licence that lived through these messages; then its number."""
    partner = await place.client("coop-atlas")
    facts = (await partner.send(partner.signed(letters.application()), wait=20)).facts
    number = str(facts["dossier"]["number"])
    for sender, body in bodies:
        other = await place.client(sender)
        await other.send(other.signed(body, dossier=number), wait=20)
    return number


@asynccontextmanager
async def still(place: Town, folder: Path, url: str) -> AsyncIterator[Town]:
    """The same hub after a stop, with its door open and nobody at work."""
    (folder / "later").mkdir()
    async with town(folder / "later", url, workers=0, names=()) as later:
        later.keys.update(place.keys)
        yield later


async def stopped(place: Town, sender: str, body: object, number: str) -> Job:
    """A message that nobody takes."""
    other = await place.client(sender)
    await other.send(other.signed(body, dossier=number))
    (job,) = [job for job in await jobs(place) if job.kind is Kind.WORK]
    return job


async def test_a_dry_run_costs_no_write_and_takes_no_serial(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    woken: list[tuple[str, ...]] = []
    async with town(tmp_path, database_url, workers=0) as place:
        await crafts.open_services(place)
        await drop(place, "coop-atlas", "a-licence")
        await drop(place, crafts.EXPORTER, "a-certificate", crafts.application())
        before = await checksum(place)
        assert before["jobs"][0] == 2
        monkeypatch.setattr(type(place.hub.store), "hint", lambda _, *kinds: woken.append(kinds))
        first = [await decided(place, job) for job in await jobs(place)]
        second = [await decided(place, job) for job in await jobs(place)]
        assert first == second, "the same number is offered again: none was taken"
        assert await checksum(place) == before
        assert woken == []
    assert [one.problem for one in first] == [None, None]
    assert [one.after and one.after.name for one in first] == ["submitted", "submitted"]


async def test_a_dry_run_shows_the_ledger_before_and_after(tmp_path: Path, sqlite_url: str) -> None:
    async with town(tmp_path, sqlite_url) as place:
        number = await opened(
            place, ("mce", letters.visa()), ("adii", letters.imputation("IMP-1", "400"))
        )
    async with still(place, tmp_path, sqlite_url) as later:
        job = await stopped(later, "adii", letters.imputation("IMP-2", "250"), number)
        before = await checksum(later)
        run = await decided(later, job)
        assert await checksum(later) == before
    assert run.dossier == number
    assert run.before is not None
    assert run.after is not None
    assert (run.before.name, run.after.name) == ("partly_imputed", "partly_imputed")
    (balance,) = run.balances
    assert (balance.before, balance.after) == (Decimal(400), Decimal(650))
    assert {one.to for one in run.sends} >= {"adii"}


async def test_a_dry_run_shows_why_a_message_would_be_refused(
    tmp_path: Path, sqlite_url: str
) -> None:
    async with town(tmp_path, sqlite_url) as place:
        number = await opened(place, ("mce", letters.visa(Decision.REJECTED)))
    async with still(place, tmp_path, sqlite_url) as later:
        run = await decided(later, await stopped(later, "mce", letters.visa(), number))
    assert run.errors
    assert run.before == run.after
    assert run.before is not None
    assert run.before.name == "rejected"


async def test_a_bug_is_shown_by_the_last_line_of_its_traceback(
    tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> object:
        raise KeyError("<b>no</b>")

    async with poisoned(tmp_path, sqlite_url, "poison-1") as place:
        (job,) = await jobs(place, state="parked")
        monkeypatch.setattr("gateway.acts.dry_run.decide", broken)
        run = await decided(place, job)
    assert run.problem == "KeyError: '<b>no</b>'"
    assert run.after is None


async def test_a_job_behind_another_is_decided_as_if_that_had_not_happened(
    tmp_path: Path, sqlite_url: str
) -> None:
    async with town(tmp_path, sqlite_url) as place:
        number = await opened(place)
    async with still(place, tmp_path, sqlite_url) as later:
        first = await stopped(later, "mce", letters.visa(), number)
        other = await later.client("adii")
        await other.send(other.signed(letters.imputation("IMP-1", "5"), dossier=number))
        (behind,) = await jobs(later, state="waiting")
        assert (await trial(later, first)).cautions == ()
        found = await trial(later, behind)
    assert found.dry_run is not None
    assert found.dry_run.errors, "there is no visa yet: it would be refused"
    assert "as if those ahead of it had not happened" in found.cautions[0]


async def test_a_timer_is_rung_on_trial(tmp_path: Path, sqlite_url: str) -> None:
    async with town(tmp_path, sqlite_url) as place:
        number = await opened(place, ("mce", letters.visa()))
    async with still(place, tmp_path, sqlite_url) as later:
        (timer,) = [job for job in await jobs(later) if job.about.startswith(f"{number}|expiry|")]
        before = await checksum(later)
        now = await decided(later, timer)
        async with later.hub.store.read() as conn:
            year = later.hub.clock() + timedelta(days=400)
            rung = await tried(later.hub, conn, timer, year)
        assert await checksum(later) == before
    assert now.before == now.after, "it is not yet time"
    assert rung.dry_run is not None
    assert rung.dry_run.after is not None
    assert rung.dry_run.after.name != "granted"
    assert ("Timer", "expiry") in rung.facts


async def test_a_delivery_a_mail_and_a_paper_say_what_goes_where(
    tmp_path: Path, sqlite_url: str
) -> None:
    server = MailSettings(server="127.0.0.1", sender="hub@window.example", port=9)
    async with town(
        tmp_path, sqlite_url, workers=0, push={"coop-atlas": NOBODY}, mail=server
    ) as place:
        async with place.hub.store.write() as tx:
            await outgoing.store(tx, [sent("to-1", receiver="coop-atlas", push=True)])
            await mails.store(tx, [mail()])
            paper = NewJob(
                kind=Kind.RENDER, lane="paper/x", subject=0, due=place.hub.clock(), about="LE-1"
            )
            notice = NewJob(
                kind=Kind.NOTIFY, lane=None, subject=0, due=place.hub.clock(), about="disk"
            )
            await queue.enqueue(tx, [paper, notice], place.hub.clock())
        found = {job.kind: await trial(place, job) for job in await jobs(place)}
    push = found[Kind.DELIVER]
    assert ("Address", NOBODY) in push.facts
    assert [(one.to, one.how) for one in push.sends] == [("coop-atlas", "push")]
    assert [(one.to, one.how) for one in found[Kind.MAIL].sends] == [
        ("export@atlas.example", "mail")
    ]
    assert ("Dossier", "LE-1") in found[Kind.RENDER].facts
    assert ("About", "disk") in found[Kind.NOTIFY].facts
