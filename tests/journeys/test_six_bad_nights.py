"""The operator's guide, lived through: each bad night happens, and each step does what it says.

The full disk is in `tests/faults/test_disk_watch.py`: it takes a hub in a process of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import urlencode

import pytest

from gateway import work
from gateway.client import HubClient
from gateway.config import AlertSettings, DeliverySettings, QueueSettings
from gateway.hub import utc_now
from gateway.validity import URGENT
from schemas.bindings.visa_decision_1 import Decision
from schemas.envelope import read_header
from schemas.parse import parse
from schemas.workflow import Role
from storage.alerts import Alert
from storage.queue import Kind
from tests import letters
from tests.console.visitors import visitor
from tests.journeys.duty import Duty, on_duty, terminal
from tests.journeys.test_clearance import said
from tests.poison import bug, drop, jobs, parked
from tests.town import Clock, Key, Town, inbox, make_key, register

#: Looks often and waits briefly, so that a night does not last one; no disk of ours is full.
QUICK: dict[str, Any] = {
    "alerts": AlertSettings(
        every=0.2, unreachable=timedelta(), storm=20, disk_low=0, disk_urgent=0
    ),
    "delivery": DeliverySettings(
        allow_private=True,
        first_delay=timedelta(milliseconds=200),
        longest_delay=timedelta(seconds=1),
    ),
    "queue": QueueSettings(poll=0.1, attempts=2),
}
ADDRESS = "http://192.0.2.17:8443/inbox"  #: the ministry's, in the guide


@pytest.fixture(scope="module")
def commands() -> Iterator[ProcessPoolExecutor]:
    """A terminal for all nights."""
    with terminal() as found:
        yield found


async def filed(duty: Duty, name: str = "coop-atlas", instance: str = "") -> str:
    """A licence that is accepted; its number."""
    declarant = await duty.place.client(name)
    signed = declarant.signed(letters.application(), instance=instance)
    reply = await declarant.send(signed, wait=20)
    assert reply.facts["status"] == "accepted", reply.facts
    return str(reply.facts["dossier"]["number"])


async def outstanding(duty: Duty) -> int:
    """How many jobs there are, but for timers of later days."""
    return sum(job.kind is not Kind.TIMER for job in await jobs(duty.place))


async def boxed(client: HubClient, many: int) -> list[str]:
    """What lies in a partner's mailbox, once it is so much."""
    for _ in range(200):
        if len(found := await client.mailbox()) == many:
            return [one["type"] for one in found]
        await asyncio.sleep(0.05)
    raise TimeoutError(f"the mailbox never held {many}")


def types(bodies: list[bytes]) -> list[str]:
    return [read_header(parse(body)).type for body in bodies]


def port_of(url: str) -> int:
    return int(url.split(":")[2].split("/")[0])


async def down(duty: Duty) -> Alert:
    """The ministry does not answer any more, and two visa requests are for it."""
    for number in (1, 2):
        await filed(duty, instance=f"licence-{number}")
    alert = await duty.alerted("partner-unreachable")
    assert alert.subject == "mce"
    return alert


async def test_a_partner_that_comes_back_by_itself_gets_everything_in_order(
    tmp_path: Path, database_url: str, commands: ProcessPoolExecutor
) -> None:
    async with inbox() as away:
        address = away.url
    push = {"mce": address}
    async with on_duty(tmp_path, database_url, commands, push=push, **QUICK) as duty:
        alert = await down(duty)
        await duty.types("passavant alert list")
        line = 'passavant alert acknowledge 17 --reason "calling the ministry"'
        await duty.types(line, {"17": alert.id})
        assert "Pushes to mce fail" in await duty.sees(f"/alerts/{alert.id}")
        assert "mce" in await duty.sees("/")
        assert (await duty.sees("/queue?partner=mce")).count("VisaRequest") == 2
        await duty.types("passavant queue list --kind deliver")
        await duty.types("passavant partner ping mce", {ADDRESS: address}, status=1)
        page = await duty.presses("/partners/mce", "/partners/mce/ping")
        assert "no answer" in page
        async with inbox(port_of(address)) as back:
            bodies = await back.waited(2)
            await duty.over(alert)
        assert types(bodies) == ["VisaRequest"] * 2
        assert await outstanding(duty) == 0


