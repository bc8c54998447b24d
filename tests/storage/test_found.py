"""Messages are found by any combination, in bounded walks along indexes, on both engines."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from storage import found, journal, refusals, words
from storage.console_tables import message_codes
from storage.engine import Store, SyncConnection
from storage.found import RECEIVED, SENT, Wanted
from storage.messages import Heading
from storage.outgoing import Notice
from storage.statement import _Compiled
from storage.tables import messages, outgoing
from tests.storage.values import NOW, record

MANY = 240
TYPES = ("LicenceApplication", "VisaDecision", "Imputation")
STATES = ("accepted", "accepted", "accepted", "refused", "received")


def received(number: int) -> dict[str, Any]:
    """A message a minute; every third one's instant is a little before the one before it."""
    return {
        "id": number,
        "sender": ("atlas", "souss")[number % 7 == 0],
        "instance": f"m-{number // 2}",
        "type": TYPES[number % 3],
        "version": "1.0",
        "dossier": f"LE-{number % 5}" if number % 4 else None,
        "digest": "0" * 64,
        "state": STATES[number % 5],
        "received_at": NOW + timedelta(seconds=60 * number - 90 * (number % 3 == 0)),
        "finished_at": None,
    } | ({"sender": "mce"} if number % 2 else {})


def sent(number: int) -> dict[str, Any]:
    return {
        "id": number,
        "instance": f"s-{number}",
        "receiver": ("atlas", "mce", "adii")[number % 3],
        "type": ("Acknowledgement", "VisaRequest")[number % 2],
        "dossier": f"LE-{number % 5}",
        "answers": None,
        "stage": None,
        "state": ("delivered", "delivered", "mailbox", "pushing", "parked")[number % 5],
        "created_at": NOW + timedelta(minutes=number),
        "delivered_at": None,
        "attempts": 0,
        "last_error": None,
    }


def codes(number: int) -> tuple[str, ...]:
    return ("PSV-601", "PSV-605")[: 1 + number % 2] if number % 5 == 3 else ()


def text(number: int) -> str:
    return f"huile {'argan' if number % 3 else 'olive'} lot{number % 10}"


def _fill(connection: SyncConnection, many: int) -> None:
    numbers = range(1, many + 1)
    connection.execute(insert(messages), [received(number) for number in numbers])
    connection.execute(insert(outgoing), [sent(number) for number in numbers])
    bearing = [{"code": code, "message_id": n} for n in numbers for code in codes(n)]
    connection.execute(insert(message_codes), bearing)
    words.add(connection, [(number, words.fold(text(number))) for number in numbers])


async def fill(store: Store, many: int = MANY) -> None:
    async with store.write() as tx:
        await tx.run_sync(_fill, many)


async def paged(store: Store, wanted: Wanted, limit: int, *, out: bool = False) -> list[int]:
    """Every row id found, page by page, and that no page is too long or goes on for ever."""
    ids: list[int] = []
    before: int | None = 2**62
    asking = found.sent if out else found.received
    async with store.read() as connection:
        while before is not None:
            page = await asking(connection, wanted, before=before, limit=limit)
            assert len(page.rows) <= limit
            assert page.next is None or page.next < before
            ids += [row.id for row in page.rows]
            before = page.next
    return ids


def fulfils(row: dict[str, Any], wanted: Wanted, partner: str, at: str) -> bool:
    pairs = {
        "instance": wanted.instance,
        partner: wanted.partner,
        "type": wanted.type,
        "dossier": wanted.dossier,
        "state": wanted.state,
    }
    return (
        all(value in (None, row[name]) for name, value in pairs.items())
        and (wanted.code is None or wanted.code in codes(row["id"]))
        and (wanted.words is None or set(wanted.words.split()) <= set(text(row["id"]).split()))
        and (wanted.since is None or row[at] >= wanted.since)
        and (wanted.until is None or row[at] < wanted.until)
    )


DAYS: dict[str, Any] = {"since": NOW + timedelta(minutes=40), "until": NOW + timedelta(minutes=101)}
ASKED: tuple[dict[str, Any], ...] = (
    {},
    {"instance": "m-17"},
    {"instance": "m-17", "partner": "mce"},
    {"instance": "m-17", "state": "parked"},
    {"dossier": "LE-2"},
    {"dossier": "LE-2", "state": "refused", "code": "PSV-601"},
    {"code": "PSV-605"},
    {"code": "PSV-601", "type": "Imputation"},
    {"code": "PSV-999"},
    {"state": "refused"},
    {"state": "accepted"},
    {"state": "received", "partner": "mce", **DAYS},
    {"partner": "souss"},
    {"partner": "atlas", "type": "VisaDecision", "state": "accepted"},
    {"type": "VisaDecision"},
    {"type": "VisaDecision", **DAYS},
    DAYS,
    {"since": DAYS["since"]},
    {"until": DAYS["until"]},
    {"since": NOW + timedelta(days=9)},
    {"until": NOW - timedelta(days=9)},
    {"words": "huile"},
    {"words": "argan lot3"},
    {"words": "argan", "partner": "atlas", "state": "accepted", **DAYS},
    {"words": "olive", "dossier": "LE-3"},
    {"words": "olive", "code": "PSV-601", "type": "LicenceApplication"},
    {"words": "--- ! "},
)


