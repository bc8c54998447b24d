from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from storage import operators
from storage.engine import Store
from storage.operators import Operator
from tests.storage.values import NOW

AMINA = Operator(
    name="amina",
    display="Amina Alami",
    email="amina@example.org",
    role="administrator",
    language="fr",
    created_at=NOW,
)
BRAHIM = replace(AMINA, name="brahim", display="Brahim", email=None, role="viewer", language="ar")


async def fill(store: Store, *found: Operator) -> None:
    async with store.write() as tx:
        for one in found:
            await operators.add(tx, one)


async def write(store: Store, function: Any, *arg: Any) -> Any:
    async with store.write() as tx:
        return await function(tx, *arg)


async def read(store: Store, name: str) -> Operator:
    async with store.read() as connection:
        found = await operators.get(connection, name)
    assert found is not None
    return found


async def test_operators_come_back_as_they_were_written(store: Store) -> None:
    await fill(store, BRAHIM, AMINA)
    async with store.read() as connection:
        assert await operators.all(connection) == [AMINA, BRAHIM]
        assert await operators.get(connection, "nobody") is None
        assert await operators.count(connection) == 2


async def test_a_name_and_a_subject_belong_to_one(store: Store) -> None:
    await fill(store, AMINA, BRAHIM)
    with pytest.raises(operators.Taken):
        await fill(store, AMINA)
    assert await write(store, operators.set_subject, "amina", "https://id|1")
    with pytest.raises(operators.Taken):
        await write(store, operators.set_subject, "brahim", "https://id|1")
    async with store.read() as connection:
        found = await operators.by_subject(connection, "https://id|1")
        assert found == replace(AMINA, subject="https://id|1")
        assert await operators.by_subject(connection, "https://id|2") is None


async def test_what_changes_is_written_and_nothing_else(store: Store) -> None:
    await fill(store, AMINA, BRAHIM)
    changed = replace(BRAHIM, display="B.", email="b@example.org", role="operator", language="en")
    assert await write(store, operators.change, changed)
    assert await read(store, "brahim") == changed
    assert await read(store, "amina") == AMINA
    assert not await write(store, operators.change, replace(AMINA, name="nobody"))
    assert await write(store, operators.set_language, "amina", "en")
    assert await read(store, "amina") == replace(AMINA, language="en")


async def test_a_disabled_operator_can_be_enabled_again(store: Store) -> None:
    await fill(store, AMINA)
    assert await write(store, operators.disable, "amina", NOW)
    assert not await write(store, operators.disable, "amina", NOW + timedelta(days=1))
    assert (await read(store, "amina")).disabled_at == NOW
    assert await write(store, operators.enable, "amina")
    assert not await write(store, operators.enable, "amina")
    assert await read(store, "amina") == AMINA


async def test_a_password_is_told_apart_from_the_operator(store: Store) -> None:
    await fill(store, AMINA, BRAHIM)
    await write(store, operators.set_password_hash, "amina", "$argon2id$1", NOW)
    assert await read(store, "amina") == replace(AMINA, has_password=True, password_at=NOW)
    await write(store, operators.rehash, "amina", "$argon2id$2")
    async with store.read() as connection:
        assert await operators.password_hash(connection, "amina") == "$argon2id$2"
        assert await operators.password_hash(connection, "brahim") is None
        assert await operators.password_hash(connection, "nobody") is None
    assert (await read(store, "amina")).password_at == NOW
    await write(store, operators.set_password_hash, "amina", None, None)
    assert await read(store, "amina") == AMINA


async def test_failures_lock_for_a_pause_that_doubles_up_to_an_hour(store: Store) -> None:
    await fill(store, AMINA, BRAHIM)
    pauses = []
    for _ in range(12):
        found = await write(store, operators.failed, "amina", NOW)
        pauses.append(found.locked_until and (found.locked_until - NOW).total_seconds() / 60)
    assert pauses == [None, None, None, None, 1, 2, 4, 8, 16, 32, 60, 60]
    assert (await read(store, "amina")).failures == 12
    assert (await read(store, "brahim")).failures == 0
    await write(store, operators.succeeded, "amina")
    assert await read(store, "amina") == AMINA
    assert await write(store, operators.failed, "nobody", NOW) is None


async def test_a_second_factor_step_serves_once_and_no_earlier_one_after_it(store: Store) -> None:
    await fill(store, AMINA, BRAHIM)
    await write(store, operators.set_totp, "amina", "sealed", 100)
    assert (await read(store, "amina")).has_totp
    tries = [await write(store, operators.use_totp_step, "amina", n) for n in (100, 99, 101, 101)]
    assert tries == [False, False, True, False]
    async with store.read() as connection:
        assert await operators.totp(connection, "amina") == ("sealed", 101)
        assert await operators.totp(connection, "brahim") == (None, None)
    await write(store, operators.set_totp, "amina", None, None)
    assert not (await read(store, "amina")).has_totp


async def test_administrators_who_may_sign_in_are_counted(store: Store) -> None:
    await fill(store, AMINA, BRAHIM, replace(AMINA, name="chadi"))
    assert await write(store, operators.count_administrators) == 2
    await write(store, operators.disable, "chadi", NOW)
    assert await write(store, operators.count_administrators) == 1


async def test_of_two_who_demote_each_other_at_once_one_remains(store: Store) -> None:
    await fill(store, AMINA, replace(AMINA, name="chadi"))

    async def demote(name: str) -> bool:
        async with store.write() as tx:
            if await operators.count_administrators(tx) < 2:
                return False
            await asyncio.sleep(0.1)
            return await operators.change(tx, replace(AMINA, name=name, role="viewer"))

    assert sorted(await asyncio.gather(demote("amina"), demote("chadi"))) == [False, True]
