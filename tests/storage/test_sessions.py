from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from storage import operators, sessions
from storage.engine import BROKEN_RULE, Store
from storage.operators import Operator
from storage.sessions import Session
from tests.storage.values import NOW

HOUR = timedelta(hours=1)
DESK = Session(
    digest="a" * 64,
    operator="amina",
    content={"csrf": "token", "factors": 2},
    created_at=NOW,
    seen_at=NOW,
    expires_at=NOW + HOUR,
    address="192.0.2.1",
    agent="Mozilla/5.0 «»",
)
PHONE = replace(
    DESK, digest="b" * 64, seen_at=NOW + timedelta(minutes=5), expires_at=NOW + 2 * HOUR
)
OTHER = replace(DESK, digest="c" * 64, operator="brahim", content={})


@pytest.fixture(autouse=True)
async def three_sessions(store: Store) -> None:
    async with store.write() as tx:
        for name in ("amina", "brahim"):
            await operators.add(
                tx,
                Operator(name=name, display=name, role="viewer", language="fr", created_at=NOW),
            )
        for session in (DESK, PHONE, OTHER):
            await sessions.open(tx, session)


async def left(store: Store) -> list[Session]:
    async with store.read() as connection:
        found = [await sessions.find(connection, s.digest) for s in (DESK, PHONE, OTHER)]
    return [session for session in found if session]


async def test_a_session_comes_back_as_it_was_opened(store: Store) -> None:
    assert await left(store) == [DESK, PHONE, OTHER]
    async with store.read() as connection:
        assert await sessions.find(connection, "d" * 64) is None
        assert await sessions.of(connection, "amina") == [PHONE, DESK]


async def test_a_session_belongs_to_somebody(store: Store) -> None:
    with pytest.raises(BROKEN_RULE):
        async with store.write() as tx:
            await sessions.open(tx, replace(DESK, digest="d" * 64, operator="nobody"))


async def test_use_prolongs_one_session(store: Store) -> None:
    later, until = NOW + timedelta(minutes=9), NOW + 3 * HOUR
    async with store.write() as tx:
        assert await sessions.touch(tx, DESK.digest, later, until)
        assert await sessions.save_content(tx, DESK.digest, {"csrf": "other"})
        assert not await sessions.touch(tx, "d" * 64, later, until)
        assert not await sessions.save_content(tx, "d" * 64, {})
    changed = replace(DESK, seen_at=later, expires_at=until, content={"csrf": "other"})
    assert await left(store) == [changed, PHONE, OTHER]


async def test_one_session_is_ended(store: Store) -> None:
    async with store.write() as tx:
        assert await sessions.revoke(tx, DESK.digest)
        assert not await sessions.revoke(tx, DESK.digest)
        assert not await sessions.touch(tx, DESK.digest, NOW, NOW + HOUR)
    assert await left(store) == [PHONE, OTHER]


async def test_all_but_one_session_of_somebody_are_ended(store: Store) -> None:
    async with store.write() as tx:
        assert await sessions.revoke_all(tx, "amina", PHONE.digest) == 1
    assert await left(store) == [PHONE, OTHER]
    async with store.write() as tx:
        assert await sessions.revoke_all(tx, "amina") == 1
    assert await left(store) == [OTHER]


async def test_expired_sessions_are_forgotten(store: Store) -> None:
    async with store.write() as tx:
        assert await sessions.purge(tx, NOW + HOUR - timedelta(microseconds=1)) == 0
        assert await sessions.purge(tx, NOW + HOUR) == 2
    assert await left(store) == [PHONE]
