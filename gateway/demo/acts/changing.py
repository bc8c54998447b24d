"""The olive licence changes its mind: suspended, reinstated, amended, extended, cancelled."""

from __future__ import annotations

from gateway.demo.holding import became, granted, refused
from gateway.demo.scene import CUSTOMS, DECLARANT, MINISTRY, Scene


async def second_thoughts(scene: Scene) -> None:
    """Nobody uses a suspended licence; reinstated, it is as it was."""
    olive, tell = scene.olive, scene.tell
    with tell.does(MINISTRY, "suspends the olive licence") as step:
        suspended = await scene.mce.ask("decide", dossier=olive, version=2, decision="suspended")
        said = await scene.coop.ask("notified", dossier=olive, code="licence-suspended")
        became(step, suspended, "suspended", said["fr"])
    with tell.does(CUSTOMS, "imputes on it all the same") as step:
        refused(step, await scene.impute(olive, "olives"), "PSV-801")
    with tell.does(MINISTRY, "reinstates it") as step:
        again = await scene.mce.ask("decide", dossier=olive, version=2, decision="reinstated")
        became(step, again, "granted")


async def an_order_shrinks(scene: Scene) -> None:
    """A new version for a new visa, more time, and a cancellation that customs must agree to."""
    olive, coop, tell = scene.olive, scene.coop, scene.tell
    with tell.does(DECLARANT, "amends it: the packer wants fewer olives") as step:
        amended = await coop.ask("amend", goods="olive", dossier=olive)
        became(step, amended, "submitted", f"version {amended['dossier']['version']}")
    with tell.does(MINISTRY, "grants the new version") as step:
        granted(step, await scene.mce.ask("answered", dossier=olive, version=3))
    with tell.does(DECLARANT, "asks for 60 days more: the ship is late") as step:
        became(step, await coop.ask("extend", goods="olive", dossier=olive), "granted")
    with tell.does(MINISTRY, "grants them") as step:
        extended = await scene.mce.ask("extended", dossier=olive)
        step.expect(extended["decision"] == "granted", f"it was {extended['decision']}")
        page = await coop.ask("look", dossier=olive)
        until = page["visa"]["valid_until"]
        step.expect(until == extended["until"], f"the licence ends on {until}")
        became(step, extended, "granted", f"valid until {until}")
    with tell.does(DECLARANT, "gives the licence up: the order is lost") as step:
        became(step, await coop.ask("cancel", goods="olive", dossier=olive), "cancelling")
    with tell.does(CUSTOMS, "gets the recall; its acknowledgement decides") as step:
        notice = await scene.adii.ask("notice", dossier=olive)
        step.expect(notice["action"] == "cancel", f"the notice said {notice['action']}")
        became(step, notice["acknowledged"], "cancelled")
