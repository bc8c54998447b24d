"""The certificate on paper: exporter and customs are told of the very bytes that are printed."""

from __future__ import annotations

import asyncio
import hashlib

import aiohttp
import pytest

from gateway.commands.paper import check_paper
from gateway.hub import utc_now
from schemas.bindings.archiving_1 import Archiving
from schemas.bindings.certificate_issue_1 import Action as Issuing
from schemas.bindings.certificate_notice_1 import Action, CertificateNotice
from tests import crafts
from tests.crafts import CUSTOMS, EXPORTER, HOUSE
from tests.journeys.test_inspection import closed, led, notices, taken
from tests.town import Town


async def paper(place: Town, number: str, name: str = "certificate.pdf") -> bytes:
    """A paper of the dossier as its exporter downloads it, sealed by the hub."""
    exporter = await place.client(EXPORTER)
    pdf = await exporter.download(f"/dossiers/{number}/documents/{name}", wait=60)
    await asyncio.to_thread(check_paper, pdf, place.hub_certificate, utc_now())
    return pdf


async def told_alike(place: Town, count: int) -> list[CertificateNotice]:
    """What both exporter and customs are told of certificates, which is the same."""
    theirs = await notices(place, CUSTOMS, count)
    assert theirs == await notices(place, EXPORTER, count)
    assert len(theirs) == count
    return theirs


def digest(pdf: bytes) -> str:
    return hashlib.sha256(pdf).hexdigest()


async def test_both_are_told_of_each_certificate_by_the_digest_of_its_paper(place: Town) -> None:
    number = await closed(place)
    first = await paper(place, number)
    (issued,) = await told_alike(place, 1)
    assert (issued.action, issued.certificate_number) == (Action.ISSUED, f"{number}/C1")
    assert issued.digest == digest(first)
    assert [(line.line, line.units) for line in issued.line] == [(1, 12), (2, 60)]

    await led(place, HOUSE, crafts.revocation(replacement=True), number, "closed")
    (revoked,) = await told_alike(place, 1)
    assert (revoked.action, revoked.certificate_number) == (Action.REVOKED, f"{number}/C1")
    assert revoked.revocation is not None
    assert revoked.revocation.replacement
    assert digest(await paper(place, number)) != issued.digest

    lines = (crafts.carpets(units=11), crafts.plates())
    await led(place, HOUSE, crafts.correction(*lines), number, "closed")
    await led(place, HOUSE, crafts.issue(), number, "closed")
    second = await paper(place, number)
    (replaced,) = await told_alike(place, 1)
    assert (replaced.action, replaced.certificate_number) == (Action.REPLACED, f"{number}/C2")
    assert (replaced.replaces, replaced.digest) == (f"{number}/C1", digest(second))
    assert [line.units for line in replaced.line] == [11, 60]

    # In the archive nothing is printed anew: what both were told of stays the same bytes.
    await led(place, HOUSE, Archiving(agent=crafts.SUPERVISOR), number, "archived")
    await place.settled()
    assert await paper(place, number) == second
    assert await notices(place, CUSTOMS, 0) == []


async def test_a_preview_is_a_paper_that_nobody_is_told_of(place: Town) -> None:
    number = await taken(place)
    await led(place, HOUSE, crafts.issue(Issuing.PREVIEW), number, "in_progress")
    preview = await paper(place, number, "preview.pdf")
    assert preview.startswith(b"%PDF-")
    await place.settled()
    assert await notices(place, CUSTOMS, 0) == []
    exporter = await place.client(EXPORTER)
    with pytest.raises(aiohttp.ClientResponseError, match="Not Found"):
        await exporter.download(f"/dossiers/{number}/documents/certificate.pdf")
