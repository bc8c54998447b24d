"""Customs uses the argan licence to its last litre, with the mishaps of every day between."""

from __future__ import annotations

from decimal import Decimal

from gateway.demo.holding import (
    balance,
    became,
    codes,
    lines,
    movements,
    problems,
    refused,
    warned,
)
from gateway.demo.scene import CUSTOMS, DECLARANT, Scene


async def customs_imputes(scene: Scene) -> None:
    """Two partial imputations, one too large, one given back in part."""
    with scene.tell.does(CUSTOMS, "imputes 1 500 litres") as step:
        scene.first = await scene.impute(scene.argan, "first")
        became(step, scene.first, "partly_imputed", *movements(scene.first))
    with scene.tell.does(CUSTOMS, "imputes 1 200 litres more") as step:
        second = await scene.impute(scene.argan, "second")
        became(step, second, "partly_imputed", *movements(second))
    with scene.tell.does(CUSTOMS, "asks what 1 600 litres more would meet") as step:
        asked = await scene.balance("excessive")
        balance(step, asked, imputed=2700, remaining=1300)
        step.expect(asked["errors"] == ["PSV-707"], f"the report foresaw {asked['errors']}")
    with scene.tell.does(CUSTOMS, "imputes them nevertheless") as step:
        refused(step, await scene.impute(scene.argan, "excessive"), "PSV-707")
    with scene.tell.does(CUSTOMS, "gives 200 litres of the first back (contra)") as step:
        contra = await scene.impute(scene.argan, "contra")
        became(step, contra, "partly_imputed", *movements(contra))


async def mishaps(scene: Scene) -> None:
    """The same message twice changes nothing; a forged one never comes in."""
    with scene.tell.does(CUSTOMS, "sends its first imputation again") as step:
        stem, instance = scene.first["stem"], scene.first["id"]
        again = await scene.adii.ask("repeat", stem=stem, instance=instance)
        step.expect(again["http"] == 200, f"the hub answered {again['http']}")
        step.expect(again["same"], "the receipt is another one")
        step.says(f"HTTP 200, the same receipt: {again['size']} identical bytes")
    with scene.tell.does(CUSTOMS, "looks whether it was counted twice") as step:
        balance(step, await scene.balance("third"), imputed=2500, remaining=1500)
    with scene.tell.does("somebody", "changes the amount of a signed message") as step:
        forged = await scene.coop.ask("tamper", goods="argan", dossier=scene.argan)
        step.expect(forged["http"] == 401, f"the hub answered {forged['http']}")
        step.expect(codes(forged) == ["PSV-310"], f"it was rejected for {codes(forged)}")
        step.says("HTTP 401, a signed rejection", *problems(forged))


async def to_the_last_litre(scene: Scene) -> None:
    """Reserved and consumed; given back before it was taken; adjusted; used up."""
    argan, tell = scene.argan, scene.tell
    with tell.does(CUSTOMS, "reserves what is left of line 1 for a lorry") as step:
        reserved = await scene.adii.ask("reserve", dossier=argan, declaration="third")
        became(step, reserved, "partly_imputed")
    with tell.does(DECLARANT, "sees it in GET /dossiers/{number}") as step:
        (held,) = (await scene.coop.ask("look", dossier=argan))["reservations"]
        step.expect(Decimal(held["quantity"]) == 1500, f"{held['quantity']} are reserved")
        step.says(f"{held['quantity']} for {held['declaration']} until {held['until']}")
    with tell.does(CUSTOMS, "asks what 1 300 litres of another would meet") as step:
        asked = await scene.balance("other")
        balance(step, asked, imputed=2500, remaining=1500)
        step.expect(Decimal(asked["reserved"]) == 1500, f"{asked['reserved']} were reserved")
        step.expect(asked["errors"] == ["PSV-707"], f"the report foresaw {asked['errors']}")
        step.says(f"{step.result}, all of it reserved: PSV-707")
    with tell.does(CUSTOMS, "imputes the lorry: the reservation is consumed") as step:
        third = await scene.impute(argan, "third")
        became(step, third, "partly_imputed", *movements(third))
        left = (await scene.coop.ask("look", dossier=argan))["reservations"]
        step.expect(not left, f"still reserved: {left}")
    with tell.does(CUSTOMS, "gives back 100 l of what it has not imputed yet") as step:
        waiting = await scene.impute(argan, "early")
        lines(step, waiting, "waiting")
        warned(step, waiting, "PSV-720")
    with tell.does(CUSTOMS, "imputes it: the contra that waited is applied") as step:
        fourth = await scene.impute(argan, "fourth")
        lines(step, fourth, "accepted", "accepted")
        became(step, fourth, "partly_imputed", *movements(fourth))
    with tell.does(CUSTOMS, "adjusts it: 1 500 l were declared, not 1 400") as step:
        adjusted = await scene.impute(argan, "adjusted")
        became(step, adjusted, "partly_imputed", *movements(adjusted))
    with tell.does(CUSTOMS, "imputes the last 600 litres") as step:
        last = await scene.impute(argan, "last")
        became(step, last, "imputed", *movements(last))
    with tell.does(CUSTOMS, "sends that again as a new message") as step:
        seen = await scene.impute(argan, "last")
        step.expect(seen["id"] != last["id"], "it is the same message")
        lines(step, seen, "already-seen")
        warned(step, seen, "PSV-719")


async def the_books_compared(scene: Scene) -> None:
    """Customs forgot the contra of line 2 in its own books: the difference is named."""
    with scene.tell.does(CUSTOMS, "states its totals, and is wrong on line 2") as step:
        stated = await scene.adii.ask("statement", dossier=scene.argan)
        lines(step, stated, "agrees", "differs")
        warned(step, stated, "PSV-729", "PSV-730")
        step.says("line 1 agrees, line 2 differs")
    with scene.tell.does(CUSTOMS, "looks whether the ledger was changed by it") as step:
        untouched = await scene.balance("last")
        balance(step, untouched, imputed=2000, remaining=0)
