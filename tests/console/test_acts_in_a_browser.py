"""Acts on jobs, as operators do them: looked at first, done for a reason, agreed to by another."""

from __future__ import annotations

import pytest

from storage import sessions
from tests.console.desk import Sit
from tests.console.doing import (
    REASON,
    confirmed,
    job,
    job_that,
    looked_at,
    outcome,
    poisoned,
    recorded,
    told,
)
from tests.console.scene import POISON, SPARE, Scene

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_poison_message_is_released_once_its_bug_is_mended(night: Scene, sit: Sit) -> None:
    (parked,) = await poisoned(night, "mended")
    desk = await sit()
    await desk.go(f"/queue/{parked.id}")
    assert "ZeroDivisionError" in await desk.says()
    await desk.follow_to(f"act=release&job={parked.id}")
    await told(desk, "Dry run: what the handler would decide now")
    assert "Soumis pour Visa MCE" in await desk.says()
    await confirmed(desk)
    await told(desk, "Done; it stands in the journal.")
    assert REASON in await desk.says()
    assert await outcome(night, "mended") == "accepted"
    record = await recorded(night, "job released")
    assert (record.actor, record.facts["reason"]) == (f"operator {desk.name}", REASON)


async def test_a_delivery_that_backs_off_is_tried_at_once(night: Scene, sit: Sit) -> None:
    waiting = await job_that(night, lambda one: one.kind == "deliver" and one.attempts > 0)
    desk = await sit()
    await looked_at(desk, act="retry", job=waiting.id)
    await confirmed(desk)
    await told(desk, "Done; it stands in the journal.")
    assert (await recorded(night, "job retried")).facts["reason"] == REASON


async def test_jobs_are_chosen_in_the_queue_and_parked_together(night: Scene, sit: Sit) -> None:
    desk = await sit()
    await desk.go("/queue?kind=timer")
    boxes = desk.page.locator("tbody input[name=job]")
    numbers = [int(await boxes.nth(place).get_attribute("value") or 0) for place in (0, 1)]
    for place in (0, 1):
        await boxes.nth(place).check()
    await desk.press_starting("Park")
    await confirmed(desk)
    await told(desk, "Done; it stands in the journal.")
    assert {one.state for number in numbers if (one := await job(night, number))} == {"parked"}
    desk_two = await sit()
    await looked_at(desk_two, act="release", job=numbers[0])
    await confirmed(desk_two)
    found = await job(night, numbers[0])  # it is due now, and may be done already
    assert found is None or found.state != "parked"


async def test_a_bulk_release_waits_for_a_second_person(night: Scene, sit: Sit) -> None:
    first, second = await sit(name="salma"), await sit(name="younes")
    await first.go("/queue")
    await first.follow_to("act=release&cause=ZeroDivisionError")
    await confirmed(first, "Propose it")
    await told(first, "Proposed: it waits for a second person.")
    await first.follow_to("/console/acts/")
    await told(first, "You proposed it yourself: somebody else must decide.")
    assert len(await night.poison()) >= 2

    await second.go("/acts")
    await second.follow_to("/console/acts/")
    assert REASON in await second.says()
    await second.press("Agree and do it")
    await told(second, "Agreed, and done.")
    for name, sender in ((POISON, "coop-atlas"), (SPARE, "coop-souss")):
        partner = await night.place.client(sender)
        assert (await partner.outcome(name))["status"] == "accepted"
    record = await recorded(night, "job released")
    assert (record.actor, record.facts["second"]) == ("operator salma", "younes")


async def test_a_proposal_is_rejected_for_a_reason_or_taken_back(night: Scene, sit: Sit) -> None:
    one, two = await poisoned(night, "doubtful-1", "doubtful-2")
    first, second = await sit(name="salma"), await sit(name="younes")
    query = f"/acts/new?act=release&job={one.id}&job={two.id}"
    await first.go(query)
    await confirmed(first, "Propose it")
    await second.go("/acts")
    await second.follow_to("/console/acts/")
    await second.page.locator("#reason").fill("Pas avant demain.")
    await second.press("Reject it")
    await told(second, "Rejected.")
    await first.go(query)
    await confirmed(first, "Propose it")
    await first.follow_to("/console/acts/")
    await first.press("Withdraw it")
    await told(first, "Withdrawn.")
    assert {found.state for n in (one.id, two.id) if (found := await job(night, n))} == {"parked"}


async def test_what_moved_on_meanwhile_is_not_acted_on(night: Scene, sit: Sit) -> None:
    (parked,) = await poisoned(night, "contested")
    first, second = await sit(name="salma"), await sit(name="younes")
    await looked_at(first, act="release", job=parked.id)
    await looked_at(second, act="release", job=parked.id)
    await confirmed(second)
    assert await outcome(night, "contested") == "accepted"
    await confirmed(first)
    assert await first.heading() == first.word("Nothing was done")
    await told(first, "It moved on since you saw it:")
    assert "younes" in await first.says()


async def test_a_session_revoked_meanwhile_does_nothing_and_leads_to_the_login(
    night: Scene, sit: Sit
) -> None:
    (parked,) = await poisoned(night, "revoked")
    desk = await sit(name="revoked")
    await looked_at(desk, act="release", job=parked.id)
    async with night.hub.store.write() as tx:
        assert await sessions.revoke_all(tx, "revoked") == 1
    await confirmed(desk)
    assert "/console/login" in desk.page.url
    found = await job(night, parked.id)
    assert found is not None
    assert found.state == "parked"


async def test_a_viewer_looks_at_an_act_and_cannot_do_it(night: Scene, sit: Sit) -> None:
    waiting = await job_that(night, lambda one: (one.kind, one.state) == ("timer", "ready"))
    desk = await sit("viewer")
    await looked_at(desk, act="park", job=waiting.id)
    await told(desk, "Your role may look at this, and not do it.")
    assert await desk.page.locator("main form[method=post i]").count() == 0
