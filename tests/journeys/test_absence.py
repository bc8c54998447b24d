"""Nobody holds the role that a reply is for: the message waits, and goes on when somebody does."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from pathlib import Path

from gateway.hub import utc_now
from schemas.workflow import Role
from storage import queue
from tests import letters
from tests.town import PARTNERS, Town, make_key, register, town


async def waiting(place: Town) -> list[queue.Job]:
    async with place.hub.store.read() as connection:
        return await queue.listing(connection, kind=queue.Kind.WORK)


async def test_an_application_waits_for_a_ministry_and_is_not_lost(
    tmp_path: Path, database_url: str
) -> None:
    ahead = timedelta()

    def clock() -> datetime:
        return utc_now() + ahead

    names = [name for name in PARTNERS if PARTNERS[name] is not Role.MINISTRY]
    async with town(tmp_path, database_url, clock=clock, names=names) as place:
        declarant = await place.client("coop-atlas")
        document = declarant.signed(letters.application(), instance="early")
        assert (await declarant.send(document)).status == 202
        for times in range(8):  # more often than a bug would be tried
            job = await tried(place, times + 1)
            assert (job.state, job.error, job.attempts) == ("ready", "PSV-902", 0)
            ahead += timedelta(minutes=2)
        assert await place.count("dossiers") == await place.count("outgoing") == 0
        assert (await declarant.look("/messages/early"))["state"] == "received"

        place.keys["mce"] = make_key("mce")
        await register(place.hub, "mce", Role.MINISTRY, place.keys["mce"])
        ahead += timedelta(minutes=2)
        outcome = await declarant.outcome("early")
        assert outcome["status"] == "accepted"
        ministry = await place.client("mce")
        assert [mail["type"] for mail in await ministry.mailbox(wait=10)] == ["VisaRequest"]
        await place.settled()
        assert await place.count("dossiers") == 1


async def tried(place: Town, times: int) -> queue.Job:
    """The one job, once it was tried so often."""
    for _ in range(300):
        (job,) = await waiting(place)
        if job.claims >= times and job.worker is None:
            return job
        await asyncio.sleep(0.02)
    raise TimeoutError(f"not tried {times} times")