async def test_a_partner_that_stays_away_is_moved_on_from_and_pushed_to_when_it_is_back(
    tmp_path: Path, database_url: str, commands: ProcessPoolExecutor
) -> None:
    async with inbox() as away:
        address = away.url
    push, real = {"mce": address}, {ADDRESS: address}
    async with on_duty(tmp_path, database_url, commands, push=push, **QUICK) as duty:
        alert = await down(duty)
        await duty.types(
            'passavant partner move-on mce --reason "away until Monday" --dry-run', real
        )
        assert await outstanding(duty) == 2
        await duty.types('passavant partner move-on mce --reason "away until Monday"', real)
        await duty.over(alert)
        assert await outstanding(duty) == 0
        ministry = await duty.place.client("mce")
        assert await boxed(ministry, 2) == ["VisaRequest"] * 2
        await filed(duty, instance="licence-3")
        assert await boxed(ministry, 3) == ["VisaRequest"] * 3
        async with inbox(port_of(address)) as back:
            await duty.types(
                "passavant partner push mce http://192.0.2.17:8443/inbox --mailbox"
                ' --reason "back since 7:10"',
                real,
            )
            assert types(await back.waited(3)) == ["VisaRequest"] * 3
            await boxed(ministry, 0)
        # The same in the console, when it goes away once more.
        await filed(duty, instance="licence-4")
        alert = await duty.alerted("partner-unreachable")
        would = await duty.previews("act=move-on&partner=mce")
        assert "Nothing is lost" in would
        await duty.confirms("act=move-on&partner=mce", "away again")
        await duty.over(alert)
        await boxed(ministry, 1)
        async with inbox(port_of(address)) as back:
            again = urlencode({"act": "push-again", "partner": "mce", "url": address})
            await duty.confirms(again, "back")
            assert types(await back.waited(1)) == ["VisaRequest"]
        kinds = await duty.sees("/journal")
        for kind in ("partner moved on from", "mailbox pushed"):
            assert kind in kinds.lower()


async def test_what_a_partner_did_not_want_is_parked_and_retried_when_it_agrees(
    tmp_path: Path, database_url: str, commands: ProcessPoolExecutor
) -> None:
    async with inbox() as ministry:
        ministry.answers = [400] * 5
        push = {"mce": ministry.url}
        async with on_duty(tmp_path, database_url, commands, push=push, **QUICK) as duty:
            await filed(duty, instance="licence-1")
            (job,) = await parked(duty.place, 1)
            alert = await duty.alerted("deliveries-parked")
            assert "the partner answered 400" in await duty.sees(f"/alerts/{alert.id}")
            await duty.types("passavant queue list --kind deliver --state parked")
            retry = 'passavant queue retry 4711 --reason "the ministry repaired its server"'
            await duty.types(retry, {"4711": job.id})
            bodies = await ministry.waited(6)
            assert len(set(bodies)) == 1  # the very same bytes
            await duty.over(alert)


@contextmanager
def broken(*instances: str) -> Iterator[None]:
    """A handler with a bug, for the workers and for whoever asks what they would do."""
    with bug(*instances), patch("gateway.acts.dry_run.decide", vars(work)["decide"]):
        yield


async def test_a_poison_message_waits_alone_until_its_cause_is_mended(
    tmp_path: Path, database_url: str, commands: ProcessPoolExecutor
) -> None:
    async with on_duty(tmp_path, database_url, commands, **QUICK) as duty:
        declarant = await duty.place.client("coop-atlas")
        with broken("poison-1", "poison-2"):
            for name in ("poison-1", "poison-2"):
                await drop(duty.place, "coop-atlas", name)
            first, second = await parked(duty.place, 2)
            alert = await duty.alerted("messages-parked", count=2)  # one alert for one cause
            await filed(duty)  # everybody else goes on
            assert "ZeroDivisionError" in await duty.sees(f"/alerts/{alert.id}")
            assert "ZeroDivisionError" in await duty.sees("/queue?state=parked&kind=work")
            assert "gateway/work.py" in await duty.sees(f"/queue/{first.id}")
            assert "ZeroDivisionError" in await duty.previews(f"act=release&job={first.id}")
            await duty.types("passavant queue causes")
            await duty.types("passavant queue show 4711", {"4711": first.id})
        # The cause is mended: the dry run says what the handler would decide now.
        would = await duty.previews(f"act=release&job={first.id}")
        assert "ZeroDivisionError" not in would
        assert "VisaRequest" in would
        await duty.confirms(f"act=release&job={first.id}", "version 1.0.1 is installed")
        await duty.types(
            "passavant queue release --cause"
            ' "ZeroDivisionError: division of the quantity by no units"'
            ' --reason "version 1.0.1 is installed" --dry-run'
        )
        await duty.types(
            "passavant queue release --cause"
            ' "ZeroDivisionError: division of the quantity by no units"'
            ' --reason "version 1.0.1 is installed"'
        )
        await duty.over(alert)
        for name in ("poison-1", "poison-2"):
            assert (await declarant.outcome(name))["status"] == "accepted"
        done = await duty.sees("/acts")
        assert f"{first.id}" in done
        assert f"{second.id}" in done


