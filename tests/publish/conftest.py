"""A hub whose pages are read; nothing works behind it unless a test asks."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from tests.town import Town, town


@pytest.fixture
async def place(tmp_path: Path, sqlite_url: str) -> AsyncIterator[Town]:
    async with town(tmp_path, sqlite_url, workers=0) as found:
        yield found


@pytest.fixture
async def reader(place: Town) -> AsyncIterator[aiohttp.ClientSession]:
    """Somebody without any credential."""
    async with aiohttp.ClientSession(place.url) as session:
        yield session
