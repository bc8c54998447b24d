"""The console as an application of its own below `/console`: its pages, its headers, its errors.

A module of this package that has `PAGES` is a room of the console: being there is enough.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from importlib import import_module
from pkgutil import iter_modules

import structlog
from aiohttp import hdrs, web
from aiohttp_session import session_middleware

from gateway import console
from gateway.console.door import DOOR, Door
from gateway.console.guard import guard, language_of
from gateway.console.lookout import Lookout
from gateway.console.render import render
from gateway.console.sessions import StoredSessions
from gateway.console.visit import VISIT, Page, Visit
from gateway.hub import HUB, Hub
from schemas.errors import Code, Finding, Refused
from storage import StoreUnavailable

MOUNT = "/console"
LOOKOUT = web.AppKey("lookout", Lookout)

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
        " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "X-Robots-Tag": "noindex",
}

log = structlog.get_logger(__name__)

Handle = Callable[[web.Request], Awaitable[web.StreamResponse]]


def pages() -> list[Page]:
    """Every page of every room."""
    found: list[Page] = []
    for module in iter_modules(console.__path__):
        if module.name != "application":
            room = import_module(f"{console.__name__}.{module.name}")
            found += getattr(room, "PAGES", ())
    return found


def application(hub: Hub) -> web.Application:
    """The console, to be mounted at `/console`."""
    known: dict[web.AbstractRoute, Page] = {}
    app = web.Application(
        middlewares=[
            _with_headers,
            _shown_errors,
            session_middleware(StoredSessions(hub)),
            guard(known),
        ]
    )
    app[HUB] = hub
    app[DOOR] = Door()
    app[LOOKOUT] = Lookout(hub)
    app.on_shutdown.append(app[LOOKOUT].end)
    for page in pages():
        known[app.router.add_route(page.method, page.path, page.handle)] = page
    return app


async def front_door(_request: web.Request) -> web.Response:
    """`GET /console`: with a slash, as the pages' own addresses go."""
    return web.Response(status=308, headers={hdrs.LOCATION: f"{MOUNT}/"})


@web.middleware
async def _with_headers(request: web.Request, handler: Handle) -> web.StreamResponse:
    """What every answer bears, a stream too (it is prepared before it comes back)."""
    request[PREPARED] = dict(HEADERS)
    if request.app[HUB].settings.hub.public_url.startswith("https://"):
        request[PREPARED]["Strict-Transport-Security"] = "max-age=31536000"
    answer = await handler(request)
    if not answer.prepared:
        for name, value in request[PREPARED].items():
            answer.headers.setdefault(name, value)
        answer.headers.setdefault(hdrs.CACHE_CONTROL, "no-store")
    return answer


#: Where a request keeps the headers of its answer; who answers with a stream sends them himself.
PREPARED = web.RequestKey("prepared-headers", dict[str, str])


@web.middleware
async def _shown_errors(request: web.Request, handler: Handle) -> web.StreamResponse:
    """Refusals and failures as pages: what went wrong, and what to do."""
    try:
        return await handler(request)
    except Refused as refusal:
        return _error(request, refusal.findings[0])
    except StoreUnavailable as problem:
        log.error("store_unavailable", path=request.path, problem=str(problem))
        return _error(request, Finding(code=Code.STORE_UNAVAILABLE))
    except web.HTTPNotFound:
        return _error(request, Finding(code=Code.NOT_FOUND))
    except web.HTTPException as answer:
        if answer.status < 400:
            raise
        return _error(request, None, status=answer.status)
    except ConnectionResetError:
        raise  # the browser went away: nobody reads an error page
    except Exception:
        log.exception("page_failed", path=request.path)
        return _error(request, Finding(code=Code.INTERNAL))


def _error(request: web.Request, finding: Finding | None, *, status: int = 500) -> web.Response:
    if VISIT not in request:  # it failed before the guard could say who is there
        hub = request.app[HUB]
        request[VISIT] = Visit(hub=hub, language=language_of(request), operator=None, csrf="")
    return render(
        request,
        "error.html",
        status=status if finding is None else finding.code.status,
        finding=finding,
        code=status,
    )
