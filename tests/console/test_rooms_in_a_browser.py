"""Partners, alerts, people and the journal's verification, as operators deal with them."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from gateway.acts.push import MoveOn
from storage import operators, partners
from tests.console.desk import Sit
from tests.console.doing import REASON, confirmed, recorded, told
from tests.console.hostile import PARTNER
from tests.console.scene import Scene
from tests.town import make_key

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def partner(night: Scene, name: str) -> partners.Partner:
    async with night.hub.store.read() as connection:
        found = await partners.get(connection, name)
    assert found is not None
    return found


async def test_a_partner_is_suspended_and_resumed(night: Scene, sit: Sit) -> None:
    desk = await sit(name="salma")
    await desk.go("/partners/office-changes")
    await desk.press_starting("Suspend the partner")
    await confirmed(desk)
    assert (await partner(night, "office-changes")).suspension_reason == REASON
    await desk.go("/partners/office-changes")
    assert REASON in await desk.says()
    await desk.press_starting("Resume the partner")
    await confirmed(desk)
    assert (await partner(night, "office-changes")).suspended_at is None
    assert (await recorded(night, "partner resumed")).facts["reason"] == REASON


async def test_a_certificate_is_added_with_a_second_person(night: Scene, sit: Sit) -> None:
    first = await sit("administrator", name="amal")
    second = await sit("administrator", name="brahim")
    certificate = make_key("artisanat-bm", days=700)
    await first.go("/partners/artisanat-bm")
    await first.page.locator("details:has(#certificate) > summary").click()
    await first.page.locator("#certificate").fill(certificate.cert_pem.decode())
    await first.press_starting("Add a certificate")
    await confirmed(first, "Propose it")
    await told(first, "Proposed: it waits for a second person.")
    assert len((await partner(night, "artisanat-bm")).certificates) == 1
    await second.go("/acts")
    await second.follow_to("/console/acts/")
    await second.press("Agree and do it")
    found = await partner(night, "artisanat-bm")
    assert certificate.certificate.fingerprint in {one.fingerprint for one in found.certificates}


async def test_the_hub_moves_on_from_a_partner_that_is_down(night: Scene, sit: Sit) -> None:
    desk = await sit()
    await desk.go("/partners/mce")
    await desk.press_starting(MoveOn.title)
    await confirmed(desk)
    ministry = await night.place.client("mce")
    assert len(await ministry.mailbox()) > 5
    assert not [job for job in await night.jobs("ready") if job.kind == "deliver"]


async def test_a_partner_that_does_not_answer_is_pinged(night: Scene, sit: Sit) -> None:
    async with night.hub.store.write() as tx:
        await partners.set_push_url(tx, "office-changes", "http://127.0.0.1:9/inbox")
    night.hub.directory.forget()
    desk = await sit()
    await desk.go("/partners/office-changes")
    await desk.press("Test ping")
    await told(desk, "no answer")
    assert "127.0.0.1:9" in await desk.says()


async def test_an_alert_is_acknowledged_muted_and_resolved(night: Scene, sit: Sit) -> None:
    desk = await sit()
    for verb, sentence in (
        ("Acknowledge", "The alert is acknowledged."),
        ("Mute", "The alert is muted."),
        ("Resolve", "The alert is resolved; it opens again if its cause still holds."),
    ):
        await desk.go("/alerts")
        await desk.follow_to("/console/alerts/")
        await desk.page.locator("#reason").fill(REASON)
        await desk.press(verb)
        await told(desk, sentence)
    assert (await recorded(night, "alert resolved")).facts["reason"] == REASON


async def test_a_person_is_added_and_disabled(night: Scene, sit: Sit) -> None:
    desk = await sit("administrator")
    await desk.go("/people/new")
    await desk.page.locator("#name").fill("hind")
    await desk.page.locator("#display").fill("Hind Berrada")
    await desk.page.locator("#reason").fill(REASON)
    await desk.press("Add an operator")
    assert "hind" in await desk.says()
    await desk.go("/people/hind")
    await desk.page.locator("#reason-disable").fill(REASON)
    await desk.press("Disable")
    async with night.hub.store.read() as connection:
        found = await operators.get(connection, "hind")
    assert found is not None
    assert found.disabled_at is not None
    assert (await recorded(night, "operator disabled")).facts["reason"] == REASON


async def test_the_journal_is_verified_while_one_watches(night: Scene, sit: Sit) -> None:
    desk = await sit()
    await desk.go("/journal")
    await desk.press("Verify the chain")
    verdict = desk.page.locator("#chain").get_by_text(desk.word("Whole"), exact=True)
    await verdict.first.wait_for(timeout=20_000)


async def test_a_partner_with_a_hostile_name_can_be_dealt_with(night: Scene, sit: Sit) -> None:
    desk = await sit()
    await desk.go(f"/partners/{quote(PARTNER, safe='')}")
    assert await desk.heading() == PARTNER
    await desk.press_starting("Suspend the partner")
    await confirmed(desk)
    assert (await partner(night, PARTNER)).suspended_at is not None
