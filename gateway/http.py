"""The routes: one function per route, thin; what they do stands in the rooms behind them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from http import HTTPStatus

import structlog
from aiohttp import hdrs, web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from gateway import dossier_routes, look, publish, report_routes
from gateway.access import reader, wanted_wait, whole
from gateway.bell import Bell
from gateway.body import BodyReader
from gateway.console import application as console
from gateway.deadlines import HeaderDeadlines
from gateway.hub import HUB, Hub
from gateway.receive import Answer, Reception
from schemas.errors import Code, Finding, Refused, refused
from storage import StoreUnavailable, outgoing, partners, queue

RECEPTION = web.AppKey("reception", Reception)
BELL = web.AppKey("bell", Bell)
BODIES = web.AppKey("bodies", BodyReader)

XML = "application/xml"

log = structlog.get_logger(__name__)

Handle = Callable[[web.Request], Awaitable[web.StreamResponse]]


def application(
    hub: Hub, reception: Reception, bell: Bell, deadlines: HeaderDeadlines
) -> web.Application:
    """Every route of the contract, and the console."""
    app = web.Application(middlewares=[deadlines.middleware, _render_errors])
    app[HUB], app[RECEPTION], app[BELL] = hub, reception, bell
    app[BODIES] = BodyReader(hub.settings.http)
    report_routes.prepare(app, hub.settings.papers.timeout)
    app.add_routes(
        [
            web.post("/messages", post_message),
            web.get("/messages/{id}", get_message),
            web.get("/messages/{id}/receipt", get_receipt),
            web.get("/messages/{id}/outcome", get_outcome),
            web.get("/mailbox", get_mailbox),
            web.get("/mailbox/{id}", get_mail),
            web.post("/mailbox/{id}/ack", acknowledge_mail),
            *dossier_routes.routes(),
            *report_routes.routes(),
            web.get("/verify/{token}", publish.verify_page),
            web.get("/healthz", healthz),
            web.get("/readyz", readyz),
            web.get("/metrics", metrics),
            web.get(console.MOUNT, console.front_door),
            *publish.routes(),
        ]
    )
    app.add_subapp(console.MOUNT, console.application(hub))
    return app


async def post_message(request: web.Request) -> web.Response:
    """`POST /messages`: one signed document in, a signed receipt or rejection out."""
    hub, reception = request.app[HUB], request.app[RECEPTION]
    with hub.metrics.receipt_seconds.time():
        try:
            async with request.app[BODIES].read(request) as (body, parts):
                answer = await reception.receive(body, parts)
        except Refused as refusal:
            answer = await reception.reject(refusal, hub.clock())
    if answer.status not in {200, 202}:
        return _signed(answer)
    if seconds := wanted_wait(request, hub.settings.http.wait_limit):
        outcome = await _await_outcome(request, answer, seconds)
        if outcome is not None:
            return _signed(
                Answer(
                    status=200,
                    document=outcome,
                    sender=answer.sender,
                    instance=answer.instance,
                ),
                applied=f"wait={seconds:g}",
            )
    return _signed(answer)


async def _await_outcome(request: web.Request, answer: Answer, seconds: float) -> bytes | None:
    """The stored outcome, when it comes within the time."""
    hub, bell = request.app[HUB], request.app[BELL]
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while True:
        async with hub.store.read() as connection:
            outcome = await look.outcome(connection, answer.sender or "", answer.instance or "")
        left = end - loop.time()
        if outcome is not None or left <= 0:
            return outcome
        # Another process may be the one that answers: look again now and then.
        await bell.wait(f"{answer.sender}/{answer.instance}", min(left, 0.5))


def _signed(answer: Answer, *, applied: str | None = None) -> web.Response:
    headers: dict[str, str] = {}
    if answer.instance is not None and answer.status in {200, 202}:
        headers[hdrs.LOCATION] = f"/messages/{answer.instance}"
    if answer.retry_after is not None:
        headers[hdrs.RETRY_AFTER] = str(answer.retry_after)
    if applied is not None:
        headers["Preference-Applied"] = applied
    return web.Response(
        status=answer.status, body=answer.document, content_type=XML, headers=headers
    )


async def get_message(request: web.Request) -> web.Response:
    """`GET /messages/{id}`: what became of one's own message."""
    known = await reader(request)
    async with request.app[HUB].store.read() as connection:
        found = await look.message(connection, known, request.match_info["id"])
    return web.json_response(found)


async def get_receipt(request: web.Request) -> web.Response:
    """`GET /messages/{id}/receipt`: the stored receipt, byte for byte."""
    known = await reader(request)
    async with request.app[HUB].store.read() as connection:
        document = await look.receipt(connection, known, request.match_info["id"])
    return web.Response(body=document, content_type=XML)


