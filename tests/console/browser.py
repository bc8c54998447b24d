"""Operators in a real Chromium, whose every complaint is a fault: nothing is let pass unseen."""

from __future__ import annotations

import importlib.resources
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Dialog,
    Page,
    Request,
    Response,
    async_playwright,
)

from gateway.console.languages import words
from gateway.console.sessions import cookie_name
from tests.console.visitors import visitor
from tests.town import Town

#: Nothing of what a browser does by itself: the tests' machine may have no network.
_ARGUMENTS = (
    "--no-sandbox",  # the tests run as root in containers
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--font-render-hinting=none",
)

#: What the policy blocks is told by the page itself, whatever the console's wording.
_WATCH = """
addEventListener("securitypolicyviolation", (e) =>
  console.error(`policy: ${e.violatedDirective} ${e.blockedURI} ${e.sample}`));
"""

_AXE = (importlib.resources.files("axe_playwright_python") / "axe.min.js").read_text("utf-8")
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

WIDE = {"width": 1280, "height": 900}
PHONE = {"width": 360, "height": 740}
LOCALES = {"fr": "fr-MA", "ar": "ar-MA", "en": "en-GB"}


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Debian's own browser."""
    path = shutil.which("chromium")
    assert path is not None, "Chromium is not installed: run scripts/setup --tests"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=_ARGUMENTS)
        try:
            yield browser
        finally:
            await browser.close()


@dataclass
class Desk:
    """One operator before one window; `faults` must stay empty."""

    town: Town
    context: BrowserContext
    page: Page
    name: str  #: the operator's
    language: str
    faults: list[str] = field(default_factory=list)

    def watch(self) -> None:
        """Write down whatever the pages complain of, ask, or fetch elsewhere."""
        self.context.on("console", self._said)
        self.context.on("weberror", lambda e: self.faults.append(f"error: {e.error}"))
        self.context.on("request", self._asked)
        self.context.on("dialog", self._dialogue)

    def _said(self, message: ConsoleMessage) -> None:
        # A page that answers 4xx is a page; who expects another status asks for it by `go`.
        answered = message.text.startswith("Failed to load resource: the server responded")
        if message.type in {"error", "warning"} and not answered:
            self.faults.append(f"{self.page.url}: {message.text}")

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((f"{self.town.url}/console", "about:", "data:", "blob:")):
            self.faults.append(f"{self.page.url} asked for {request.url}")

    async def _dialogue(self, dialog: Dialog) -> None:
        self.faults.append(f"{self.page.url} opened a dialogue: {dialog.message}")
        await dialog.dismiss()

    async def go(self, path: str, *, status: int = 200) -> Response:
        """Open a page of the console, by its path below `/console`."""
        found = await self.page.goto(f"{self.town.url}/console{path}", wait_until="load")
        assert found is not None
        assert found.status == status, f"{path}: {found.status} {await self.heading()}"
        return found

    async def heading(self) -> str:
        """The page's heading."""
        return await self.page.locator("h1").first.inner_text()

    async def says(self) -> str:
        """The text of the page's main part."""
        return await self.page.locator("main").inner_text()

    def word(self, text: str, **fields: object) -> str:
        """A sentence of the console in the operator's language."""
        found = words(self.language).one(text, **fields)
        return str(found)

    async def press(self, name: str, **fields: object) -> None:
        """Press the button of that name (in English), and see the page that comes of it."""
        button = self.page.get_by_role("button", name=self.word(name, **fields), exact=True)
        async with self.page.expect_navigation():
            await button.first.click()

    async def press_starting(self, name: str) -> None:
        """Press the first button whose name begins so (in English)."""
        button = self.page.locator("main").get_by_role("button", name=self.word(name))
        async with self.page.expect_navigation():
            await button.first.click()

    async def follow_to(self, address: str) -> None:
        """Follow the first link of the page's main part whose address has this in it."""
        async with self.page.expect_navigation():
            await self.page.locator(f'main a[href*="{address}"]').first.click()

    async def follow(self, name: str, **fields: object) -> None:
        """Follow the link of that name (in English)."""
        link = self.page.get_by_role("link", name=self.word(name, **fields), exact=True)
        async with self.page.expect_navigation():
            await link.first.click()

    async def barriers(self, *rules: str) -> list[str]:
        """What axe-core finds: every rule, or these alone."""
        if not await self.page.evaluate("() => 'axe' in window"):
            await self.page.evaluate(_AXE)
        only = {"type": "rule", "values": rules} if rules else {"type": "tag", "values": _RULES}
        found = await self.page.evaluate(
            "(only) => axe.run(document, {runOnly: only, resultTypes: ['violations']})"
            ".then((found) => found.violations)",
            only,
        )
        return [_told(violation, node) for violation in found for node in violation["nodes"]]

    async def overflow(self) -> int:
        """By how many pixels the page is wider than its window."""
        return int(
            await self.page.evaluate(
                "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
        )


def _told(violation: dict[str, Any], node: dict[str, Any]) -> str:
    summary = " ".join(node.get("failureSummary", "").split())
    return f"{violation['id']} {node['target']} {node['html'][:160]} – {summary[:300]}"


@asynccontextmanager
async def sat(
    browser: Browser,
    town: Town,
    role: str | None = "operator",
    *,
    name: str | None = None,
    language: str = "fr",
    **options: Any,
) -> AsyncIterator[Desk]:
    """Somebody of that role, signed in and looking at nothing yet; `role=None` is a stranger."""
    options = {"viewport": WIDE, "reduced_motion": "reduce", **options}
    context = await browser.new_context(locale=LOCALES[language], **options)
    try:
        await context.add_init_script(_WATCH)
        called = name or f"{role}-{language}"
        if role is not None:
            known = await visitor(town, role, called, language)
            await context.add_cookies(
                [
                    {
                        "name": cookie_name(town.hub.settings),
                        "value": known.cookie,
                        "url": f"{town.url}/console/",
                    }
                ]
            )
        page = await context.new_page()
        desk = Desk(town=town, context=context, page=page, name=called, language=language)
        desk.page.set_default_timeout(10_000)
        desk.watch()
        yield desk
        assert desk.faults == []
    finally:
        await context.close()
