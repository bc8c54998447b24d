"""The room Queue, as a browser without a script sees it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote_plus

import pytest

from tests.console import hostile
from tests.console.visitors import visitor
from tests.poison import CAUSE, jobs, poisoned
from tests.town import Town


@pytest.fixture
async def place(tmp_path: Path, sqlite_url: str) -> AsyncIterator[Town]:
    async with poisoned(tmp_path, sqlite_url, "poison-1", "poison-2") as made:
        yield made


async def test_the_queue_shows_parked_jobs_and_groups_them_by_cause(place: Town) -> None:
    desk = await visitor(place, "viewer")
    answer = await desk.get("/queue?state=parked")
    page = await answer.text()
    assert answer.status == 200
    assert "poison-1" in page
    assert "poison-2" in page
    assert f"cause={quote_plus(CAUSE)}&amp;kind=work" in page
    assert 'name="act"' not in page, "a viewer is offered no act"


async def test_an_operator_is_offered_the_acts_that_fit_a_job(place: Town) -> None:
    desk = await visitor(place)
    (job, _) = await jobs(place, state="parked")
    answer = await desk.get(f"/queue/{job.id}")
    page = await answer.text()
    assert answer.status == 200
    assert "Traceback" in page
    assert f"/console/acts/new?act=release&amp;job={job.id}" in page
    assert "act=park" not in page, "it is parked already"
    assert f"/console/messages/{job.subject}" in page


async def test_filters_narrow_by_partner_lane_cause_kind_and_state(place: Town) -> None:
    desk = await visitor(place)
    (first, second) = await jobs(place, state="parked")
    for query, expected in (
        ("partner=coop-atlas", {first.id, second.id}),
        ("partner=coop-souss", set()),
        (f"lane={quote_plus(first.lane or '')}", {first.id}),
        (f"cause={quote_plus(CAUSE)}", {first.id, second.id}),
        (f"cause={quote_plus(CAUSE)}&kind=mail", set()),
        ("cause=another", set()),
        ("state=parked&kind=work", {first.id, second.id}),
        ("state=waiting&kind=work", set()),
        (f"state=parked&after={first.id}", {second.id}),
        (f"state=parked&before={second.id}", {first.id}),
    ):
        page = await (await desk.get(f"/queue?{query}")).text()
        shown = {job.id for job in (first, second) if f'/console/queue/{job.id}"' in page}
        assert shown == expected, query


@pytest.mark.parametrize("query", ["state=mad", "kind=mad", "after=x", "before=" + "9" * 30])
async def test_a_query_that_makes_no_sense_shows_everything_and_says_so(
    place: Town, query: str
) -> None:
    desk = await visitor(place)
    answer = await desk.get(f"/queue?{query}")
    assert answer.status == 400
    assert "everything is shown" in await answer.text()


async def test_a_job_that_is_finished_is_not_found_in_a_sentence(place: Town) -> None:
    desk = await visitor(place)
    answer = await desk.get("/queue/4711")
    assert answer.status == 404
    assert "finished jobs leave the queue" in await answer.text()


async def test_hostile_errors_are_shown_as_text(tmp_path: Path, sqlite_url: str) -> None:
    words = " ".join(hostile.SCRIPTS[:4])
    async with poisoned(tmp_path, sqlite_url, "poison-1", words=words) as place:
        desk = await visitor(place)
        (job,) = await jobs(place, state="parked")
        for path in ("/queue", f"/queue/{job.id}"):
            page = await (await desk.get(path)).text()
            assert "window.__owned=1" in page, "the error is shown"
            assert "<script>window" not in page
            assert "<img id=owned" not in page
