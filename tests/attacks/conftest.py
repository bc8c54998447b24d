"""The door that attacks knock on: one hub, embedded, with its workers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.config import HttpSettings
from tests.town import Town, town


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Town]:
    async with town(
        tmp_path,
        f"sqlite:///{tmp_path}/hub.db",
        http=HttpSettings(port=0, header_timeout=1, body_timeout=1),
    ) as found:
        yield found
