"""The samples whose fault lies in their envelope, through the door: each gets exactly its code."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.hub import utc_now
from gateway.verdict import read_outcome
from schemas.envelope import SBDH
from schemas.parse import parse
from tests.attacks.test_door import post
from tests.schemas.samples import announced, name, provoking
from tests.town import Town, town

IDENTIFIER = f"{{{SBDH}}}StandardBusinessDocumentHeader/{{{SBDH}}}Sender/{{{SBDH}}}Identifier"


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Town]:
    async with town(tmp_path, f"sqlite:///{tmp_path}/hub.db") as found:
        yield found


def signed(place: Town, sample: Path) -> bytes:
    """The sample as one of our partners sends it, today."""
    root = parse(sample.read_bytes())
    sender = root.find(IDENTIFIER)
    created = root.find(f".//{{{SBDH}}}CreationDateAndTime")
    assert sender is not None
    assert created is not None
    sender.text = "coop-atlas"
    created.text = f"{utc_now():%Y-%m-%dT%H:%M:%SZ}"
    return place.keys["coop-atlas"].signer.sign(root, utc_now())


@pytest.mark.parametrize("sample", provoking(*range(502, 507)), ids=name)
async def test_sample_gets_the_code_it_announces(place: Town, sample: Path) -> None:
    _, document = await post(place, signed(place, sample))
    found = {error["code"] for error in read_outcome(document)["errors"]}
    assert found == {f"PSV-{announced(sample)}"}
    assert await place.count("messages") == 0
