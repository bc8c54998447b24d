"""The money comes home, the exchange office clears each declaration, and what is left is paper."""

from __future__ import annotations

from typing import Any

from gateway.demo.holding import accepted, became, refused
from gateway.demo.scene import BANK, DECLARANT, OFFICE, Scene
from gateway.demo.telling import Step

#: What the exchange office must decide, by the declaration's name in the story.
_DECISIONS = {
    "first": "full",
    "second": "full",
    "third": "shortfall",
    "fourth": "full",
    "last": "full",
}
#: What the hub prints of a licence, and how each file begins: sealed, empty, a sheet.
_PAPERS = {"licence.pdf": "%PDF-", "blank.pdf": "%PDF-", "history.xlsx": "PK"}


async def the_money_comes_home(scene: Scene) -> None:
    """Three attestations over five declarations, one of them twice; then the licence is cleared."""
    argan, tell = scene.argan, scene.tell
    with tell.does(BANK, "attests one payment for two declarations") as step:
        _attested(step, await _attest(scene, "first"))
    with tell.does(BANK, "attests another, less a price reduction with proof") as step:
        _attested(step, await _attest(scene, "second"))
    with tell.does(BANK, "files the first attestation once more") as step:
        refused(step, await _attest(scene, "first"), "PSV-755")
    with tell.does(BANK, "attests what is left") as step:
        _attested(step, await _attest(scene, "third"))
    with tell.does(OFFICE, "decides on each declaration that the hub proposes") as step:
        decided = await scene.office.ask("decide", dossier=argan, count=len(_DECISIONS))
        found = {one["declaration"]: one["decision"] for one in decided["decisions"]}
        expected = {scene.declared[name]: decision for name, decision in _DECISIONS.items()}
        step.expect(found == expected, f"it decided {found}")
        became(step, decided["last"], "cleared", *map(_account, decided["decisions"]))
    with tell.does(DECLARANT, "is told that the licence is cleared") as step:
        said = await scene.coop.ask("notified", dossier=argan, code="licence-cleared")
        step.says(said["fr"], said["ar"])


async def _attest(scene: Scene, attestation: str) -> dict[str, Any]:
    return await scene.bank.ask(
        "attest", dossier=scene.argan, attestation=attestation, declarations=scene.declared
    )


def _attested(step: Step, facts: dict[str, Any]) -> None:
    accepted(step, facts)
    shares = (f"{share['declaration']}: {share['amount']}" for share in facts["shares"])
    kept = (f"{one['declaration']}: {one['amount']} kept, {one['code']}" for one in facts["kept"])
    step.says(f"{facts['number']} over {facts['amount']}", *shares, *kept)


def _account(one: dict[str, Any]) -> str:
    return (
        f"{one['declaration']}: {one['imputed']} imputed, {one['repatriated']} home,"
        f" {one['deducted']} deducted: {one['decision']}"
    )


async def where_things_stand(scene: Scene) -> None:
    """Status by message, and the licences on paper."""
    for number, state in ((scene.argan, "cleared"), (scene.olive, "cancelled")):
        with scene.tell.does(DECLARANT, f"asks where {number} stands") as step:
            report = await scene.coop.ask("status", dossier=number)
            step.expect(report["state"] == state, f"it is {report['state']}")
            step.says(
                f"{report['state_fr']}, version {report['version']}, visa {report['visa']}",
                *(
                    f"line {one['line']}: {one['granted']} {one['unit']} granted,"
                    f" {one['imputed']} imputed, {one['remaining']} left"
                    for one in report["balances"]
                ),
            )
            scene.diary.note(f"{number} ends", report["state_fr"], dossier=report)
        with scene.tell.does(DECLARANT, "fetches its papers") as step:
            step.says("as files")
            for name, begins in _PAPERS.items():
                await _fetch(scene, step, number, name, begins)


async def _fetch(scene: Scene, step: Step, number: str, name: str, begins: str) -> None:
    """Keep what the hub has printed under its dossier's number and its own name."""
    page, kept = f"/dossiers/{number}/documents/{name}", f"{number}-{name}"
    got = await scene.coop.ask("fetch", page=page, name=kept)
    step.expect(got["starts"].startswith(begins), f"{name} begins with {got['starts']!r}")
    step.details.append(f"papers/{kept}, {got['size'] / 1024:.0f} KB")
