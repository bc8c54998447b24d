"""Journeys run on both engines, each on a fresh database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.town import Clock, Town, town


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/hub.db"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
async def place(tmp_path: Path, database_url: str) -> AsyncIterator[Town]:
    """A hub with its partners, all of them pulling."""
    async with town(tmp_path, database_url) as found:
        yield found


@pytest.fixture
async def later(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[Town, Clock]]:
    """A hub and its partners, whose clock a test sets."""
    clock = Clock()
    monkeypatch.setattr("gateway.client.utc_now", clock)
    async with town(tmp_path, database_url, clock=clock) as found:
        yield found, clock
