"""A notice by e-mail arrives, in both languages, and never twice; over a real SMTP server."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from gateway.config import MailSettings
from gateway.hub import Hub
from gateway.mail import compose
from gateway.post import Postman
from gateway.private import write_private
from gateway.serve import opened
from schemas.workflow import Letter
from storage import journal, mails, queue
from tests.gateway.relay import CUT, SILENT, Relay, relay
from tests.town import make_key, settings_for

NUMBER = "LE-2026-0000042"
LETTER = Letter(
    to="contact@coop-atlas.example",
    subject_fr=f"Licence {NUMBER} visée",
    subject_ar=f"تم التأشير على رخصة التصدير {NUMBER}",
    fr=f"La licence {NUMBER} est visée.\nExportateur : Coopérative Atlas Argan",
    ar=f"تم التأشير على رخصة التصدير رقم \u2068{NUMBER}\u2069.",
)


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **time: float) -> None:
        self.now += timedelta(**time)


@asynccontextmanager
async def office(
    folder: Path, url: str, port: int, clock: Clock, **mail: Any
) -> AsyncIterator[Hub]:
    """A hub that sends mail to this port of this machine."""
    if not (folder / "hub.key.pem").exists():
        key = make_key("passavant")
        write_private(folder / "hub.key.pem", key.key_pem)
        (folder / "hub.cert.pem").write_bytes(key.cert_pem)
    values = {
        "server": "127.0.0.1",
        "port": port,
        "security": "none",
        "sender": "guichet@hub.example",
        "timeout": 5,
        **mail,
    }
    settings = settings_for(folder, url, mail=MailSettings(**values))
    async with opened(settings, clock=clock) as hub:
        yield hub


async def posted(hub: Hub, letter: Letter = LETTER, instance: str = "notice-1") -> mails.Mail:
    """A letter composed, stored and queued, as the work hop does it."""
    mail = compose(letter, instance=instance, dossier=NUMBER, hub=hub, now=hub.clock())
    async with hub.store.write() as tx:
        jobs = await tx.run_sync(mails.write, [mail])
        await queue.enqueue(tx, jobs, hub.clock())
    return mail


async def kept(hub: Hub) -> mails.Slip:
    async with hub.store.read() as connection:
        (slip,) = await mails.of_dossier(connection, NUMBER)
    return slip


async def jobs(hub: Hub) -> list[queue.Job]:
    async with hub.store.read() as connection:
        return await queue.listing(connection, kind=queue.Kind.MAIL)


async def happened(hub: Hub) -> list[journal.Record]:
    async with hub.store.read() as connection:
        return [one.record for one in await journal.listing(connection)]


Opened = Callable[..., AbstractAsyncContextManager[tuple[Hub, Relay, Clock]]]


@pytest.fixture
def post(tmp_path: Path, sqlite_url: str) -> Opened:
    """Opens a hub with a letter in its queue, beside its server."""

    @asynccontextmanager
    async def open_both(**mail: Any) -> AsyncIterator[tuple[Hub, Relay, Clock]]:
        clock = Clock()
        async with relay() as box, office(tmp_path, sqlite_url, box.port, clock, **mail) as hub:
            await posted(hub)
            yield hub, box, clock

    return open_both


async def later_turns(hub: Hub, clock: Clock, days: int = 10) -> None:
    """Long after: whatever were tried again would be."""
    for _ in range(days):
        clock.pass_by(days=1)
        await Postman(hub, name="later").turn()


async def test_a_notice_arrives_once_and_is_read_in_both_languages(
    tmp_path: Path, database_url: str
) -> None:
    clock = Clock()
    async with relay() as box, office(tmp_path, database_url, box.port, clock) as hub:
        mail = await posted(hub)
        postman = Postman(hub, name="post")
        assert await postman.turn() == 1
        await later_turns(hub, clock)
        (message,) = box.mails
        assert box.recipients == [LETTER.to]
        assert message["To"] == LETTER.to
        assert message["Auto-Submitted"] == "auto-generated"
        for kind in ("plain", "html"):
            part = message.get_body((kind,))
            assert part is not None
            content = part.get_content()
            for words in (
                "est visée",
                "Coopérative Atlas",
                "تم التأشير على رخصة",
                NUMBER,
                "/verify/",
            ):
                assert words in content
        slip = await kept(hub)
        assert (slip.state, slip.attempts, slip.last_error) == ("sent", 1, None)
        assert await jobs(hub) == []
        (record,) = await happened(hub)
        assert (record.kind, record.digest) == ("mail sent", sha256(mail.content).hexdigest())
        assert box.arrived[0].replace(b"\r\n", b"\n") == mail.content.replace(b"\r\n", b"\n")


async def test_a_mail_waits_for_a_server_that_is_down(tmp_path: Path, sqlite_url: str) -> None:
    clock = Clock()
    async with relay() as box:
        port = box.port
    async with office(tmp_path, sqlite_url, port, clock) as hub:
        await posted(hub)
        for _ in range(3):
            assert await Postman(hub, name="post").turn() == 1
            assert await Postman(hub, name="post").turn() == 0  # it backs off
            clock.pass_by(hours=1)
        slip = await kept(hub)
        assert (slip.state, slip.attempts) == ("queued", 3)
        async with relay(port=port) as box:
            await later_turns(hub, clock)
            assert len(box.arrived) == 1


@pytest.mark.parametrize("step", ["rcpt", "data"])
async def test_a_mail_that_is_not_wanted_now_is_sent_later(post: Opened, step: str) -> None:
    async with post() as (hub, box, clock):
        getattr(box, step).append("451 4.7.1 greylisted")
        await Postman(hub, name="post").turn()
        assert "451" in ((await kept(hub)).last_error or "")
        assert box.arrived == []
        await later_turns(hub, clock)
        assert len(box.arrived) == 1
        assert (await kept(hub)).state == "sent"


@pytest.mark.parametrize("step", ["rcpt", "data"])
async def test_a_mail_that_is_refused_for_good_is_parked(post: Opened, step: str) -> None:
    async with post() as (hub, box, clock):
        getattr(box, step).append(f"550 5.1.1 no such user {LETTER.to}")
        await Postman(hub, name="post").turn()
        await later_turns(hub, clock)
        assert box.arrived == []
        assert (await kept(hub)).state == "failed"
        (job,) = await jobs(hub)
        assert (job.state, "550" in (job.error or "")) == ("parked", True)


@pytest.mark.parametrize("answer", [CUT, SILENT])
async def test_a_mail_that_the_server_may_have_is_never_sent_again(
    post: Opened, answer: str
) -> None:
    async with post(timeout=0.5) as (hub, box, clock):
        box.data.append(answer)
        await Postman(hub, name="post").turn()
        await later_turns(hub, clock)
        assert len(box.arrived) == 1
        assert (await kept(hub)).state == "doubtful"
        (job,) = await jobs(hub)
        assert job.state == "parked"
        assert "It may have been sent, or not" in (job.error or "")


async def test_an_operator_who_knows_better_sends_a_doubtful_mail_again(post: Opened) -> None:
    async with post() as (hub, box, clock):
        box.data.append(CUT)
        await Postman(hub, name="post").turn()
        (job,) = await jobs(hub)
        async with hub.store.write() as tx:
            assert await queue.unpark(tx, job.id, clock())
        await Postman(hub, name="post").turn()
        assert len(box.arrived) == 2
        assert box.mails[0]["Message-ID"] == box.mails[1]["Message-ID"]
        assert (await kept(hub)).state == "sent"


VICTIM = """
import asyncio, sys
from pathlib import Path
from gateway.config import load
from gateway.post import Postman
from gateway.serve import opened

