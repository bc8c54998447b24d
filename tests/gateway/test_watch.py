"""What the watch finds: one alert a cause, told with its facts, over when it is over."""

from __future__ import annotations

import re
import shutil
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest

from gateway import causes
from gateway.alert_texts import TEXTS, said
from gateway.causes import FAMILIES, Family, Look
from gateway.config import AlertSettings, MailSettings
from gateway.hub import Hub
from gateway.validity import covered_until, days_left, level_of, severity
from gateway.watch import Watch
from schemas.errors import Code
from storage import alerts, journal, mails, partners, processes, proposals, queue, traffic
from storage.alerts import Alert, Cause
from storage.queue import Kind, NewJob
from storage.traffic import Passed
from tests.gateway.house import (
    Clock,
    certify,
    house,
    park_all,
    partner,
    pushes_fail,
    sent,
    standing,
)
from tests.storage import values
from tests.town import make_key

SERVER = MailSettings(server="relay.example", sender="guichet@hub.example")
TOLD = AlertSettings(
    disk_low=0,
    disk_urgent=0,
    mail_to=("garde@hub.example", "chef@hub.example"),
    webhook_url="https://watch.example/alerts",
    webhook_secret_file=Path("secret"),
)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def hub(tmp_path: Path, sqlite_url: str, clock: Clock) -> AsyncIterator[Hub]:
    async with house(tmp_path, sqlite_url, clock) as opened:
        yield opened


@pytest.fixture
def telling(tmp_path: Path, sqlite_url: str, clock: Clock) -> AbstractAsyncContextManager[Hub]:
    """A hub that tells two people and a webhook."""
    return house(tmp_path, sqlite_url, clock, alerts=TOLD, mail=SERVER)


async def jobs_of(hub: Hub, kind: Kind) -> list[queue.Job]:
    async with hub.store.read() as connection:
        found: list[queue.Job] = await queue.listing(connection, kind=kind)
    return found


async def test_a_quiet_hub_has_no_alerts_and_looking_at_it_writes_nothing(hub: Hub) -> None:
    await partner(hub, "adii", make_key("adii"))
    assert await standing(hub) == {}


async def test_a_partner_that_is_down_is_one_alert_however_many_messages_wait(
    hub: Hub, clock: Clock
) -> None:
    await partner(hub, "adii", make_key("adii"), push="http://adii.example/inbox")
    await sent(hub, "adii", 40)
    began = clock.now
    await pushes_fail(hub, "the partner answered 503")
    clock.pass_by(minutes=4)
    assert await standing(hub) == {}
    clock.pass_by(minutes=2)
    await pushes_fail(hub, "ClientConnectorError: no route")
    found = await standing(hub)
    assert list(found) == ["partner-unreachable/adii"]
    alert = found["partner-unreachable/adii"]
    assert (alert.count, alert.facts["error"]) == (40, "ClientConnectorError: no route")
    assert alert.facts["since"] == began.isoformat(timespec="seconds")
    async with hub.store.write() as tx:
        for job in await queue.claim(
            tx, kinds=[Kind.DELIVER], worker="w", now=clock.now, lease=timedelta(1), limit=50
        ):
            await queue.finish(tx, [job])
    clock.pass_by(minutes=1)
    assert await standing(hub) == {}


async def test_given_up_deliveries_are_one_alert_a_partner(hub: Hub, clock: Clock) -> None:
    for name in ("adii", "mce"):
        await partner(hub, name, make_key(name))
        await sent(hub, name, 6)
    await park_all(hub, Kind.DELIVER, "the partner answered 410")
    found = await standing(hub)
    assert set(found) == {"deliveries-parked/adii", "deliveries-parked/mce"}
    assert found["deliveries-parked/adii"].facts["error"] == "the partner answered 410"
    assert found["deliveries-parked/adii"].count > 1


async def test_parked_messages_are_grouped_by_what_went_wrong(hub: Hub, clock: Clock) -> None:
    async with hub.store.write() as tx:
        await queue.enqueue(
            tx,
            [NewJob(kind=Kind.WORK, lane=None, subject=n, due=clock.now) for n in range(9)],
            clock.now,
        )
    await park_all(
        hub,
        Kind.WORK,
        "PSV-901\nTraceback (most recent call last):\nKeyError: 'LE-2026-0000001'\n",
        "PSV-901\nTraceback (most recent call last):\nKeyError: 'LE-2026-0000042'\n",
        "PSV-902",
    )
    found = await standing(hub)
    assert {(alert.subject, alert.count) for alert in found.values()} == {
        ("KeyError: …", 6),
        ("PSV-902", 3),
    }
    assert {alert.family for alert in found.values()} == {"messages-parked"}


