"""The routes of the reports, and of the agents' loads: for the service and the ministry."""

from __future__ import annotations

import asyncio
from dataclasses import asdict

from aiohttp import web

from gateway import report_paper, reports, sheet
from gateway.access import as_file, reader
from gateway.filters import one_of, only, unreadable
from gateway.hub import HUB
from gateway.reading import LedgerReader
from gateway.rendering import Press, TooSlow
from gateway.reports import Report
from schemas.errors import Code, refused
from schemas.workflow import Role
from storage import StoreUnavailable, agents

PRESS = web.AppKey("press", Press)


def routes() -> list[web.RouteDef]:
    """Every route of this module."""
    return [
        web.get(r"/reports/{name:[a-z]+}.xlsx", get_sheet),
        web.get(r"/reports/{name:[a-z]+}.pdf", get_paper),
        web.get("/reports/{name}", get_report),
        web.get("/agents", get_agents),
    ]


def prepare(app: web.Application, timeout: float) -> None:
    """Give the application a press of its own, which starts with the first page asked for."""
    press = app[PRESS] = Press(timeout=timeout)

    async def close(_app: web.Application) -> None:
        press.close()

    app.on_cleanup.append(close)


async def get_report(request: web.Request) -> web.Response:
    """`GET /reports/{name}`: counts, values and delays, by the columns asked for."""
    return web.json_response(reports.facts(await _report(request)))


async def get_sheet(request: web.Request) -> web.Response:
    """`GET /reports/{name}.xlsx`: the same rows as a spreadsheet."""
    report = await _report(request)
    content = await asyncio.to_thread(
        report_paper.spreadsheet, report, request.app[HUB].clock().replace(microsecond=0)
    )
    return as_file(content, sheet.MEDIA_TYPE, f"{report.asked.name}.xlsx")


async def get_paper(request: web.Request) -> web.Response:
    """`GET /reports/{name}.pdf`: key figures, charts and the same rows, to print."""
    report, hub = await _report(request), request.app[HUB]
    view = report_paper.view(report, hub.clock(), hub.settings.papers)
    try:
        content = await request.app[PRESS].render(report_paper.TEMPLATE, view)
    except TooSlow as slow:
        raise StoreUnavailable(str(slow)) from slow
    return as_file(content, "application/pdf", f"{report.asked.name}.pdf")


async def get_agents(request: web.Request) -> web.Response:
    """`GET /agents?service=`: a service's agents with the dossiers each has open and closed."""
    known, hub = await reader(request), request.app[HUB]
    if known.role is not Role.INSPECTION:
        raise refused(Code.NOT_FOUND)
    only(request.query, ("service",))
    service = one_of(request.query, "service", lambda text: text.strip() or None)
    if service is None:
        raise unreadable("service", "")
    async with hub.store.read() as connection:
        found = await connection.run_sync(lambda sync: LedgerReader(sync).workload(service))
        names = {one.identifier: one for one in await agents.list(connection)}
    return web.json_response(
        {
            "agents": [
                {
                    **asdict(load),
                    "name": names[load.agent].name,
                    "supervisor": names[load.agent].supervisor,
                }
                for load in found
            ]
        }
    )


async def _report(request: web.Request) -> Report:
    known, hub = await reader(request), request.app[HUB]
    name = request.match_info["name"]
    procedure, its = reports.found(hub.registry, known, name)
    asked = reports.read(request.query, procedure, name, hub.clock())
    async with hub.store.read() as connection:
        return await reports.gather(connection, procedure, its, asked)
