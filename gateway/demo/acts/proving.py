"""The processes end; then only files are left, and they must hold by themselves."""

from __future__ import annotations

import asyncio

from gateway.demo import proof
from gateway.demo.scene import Scene
from gateway.demo.telling import Step


async def everything_is_proved(scene: Scene) -> None:
    """Journal, signatures, chains of balances, sealed papers."""
    place, tell = scene.place, scene.tell
    with tell.does("story", "ends the partners and the hub") as step:
        await _end(scene, step)
    with tell.does("operator", "exports the journal: passavant journal export") as step:
        await scene.command("journal", "export", place.journal, "--config", place.config)
        lines = len(place.journal.read_text(encoding="utf-8").splitlines())
        step.says(f"{lines} lines in {place.journal.name}")
    with tell.does("anybody", "checks it: passavant journal verify") as step:
        words = ("journal", "verify", place.journal, "--hub-cert", place.hub_certificate)
        said = await scene.command(*words)
        step.says(said.removeprefix(f"{place.journal}: "))
        scene.diary.note("verifies the journal", step.result)
    with tell.does("anybody", "checks every signature: passavant verify") as step:
        step.says(await proof.by_passavant(scene.stage, step))
        scene.diary.note("verifies every signature with passavant", step.result)
    with tell.does("anybody", "checks them with another tool: xmlsec1 --verify") as step:
        step.says(await proof.by_xmlsec(place, step))
        scene.diary.note("verifies every signature with xmlsec1", step.result)
    with tell.does("anybody", "proves the balance from the outcomes alone") as step:
        chains = await proof.chains(scene.stage, step, scene.links)
        step.says(f"{len(chains)} chains hold; one link taken out breaks them", *chains)
        scene.diary.note("verifies the chains of balances", " ".join(chains))
    with tell.does("anybody", "checks the sealed papers: passavant verify") as step:
        sentences = await proof.papers(scene.stage, step)
        step.says("the seals hold; that of an altered copy does not", *sentences)
        scene.diary.note("verifies the sealed papers with passavant", step.result)
    with tell.does("anybody", "checks them with other tools: pdfsig, qpdf") as step:
        step.says(await proof.papers_by_others(place, step))
        scene.diary.note("verifies the sealed papers with pdfsig and qpdf", step.result)


async def _end(scene: Scene, step: Step) -> None:
    """Every process, the hub last; each must end by itself and in good order."""
    ended = await asyncio.gather(*map(scene.stage.end, scene.partners))
    ended.append(await scene.stage.end(scene.hub))
    for process, status in zip((*scene.partners, scene.hub), ended, strict=True):
        step.expect(status == 0, f"{process.name} ended with status {status}")
        scene.diary.note(f"ends {process.name}", f"status {status}", pid=process.pid)
    step.says(f"all {len(ended)} in good order")