async def test_so_many_different_errors_are_not_so_many_alerts(hub: Hub, clock: Clock) -> None:
    async with hub.store.write() as tx:
        await queue.enqueue(
            tx,
            [NewJob(kind=Kind.TIMER, lane=None, subject=n, due=clock.now) for n in range(40)],
            clock.now,
        )
    await park_all(hub, Kind.TIMER, *("Error" + "abcdefghij"[n % 10] * (n + 1) for n in range(40)))
    found = await standing(hub)
    assert len(found) == causes.MOST_CAUSES + 1
    others = next(alert for alert in found.values() if alert.subject == causes.OTHERS)
    assert others.count == 40 - causes.MOST_CAUSES


async def test_papers_and_notices_and_mails_that_are_parked_have_families_of_their_own(
    hub: Hub, clock: Clock
) -> None:
    async with hub.store.write() as tx:
        await tx.run_sync(mails.write, [values.mail(), values.mail("mail-2")])
        await mails.begin(tx, 2)
        await queue.enqueue(
            tx,
            [
                NewJob(kind=Kind.RENDER, lane=None, subject=0, due=clock.now, about="LE-1"),
                NewJob(kind=Kind.NOTIFY, lane=None, subject=1, due=clock.now, about="{}"),
                NewJob(kind=Kind.MAIL, lane=None, subject=1, due=clock.now),
                NewJob(kind=Kind.MAIL, lane=None, subject=2, due=clock.now),
            ],
            clock.now,
        )
    for kind in (Kind.RENDER, Kind.NOTIFY, Kind.MAIL):
        await park_all(hub, kind, "it broke")
    assert {alert.family for alert in (await standing(hub)).values()} == {
        "papers-parked",
        "notices-parked",
        "mails-failed",
        "mails-doubtful",
    }


async def test_a_queue_that_nobody_works_is_slow(hub: Hub, clock: Clock) -> None:
    async with hub.store.write() as tx:
        await queue.enqueue(
            tx, [NewJob(kind=Kind.WORK, lane=None, subject=1, due=clock.now)], clock.now
        )
    clock.pass_by(minutes=4)
    assert await standing(hub) == {}
    clock.pass_by(minutes=2)
    assert (await standing(hub))["queue-slow"].level == 6


async def test_a_certificate_that_ends_is_told_at_each_of_its_days(hub: Hub, clock: Clock) -> None:
    await partner(hub, "adii", make_key("adii", days=61, now=clock.now))
    seen: list[tuple[int, str]] = []
    for day in range(63):
        observed = await Watch(hub).look()
        seen += [
            (day, alert.facts["days"])
            for alert in (*observed.opened, *observed.raised)
            if alert.family == "certificate"
        ]
        clock.pass_by(days=1)
    assert seen == [(1, "60"), (31, "30"), (47, "14"), (54, "7"), (60, "1"), (61, "0")]


async def test_a_newer_certificate_ends_the_alert_unless_there_is_a_gap(
    hub: Hub, clock: Clock
) -> None:
    await partner(hub, "adii", make_key("adii", days=5, now=clock.now))
    assert set(await standing(hub)) == {"certificate/adii"}
    late = make_key("adii", days=300, now=clock.now + timedelta(days=9))
    await certify(hub, "adii", late)
    clock.pass_by(seconds=20)
    assert set(await standing(hub)) == {"certificate/adii"}
    fingerprint = await certify(hub, "adii", make_key("adii", days=300, now=clock.now))
    clock.pass_by(seconds=20)
    assert await standing(hub) == {}
    async with hub.store.write() as tx:
        await partners.suspend_certificate(tx, fingerprint, clock.now)
    clock.pass_by(seconds=20)
    assert set(await standing(hub)) == {"certificate/adii"}


async def test_a_suspended_partner_may_let_its_certificate_end(hub: Hub, clock: Clock) -> None:
    await partner(hub, "adii", make_key("adii", days=5, now=clock.now))
    async with hub.store.write() as tx:
        await partners.suspend(tx, "adii", "gone", clock.now)
    assert await standing(hub) == {}


async def test_the_hubs_own_certificate_ends_too(hub: Hub, clock: Clock) -> None:
    clock.now = hub.signer.certificate.not_after - timedelta(days=6)
    alert = (await standing(hub))["hub-certificate/passavant"]
    assert (alert.level, severity(alert.level)) == (4, "warning")


