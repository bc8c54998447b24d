"""The fixtures of tests in a browser: one night and one Chromium a module, a window a test.

They live in the module's own event loop, and so do the tests that use them:
`pytestmark = pytest.mark.asyncio(loop_scope="module")`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.console.browser import Desk, chromium, sat
from tests.console.scene import Scene, scene

#: Somebody sits down: `await sit("viewer", language="ar")`.
Sit = Callable[..., Awaitable[Desk]]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def night(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    """The hub after its night; what a test does to it, the module's other tests find."""
    async with scene(tmp_path_factory.mktemp("night")) as found:
        yield found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    """Chromium, for the whole module."""
    async with chromium() as found:
        yield found


@pytest_asyncio.fixture(loop_scope="module")
async def sit(night: Scene, browser: Browser) -> AsyncIterator[Sit]:
    """Windows of a test, closed with it; whatever one of them complained of fails the test."""
    async with AsyncExitStack() as stack:

        async def seat(role: str | None = "operator", **options: Any) -> Desk:
            return await stack.enter_async_context(sat(browser, night.place, role, **options))

        yield seat
