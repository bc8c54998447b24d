"""The room Acts: shown, confirmed, done once; or proposed by one and agreed to by another."""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote_plus

import pytest

from storage import acts, proposals, queue
from tests.console import hostile
from tests.console.visitors import Visitor, visitor
from tests.poison import CAUSE, bug, jobs, parked, poisoned
from tests.town import Town

_HIDDEN = re.compile(r'<input type="hidden" name="(act|what|query)" value="([^"]*)">')
BULK = f"/acts/new?act=release&kind=work&cause={quote_plus(CAUSE)}"
REASON = "the handler is mended"


@pytest.fixture
async def place(tmp_path: Path, sqlite_url: str) -> AsyncIterator[Town]:
    async with poisoned(tmp_path, sqlite_url, "poison-1", "poison-2") as made:
        yield made


async def shown(desk: Visitor, path: str) -> tuple[str, dict[str, str]]:
    """A preview's page, and the fields that its form sends back."""
    answer = await desk.get(path)
    page = await answer.text()
    assert answer.status == 200, page
    return page, {name: html.unescape(value) for name, value in _HIDDEN.findall(page)}


async def one_job(place: Town) -> queue.Job:
    return (await jobs(place, state="parked"))[0]


async def test_an_act_is_shown_with_its_dry_run_and_then_done(place: Town) -> None:
    desk, job = await visitor(place), await one_job(place)
    page, form = await shown(desk, f"/acts/new?act=release&job={job.id}")
    assert "Nothing is done yet" in page
    assert "Submitted" in page, "the state that the licence would be in"
    assert "Acknowledgement (outcome)" in page
    assert await one_job(place) == job, "looking does nothing"
    answer = await desk.post("/acts", reason=REASON, **form)
    assert answer.status == 303
    assert answer.headers["Location"] == "/console/acts?said=done&number=1"
    page = await (await desk.get("/acts?said=done&number=1")).text()
    assert "Done; it stands in the journal." in page
    assert REASON in page
    assert "job released" in page


async def test_an_act_that_is_sent_twice_is_done_once(place: Town) -> None:
    desk, job = await visitor(place), await one_job(place)
    with bug("poison-1"):
        _, form = await shown(desk, f"/acts/new?act=release&job={job.id}")
        first = await desk.post("/acts", reason=REASON, **form)
        second = await desk.post("/acts", reason=REASON, **form)
        assert (first.status, second.status) == (303, 409)
        assert f"/console/acts/new?act=release&amp;job={job.id}" in await second.text()
        await parked(place, 2)
    async with place.hub.store.read() as conn:
        assert len(await acts.latest(conn, subject=str(job.id))) == 1


async def test_of_two_operators_the_second_is_shown_what_the_first_did(place: Town) -> None:
    amina, brahim = await visitor(place, name="amina"), await visitor(place, name="brahim")
    job = await one_job(place)
    path = f"/acts/new?act=release&job={job.id}"
    (_, hers), (_, his) = await shown(amina, path), await shown(brahim, path)
    with bug("poison-1"):
        assert (await amina.post("/acts", reason=REASON, **hers)).status == 303
        await parked(place, 2)
        answer = await brahim.post("/acts", reason=REASON, **his)
    page = await answer.text()
    assert answer.status == 409
    assert "Nothing was done" in page
    assert "operator amina: job released" in page
    assert "Look at it as it is now" in page


@pytest.mark.parametrize("reason", ["", "  x ", "x" * 501])
async def test_an_act_without_a_good_reason_is_shown_again(place: Town, reason: str) -> None:
    desk, job = await visitor(place), await one_job(place)
    _, form = await shown(desk, f"/acts/new?act=release&job={job.id}")
    answer = await desk.post("/acts", reason=reason, **form)
    assert answer.status == 400
    assert "A reason is needed" in await answer.text()
    assert await one_job(place) == job


async def test_a_bulk_release_is_proposed_by_one_and_done_by_another(place: Town) -> None:
    amina, brahim = await visitor(place, name="amina"), await visitor(place, name="brahim")
    page, form = await shown(amina, BULK)
    assert "needs a second person" in page
    answer = await amina.post("/acts", reason=REASON, **form)
    assert answer.headers["Location"].startswith("/console/acts?said=proposed&number=")
    number = int(answer.headers["Location"].rpartition("=")[2])
    page = await (await amina.get(f"/acts/{number}")).text()
    assert "You proposed it yourself" in page
    assert f"/console/acts/{number}/approve" not in page
    assert (await amina.post(f"/acts/{number}/approve")).status == 409
    assert len(await jobs(place, state="parked")) == 2
    assert "Look and decide" in await (await brahim.get("/acts")).text()
    page = await (await brahim.get(f"/acts/{number}")).text()
    assert "Agree and do it" in page
    answer = await brahim.post(f"/acts/{number}/approve")
    assert (answer.status, await jobs(place, state="parked")) == (303, [])
    page = await (await brahim.get(f"/acts/{number}")).text()
    assert "brahim" in page
    assert "Agree and do it" not in page
    assert (await brahim.post(f"/acts/{number}/approve")).status == 409