async def test_a_disk_that_fills_is_a_warning_and_then_urgent(
    tmp_path: Path, sqlite_url: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)
    free = 14

    def measured(_folder: object) -> Any:
        return usage._replace(total=100_000, used=0, free=free * 1_000)

    monkeypatch.setattr("gateway.causes.shutil.disk_usage", measured)
    async with house(tmp_path, sqlite_url, clock, alerts=AlertSettings()) as hub:
        assert (await standing(hub))["disk"].level == 4
        free = 4
        clock.pass_by(seconds=20)
        found = (await standing(hub))["disk"]
        assert (found.level, found.facts["percent"]) == (6, "4")
        free = 40
        clock.pass_by(seconds=20)
        assert await standing(hub) == {}


async def test_one_identifier_for_two_messages_is_told_and_over_after_a_quiet_day(
    hub: Hub, clock: Clock
) -> None:
    await partner(hub, "coop", make_key("coop"))
    label = Code.SAME_ID_OTHER_CONTENT.label
    records = [
        values.record(
            f"coop/m-{number}",
            at=clock.now,
            kind="message refused",
            actor="coop",
            facts={"type": "LicenceApplication", "codes": code},
        )
        for number, code in enumerate((label, "PSV-501", f"PSV-404 {label}"))
    ]
    async with hub.store.write() as tx:
        await journal.append(tx, records)
    assert (await standing(hub))["same-id/coop"].count == 2
    clock.pass_by(hours=23)
    assert set(await standing(hub)) == {"same-id/coop"}
    clock.pass_by(hours=2)
    assert await standing(hub) == {}


async def test_a_storm_of_refused_or_repeated_messages_is_one_alert_a_partner(
    hub: Hub, clock: Clock
) -> None:
    await partner(hub, "coop", make_key("coop"))
    async with hub.store.write() as tx:
        await traffic.count(
            tx,
            [
                traffic.Count(at=clock.now, kind=kind, partner="coop", type="x", count=many)
                for kind, many in (
                    (Passed.REJECTED, 100),
                    (Passed.REPEATED, 101),
                    (Passed.ACCEPTED, 5000),
                )
            ],
        )
    found = await standing(hub)
    assert {(alert.cause, alert.count) for alert in found.values()} == {
        ("storm-repeated/coop", 101)
    }


async def test_a_process_that_says_nothing_is_silent_until_it_speaks(
    hub: Hub, clock: Clock
) -> None:
    async def beat() -> None:
        process = processes.Process(
            name="hub-1/7",
            host="hub-1",
            pid=7,
            version="1",
            loops={},
            started_at=clock.now,
            seen_at=clock.now,
        )
        async with hub.store.write() as tx:
            await processes.beat(tx, process)

    await beat()
    assert await standing(hub) == {}
    clock.pass_by(minutes=2)
    assert (await standing(hub))["process-silent/hub-1/7"].facts["host"] == "hub-1"
    await beat()
    clock.pass_by(seconds=1)
    assert await standing(hub) == {}


async def test_an_act_that_waits_for_a_second_person_is_an_alert_until_its_time_is_over(
    hub: Hub, clock: Clock
) -> None:
    async with hub.store.write() as tx:
        await proposals.add(
            tx,
            proposals.NewProposal(
                kind="rotate",
                subject="adii",
                act="{}",
                reason="the old key was lost",
                proposed_by="samira",
                proposed_at=clock.now,
                expires_at=clock.now + timedelta(hours=8),
            ),
        )
    alert = (await standing(hub))["proposal/1"]
    assert (alert.subject, alert.facts["by"], alert.level) == ("adii", "samira", 2)
    clock.pass_by(hours=9)
    assert await standing(hub) == {}


async def test_a_look_that_fails_hinders_no_other_and_ends_nothing(hub: Hub) -> None:
    broken = False

    async def find(_look: Look) -> list[Cause]:
        if broken:
            raise KeyError("a bug")
        return [Cause(cause="a", family="disk", subject="s", level=2)]

    async def other(_look: Look) -> list[Cause]:
        return [Cause(cause="b", family="queue-slow", subject="s", level=2)]

    families = (Family(names=("disk",), find=find), Family(names=("queue-slow",), find=other))
    watch = Watch(hub, families=families)
    assert len((await watch.look()).opened) == 2
    broken = True
    observed = await watch.look()
    assert observed == alerts.Observed()


async def test_a_look_is_taken_when_it_is_time(hub: Hub) -> None:
    looks = 0

    async def find(_look: Look) -> list[Cause]:
        nonlocal looks
        looks += 1
        return []

    watch = Watch(hub, families=(Family(names=("disk",), find=find),))
    assert [await watch.turn() for _ in range(3)] == [0, 0, 0]
    assert looks == 1


