from __future__ import annotations

import asyncio
from datetime import timedelta, timezone
from decimal import Decimal

import pytest
import sqlalchemy

from handlers.registry import registry
from schemas.workflow import Dossier, Event, Taken
from storage import dossiers, tables
from storage.dossiers import Change, Stale
from storage.engine import Store
from tests.storage.values import NOW, change, count, entry


async def apply(store: Store, *changes: Change) -> None:
    async with store.write() as tx:
        await dossiers.apply(tx, changes)


async def test_an_opened_dossier_comes_back_as_it_was_decided(store: Store) -> None:
    await apply(store, change(entries=(entry(), entry("IMP-2", corrects="IMP-1"))))
    async with store.read() as connection:
        found = await dossiers.load(connection, ["LE-2026-000001", "LE-2026-000002"])
        assert await dossiers.load(connection, []) == {}
    assert found == {
        "LE-2026-000001": Dossier(
            number="LE-2026-000001",
            procedure="licence",
            owner="exporter",
            state="saved",
            version=1,
            revision=1,
            opened_at=NOW,
            changed_at=NOW,
            content='{"of": "LE-2026-000001"}',
            entries=(entry(), entry("IMP-2", corrects="IMP-1")),
        )
    }


@pytest.mark.parametrize(
    "text", ["0", "-0.00", "26775.10", "1E+3", "0.000000000000000001", "-99999999999999999999.99"]
)
async def test_decimals_come_back_digit_for_digit(store: Store, text: str) -> None:
    await apply(store, change(entries=(entry(quantity=Decimal(text)),)))
    async with store.read() as connection:
        (found,) = (await dossiers.load(connection, ["LE-2026-000001"])).values()
    assert found.entries[0].quantity == Decimal(text)
    if "E" not in text and not text.startswith("-0"):
        assert format(found.entries[0].quantity, "f") == text


async def test_instants_come_back_in_utc_to_the_microsecond(store: Store) -> None:
    casablanca = timezone(timedelta(hours=1))
    await apply(store, change(at=NOW.astimezone(casablanca)))
    async with store.read() as connection:
        (found,) = (await dossiers.load(connection, ["LE-2026-000001"])).values()
    assert found.opened_at.isoformat() == NOW.isoformat()


async def test_a_move_replaces_what_stood_and_counts_the_revision(store: Store) -> None:
    await apply(store, change())
    later = NOW + timedelta(hours=1)
    await apply(
        store,
        change(
            from_state="saved", to_state="submitted", revision=1, version=2, content="{}", at=later
        ),
    )
    async with store.read() as connection:
        (found,) = (await dossiers.load(connection, ["LE-2026-000001"])).values()
    assert (found.state, found.version, found.revision) == ("submitted", 2, 2)
    assert (found.content, found.opened_at, found.changed_at) == ("{}", NOW, later)


async def test_a_change_decided_on_an_older_revision_is_stale(store: Store) -> None:
    await apply(store, change())
    await apply(store, change(revision=1, to_state="submitted"))
    with pytest.raises(Stale):
        await apply(store, change(revision=1, to_state="cancelled"))
    async with store.read() as connection:
        (found,) = (await dossiers.load(connection, ["LE-2026-000001"])).values()
    assert (found.state, found.revision) == ("submitted", 2)
    assert await count(store, "history") == 2


async def test_opening_a_number_that_is_taken_is_stale(store: Store) -> None:
    await apply(store, change())
    with pytest.raises(Stale):
        await apply(store, change(owner="somebody else"))


async def test_moving_a_dossier_that_does_not_exist_is_stale(store: Store) -> None:
    with pytest.raises(Stale):
        await apply(store, change(revision=1))


async def test_an_imputation_number_serves_once_per_office(store: Store) -> None:
    await apply(store, change(entries=(entry(),)))
    with pytest.raises(Stale):
        await apply(store, change("LE-2026-000002", entries=(entry(),)))
    await apply(store, change("LE-2026-000002", entries=(entry(office="301"),)))
    assert await count(store, "entries") == 2


async def test_one_stale_change_undoes_its_whole_batch(store: Store) -> None:
    await apply(store, change("LE-1"), change("LE-2"))
    with pytest.raises(Stale):
        await apply(
            store,
            change("LE-3"),
            change("LE-1", revision=1, to_state="submitted"),
            change("LE-2", revision=7, to_state="submitted"),
        )
    async with store.read() as connection:
        found = await dossiers.load(connection, ["LE-1", "LE-2", "LE-3"])
    assert {(one.number, one.state) for one in found.values()} == {
        ("LE-1", "saved"),
        ("LE-2", "saved"),
    }


async def test_a_batch_moves_many_dossiers(store: Store) -> None:
    await apply(store, *(change(f"LE-{number}") for number in range(20)))
    await apply(
        store, *(change(f"LE-{number}", revision=1, to_state="submitted") for number in range(20))
    )
    async with store.read() as connection:
        found = await dossiers.load(connection, [f"LE-{number}" for number in range(20)])
    assert {one.state for one in found.values()} == {"submitted"}


