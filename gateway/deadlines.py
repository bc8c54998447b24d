"""Cuts a connection whose first request does not send its headers in time.

The server library waits for headers for ever; a body has its own deadline, and an idle connection
that had a request is closed by the keep-alive timeout.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from aiohttp import web
from aiohttp.typedefs import Middleware

KEEP_ALIVE = 75.0  #: seconds an idle connection is kept


class HeaderDeadlines:
    """One timer per connection, from its first byte's chance to its first request's headers."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._timers: dict[int, asyncio.TimerHandle] = {}

    @property
    def middleware(self) -> Middleware:
        """The headers are here: forget the timer."""

        @web.middleware
        async def forget(
            request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
        ) -> web.StreamResponse:
            timer = self._timers.pop(id(request.protocol), None)
            if timer is not None:
                timer.cancel()
            return await handler(request)

        return forget

    def start(self, protocol: web.RequestHandler) -> None:
        """A connection was made."""
        loop = asyncio.get_running_loop()
        self._timers[id(protocol)] = loop.call_later(self._seconds, self._cut, protocol)

    def _cut(self, protocol: web.RequestHandler) -> None:
        self._timers.pop(id(protocol), None)
        if protocol.transport is not None:
            protocol.transport.abort()


@asynccontextmanager
async def listening(
    app: web.Application,
    deadlines: HeaderDeadlines,
    *,
    host: str,
    port: int,
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator[tuple[str, int]]:
    """The application on a socket; yields its host and port, and on leaving ends what runs."""
    runner = web.AppRunner(
        app,
        access_log=None,
        auto_decompress=False,
        keepalive_timeout=KEEP_ALIVE,
        shutdown_timeout=10.0,
    )
    await runner.setup()
    accept = runner.server
    if accept is None:
        raise RuntimeError("the server was not set up")

    def connect() -> web.RequestHandler:
        protocol = accept()
        deadlines.start(protocol)
        return protocol

    server = await asyncio.get_running_loop().create_server(
        connect, host, port, ssl=tls, backlog=1024
    )
    try:
        bound = server.sockets[0].getsockname()
        yield str(bound[0]), int(bound[1])
    finally:
        server.close()
        await runner.cleanup()
