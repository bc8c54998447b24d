"""The hub's only way out: pushes to partners, never redirected and never steered inward.

Host names are resolved once per connection and the address itself is judged, so that a name which
changes its mind between the check and the call gains nothing.
"""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver
from typing_extensions import override

from gateway.config import DeliverySettings


class Forbidden(Exception):
    """The push address is one the hub may not call."""


def judge_url(url: str, settings: DeliverySettings) -> None:
    """Refuse an address that may never be pushed to; raises `Forbidden`."""
    parts = urlsplit(url)
    if parts.scheme not in {"https", "http"} or not parts.hostname:
        raise Forbidden(f"{url} is not an http(s) address")
    if parts.username or parts.password:
        raise Forbidden("a push address carries no user name or password")
    if parts.scheme == "http" and not settings.allow_private:
        raise Forbidden("a push address outside a sandbox must be https")
    if settings.allowed_hosts and parts.hostname not in settings.allowed_hosts:
        raise Forbidden(f"{parts.hostname} is not among the allowed hosts")
    try:
        judge_address(parts.hostname, settings)
    except ValueError:
        return  # a name, not an address: judged when it is resolved


def judge_address(address: str, settings: DeliverySettings) -> None:
    """Refuse private, loopback, link-local and other special addresses."""
    if not (ipaddress.ip_address(address).is_global or settings.allow_private):
        raise Forbidden(f"{address} is not a public address")


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
