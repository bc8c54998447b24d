"""Working lists and reports of the inspection: what the service sees, and sums that are right."""

from __future__ import annotations

import io
import json
import random
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import aiohttp
import openpyxl
import pikepdf
import pytest

from handlers.days import today
from handlers.inspection import STATES
from handlers.inspection.inspection import Inspection
from handlers.inspection.shown import facets, tally
from schemas.workflow import Agent, Amounts, Service
from storage import agents, dossiers
from tests.handlers.papers.inspections import ACCEPTED, CARPETS, POTS, dossier
from tests.town import Town

HOUSE = "artisanat-bm"
HOSTILE = "=cmd|'/C calc'!A0"
START = datetime(2026, 1, 3, 12, tzinfo=UTC)


def inspection(number: int, state: str, **changes: Any) -> Inspection:
    filed = START + timedelta(days=11 * number)
    done = state in {"closed", "archived"}
    values: dict[str, Any] = {
        "number": f"BM-2026-{number}",
        "state": state,
        "opened_at": filed,
        "submitted_at": None if state == "new" else filed,
        "closed_at": filed + timedelta(hours=50 + number) if done else None,
        "assignee": "" if state in {"new", "submitted"} else "agartisbm",
        "owner": "coop-atlas",
        **changes,
    }
    return replace(ACCEPTED, **values)


async def keep(place: Town, population: Iterable[Inspection]) -> None:
    """Write dossiers as the hub writes them: with their facets and their tallies."""
    made = []
    for at, one in enumerate(population):
        case = dossier(one, state=one.state)
        made.append(
            dossiers.Change(
                number=one.number,
                procedure="inspection",
                owner=one.owner,
                from_state=None,
                to_state=one.state,
                version=1,
                revision=0,
                content=one.content(),
                entries=(),
                event="InspectionApplication",
                actor=one.owner,
                message_id=None,
                at=START + timedelta(days=at),
                facets=facets(case),
                tally=tally(case),
            )
        )
    async with place.hub.store.write() as tx:
        await dossiers.apply(tx, made)


async def found(place: Town, name: str, **filters: str) -> list[str]:
    client = await place.client(name)
    page = await client.look(f"/dossiers?{urlencode(filters)}")
    return [one["number"] for one in page["dossiers"]]


async def fetched(place: Town, path: str, name: str = HOUSE) -> tuple[int, bytes]:
    headers = {"Authorization": f"Bearer token-of-{name}"}
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{place.url}{path}", headers=headers) as answer,
    ):
        return answer.status, await answer.read()


async def report(place: Town, path: str) -> dict[str, Any]:
    status, body = await fetched(place, path)
    assert status == 200, body
    facts: dict[str, Any] = json.loads(body)
    return facts


async def test_each_working_list_has_the_dossiers_of_its_states_latest_first(place: Town) -> None:
    await keep(place, (inspection(n, state.name) for n, state in enumerate(STATES, 1)))
    every = [f"BM-2026-{n}" for n in range(len(STATES), 0, -1)]
    assert await found(place, HOUSE, list="all") == every[:-1]
    assert await found(place, HOUSE) == every[:-1]
    assert await found(place, HOUSE, list="unassigned") == ["BM-2026-2"]
    assert await found(place, HOUSE, list="unprocessed", agent="agartisbm") == ["BM-2026-3"]
    mine = ["BM-2026-6", "BM-2026-5", "BM-2026-4"]
    assert await found(place, HOUSE, list="mine", agent="agartisbm") == mine
    assert await found(place, HOUSE, list="mine", agent="agartisanat3") == []
    assert await found(place, HOUSE, list="history", service="bm") == ["BM-2026-8", "BM-2026-7"]
    assert await found(place, HOUSE, list="history", service="GM") == []
    assert await found(place, "coop-atlas", list="own") == every
    assert await found(place, "coop-souss", list="own") == []
    assert await found(place, "mce", list="all") == []


