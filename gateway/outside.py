"""The hub's only way out: pushes to partners, never redirected and never steered inward.

Host names are resolved once per connection and the address itself is judged, so that a name which
changes its mind between the check and the call gains nothing.
"""

from __future__ import annotations

import socket

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver
from typing_extensions import override

from gateway.addresses import judge_address
from gateway.config import DeliverySettings


class _JudgingResolver(AbstractResolver):
    """Resolves as the system does, and drops out when an address is not allowed."""

    def __init__(self, settings: DeliverySettings) -> None:
        self._settings = settings
        self._system = ThreadedResolver()

    @override
    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._system.resolve(host, port, family)
        for one in found:
            judge_address(one["host"], self._settings)
        return found

    @override
    async def close(self) -> None:
        await self._system.close()


def session(settings: DeliverySettings) -> aiohttp.ClientSession:
    """An HTTP client that reaches partners only; call `judge_url` before each push."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(resolver=_JudgingResolver(settings), limit_per_host=8),
        timeout=aiohttp.ClientTimeout(total=settings.timeout),
        auto_decompress=False,
        trust_env=False,
        cookie_jar=aiohttp.DummyCookieJar(),
    )
