"""The room Now: the hub at this moment, live; without a script a page with a link to refresh it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Final

from aiohttp import hdrs, web

from gateway.console.application import LOOKOUT, PREPARED
from gateway.console.guard import still
from gateway.console.render import fragment, render
from gateway.console.visit import Access, Page, visit_of
from storage import StoreUnavailable
from storage.traffic import Passed

EVERY: Final = 2.0  #: seconds from one picture to the next
LONGEST: Final = 600.0  #: seconds of one stream; the browser comes back


async def now(request: web.Request) -> web.Response:
    """`GET /console/`."""
    lookout = request.app[LOOKOUT]
    return render(
        request,
        "now.html",
        snapshot=await lookout.look(),
        charts=await lookout.charts(),
        passed=Passed,
    )


async def drawn(request: web.Request) -> web.Response:
    """`GET /console/now/charts`: the charts alone, for the page to take in now and then."""
    charts = await request.app[LOOKOUT].charts()
    text = fragment(visit_of(request), "now_charts.html", charts=charts)
    return web.Response(text=text, content_type="text/html")


async def live(request: web.Request) -> web.StreamResponse:
    """`GET /console/now/live`: the figures again and again, until the session ends or time is up.

    The stream of one who was signed out ends with the next picture.
    """
    prepared = request[PREPARED]
    answer = web.StreamResponse(
        headers={
            **prepared,
            hdrs.CONTENT_TYPE: "text/event-stream",
            hdrs.CACHE_CONTROL: "no-store",
            "X-Accel-Buffering": "no",
        }
    )
    await answer.prepare(request)
    with suppress(ConnectionResetError, StoreUnavailable):
        await _pictures(request, answer)
    return answer


async def _pictures(request: web.Request, answer: web.StreamResponse) -> None:
    visit, lookout = visit_of(request), request.app[LOOKOUT]
    loop = asyncio.get_running_loop()
    end = loop.time() + LONGEST
    while loop.time() < end and not lookout.ending.is_set() and await still(request):
        snapshot = await lookout.look()
        text = fragment(visit, "now_parts.html", snapshot=snapshot, passed=Passed)
        await answer.write(event(text))
        with suppress(TimeoutError):
            async with asyncio.timeout(EVERY):
                await lookout.ending.wait()


def event(text: str) -> bytes:
    """A text as one event of a stream."""
    lines = "".join(f"data: {line}\n" for line in text.splitlines() if line.strip())
    return f"{lines}\n".encode()


PAGES = (
    Page("GET", "/", Access.VIEWER, now),
    Page("GET", "/now/charts", Access.VIEWER, drawn),
    Page("GET", "/now/live", Access.VIEWER, live),
)
