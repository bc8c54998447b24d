"""Who reads and how long it would wait, asked of every request for partners; and files for them."""

from __future__ import annotations

import hashlib
import re

from aiohttp import hdrs, web

from gateway.directory import Known, Partners
from gateway.hub import HUB
from gateway.token import token_hash
from schemas.errors import Code, refused
from storage import partners

_PREFER_WAIT = re.compile(r"(?:^|[,;\s])wait\s*=\s*([0-9]{1,4})(?:$|[,;\s])", re.IGNORECASE)


async def reader(request: web.Request) -> Known:
    """The partner who reads: by its token, or by the client certificate it signed up with."""
    hub = request.app[HUB]
    everyone = await hub.directory.look()
    name = await _named_by_token(request) or _named_by_certificate(request, everyone)
    known = None if name is None else everyone.get(name)
    if known is None:
        raise refused(Code.CREDENTIALS_INVALID)
    if known.suspended:
        raise refused(Code.PARTNER_SUSPENDED, sender=known.name)
    return known


async def _named_by_token(request: web.Request) -> str | None:
    scheme, _, token = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        return None
    async with request.app[HUB].store.read() as connection:
        partner = await partners.by_token_hash(connection, token_hash(token.strip()))
    return None if partner is None else partner.name


def _named_by_certificate(request: web.Request, everyone: Partners) -> str | None:
    tls = None if request.transport is None else request.transport.get_extra_info("ssl_object")
    der = None if tls is None else tls.getpeercert(binary_form=True)
    return None if der is None else everyone.by_fingerprint(hashlib.sha256(der).hexdigest())


def wanted_wait(request: web.Request, limit: float) -> float:
    """Seconds of `Prefer: wait=N` (RFC 7240), no more than the limit; 0 when not asked."""
    found = _PREFER_WAIT.search(", ".join(request.headers.getall("Prefer", [])))
    return min(float(found.group(1)), limit) if found else 0


def whole(request: web.Request, name: str, *, default: int, most: int) -> int:
    """A whole number of the query string, within bounds; anything else is the default."""
    text = request.query.get(name, "")
    return min(int(text), most) if text.isascii() and text.isdigit() and len(text) < 20 else default


def as_file(content: bytes, media_type: str, name: str) -> web.Response:
    """A file to be saved, never opened in the page."""
    return web.Response(
        body=content,
        content_type=media_type,
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "sandbox",
            hdrs.ETAG: f'"{hashlib.sha256(content).hexdigest()}"',
        },
    )
