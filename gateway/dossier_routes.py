"""The routes under `/dossiers`: lists, what a dossier is, what happened to it, its documents."""

from __future__ import annotations

import asyncio

from aiohttp import web

from gateway import filters, history_sheet, look, timeline
from gateway.access import as_file, reader, wanted_wait, whole
from gateway.hub import HUB


def routes() -> list[web.RouteDef]:
    """Every route of this module."""
    return [
        web.get("/dossiers", get_dossiers),
        web.get("/dossiers/{number}", get_dossier),
        web.get("/dossiers/{number}/history", get_history),
        web.get("/dossiers/{number}/timeline", get_timeline),
        web.get("/dossiers/{number}/documents", get_documents),
        web.get(f"/dossiers/{{number}}/documents/{history_sheet.NAME}", get_history_sheet),
        web.get("/dossiers/{number}/documents/{name}", get_document),
    ]


async def get_dossiers(request: web.Request) -> web.Response:
    """`GET /dossiers`: the ten latest the partner may see that pass the filters, page by page."""
    known, hub = await reader(request), request.app[HUB]
    asked = filters.read(request.query, hub.registry)
    async with hub.store.read() as connection:
        page = await look.dossiers(connection, hub.registry, known, asked)
    return web.json_response(page)


async def get_dossier(request: web.Request) -> web.Response:
    """`GET /dossiers/{number}`: state, version, balances."""
    known, hub = await reader(request), request.app[HUB]
    async with hub.store.read() as connection:
        number = request.match_info["number"]
        found = await look.dossier(connection, hub.registry, hub.settings, known, number)
    return web.json_response(found)


async def get_history(request: web.Request) -> web.Response:
    """`GET /dossiers/{number}/history`: what happened, newest first."""
    known, hub = await reader(request), request.app[HUB]
    async with hub.store.read() as connection:
        found = await look.history(
            connection,
            hub.registry,
            known,
            request.match_info["number"],
            before=whole(request, "before", default=0, most=2**63 - 1) or None,
            limit=whole(request, "limit", default=100, most=500),
        )
    return web.json_response(found)


async def get_timeline(request: web.Request) -> web.Response:
    """`GET /dossiers/{number}/timeline`: all that concerns the dossier, and who holds it now."""
    known, hub = await reader(request), request.app[HUB]
    async with hub.store.read() as connection:
        found = await timeline.page(
            connection,
            hub,
            known,
            request.match_info["number"],
            before=request.query.get("before"),
            limit=whole(request, "limit", default=100, most=500) or 100,
        )
    return web.json_response(found)


async def get_history_sheet(request: web.Request) -> web.Response:
    """`GET /dossiers/{number}/documents/history.xlsx`: the history as a spreadsheet."""
    known, hub = await reader(request), request.app[HUB]
    number = request.match_info["number"]
    async with hub.store.read() as connection:
        found, steps = await look.whole_history(connection, hub.registry, known, number)
    procedure = hub.registry.procedures[found.procedure]
    content = await asyncio.to_thread(history_sheet.write, found, procedure, steps)
    return as_file(content, history_sheet.MEDIA_TYPE, f"{number}-{history_sheet.NAME}")


async def get_documents(request: web.Request) -> web.Response:
    """`GET /dossiers/{number}/documents`: the papers there are."""
    known, hub = await reader(request), request.app[HUB]
    async with hub.store.read() as connection:
        found = await look.documents(connection, hub.registry, known, request.match_info["number"])
    return web.json_response(found)


async def get_document(request: web.Request) -> web.Response:
    """`GET /dossiers/{number}/documents/{name}`: one paper; never opened in the page.

    `Prefer: wait=N` waits for one that is being printed; without it the latest there is comes.
    """
    known, hub = await reader(request), request.app[HUB]
    number, name = request.match_info["number"], request.match_info["name"]
    loop = asyncio.get_running_loop()
    end = loop.time() + wanted_wait(request, hub.settings.http.wait_limit)
    while True:
        async with hub.store.read() as connection:
            await look.visible(connection, hub.registry, known, number)
            waits = loop.time() < end and await look.printing(connection, number)
            paper = (
                None
                if waits
                else await look.document(connection, hub.registry, known, number, name)
            )
        if paper is not None:
            break
        await asyncio.sleep(0.1)
    return as_file(paper.content, paper.media_type, f"{number}-{name}")