async def ended_key(place: Town, name: str) -> None:
    """A partner whose only certificate ended yesterday."""
    place.keys[name] = make_key(name, days=2, now=utc_now() - timedelta(days=3))
    await register(place.hub, name, Role.DECLARANT, place.keys[name])


async def sent(place: Town, name: str) -> list[str]:
    """The codes with which a partner's licence is refused; none when it is accepted."""
    client = await place.client(name)
    signed = client.signed(letters.application(), instance=f"{name}-1")
    return [error["code"] for error in (await client.send(signed, wait=20)).facts["errors"]]


async def test_an_expired_certificate_is_replaced_by_command(
    tmp_path: Path, database_url: str, commands: ProcessPoolExecutor
) -> None:
    async with on_duty(tmp_path, database_url, commands, **QUICK) as duty:
        await ended_key(duty.place, "coop-sahara")
        alert = await duty.alerted("certificate", level=URGENT)
        assert await sent(duty.place, "coop-sahara") == ["PSV-312"]
        assert await (await duty.place.client("coop-sahara")).mailbox() == []  # it may read
        await filed(duty)  # everybody else goes on
        assert "PSV-312" in await duty.sees("/messages?in=rejected&partner=coop-sahara")
        await duty.types("passavant partner list")
        fresh = duty.place.keys["coop-sahara"] = make_key("coop-sahara")
        file = tmp_path / "next.cert.pem"
        file.write_bytes(fresh.cert_pem)
        line = (
            "passavant partner rotate coop-sahara --certificate coop-sahara-2027.cert.pem"
            ' --reason "fingerprint compared by telephone"'
        )
        await duty.types(line, {"coop-sahara-2027.cert.pem": file})
        await duty.over(alert)
        assert await sent(duty.place, "coop-sahara") == []  # the same identifier: it was not used


async def test_an_expired_certificate_is_replaced_by_two_people_in_the_console(
    tmp_path: Path, database_url: str, commands: ProcessPoolExecutor
) -> None:
    async with on_duty(tmp_path, database_url, commands, "administrator", **QUICK) as duty:
        await ended_key(duty.place, "coop-sahara")
        alert = await duty.alerted("certificate", level=URGENT)
        fresh: Key = make_key("coop-sahara")
        asked = {"act": "rotate", "partner": "coop-sahara", "certificate": fresh.cert_pem.decode()}
        would = await duty.previews(urlencode(asked))
        assert fresh.certificate.fingerprint in would
        await duty.confirms(urlencode(asked), "fingerprint compared by telephone")
        waiting = await duty.alerted("proposal")
        number = waiting.facts["proposal"]
        assert "needs a second person" in would
        await duty.types("passavant proposal list")
        own = await duty.console.post(f"/acts/{number}/approve")
        assert own.status == 409  # nobody agrees with himself
        other = await visitor(duty.place, "administrator", "driss")
        assert (await other.get(f"/acts/{number}")).status == 200
        assert (await other.post(f"/acts/{number}/approve")).status == 303
        await duty.over(waiting)
        await duty.over(alert)
        duty.place.keys["coop-sahara"] = fresh
        assert await sent(duty.place, "coop-sahara") == []


async def heard(client: HubClient, document: bytes, codes: list[str]) -> None:
    """Wait until a message is answered with these codes: partners are read once a second."""
    facts: dict[str, Any] = {}
    for _ in range(50):
        facts = (await client.send(document)).facts
        if [error["code"] for error in facts["errors"]] == codes:
            return
        await asyncio.sleep(0.2)
    raise TimeoutError(f"{facts}, not {codes}")


