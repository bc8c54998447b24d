"""What pages load beside themselves: styles and scripts, all from here, kept for ever by digest."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

from aiohttp import web

from gateway.console.visit import Access, Page
from schemas.errors import Code, refused

STATIC = Path(__file__).parent / "static"
MEDIA = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class Asset:
    """One file, with the digest that is part of its address."""

    content: bytes
    media_type: str
    digest: str


@cache
def _assets() -> dict[str, Asset]:
    found = {}
    for path in STATIC.rglob("*"):
        if path.suffix in MEDIA:
            content = path.read_bytes()
            name = path.relative_to(STATIC).as_posix()
            found[name] = Asset(content, MEDIA[path.suffix], sha256(content).hexdigest()[:16])
    return found


def address(name: str) -> str:
    """Where a file of `static/` is: another address when its content is another."""
    return f"/console/static/{_assets()[name].digest}/{name}"


async def asset(request: web.Request) -> web.Response:
    """`GET /console/static/{digest}/{name}`: one file."""
    found = _assets().get(request.match_info["name"])
    if found is None or found.digest != request.match_info["digest"]:
        raise refused(Code.NOT_FOUND)
    return web.Response(
        body=found.content,
        content_type=found.media_type,
        charset="utf-8",
        headers={"Cache-Control": "public, max-age=31536000, immutable"},
    )


PAGES = (Page("GET", "/static/{digest}/{name:.+}", Access.OPEN, asset),)