async def get_outcome(request: web.Request) -> web.Response:
    """`GET /messages/{id}/outcome`: the stored outcome, byte for byte; 404 until there is one."""
    known = await reader(request)
    async with request.app[HUB].store.read() as connection:
        document = await look.outcome(connection, known.name, request.match_info["id"])
    if document is None:
        raise refused(Code.NOT_FOUND)
    return web.Response(body=document, content_type=XML)


async def get_mailbox(request: web.Request) -> web.Response:
    """`GET /mailbox`: what waits for this partner, oldest first; `Prefer: wait=N` waits for one."""
    known = await reader(request)
    hub, bell = request.app[HUB], request.app[BELL]
    limit = whole(request, "limit", default=50, most=500)
    after = whole(request, "after", default=0, most=2**63 - 1)
    loop = asyncio.get_running_loop()
    end = loop.time() + wanted_wait(request, hub.settings.http.wait_limit)
    while True:
        async with hub.store.read() as connection:
            page = await look.mailbox(connection, known, after=after, limit=limit)
        left = end - loop.time()
        if page["messages"] or left <= 0:
            return web.json_response(page)
        await bell.wait(known.name, min(left, 0.5))


async def get_mail(request: web.Request) -> web.Response:
    """`GET /mailbox/{id}`: the signed message itself; it stays until acknowledged."""
    known = await reader(request)
    async with request.app[HUB].store.read() as connection:
        stored = await outgoing.get(connection, known.name, request.match_info["id"])
    if stored is None:
        raise refused(Code.NOT_FOUND)
    return web.Response(body=stored.content, content_type=XML)


async def acknowledge_mail(request: web.Request) -> web.Response:
    """`POST /mailbox/{id}/ack`: the partner has it; a second time changes nothing."""
    known = await reader(request)
    await look.acknowledge(request.app[HUB], known, request.match_info["id"])
    return web.Response(status=HTTPStatus.NO_CONTENT)


async def healthz(_request: web.Request) -> web.Response:
    """`GET /healthz`: the process lives."""
    return web.json_response({"status": "alive"})


async def readyz(request: web.Request) -> web.Response:
    """`GET /readyz`: the database answers, so messages can be taken."""
    try:
        async with request.app[HUB].store.read() as connection:
            await partners.all(connection)
    except StoreUnavailable:
        return web.json_response({"status": "no database"}, status=503)
    return web.json_response({"status": "ready"})


async def metrics(request: web.Request) -> web.Response:
    """`GET /metrics`: Prometheus."""
    hub = request.app[HUB]
    async with hub.store.read() as connection:
        for kind, depth in (await queue.depth(connection, hub.clock())).items():
            hub.metrics.jobs.labels(kind, "ready").set(depth.ready)
            hub.metrics.jobs.labels(kind, "waiting").set(depth.waiting)
            hub.metrics.jobs.labels(kind, "parked").set(depth.parked)
    return web.Response(
        body=generate_latest(hub.metrics.registry), headers={"Content-Type": CONTENT_TYPE_LATEST}
    )


@web.middleware
async def _render_errors(request: web.Request, handler: Handle) -> web.StreamResponse:
    """Refusals become JSON with the same codes and texts as the signed ones."""
    try:
        return await handler(request)
    except Refused as refusal:
        return problem(refusal.findings[0])
    except StoreUnavailable:
        return problem(Finding(code=Code.STORE_UNAVAILABLE), retry_after=5)
    except web.HTTPNotFound:
        return problem(Finding(code=Code.NOT_FOUND))
    except web.HTTPException as answer:
        return web.json_response(
            {"status": answer.status, "title": answer.reason}, status=answer.status
        )
    except Exception:
        log.exception("request_failed", path=request.path)
        return problem(Finding(code=Code.INTERNAL))


def problem(finding: Finding, *, retry_after: int | None = None) -> web.Response:
    """A problem document (RFC 9457) for the routes that are read."""
    headers: dict[str, str] = {}
    if retry_after is not None:
        headers[hdrs.RETRY_AFTER] = str(retry_after)
    if finding.code is Code.CREDENTIALS_INVALID:
        headers[hdrs.WWW_AUTHENTICATE] = 'Bearer realm="passavant"'
    return web.json_response(
        {
            "type": f"/errors/#{finding.code.label}",
            "status": finding.code.status,
            "code": finding.code.label,
            "title": finding.english(),
            "title_fr": finding.french(),
            "repair": finding.code.text.repair_en.format(**finding.fields),
            "repair_fr": finding.code.text.repair_fr.format(**finding.fields),
        },
        status=finding.code.status,
        headers=headers,
        content_type="application/problem+json",
    )
