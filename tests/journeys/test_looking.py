"""What partners find, by what, and what a dossier's one timeline tells to whom."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import aiohttp
import openpyxl
import pytest

from schemas.bindings.common_1 import Consignee
from schemas.bindings.history_report_1 import HistoryReport
from storage import mails
from storage.engine import Connection
from tests import letters
from tests.journeys.test_licence import filed, granted
from tests.town import Town


async def found(place: Town, name: str, **filters: str) -> list[str]:
    """The numbers a partner finds."""
    client = await place.client(name)
    page = await client.look(f"/dossiers?{urlencode(filters)}")
    return [one["number"] for one in page["dossiers"]]


async def refusal(place: Town, name: str, query: str) -> dict[str, Any]:
    """The problem document that a question is answered with."""
    headers = {"Authorization": f"Bearer token-of-{name}"}
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{place.url}/dossiers{query}", headers=headers) as answer,
    ):
        assert answer.status == 400
        problem: dict[str, Any] = await answer.json()
        return problem


async def test_a_licence_is_found_by_everything_it_says(place: Town) -> None:
    number = await granted(place)
    customs = await place.client("adii")
    await customs.send(customs.signed(letters.imputation(), dossier=number), wait=20)
    other = letters.licence(
        consignee=Consignee(name="Ōtsuka", address="Tōkyō", country="JP"),
        destination_country=("JP",),
        incoterm="CIF",
    )
    await filed(place, **{name: getattr(other, name) for name in ("consignee", "incoterm")})
    filters = {
        "number": number,
        "procedure": "licence",
        "state": "granted,partly_imputed",
        "exporter": "ARGAN cooperative",
        "ice": letters.ICE,
        "register": "12345",
        "consignee": "huiles gmbh",
        "category": "le",
        "currency": "eur",
        "total": "25000.0",
        "customs_procedure": letters.PROCEDURE,
        "customs_office": letters.OFFICE,
        "payment": "VF",
        "incoterm": "FOB",
        "country": "FR",
        "code": letters.ARGAN,
        "origin": "MA",
        "invoice": "F-2026-001",
        "visa": "V-2026-0042",
        "declaration": letters.imputation().declaration_number,
        "opened_from": letters.today().isoformat(),
        "changed_until": (place.hub.clock() + timedelta(days=1)).isoformat(),
    }
    for name, value in filters.items():
        assert number in await found(place, "mce", **{name: value}), name
    assert await found(place, "mce", **filters) == [number]
    nothing = {"visa": "V-0", "consignee": "rhin otsuka", "changed_until": "2020-01-01"}
    for name, value in nothing.items():
        assert await found(place, "mce", **{name: value}) == []


@pytest.mark.parametrize(
    ("query", "code", "named"),
    [
        ("?colour=red", "PSV-408", "colour"),
        ("?state=lost", "PSV-409", "state"),
        ("?procedure=visa", "PSV-409", "procedure"),
        ("?total=much", "PSV-409", "total"),
        ("?total=1e99", "PSV-409", "total"),
        ("?mode=own", "PSV-409", "mode"),
        ("?limit=0", "PSV-409", "limit"),
        ("?before=yesterday", "PSV-409", "before"),
        ("?opened_from=2026-02-30", "PSV-409", "opened_from"),
        ("?opened_from=0001-01-01", "PSV-409", "opened_from"),
        ("?changed_until=2026-03-01T10:00", "PSV-409", "changed_until"),
        ("?exporter=%2B%2B", "PSV-409", "exporter"),
        ("?number=a&number=b", "PSV-409", "number"),
        ("?number=%00", "PSV-409", "number"),
        ("?visa=%00", "PSV-409", "visa"),
        ("?owner=coop-souss", "PSV-408", "owner"),
    ],
)
async def test_a_filter_that_cannot_be_read_is_refused_by_its_name(
    place: Town, query: str, code: str, named: str
) -> None:
    problem = await refusal(place, "coop-atlas", query)
    assert (problem["code"], problem["status"]) == (code, 400)
    assert f"“{named}”" in problem["title"]
    assert f"« {named} »" in problem["title_fr"]
    assert "{" not in problem["repair"] + problem["repair_fr"]


async def test_authorities_manage_what_awaits_them_and_consult_everything(place: Town) -> None:
    waits = await filed(place)
    done = await granted(place)
    assert await found(place, "mce", mode="manage") == [waits]
    assert await found(place, "mce", mode="consult") == [done, waits]
    assert await found(place, "mce", owner="coop-atlas", mode="manage") == [waits]
    assert await found(place, "coop-atlas", mode="manage") == [done, waits]
    assert await found(place, "coop-souss", mode="consult") == []


async def test_pages_of_filtered_dossiers_leave_nothing_out(place: Town) -> None:
    numbers = [await filed(place) for _ in range(3)]
    client = await place.client("mce")
    seen, path = [], "/dossiers?limit=1&country=DE"
    page = await client.look(path)
    while page["dossiers"]:
        seen += [one["number"] for one in page["dossiers"]]
        page = await client.look(f"{path}&before={page['next']}")
    assert seen == numbers[::-1]


async def timeline(place: Town, name: str, number: str) -> dict[str, Any]:
    client = await place.client(name)
    page: dict[str, Any] = await client.look(f"/dossiers/{number}/timeline")
    return page


def of(page: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [mark for mark in page["marks"] if mark["kind"] == kind]


async def test_the_ministry_holds_what_was_submitted_until_its_deadline(place: Town) -> None:
    number = await filed(place)
    (holder,) = [
        one
        for one in (await timeline(place, "coop-atlas", number))["held_by"]
        if one["answer"] == "VisaDecision"
    ]
    assert (holder["role"], holder["overdue"]) == ("ministry", False)
    assert holder["since"] < holder["until"]


async def test_a_declarant_sees_its_own_messages_and_that_others_were_asked(place: Town) -> None:
    number = await granted(place)
    page = await timeline(place, "coop-atlas", number)
    assert [mark["type"] for mark in of(page, "received")] == ["LicenceApplication"]
    assert {mark["to"] for mark in of(page, "step")} == {"granted", "submitted"}
    own = [mark for mark in of(page, "sent") if "id" in mark]
    others = [mark for mark in of(page, "sent") if "id" not in mark]
    assert {mark["to"] for mark in own} == {"coop-atlas"}
    assert {(mark["type"], mark["to_role"]) for mark in others} >= {
        ("VisaRequest", "ministry"),
        ("LicenceNotice", "customs"),
    }
    assert all(
        mark.keys() <= {"kind", "at", "type", "state", "done_at", "to_role"} for mark in others
    )
    assert "Acknowledgement" not in {mark["type"] for mark in others}
    ats = [mark["at"] for mark in page["marks"]]
    assert ats == sorted(ats, reverse=True)


async def test_an_authority_sees_only_what_it_sent_and_received_and_the_states(
    place: Town,
) -> None:
    number = await granted(place)
    page = await timeline(place, "adii", number)
    assert of(page, "received") == []
    assert {mark["type"] for mark in of(page, "sent")} == {"LicenceNotice"}
    assert {mark["to"] for mark in of(page, "step")} == {"granted", "submitted"}


async def test_an_address_is_shown_to_its_owner_alone(place: Town) -> None:
    number = await filed(place)
    mail = mails.Mail(
        instance="mail-of-a-test",
        dossier=number,
        recipient="secret@coop-atlas.example",
        subject="Votre licence",
        content=b"",
        created_at=place.hub.clock(),
    )

    async def keep(tx: Connection) -> None:
        await tx.run_sync(mails.write, [mail])

    async with place.hub.store.write() as tx:
        await keep(tx)
    own = of(await timeline(place, "coop-atlas", number), "mail")
    assert (mail.recipient, mail.subject) in {(one["to"], one["subject"]) for one in own}
    for name in ("mce", "adii"):
        page = await timeline(place, name, number)
        assert {*of(page, "mail")[0]} == {"kind", "at", "state"}
        assert "secret@" not in str(page)


async def test_pages_of_a_timeline_leave_nothing_out(place: Town) -> None:
    number = await granted(place)
    client = await place.client("coop-atlas")
    whole = (await timeline(place, "coop-atlas", number))["marks"]
    seen, before = [], ""
    while True:
        page = await client.look(f"/dossiers/{number}/timeline?limit=2{before}")
        seen += page["marks"]
        if page["next"] is None:
            break
        before = f"&before={page['next']}"
    assert seen == whole
    with pytest.raises(Exception, match=r"PSV-409|400"):
        await client.look(f"/dossiers/{number}/timeline?before=then")


async def test_the_history_is_a_spreadsheet_among_the_documents(place: Town) -> None:
    number = await granted(place)
    declarant = await place.client("coop-atlas")
    listed = (await declarant.look(f"/dossiers/{number}/documents"))["documents"]
    (link,) = [one["link"] for one in listed if one["name"] == "history.xlsx"]
    book = openpyxl.load_workbook(io.BytesIO(await declarant.download(link)))
    rows = list(book.active.iter_rows(min_row=3, values_only=True))
    assert [row[1] for row in rows] == ["VisaDecision", "LicenceApplication"]
    stranger = await place.client("coop-souss")
    with pytest.raises(Exception, match=r"PSV-407|404"):
        await stranger.download(link)


async def test_a_history_query_is_answered_page_by_page(place: Town) -> None:
    number = await granted(place)
    ministry = await place.client("mce")

    async def reported(**asked: int) -> HistoryReport:
        query = letters.history_query(**asked)
        await ministry.send(ministry.signed(query, dossier=number), wait=20)
        mail = [
            one for one in await ministry.collect(wait=10) if one.header.type == "HistoryReport"
        ]
        report = mail[-1].payload()
        assert isinstance(report, HistoryReport)
        return report

    first = await reported(limit=1)
    assert [(one.event, one.to.value) for one in first.event] == [("VisaDecision", "granted")]
    assert {fact.name for fact in first.event[0].fact} >= {"officer"}
    assert first.next is not None
    rest = await reported(before=first.next)
    assert [one.event for one in rest.event] == ["LicenceApplication"]
    assert rest.next is None