async def test_lists_are_searched_by_reference_filing_date_and_state(place: Town) -> None:
    await keep(place, (inspection(n, state.name) for n, state in enumerate(STATES, 1)))
    assert await found(place, HOUSE, list="all", number="BM-2026-5") == ["BM-2026-5"]
    assert await found(place, HOUSE, list="history", state="archived") == ["BM-2026-8"]
    assert await found(place, HOUSE, list="history", state="submitted") == []
    assert await found(place, HOUSE, list="all", opened_from="2026-01-09") == [
        "BM-2026-8",
        "BM-2026-7",
    ]


async def test_a_list_has_ten_dossiers_and_then_a_next_page(place: Town) -> None:
    await keep(place, (inspection(n, "submitted") for n in range(1, 14)))
    client = await place.client(HOUSE)
    first = await client.look("/dossiers?list=unassigned")
    rest = await client.look(f"/dossiers?list=unassigned&before={first['next']}")
    assert [len(first["dossiers"]), len(rest["dossiers"])] == [10, 3]


async def test_the_service_sees_no_draft(place: Town) -> None:
    await keep(place, [inspection(1, "new")])
    assert await found(place, HOUSE, state="new") == []
    for path in ("", "/history", "/timeline", "/documents"):
        assert (await fetched(place, f"/dossiers/BM-2026-1{path}"))[0] == 404
        assert (await fetched(place, f"/dossiers/BM-2026-1{path}", "coop-atlas"))[0] == 200


@pytest.mark.parametrize(
    ("path", "code", "named"),
    [
        ("/dossiers?list=everything", "PSV-409", "list"),
        ("/dossiers?list=mine", "PSV-409", "agent"),
        ("/dossiers?list=own&list=all", "PSV-409", "list"),
        ("/reports/general?colour=red", "PSV-408", "colour"),
        ("/reports/general?category=CARPETS", "PSV-408", "category"),
        ("/reports/general?by=category", "PSV-409", "by"),
        ("/reports/general?by=dossiers", "PSV-409", "by"),
        ("/reports/general?period_from=2026-13", "PSV-409", "period_from"),
        ("/reports/general?period_from=2026-05&period_until=2026-04", "PSV-409", "period_until"),
        ("/reports/category?state=lost", "PSV-409", "state"),
        ("/agents", "PSV-409", "service"),
        ("/agents?colour=red", "PSV-408", "colour"),
    ],
)
async def test_what_cannot_be_read_is_refused_by_its_name(
    place: Town, path: str, code: str, named: str
) -> None:
    status, body = await fetched(place, path)
    problem = json.loads(body)
    assert (status, problem["code"]) == (400, code)
    assert f"“{named}”" in problem["title"]


async def test_reports_are_for_the_service_and_the_ministry(place: Town) -> None:
    for name, status in ((HOUSE, 200), ("mce", 200), ("coop-atlas", 404), ("adii", 404)):
        assert (await fetched(place, "/reports/general", name))[0] == status
    assert (await fetched(place, "/reports/particular"))[0] == 404
    assert (await fetched(place, "/agents?service=BM", "mce"))[0] == 404


def population(seed: int, count: int) -> list[Inspection]:
    chance = random.Random(seed)  # noqa: S311 (a population, no secret)
    return [
        inspection(
            number,
            chance.choice(STATES).name,
            service=chance.choice(("BM", "GM")),
            assignee=chance.choice(("agartisbm", "agartisanat3", "")),
            submitted_at=(filed := START + timedelta(hours=chance.randrange(24 * 200))),
            closed_at=filed + timedelta(seconds=chance.randrange(10**6))
            if chance.random() < 0.5
            else None,
            corrected=tuple(
                replace(
                    chance.choice((CARPETS, POTS)),
                    number=line,
                    local_value=Decimal(chance.randrange(10**9)) / 100,
                )
                for line in range(1, chance.randrange(2, 5))
            ),
        )
        for number in range(1, count + 1)
    ]


def recount(dossiers_: Iterable[Inspection], category: str | None = None) -> Amounts:
    """The sums again, straight from the dossiers."""
    total = Amounts()
    for one in dossiers_:
        lines = [line for line in one.goods if category in (None, line.category)]
        if not lines or one.submitted_at is None:
            continue
        took = None if one.closed_at is None else one.closed_at - one.submitted_at
        total = Amounts(
            dossiers=total.dossiers + 1,
            lines=total.lines + len(lines),
            value=total.value + sum((line.local_value or Decimal(0) for line in lines), Decimal(0)),
            finished=total.finished + (took is not None),
            seconds=total.seconds + (0 if took is None else int(took.total_seconds())),
        )
    return total


