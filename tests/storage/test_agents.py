from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from schemas.workflow import Agent, Service
from storage import agents
from storage.engine import Store
from tests.storage.values import NOW, count

MARRAKECH = Service(code="BM", name="Marrakech", places=("40100", "40200"))
FES = Service(code="BF", name="Fès", places=())
ALAMI = Agent(
    identifier="m.alami", name="M. Alami", service="BM", supervisor=True, email="alami@bm.example"
)
IDRISSI = Agent(identifier="s.idrissi", name="S. Idrissi", service="BM", supervisor=False)


async def fill(store: Store, *found: Service | Agent) -> None:
    async with store.write() as tx:
        for one in found:
            if isinstance(one, Service):
                await agents.add_service(tx, one, NOW)
            else:
                await agents.add(tx, one, NOW)


async def ask(store: Store, function: Any, *arg: Any) -> Any:
    async with store.read() as connection:
        return await connection.run_sync(function, *arg)


async def test_the_directory_comes_back_as_it_was_written(store: Store) -> None:
    await fill(store, MARRAKECH, FES, IDRISSI, ALAMI)
    async with store.read() as connection:
        assert await agents.list_services(connection) == [FES, MARRAKECH]
        assert await agents.list(connection) == [ALAMI, IDRISSI]
        assert await agents.find(connection, "m.alami") == ALAMI
    assert await ask(store, agents.find_agent, "nobody") is None
    assert await ask(store, agents.agents_of, "BM") == [ALAMI, IDRISSI]
    assert await ask(store, agents.agents_of, "BF") == []


async def test_a_place_says_which_service_with_all_its_places(store: Store) -> None:
    await fill(store, MARRAKECH, FES)
    assert await ask(store, agents.find_service_of, "40200") == MARRAKECH
    assert await ask(store, agents.find_service_of, "4020") is None


async def test_a_disabled_agent_is_found_but_not_active(store: Store) -> None:
    await fill(store, MARRAKECH, ALAMI, IDRISSI)
    async with store.write() as tx:
        assert await agents.disable(tx, "m.alami", NOW)
        assert not await agents.disable(tx, "m.alami", NOW)
        assert not await agents.disable(tx, "nobody", NOW)
    assert await ask(store, agents.find_agent, "m.alami") == replace(ALAMI, active=False)
    assert await ask(store, agents.find_agent, "s.idrissi") == IDRISSI


async def test_nothing_stands_twice_in_the_directory(store: Store) -> None:
    await fill(store, MARRAKECH, ALAMI)
    again: list[Service | Agent] = [
        replace(MARRAKECH, places=()),
        replace(FES, places=("40200",)),
        replace(ALAMI, name="somebody else"),
    ]
    for one in again:
        with pytest.raises(agents.Taken):
            await fill(store, one)
    assert await count(store, "services") == await count(store, "agents") == 1


async def test_an_agent_belongs_to_a_service_that_is_there(store: Store) -> None:
    with pytest.raises(agents.Unknown, match="BM"):
        await fill(store, ALAMI)
    assert await count(store, "agents") == 0
