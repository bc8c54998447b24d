"""The small figures beside the menu: alerts nobody has taken, and acts that wait for somebody."""

from __future__ import annotations

from aiohttp import web

from gateway.console.render import fragment
from gateway.console.visit import Access, Page, visit_of
from storage import alerts, proposals

MOST = 99  #: beyond it the figure says only that there are more


async def open_alerts(request: web.Request) -> web.Response:
    """`GET /console/count/alerts`: those open and not muted."""
    visit = visit_of(request)
    async with visit.hub.store.read() as conn:
        number = await alerts.open_count(conn, visit.hub.clock(), MOST + 1)
    return _figure(request, number)


async def waiting_acts(request: web.Request) -> web.Response:
    """`GET /console/count/acts`: proposals that wait for a second person."""
    visit = visit_of(request)
    async with visit.hub.store.read() as conn:
        waiting = await proposals.listing(conn, state="open", limit=MOST + 1)
    return _figure(request, len(waiting))


def _figure(request: web.Request, number: int) -> web.Response:
    text = fragment(visit_of(request), "count.html", number=number, most=MOST)
    return web.Response(text=text, content_type="text/html")


PAGES = (
    Page("GET", "/count/alerts", Access.VIEWER, open_alerts),
    Page("GET", "/count/acts", Access.VIEWER, waiting_acts),
)