async def test_of_two_simultaneous_moves_one_is_stale(store: Store) -> None:
    await apply(store, change())

    async def move(state: str) -> bool:
        try:
            await apply(store, change(revision=1, to_state=state))
        except Stale:
            return False
        return True

    moved = await asyncio.gather(*(move(state) for state in ("submitted", "cancelled") * 4))
    assert sum(moved) == 1


async def test_a_state_of_no_procedure_is_refused_by_the_database(store: Store) -> None:
    with pytest.raises(Exception, match=r"CHECK|check"):
        await apply(store, change(to_state="lost"))
    with pytest.raises(Exception, match=r"CHECK|check"):
        await apply(store, change(procedure="unknown"))


async def test_the_allowed_states_are_those_of_the_procedures(store: Store) -> None:
    """The constant and the database's own CHECK name exactly the handlers' states."""
    procedures = registry().procedures
    named = {
        name: [state.name for state in procedure.states] for name, procedure in procedures.items()
    }
    assert {name: list(states) for name, states in tables.DOSSIER_STATES.items()} == named
    async with store.read() as connection:
        checked = await connection.run_sync(_check_of_dossiers)
    words = set(checked.split("'")[1::2])
    assert words == {*named, *(state for states in named.values() for state in states)}


def _check_of_dossiers(connection: sqlalchemy.Connection) -> str:
    found = sqlalchemy.inspect(connection).get_check_constraints("dossiers")
    return next(check["sqltext"] for check in found if check["name"] == "ck_dossiers_state")


async def test_history_says_what_happened_latest_first(store: Store) -> None:
    await apply(store, change(note={"raison": "créé"}, message_id=7))
    await apply(store, change(revision=1, from_state="saved", to_state="submitted"))
    async with store.read() as connection:
        steps = await dossiers.history(connection, "LE-2026-000001")
        older = await dossiers.history(connection, "LE-2026-000001", 5, steps[0].id)
        events = await connection.run_sync(dossiers.steps, "LE-2026-000001", 1)
    assert [(step.from_state, step.to_state) for step in steps] == [
        ("saved", "submitted"),
        (None, "saved"),
    ]
    assert older == steps[1:]
    assert (older[0].note, older[0].message_id, older[0].at) == ({"raison": "créé"}, 7, NOW)
    assert events == steps[:1]
    assert set(Event.__dataclass_fields__) <= set(dossiers.Step.__dataclass_fields__)


async def test_an_entry_is_found_by_office_and_number(store: Store) -> None:
    await apply(store, change(entries=(entry(),)))
    async with store.read() as connection:
        assert await connection.run_sync(dossiers.find_entry, "300", "IMP-1") == (
            "LE-2026-000001",
            entry(),
        )
        assert await connection.run_sync(dossiers.find_entry, "301", "IMP-1") is None


async def test_owner_and_procedure_are_known_by_number(store: Store) -> None:
    await apply(store, change())
    async with store.read() as connection:
        assert await dossiers.filed(connection, "LE-2026-000001") == ("exporter", "licence")
        assert await dossiers.filed(connection, "LE-2026-000002") is None


async def test_what_serves_once_is_taken_for_ever(store: Store) -> None:
    attestation = Taken(kind="attestation", value="BMCE/2026/0017")
    await apply(store, change(takes=(attestation,)))
    with pytest.raises(Stale):
        await apply(store, change("LE-2026-000002", takes=(attestation,)))
    other = Taken(kind="guarantee", value=attestation.value)
    await apply(store, change("LE-2026-000002", takes=(other,)))
    async with store.read() as connection:
        for one, number in ((attestation, "LE-2026-000001"), (other, "LE-2026-000002")):
            assert await connection.run_sync(dossiers.find_taken, one.kind, one.value) == number
        assert await connection.run_sync(dossiers.find_taken, "attestation", "0017") is None


async def test_facets_are_replaced_where_a_change_names_them_and_left_where_not(
    store: Store,
) -> None:
    first = frozenset({("country", "FR"), ("country", "DE"), ("currency", "EUR")})
    await apply(store, change(facets=first), change("LE-2", facets=first))
    assert await facets_of(store, "LE-2026-000001") == first
    second = frozenset({("country", "DE"), ("visa", "V-1")})
    await apply(store, change(revision=1, facets=second), change("LE-2", revision=1))
    assert await facets_of(store, "LE-2026-000001") == second
    assert await facets_of(store, "LE-2") == first
    await apply(store, change(revision=2, facets=frozenset()))
    assert await facets_of(store, "LE-2026-000001") == frozenset()


async def facets_of(store: Store, number: str) -> frozenset[tuple[str, str]]:
    names = (tables.facets.c.name, tables.facets.c.value)
    wanted = sqlalchemy.select(*names).where(tables.facets.c.dossier == number)
    async with store.read() as connection:
        return await connection.run_sync(
            lambda sync: frozenset((name, value) for name, value in sync.execute(wanted))
        )