async def test_a_proposal_is_rejected_with_a_reason_or_withdrawn(place: Town) -> None:
    amina, brahim = await visitor(place, name="amina"), await visitor(place, name="brahim")
    for who, verb, fields in (
        (brahim, "reject", {"reason": "not at night"}),
        (amina, "withdraw", {}),
    ):
        _, form = await shown(amina, BULK)
        place_of = (await amina.post("/acts", reason=REASON, **form)).headers["Location"]
        number = int(place_of.rpartition("=")[2])
        await brahim.get("/acts")
        if verb == "reject":
            answer = await who.post(f"/acts/{number}/reject", reason="")
            assert answer.headers["Location"] == f"/console/acts/{number}", "it takes a reason"
        assert (await who.post(f"/acts/{number}/{verb}", **fields)).status == 303
        async with place.hub.store.read() as conn:
            found = await proposals.find(conn, number)
        assert found is not None
        assert found.state in {"rejected", "withdrawn"}
    assert len(await jobs(place, state="parked")) == 2


async def test_a_viewer_sees_what_would_happen_and_does_nothing(place: Town) -> None:
    desk, job = await visitor(place, "viewer"), await one_job(place)
    page, form = await shown(desk, f"/acts/new?act=release&job={job.id}")
    assert "not do it" in page
    assert form == {}
    for path in ("/acts", "/acts/1/approve", "/acts/1/reject", "/acts/1/withdraw"):
        assert (await desk.post(path, act="release", what="{}", reason=REASON)).status == 403
    assert await one_job(place) == job


async def test_an_act_of_administrators_is_not_an_operators(place: Town) -> None:
    from gateway.acts.registry import ACTS

    high = [act for act in ACTS.values() if act.needs > 2]
    assert high, "there are acts that take an administrator"
    desk = await visitor(place)
    before = len(await jobs(place))
    answer = await desk.post("/acts", act=high[0].kind, what="{}", reason=REASON)
    assert answer.status in {400, 403}
    assert len(await jobs(place)) == before


@pytest.mark.parametrize(
    "fields",
    [
        {"act": "release", "what": "{}"},
        {"act": "release", "what": "<script>"},
        {
            "act": "release",
            "what": '{"targets": [{"id": 1, "kind": "x", "subject": 1, "seen": ""}]}',
        },
        {"act": "destroy", "what": "{}"},
        {},
    ],
)
async def test_a_form_that_no_page_wrote_does_nothing(place: Town, fields: dict[str, str]) -> None:
    desk = await visitor(place)
    answer = await desk.post("/acts", reason=REASON, **fields)
    assert answer.status in {400, 409}
    assert len(await jobs(place, state="parked")) == 2


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("act=destroy", 409),
        ("act=release", 409),
        ("act=release&job=x", 409),
        ("act=release&job=4711", 404),
        ("act=release&cause=nothing&kind=work", 409),
        ("", 409),
    ],
)
async def test_an_act_on_nothing_is_a_sentence(place: Town, query: str, status: int) -> None:
    desk = await visitor(place)
    answer = await desk.get(f"/acts/new?{query}")
    assert answer.status == status
    assert "<h1>" in await answer.text()


async def test_hostile_reasons_are_shown_as_text(place: Town) -> None:
    desk, other = await visitor(place, name="amina"), await visitor(place, name="brahim")
    reason = " ".join(hostile.SCRIPTS[:4])
    _, form = await shown(desk, BULK)
    answer = await desk.post("/acts", reason=reason, **form)
    number = answer.headers["Location"].rpartition("=")[2]
    await other.get(f"/acts/{number}")
    assert (await other.post(f"/acts/{number}/reject", reason=reason)).status == 303
    for path in ("/acts", f"/acts/{number}"):
        page = await (await desk.get(path)).text()
        assert "window.__owned=1" in page, "the reason is shown"
        assert "<script>window" not in page
        assert "<img id=owned" not in page


async def test_the_acts_are_read_page_by_page(place: Town) -> None:
    desk, job = await visitor(place), await one_job(place)
    with bug("poison-1", "poison-2"):
        _, form = await shown(desk, f"/acts/new?act=retry&job={job.id}")
        await desk.post("/acts", reason=REASON, **form)
        await parked(place, 2)
    async with place.hub.store.read() as conn:
        (last,) = await acts.latest(conn)
    page = await (await desk.get(f"/acts?before={last.id}")).text()
    assert "No operator has done anything yet" in page
    assert (await desk.get("/acts?before=x")).status == 400
    assert (await desk.get("/acts/4711")).status == 404