async def test_an_alert_is_told_with_it_and_once(
    telling: AbstractAsyncContextManager[Hub], clock: Clock
) -> None:
    async with telling as hub:
        await partner(hub, "adii", make_key("adii", days=5, now=clock.now))
        await standing(hub)
        await standing(hub)
        assert [job.lane for job in await jobs_of(hub, Kind.NOTIFY)] == ["alert/1"]
        assert len(await jobs_of(hub, Kind.MAIL)) == 2
        async with hub.store.read() as connection:
            mail = await mails.load(connection, 1)
        assert mail is not None
        assert mail.recipient == "garde@hub.example"
        letter: Any = message_from_bytes(mail.content, policy=default)
        text = letter.get_body(("plain",)).get_content()
        assert "Le certificat de adii" in letter["Subject"]
        assert "/console/alerts/1" in text
        assert "شهادة" in text


async def test_what_is_muted_is_kept_and_not_told(
    telling: AbstractAsyncContextManager[Hub], clock: Clock
) -> None:
    async with telling as hub:
        await partner(hub, "adii", make_key("adii", days=8, now=clock.now))
        await standing(hub)
        async with hub.store.write() as tx:
            await alerts.mute(tx, 1, clock.now + timedelta(days=4))
        clock.pass_by(days=2)  # a higher level
        await standing(hub)
        assert len(await jobs_of(hub, Kind.NOTIFY)) == 1
        clock.pass_by(days=3)  # the mute is over
        await standing(hub)
        assert len(await jobs_of(hub, Kind.NOTIFY)) == 2
        assert len(await jobs_of(hub, Kind.MAIL)) == 4


async def test_the_end_of_an_alert_is_told_too(
    telling: AbstractAsyncContextManager[Hub], clock: Clock
) -> None:
    async with telling as hub:
        await partner(hub, "adii", make_key("adii", days=5, now=clock.now))
        await standing(hub)
        await certify(hub, "adii", make_key("adii", days=300, now=clock.now))
        clock.pass_by(seconds=20)
        await standing(hub)
        opened, ended = await jobs_of(hub, Kind.NOTIFY)
        assert '"event":"opened"' in opened.about
        assert '"event":"resolved"' in ended.about
        assert opened.lane == ended.lane


def test_every_family_has_its_texts_in_three_languages(clock: Clock) -> None:
    names = {name for family in FAMILIES for name in family.names}
    assert names == set(TEXTS)
    for family in TEXTS:
        alert = Alert(
            id=1,
            cause=family,
            family=family,
            subject="adii",
            level=2,
            facts={"days": "5"},
            count=1,
            state="open",
            opened_at=clock.now,
            seen_at=clock.now,
            muted_until=None,
            acknowledged_by=None,
            acknowledged_at=None,
            resolved_by=None,
            resolved_at=None,
            note=None,
        )
        english, french, arabic = (said(alert, language) for language in ("en", "fr", "ar"))
        for one, two in ((english, french), (english, arabic), (french, arabic)):
            assert one.title != two.title
            assert one.meaning != two.meaning
            assert one.repair != two.repair


def test_every_family_has_its_chapter_in_the_operators_guide() -> None:
    guide = Path(__file__).parents[2] / "docs" / "how-to" / "six-bad-nights.md"
    headings = re.findall(r"^## (.+)$", guide.read_text(encoding="utf-8"), re.MULTILINE)
    anchors = {heading.lower().replace(" ", "-") for heading in headings}
    assert {text.guide for text in TEXTS.values()} <= anchors


def test_validity_is_what_follows_on_without_a_gap(clock: Clock) -> None:
    now = clock.now
    first = make_key("a", days=10, now=now).certificate
    next_one = make_key("a", days=10, now=now + timedelta(days=9)).certificate
    late = make_key("a", days=10, now=now + timedelta(days=30)).certificate
    assert covered_until([], now) is None
    assert covered_until([late], now) is None
    assert covered_until([late, first], now) == first.not_after
    assert covered_until([late, next_one, first], now) == next_one.not_after
    assert covered_until([first], first.not_after + timedelta(seconds=1)) is None
    ends = {61: None, 60: 1, 31: 1, 30: 2, 14: 3, 7: 4, 1: 5, 0: 6, -3: 6}
    found = {days: level_of(now + timedelta(days=days), now) for days in ends}
    assert found == ends
    assert level_of(None, now) == 6
    assert days_left(now - timedelta(days=2), now) == 0
