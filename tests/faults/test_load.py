"""More than the hub can hold, and faults of its own: said as such, and nothing half done."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest

from gateway.config import HttpSettings, QueueSettings
from gateway.verdict import read_outcome
from storage import StoreUnavailable, queue
from tests import letters
from tests.attacks.test_door import post, signed
from tests.faults.oracle import Log, judge, send_once
from tests.town import Town, town


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/hub.db"


async def test_more_arrivals_than_the_hub_remembers_are_put_off(tmp_path: Path, url: str) -> None:
    """Claim 17: each sender is told PSV-105 or has its receipt; what was put off passes later."""
    log = Log()
    async with town(tmp_path, url, http=HttpSettings(port=0, intake_limit=2)) as place:
        declarant = await place.client("coop-atlas")
        documents = [declarant.signed(letters.application()) for _ in range(80)]
        async with place.hub.store.write():  # nothing can be committed meanwhile
            waiting = [
                asyncio.create_task(send_once(declarant, log, document)) for document in documents
            ]
            await until(lambda: len(log.put_off) > 10)
        await asyncio.gather(*waiting)
        for refusal in log.put_off.values():
            facts = declarant.read(refusal)
            assert [error["code"] for error in facts["errors"]] == ["PSV-105"]
        assert log.received
        assert not log.refused
        for instance in list(log.put_off):
            reply = await declarant.send(log.sent[instance])
            log.received[instance] = reply.document
        await judge(place, declarant, log, at_least=79)


async def until(condition: Callable[[], bool], seconds: float = 20) -> None:
    """Wait for what is to happen."""
    end = asyncio.get_running_loop().time() + seconds
    while not condition():
        if asyncio.get_running_loop().time() > end:
            raise TimeoutError
        await asyncio.sleep(0.01)


async def test_bodies_beyond_the_memory_set_aside_are_put_off_and_told_when_to_come_back(
    tmp_path: Path, url: str
) -> None:
    """Claim 17: the bytes of all requests together are bounded, announced or not."""
    held = HttpSettings(port=0, body_memory=100_000)
    async with town(tmp_path, url, http=held) as place:
        host, port = place.url.removeprefix("http://").split(":")
        _, slow = await asyncio.open_connection(host, int(port))
        slow.write(b"POST /messages HTTP/1.1\r\nHost: hub\r\nContent-Type: application/xml\r\n")
        slow.write(b"Content-Length: 90000\r\n\r\n<")
        await slow.drain()
        await asyncio.sleep(0.2)
        for chunked in (False, True):
            status, retry_after, errors = await knock(place, chunked=chunked)
            assert (status, errors) == (429, ["PSV-105"])
            assert int(retry_after) > 0
        slow.transport.abort()
        await asyncio.sleep(0.2)
        assert await knock(place, chunked=False) == (400, "", ["PSV-201"])  # read, and judged


async def knock(place: Town, *, chunked: bool) -> tuple[int, str, list[str]]:
    """Post twenty kilobytes of nothing: the status, when to come back, and the codes."""
    blank = b" " * 20_000

    async def pieces() -> AsyncIterator[bytes]:
        yield blank

    async with (
        aiohttp.ClientSession() as http,
        http.post(
            f"{place.url}/messages",
            data=pieces() if chunked else io.BytesIO(blank),
            headers={"Content-Type": "application/xml"},
        ) as answer,
    ):
        errors = read_outcome(await answer.read())["errors"]
        retry_after = answer.headers.get("Retry-After", "")
        return answer.status, retry_after, [error["code"] for error in errors]


async def test_a_store_that_fails_is_said_in_a_signed_refusal(
    tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Claim 5: PSV-106 on a write that fails, and on a read; afterwards the same bytes pass."""

    def broken() -> object:
        raise StoreUnavailable("no disk")

    async with town(tmp_path, url, workers=0) as place:
        document = signed(place)
        for fails in ("write", "read"):
            place.hub.directory.forget()
            with monkeypatch.context() as patched:
                patched.setattr(place.hub.store, fails, broken)
                status, answer = await post(place, document)
            assert status == 503
            errors = read_outcome(answer)["errors"]
            assert [error["code"] for error in errors] == ["PSV-106"]
            assert await place.count("messages") == 0
        status, _ = await post(place, document)
        assert status == 202


async def test_a_bug_at_the_door_is_told_as_ours_and_nothing_of_it_to_the_sender(
    tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def bug(*_: object) -> object:
        raise ValueError("what nobody outside may read")

    async with town(tmp_path, url, workers=0) as place:
        with monkeypatch.context() as patched:
            patched.setattr("gateway.receive.validate", bug)
            status, answer = await post(place, signed(place))
        assert status == 500
        assert b"PSV-901" in answer
        assert b"nobody outside" not in answer
        assert (await post(place, signed(place)))[0] == 202


async def test_a_bug_at_work_parks_the_message_until_an_operator_lets_it_go(
    tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PSV-901 with its traceback in the queue; let go, the message is handled as if new."""

    def bug(*_: object) -> object:
        raise ZeroDivisionError

    monkeypatch.setattr("gateway.work.backoff", lambda *_: timedelta(milliseconds=10))
    async with town(tmp_path, url, queue=QueueSettings(poll=0.05, attempts=3)) as place:
        declarant = await place.client("coop-atlas")
        with monkeypatch.context() as patched:
            patched.setattr("gateway.work.decide", bug)
            await declarant.send(declarant.signed(letters.application(), instance="unlucky"))
            parked: list[queue.Job] = []
            for _ in range(200):
                async with place.hub.store.read() as connection:
                    parked = await queue.listing(connection, state="parked")
                if parked:
                    break
                await asyncio.sleep(0.02)
        (job,) = parked
        assert job.error is not None
        assert job.error.startswith("PSV-901\n")
        assert "ZeroDivisionError" in job.error
        assert await place.count("dossiers") == 0
        async with place.hub.store.write() as tx:
            assert await queue.unpark(tx, job.id, place.hub.clock())
        place.hub.store.hint()
        outcome = await declarant.outcome("unlucky")
        assert outcome["status"] == "accepted"
