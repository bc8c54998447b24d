from __future__ import annotations

from datetime import timedelta

import pytest

from storage import mails
from storage.engine import Store
from storage.queue import Kind
from tests.storage import values
from tests.storage.values import NOW, claim, put


async def written(store: Store, *batch: mails.Mail) -> list[int]:
    async with store.write() as tx:
        jobs = await tx.run_sync(mails.write, batch)
    await put(store, *jobs)
    return [job.subject for job in jobs]


async def stored(store: Store, mail_id: int) -> mails.Stored:
    async with store.read() as connection:
        found = await mails.load(connection, mail_id)
    assert found is not None
    return found


async def test_a_mail_is_kept_with_its_bytes_and_a_job_that_sends_it(store: Store) -> None:
    await written(store, values.mail(), values.mail("mail-2", dossier=None))
    jobs = await claim(store, kinds=[Kind.MAIL])
    assert [job.lane for job in jobs] == [None, None]
    found = await stored(store, jobs[0].subject)
    assert (found.instance, found.state, found.content) == (
        "mail-1",
        "queued",
        values.mail().content,
    )
    async with store.read() as connection:
        assert await mails.load(connection, 10**6) is None
        of_dossier = await mails.of_dossier(connection, "LE-2026-000001")
    assert [(mail.instance, mail.recipient) for mail in of_dossier] == [
        ("mail-1", "export@atlas.example")
    ]


async def test_an_identifier_names_one_mail(store: Store) -> None:
    await written(store, values.mail())
    with pytest.raises(Exception, match=r"UNIQUE|unique"):
        await written(store, values.mail())


async def test_a_mail_that_is_being_sent_is_not_begun_again(store: Store) -> None:
    (mail,) = await written(store, values.mail())
    async with store.write() as tx:
        assert await mails.begin(tx, mail)
        assert not await mails.begin(tx, mail)  # its worker may have died after sending it
    found = await stored(store, mail)
    assert (found.state, found.attempts) == ("sending", 1)


async def test_a_mail_that_surely_did_not_go_is_begun_again(store: Store) -> None:
    (mail,) = await written(store, values.mail())
    async with store.write() as tx:
        assert await mails.begin(tx, mail)
        assert await mails.back(tx, mail, "451 try later")
        assert not await mails.back(tx, mail, "nobody was sending")
        assert await mails.begin(tx, mail)
        await mails.sent(tx, mail, NOW + timedelta(minutes=1))
    found = await stored(store, mail)
    assert (found.state, found.attempts, found.last_error) == ("sent", 2, None)
    assert found.sent_at == NOW + timedelta(minutes=1)


async def test_a_mail_that_went_stays_sent(store: Store) -> None:
    (mail,) = await written(store, values.mail())
    async with store.write() as tx:
        await mails.sent(tx, mail, NOW)
        await mails.failed(tx, mail, "too late")
        await mails.doubtful(tx, mail, "too late")
    assert (await stored(store, mail)).state == "sent"


@pytest.mark.parametrize("end", [mails.doubtful, mails.failed], ids=["doubtful", "failed"])
async def test_a_mail_ends_with_the_reason(store: Store, end: object) -> None:
    (mail,) = await written(store, values.mail())
    async with store.write() as tx:
        await mails.begin(tx, mail)
        await end(tx, mail, "550 no such mailbox")  # type: ignore[operator] # either of the two
    found = await stored(store, mail)
    assert (found.state, found.last_error) == (end.__name__, "550 no such mailbox")  # type: ignore[attr-defined]
