"""Every page that links and GET forms lead to, from the menu on: what a test of all pages opens."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from aiohttp import web
from typing_extensions import override

from gateway.console.application import pages
from gateway.console.visit import Access, Page
from tests.console.visitors import Visitor

#: How many addresses of one route are looked at: the first ones that are linked.
EACH = 2


class _Links(HTMLParser):
    """The addresses of a page's links."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "a" and "hreflang" not in given and (address := given.get("href")):
            self.found.append(address)


def links(text: str) -> list[str]:
    """The addresses of a page's links, the languages' own aside."""
    parser = _Links()
    parser.feed(text)
    return parser.found


def _pattern(page: Page) -> re.Pattern[str]:
    """By what the router knows its addresses."""
    known = web.Application().router.add_route("GET", page.path, page.handle).get_info()
    return known.get("pattern") or re.compile(re.escape(known["path"]))


def shown() -> list[Page]:
    """The pages that somebody signed in may open by a link."""
    return [
        page
        for page in pages()
        if page.method == "GET" and page.access > Access.OPEN and "/static/" not in page.path
    ]


@dataclass
class Found:
    """Each route's path with some addresses below `/console`: pages, files and redirects, and dead
    links."""

    pages: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    files: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    dead: list[str] = field(default_factory=list)


async def crawled(visitor: Visitor) -> Found:
    """What can be reached from the menu."""
    routes = [(page.path, _pattern(page)) for page in shown()]
    found = Found()
    waiting = [("/", "menu"), ("/me", "menu")]
    seen = {path for path, _ in waiting}
    while waiting:
        path, where = waiting.pop(0)
        route = next((r for r, p in routes if p.fullmatch(urlsplit(path).path)), "")
        if len(found.pages[route]) >= EACH or len(found.files[route]) >= EACH:
            continue
        answer = await visitor.get(path)
        if not route or answer.status not in {200, 303, 308}:
            found.dead.append(f"{where} leads to {path}: {answer.status}")
        elif answer.status != 200 or answer.content_type != "text/html":
            found.files[route].append(path)
        else:
            found.pages[route].append(path)
            fresh = [one for one in _below(path, await answer.text()) if one not in seen]
            seen.update(fresh)
            waiting += [(one, path) for one in fresh]
    return found


def _below(path: str, text: str) -> Iterator[str]:
    for address in links(text):
        parts = urlsplit(urljoin(f"/console{path}", address))
        assert not parts.netloc, f"{path} links to {address}"
        if parts.path.startswith("/console/"):
            whole = parts.path.removeprefix("/console")
            yield whole + (f"?{parts.query}" if parts.query else "")