@pytest.mark.parametrize("walk", [5_000, 7])
async def test_what_is_found_is_what_reading_them_all_would_find(
    store: Store, walk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(store)
    monkeypatch.setattr(found, "WALK", walk)
    for asked in ASKED:
        wanted = Wanted(**asked)
        read = replace(wanted, words="nothing") if asked.get("words") == "--- ! " else wanted
        rows = (received(number) for number in range(MANY, 0, -1))
        expected = [row["id"] for row in rows if fulfils(row, read, "sender", "received_at")]
        assert await paged(store, wanted, 11) == expected, asked


@pytest.mark.parametrize("walk", [5_000, 7])
async def test_messages_sent_are_found_alike(
    store: Store, walk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(store)
    monkeypatch.setattr(found, "WALK", walk)
    for asked in (
        {},
        {"instance": "s-9"},
        {"dossier": "LE-4", "type": "VisaRequest"},
        {"state": "parked", "partner": "adii"},
        {"state": "delivered", "partner": "mce", **DAYS},
        {"type": "VisaRequest"},
        DAYS,
    ):
        wanted = Wanted(**asked)
        rows = (sent(number) for number in range(MANY, 0, -1))
        expected = [row["id"] for row in rows if fulfils(row, wanted, "receiver", "created_at")]
        assert await paged(store, wanted, 11, out=True) == expected, asked
    async with store.read() as connection:
        with pytest.raises(ValueError, match="not found by words"):
            await found.sent(connection, Wanted(code="PSV-601"))


async def test_a_walk_that_ends_before_the_page_is_full_says_how_far_it_looked(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(store)
    monkeypatch.setattr(found, "WALK", 10)
    async with store.read() as connection:
        page = await found.received(connection, Wanted(partner="atlas", type="Unknown"))
        full = await found.received(connection, Wanted(partner="atlas"), limit=5)
    looked_at = [n for n in range(MANY, 0, -1) if received(n)["sender"] == "atlas"][:10]
    assert page.rows == []
    assert page.next == looked_at[-1]
    assert page.looked_back_to == received(looked_at[-1])["received_at"]
    assert (full.next, full.looked_back_to) == (looked_at[4], None)


async def test_one_message_is_found_by_its_row(store: Store) -> None:
    await fill(store, 9)
    async with store.read() as connection:
        came = await found.heading(connection, 7)
        went = await found.notice(connection, 7)
        assert await found.heading(connection, 10) is None
        assert await found.notice(connection, 10) is None
    assert came == Heading(**received(7))
    assert went == Notice(**sent(7))


def _explained(connection: SyncConnection, core: Any, values: dict[str, Any]) -> str:
    if connection.dialect.name == "sqlite":
        sqlite = _Compiled(core, None, connection.dialect)
        bound = tuple(sqlite.bound(values))
        rows: Iterable[Any] = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sqlite.sql}", bound)
        return "\n".join(row[3] for row in rows)
    compiled = core.compile(dialect=connection.dialect)
    given = tuple({**compiled.params, **values}[name] for name in compiled.positiontup)
    rows = connection.exec_driver_sql(f"EXPLAIN {compiled}", given)
    return "\n".join(row[0] for row in rows)


WALKS: tuple[tuple[Any, dict[str, Any], str], ...] = (
    (RECEIVED, {}, "messages USING INTEGER PRIMARY KEY"),
    (RECEIVED, {"instance": "m-1", "partner": "atlas"}, "ix_messages_instance"),
    (RECEIVED, {"dossier": "LE-1", "code": "PSV-601"}, "ix_messages_dossier_id"),
    (RECEIVED, {"code": "PSV-601", "state": "refused"}, "message_codes USING"),
    (RECEIVED, {"state": "refused", "partner": "atlas"}, "ix_messages_state_id"),
    (RECEIVED, {"state": "accepted", "partner": "atlas"}, "ix_messages_sender_id"),
    (RECEIVED, {"partner": "atlas", "type": "Imputation", **DAYS}, "ix_messages_sender_id"),
    (RECEIVED, {"type": "Imputation", "state": "accepted"}, "ix_messages_type_id"),
    (RECEIVED, {"state": "accepted", **DAYS}, "messages USING INTEGER PRIMARY KEY"),
    (SENT, {}, "outgoing USING INTEGER PRIMARY KEY"),
    (SENT, {"instance": "s-1"}, "outgoing_1"),
    (SENT, {"dossier": "LE-1", "state": "parked"}, "ix_outgoing_dossier_id"),
    (SENT, {"state": "parked", "partner": "mce"}, "ix_outgoing_state_id"),
    (SENT, {"partner": "mce", "type": "VisaRequest", **DAYS}, "ix_outgoing_receiver_id"),
    (SENT, {"type": "VisaRequest"}, "ix_outgoing_type_id"),
)


async def test_every_question_walks_one_index_and_reads_no_whole_table(store: Store) -> None:
    await fill(store, 4_000)
    async with store.write() as tx:
        if store.dialect == "postgresql":
            for table in ("messages", "outgoing", "message_codes"):
                await tx.run_sync(_analyze, table)
        for side, asked, index in WALKS:
            plan = await tx.run_sync(_plan, side, Wanted(**asked))
            assert "Seq Scan" not in plan, (asked, plan)
            if store.dialect == "sqlite":
                walked = [line for line in plan.splitlines() if side.table.name in line]
                assert index in plan, (asked, plan)
                assert all("SEARCH" in line for line in walked), (asked, plan)


def _analyze(connection: SyncConnection, table: str) -> None:
    connection.exec_driver_sql(f"ANALYZE {table}").close()


def _plan(connection: SyncConnection, side: Any, wanted: Wanted) -> str:
    shape = found._shape(side, wanted)
    given = {name: getattr(wanted, name) for name in Wanted.__dataclass_fields__}
    values = {**given, "before": 2**62, "least": 5, "walk": 50, "most": 11, "at": NOW, "id": 1}
    name = side.table.name
    plans = [
        _explained(connection, found._statement(shape)._core, values),
        _explained(connection, found._end_statement(shape)._core, values),
        _explained(connection, found._at_statement(name)._core, values),
    ]
    for first in (True, False):
        edge = _explained(connection, found._edge_statement(name, first)._core, values)
        assert f"ix_{name}_{side.at}_id" in edge, edge
        plans.append(edge.replace("SCAN (subquery", "SEARCH (subquery"))
    return "\n".join(plans)


async def refuse(store: Store, many: int) -> None:
    async with store.write() as tx:
        await journal.append(
            tx,
            [
                record(
                    f"{('atlas', 'mce')[number % 2]}/m-{number // 4}",
                    kind="message refused" if number % 3 else "message accepted",
                    actor=("atlas", "mce")[number % 2],
                    at=NOW + timedelta(minutes=number),
                    facts={"type": TYPES[number % 3], "codes": f"PSV-20{number % 4} PSV-501"},
                )
                for number in range(1, many + 1)
            ],
        )


async def test_rejections_are_found_by_their_message_and_by_partner(store: Store) -> None:
    await refuse(store, 40)
    async with store.read() as connection:
        by_id = await refusals.of_message(connection, ["atlas", "mce"], "m-5")
        assert [one.id for one in by_id] == [23, 22, 20]
        assert [o.id for o in await refusals.of_message(connection, ["mce"], "m-5")] == [23]
        assert await refusals.of_message(connection, ["adii"], "m-5") == []
        first = await refusals.latest(connection, ["atlas", "mce"], limit=4)
        assert [one.id for one in first.rows] == [40, 38, 37, 35]
        second = await refusals.latest(connection, ["atlas", "mce"], before=35, limit=100)
        assert (second.rows[0].id, second.rows[-1].id, second.next) == (34, 1, None)
        found_ = await refusals.latest(
            connection, ["mce"], code="PSV-203", type="VisaDecision", **DAYS
        )
    assert [one.id for one in found_.rows] == []
    async with store.read() as connection:
        found_ = await refusals.latest(connection, ["mce"], code="PSV-203", type="VisaDecision")
    assert [one.id for one in found_.rows] == [31, 19, 7]


async def test_rejections_of_many_are_walked_a_bounded_way(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    await refuse(store, 200)
    monkeypatch.setattr(refusals, "WALK", 50)
    ids: list[int] = []
    before: int | None = 2**62
    async with store.read() as connection:
        while before is not None:
            page = await refusals.latest(connection, ["atlas"], code="PSV-202", before=before)
            ids += [one.id for one in page.rows]
            assert (page.looked_back_to is None) == (page.next is None)
            before = page.next
        plans = [
            await connection.run_sync(_explained, statement._core, values)
            for statement, values in (
                (refusals._BY_ACTOR, {"actor": "atlas", "before": 99, "most": 5}),
                (refusals._BY_SUBJECT, {"subject": "atlas/m-1", "most": 5}),
            )
        ]
    assert ids == [n for n in range(200, 0, -1) if n % 3 and n % 4 == 2]
    if store.dialect == "sqlite":
        assert "ix_journal_refused (" in plans[0]
        assert "ix_journal_refused_subject (" in plans[1]