async def main():
    async with opened(load(Path(sys.argv[1]))) as hub:
        await Postman(hub, name="victim").turn()

asyncio.run(main())
"""


async def test_a_worker_that_is_killed_while_sending_leaves_a_doubt_and_no_second_mail(
    tmp_path: Path, sqlite_url: str
) -> None:
    clock = Clock()
    async with relay() as box, office(tmp_path, sqlite_url, box.port, clock) as hub:
        await posted(hub)
        box.data.append(SILENT)
        file = tmp_path / "passavant.toml"
        file.write_text(
            f'[database]\nurl = "{sqlite_url}"\n[mail]\nserver = "127.0.0.1"\nport = {box.port}\n'
            'security = "none"\nsender = "guichet@hub.example"\n'
        )
        victim = await asyncio.create_subprocess_exec(sys.executable, "-c", VICTIM, str(file))
        async with asyncio.timeout(30):
            await box.taken.wait()
        os.kill(victim.pid, signal.SIGKILL)
        await victim.wait()
        assert (await kept(hub)).state == "sending"
        clock.now = datetime.now(UTC)
        await later_turns(hub, clock)
        assert len(box.arrived) == 1
        assert (await kept(hub)).state == "doubtful"
        (job,) = await jobs(hub)
        assert "stopped in the middle" in (job.error or "")


async def test_a_worker_that_was_too_slow_does_not_send_what_another_has_sent(
    post: Opened,
) -> None:
    async with post() as (hub, box, clock):
        go_on = box.held = asyncio.Event()
        slow = asyncio.create_task(Postman(hub, name="slow").turn())
        async with asyncio.timeout(5):
            await box.named.wait()
        clock.pass_by(hours=1)  # its lease ends while the server thinks about the receiver
        await Postman(hub, name="quick").turn()
        go_on.set()
        await slow
        assert len(box.arrived) == 1
        assert (await kept(hub)).state == "sent"
        assert [record.kind for record in await happened(hub)] == ["mail sent"]


async def test_patience_ends(tmp_path: Path, sqlite_url: str) -> None:
    clock = Clock()
    async with relay() as box:
        port = box.port
    patience = timedelta(days=2)
    async with office(tmp_path, sqlite_url, port, clock, patience=patience) as hub:
        await posted(hub)
        await later_turns(hub, clock, days=2)
        assert (await kept(hub)).state == "queued"
        await later_turns(hub, clock, days=1)
        assert (await kept(hub)).state == "failed"
        (job,) = await jobs(hub)
        assert (job.state, "patience" in (job.error or "")) == ("parked", True)


@pytest.mark.parametrize(
    "to",
    ["a@x.example,b@y.example", "<a@x.example>", "a@x.example\r\nRCPT TO:<b@y.example>", "é@x"],
)
async def test_what_is_not_one_address_is_parked_and_nobody_gets_it(
    tmp_path: Path, sqlite_url: str, to: str
) -> None:
    clock = Clock()
    async with relay() as box, office(tmp_path, sqlite_url, box.port, clock) as hub:
        letter = Letter(to=to, subject_fr="a", subject_ar="ب", fr="a", ar="ب")
        await posted(hub, letter)
        await Postman(hub, name="post").turn()
        assert box.arrived == []
        assert (await kept(hub)).state == "failed"


async def test_journal_and_logs_do_not_tell_to_whom(
    post: Opened, capsys: pytest.CaptureFixture[str]
) -> None:
    async with post() as (hub, box, clock):
        box.rcpt.append(f"451 later, {LETTER.to}")
        box.data.append(f"554 no, {LETTER.to}")
        await Postman(hub, name="post").turn()
        await later_turns(hub, clock)
        records = await happened(hub)
        assert [record.kind for record in records] == ["mail failed"]
        assert records[0].facts == {"problem": "refused with 554"}
        assert LETTER.to not in repr(records)
    said = capsys.readouterr()
    assert "mail_delayed" in said.out + said.err
    assert LETTER.to not in said.out + said.err


async def test_without_a_server_mails_wait(tmp_path: Path, sqlite_url: str) -> None:
    clock = Clock()
    async with office(tmp_path, sqlite_url, 1, clock, server="") as hub:
        await posted(hub)
        assert await Postman(hub, name="post").turn() == 0
        assert (await kept(hub)).state == "queued"


async def test_mails_are_sent_side_by_side_and_each_once(post: Opened) -> None:
    async with post() as (hub, box, clock):
        for number in range(2, 7):
            await posted(hub, instance=f"notice-{number}")
        await asyncio.gather(*(Postman(hub, name=f"post/{one}").turn() for one in range(3)))
        await later_turns(hub, clock, days=1)
        named = [message["Message-ID"] for message in box.mails]
        assert len(named) == len(set(named)) == 6


async def said(folder: Path, address: str) -> tuple[int, str]:
    """What `passavant mail test` says, as an operator types it."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "from gateway.cli import main; main()",
        "mail",
        "test",
        address,
        env={**os.environ, "PASSAVANT_CONFIG": str(folder / "passavant.toml")},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    out, _ = await process.communicate()
    return process.returncode or 0, out.decode()


async def test_the_operator_is_told_what_became_of_a_test_mail(tmp_path: Path) -> None:
    file = tmp_path / "passavant.toml"
    file.write_text("")
    assert await said(tmp_path, "op@x.example") == (
        1,
        "No e-mail is sent: the settings have no [mail] server.\n",
    )
    async with relay() as box:
        file.write_text(
            f'[mail]\nserver = "127.0.0.1"\nport = {box.port}\n'
            'security = "none"\nsender = "guichet@hub.example"\n'
        )
        status, words = await said(tmp_path, "op@x.example")
        assert (status, "has taken the mail to op@x.example" in words) == (0, True)
        assert "تجربة" in box.mails[0]["Subject"]
        box.rcpt.append("550 no such user")
        status, words = await said(tmp_path, "nobody@x.example")
        assert (status, "550 no such user" in words) == (1, True)
        status, words = await said(tmp_path, "no address")
        assert (status, "not one e-mail address" in words) == (1, True)