def same(row: dict[str, Any], amounts: Amounts) -> bool:
    return (row["dossiers"], row["lines"], Decimal(row["value"]), row["finished"]) == (
        amounts.dossiers,
        amounts.lines,
        amounts.value,
        amounts.finished,
    ) and row["mean_seconds"] == (amounts.seconds // amounts.finished if amounts.finished else None)


async def test_a_report_equals_a_straight_recount(place: Town) -> None:
    everybody = population(7, 200)
    await keep(place, everybody)
    whole = await report(place, "/reports/general?period_until=2026-12&by=agent,state")
    for row in whole["rows"]:
        its = [o for o in everybody if (o.assignee, o.state) == (row["agent"], row["state"])]
        assert same(row, recount(its)), row
    assert sum(row["dossiers"] for row in whole["rows"]) == 200
    done = [o for o in everybody if o.state in {"closed", "archived"}]
    assert whole["indicators"]["closed"] == len(done)
    assert whole["indicators"]["open"] == 200 - len(done)
    assert same(whole["indicators"], recount(everybody))
    kept = [o for o in everybody if o.service == "GM"]
    by_category = await report(place, "/reports/category?service=GM&period_until=2026-12")
    assert {row["category"] for row in by_category["rows"]} == {"CARPETS", "POTTERY"}
    for row in by_category["rows"]:
        assert same(row, recount(kept, row["category"])), row
    one = await report(place, "/reports/category?category=POTTERY&service=GM&period_until=2026-12")
    assert same(one["indicators"], recount(kept, "POTTERY"))
    march = await report(place, "/reports/general?period_from=2026-03&period_until=2026-03")
    filed = [o for o in everybody if o.submitted_at and today(o.submitted_at).month == 3]
    assert same(march["indicators"], recount(filed))


async def test_a_spreadsheet_has_the_same_rows_and_no_formula(place: Town) -> None:
    await keep(place, [inspection(1, "closed", assignee=HOSTILE), inspection(2, "submitted")])
    status, body = await fetched(place, "/reports/general.xlsx?by=agent,state&period_until=2026-12")
    sheet = openpyxl.load_workbook(io.BytesIO(body))["Bilan"]
    rows = list(sheet.iter_rows(min_row=3, values_only=True))
    assert status == 200
    assert [row[:4] for row in rows] == [
        (None, "Dossier soumis", 1, 2),
        (HOSTILE, "Dossier clôturé", 1, 2),
    ]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n"}
    assert sheet["A4"].quotePrefix
    assert float(rows[1][6]) == pytest.approx(51 / 24, abs=0.06)


async def test_a_page_can_be_printed(place: Town) -> None:
    await keep(place, population(3, 40))
    status, body = await fetched(place, "/reports/category.pdf?period_until=2026-12")
    assert status == 200
    with pikepdf.open(io.BytesIO(body)) as pdf:
        assert str(pdf.docinfo.Title).startswith("Bilan par catégorie 01/2026")
        assert not list(pdf.attachments)


async def test_the_agents_of_a_service_are_told_apart_by_their_work(place: Town) -> None:
    async with place.hub.store.write() as tx:
        await agents.add_service(tx, Service(code="BM", name="Béni Mellal", places=()), START)
        for name in ("agartisanat3", "agartisbm"):
            one = Agent(identifier=name, name=name.upper(), service="BM", supervisor=False)
            await agents.add(tx, one, START)
    states = ("in_progress", "closed", "archived", "awaiting_complement", "closed")
    await keep(place, (inspection(n, state) for n, state in enumerate(states, 1)))
    _, body = await fetched(place, "/agents?service=BM")
    assert [(one["agent"], one["open"], one["closed"]) for one in json.loads(body)["agents"]] == [
        ("agartisanat3", 0, 0),
        ("agartisbm", 2, 3),
    ]