async def test_a_storm_changes_nothing_and_is_stopped_by_a_suspension(
    tmp_path: Path, database_url: str, commands: ProcessPoolExecutor
) -> None:
    clock = Clock()
    async with on_duty(tmp_path, database_url, commands, clock=clock, **QUICK) as duty:
        declarant = await duty.place.client("coop-souss")
        document = declarant.signed(letters.application(), instance="again")
        first = await declarant.send(document)
        for _ in range(25):
            assert (await declarant.send(document)).document == first.document
        repeated = await duty.alerted("storm-repeated")
        other = declarant.signed(letters.application(incoterm="CIF"), instance="again")
        for _ in range(25):
            await heard(declarant, other, ["PSV-404"])
        same_id, storm = await duty.alerted("same-id"), await duty.alerted("storm-refused")
        assert {one.subject for one in (repeated, same_id, storm)} == {"coop-souss"}
        await duty.place.settled()
        assert await duty.place.count("dossiers") == 1
        assert "PSV-404" in await duty.sees("/partners/coop-souss")
        line = 'passavant partner suspend coop-souss --reason "storm of repeats, developer called"'
        await duty.types(line)
        await heard(declarant, document, ["PSV-403"])
        await filed(duty, "coop-atlas")  # everybody else goes on
        line = 'passavant partner suspend coop-souss --resume --reason "repaired, tried together"'
        await duty.types(line)
        await heard(declarant, document, [])
        assert "PSV-403" in await duty.previews("act=suspend&partner=coop-souss")
        await duty.confirms("act=suspend&partner=coop-souss", "it began again")
        await heard(declarant, document, ["PSV-403"])
        await duty.confirms("act=resume&partner=coop-souss", "repaired indeed")
        await heard(declarant, document, [])
        clock.leap = timedelta(days=1, minutes=11)  # a quiet day
        for alert in (repeated, same_id, storm):
            await duty.over(alert)


async def decided(place: Town, decision: Decision, number: str) -> str:
    """What the licence is after the ministry's decision."""
    facts = await said(place, "mce", letters.visa(decision), number)
    assert facts["status"] == "accepted", facts
    return str(facts["dossier"]["state"])


async def unusable(place: Town, number: str) -> bool:
    """Whether customs cannot use the licence."""
    facts = await said(place, "adii", letters.imputation(), number)
    return [error["code"] for error in facts["errors"]] == ["PSV-801"]


async def test_a_wrong_visa_is_stopped_and_withdrawn_by_who_gave_it(
    tmp_path: Path, database_url: str, commands: ProcessPoolExecutor
) -> None:
    async with on_duty(tmp_path, database_url, commands, **QUICK) as duty:
        place = duty.place
        number = await filed(duty, instance="licence-1")
        ministry = await place.client("mce")
        wrong = ministry.signed(letters.visa(), dossier=number, instance="visa-4711")
        granted = await ministry.send(wrong, wait=20)
        assert granted.facts["dossier"]["state"] == "granted"
        assert number in await duty.sees("/dossiers?visa=V-2026-0042")
        assert "visa-4711" in await duty.sees(f"/messages?dossier={number}")
        # Sending the visa once more changes nothing; nor does the reply that is sent again.
        assert (await ministry.send(wrong)).facts["status"] == "received"
        assert await decided(place, Decision.SUSPENDED, number) == "suspended"
        assert await unusable(place, number)
        page = await duty.sees(f"/dossiers/{number}")
        assert "Suspended" in page
        assert page.count("LicenceNotice") >= 2  # customs was told of the visa, and of this
        assert await decided(place, Decision.REVOKED, number) == "revoked"
        assert await unusable(place, number)
        page = await duty.sees(f"/dossiers/{number}")
        assert "Revoked" in page
        assert page.count("VisaDecision") >= 3
        real: dict[str, object] = {"hub.cert.pem": tmp_path / "hub.cert.pem"}
        for what in ("message", "receipt", "outcome"):
            real[f"visa-4711-{what}.xml"] = await duty.downloads("mce", "visa-4711", what)
        await duty.types("passavant verify visa-4711-receipt.xml --hub-cert hub.cert.pem", real)
        await duty.types("passavant verify visa-4711-outcome.xml --hub-cert hub.cert.pem", real)
        theirs = tmp_path / "mce.cert.pem"
        theirs.write_bytes(place.keys["mce"].cert_pem)
        real |= {"mce.cert.pem": theirs, "journal.jsonl": tmp_path / "journal.jsonl"}
        await duty.types("passavant verify visa-4711-message.xml --hub-cert mce.cert.pem", real)
        await duty.types("passavant journal export journal.jsonl", real)
        await duty.types("passavant journal verify journal.jsonl --hub-cert hub.cert.pem", real)
        assert "visa-4711" in (tmp_path / "journal.jsonl").read_text(encoding="utf-8")
