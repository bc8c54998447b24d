"""Handicraft for export is inspected: carpets get their certificate, vases are refused."""

from __future__ import annotations

import asyncio
from typing import Any

from gateway.demo.holding import became, refused
from gateway.demo.scene import CUSTOMS, SERVICE, WEAVERS, Scene
from gateway.demo.service import BOOK

_SUPERVISOR, _AGENT, _OTHER = BOOK["agents"]
#: What the correction of the story changes on the carpets' line.
_CHANGED = {"units": ("12", "11"), "value": ("8640.00", "7920.00")}


async def carpets_and_plates(scene: Scene) -> None:
    """Submitted, assigned, completed, seen, corrected, certified; customs is told."""
    await _the_service_opens(scene)
    await _the_request_comes(scene)
    await _the_agent_asks(scene)
    await _the_agent_looks(scene)
    await _the_certificate(scene)


async def _the_service_opens(scene: Scene) -> None:
    with scene.tell.does("operator", "adds a service: passavant service, agent add") as step:
        places = [word for place in BOOK["places"] for word in ("--place", place)]
        words = (BOOK["code"], BOOK["name"], *places, "--config", scene.place.config)
        await scene.command("service", "add", *words)
        await asyncio.gather(*(_add(scene, agent, name) for agent, name in BOOK["agents"].items()))
        step.says(BOOK["name"], *(f"{agent}: {name}" for agent, name in BOOK["agents"].items()))


async def _add(scene: Scene, agent: str, name: str) -> None:
    rank = ("--supervisor",) if agent == _SUPERVISOR else ()
    words = ("--name", name, "--service", BOOK["code"], *rank, "--config", scene.place.config)
    await scene.command("agent", "add", agent, *words)
    scene.diary.note(f"adds {agent}", name)


async def _the_request_comes(scene: Scene) -> None:
    with scene.tell.does(WEAVERS, "submits carpets and plates") as step:
        submitted = await scene.weavers.ask("submit", request="carpets")
        became(step, submitted, "submitted")
        scene.carpets = submitted["dossier"]["number"]
        reference, serial = scene.carpets.rsplit("-", 1)
        step.expect(reference.startswith("BM-"), f"the reference is {scene.carpets}")
        step.expect(serial == "1", f"the first serial is {serial}")
    with scene.tell.does(SERVICE, f"assigns them to {_AGENT}") as step:
        became(step, await _assigned(scene, scene.carpets, _AGENT), "awaiting_processing")
    with scene.tell.does(SERVICE, f"{_OTHER} takes charge all the same") as step:
        refused(step, await _act(scene, "take", agent=_OTHER), "PSV-844")
    with scene.tell.does(SERVICE, f"{_AGENT} takes charge") as step:
        became(step, await _act(scene, "take"), "in_progress")


async def _the_agent_asks(scene: Scene) -> None:
    with scene.tell.does(SERVICE, "asks for a document") as step:
        became(step, await _act(scene, "complement"), "awaiting_complement")
    with scene.tell.does(WEAVERS, "is told, and files it") as step:
        filed = await scene.weavers.ask("complete", request="carpets", dossier=scene.carpets)
        became(step, filed, "in_progress", filed["asked"])
    with scene.tell.does(SERVICE, "finds it sufficient") as step:
        became(step, await _act(scene, "validate"), "in_progress")


async def _the_agent_looks(scene: Scene) -> None:
    with scene.tell.does(SERVICE, "orders a physical inspection") as step:
        became(step, await _act(scene, "visit"), "awaiting_inspection")
    with scene.tell.does(SERVICE, "holds it: one carpet is missing") as step:
        became(step, await _act(scene, "held"), "in_progress", BOOK["visit"]["minutes"])
    with scene.tell.does(SERVICE, "corrects the goods; the exporter's lines stand") as step:
        corrected = await scene.service.ask("correct", dossier=scene.carpets, agent=_AGENT)
        became(step, corrected, "in_progress")
        page = await scene.weavers.ask("look", dossier=scene.carpets)
        changed = {one["field"]: (one["before"], one["after"]) for one in page["difference"]}
        step.expect(changed.items() >= _CHANGED.items(), f"it differs in {changed}")
        step.expect(page["lines"][0]["units"] == 12, "the exporter's line was changed")
        step.details += [f"{name}: {one[0]} → {one[1]}" for name, one in changed.items()]


async def _the_certificate(scene: Scene) -> None:
    with scene.tell.does(SERVICE, "accepts the request, issues the certificate") as step:
        became(step, await _act(scene, "accept"), "in_progress")
        became(step, await _act(scene, "issue"), "closed")
    with scene.tell.does(WEAVERS, "fetches it; customs was told of these very bytes") as step:
        got, notice = await asyncio.gather(
            scene.weavers.ask(
                "fetch",
                page=f"/dossiers/{scene.carpets}/documents/certificate.pdf",
                name=f"{scene.carpets}-certificate.pdf",
            ),
            scene.adii.ask("certified", dossier=scene.carpets),
        )
        step.expect(notice["action"] == "issued", f"the notice said {notice['action']}")
        step.expect(notice["digest"] == got["digest"], "customs was told of other bytes")
        step.expect(notice["units"]["1"] == 11, f"it certifies {notice['units']}")
        step.says(
            f"papers/{got['file']}, {got['size'] / 1024:.0f} KB",
            f"{CUSTOMS}: {notice['certificate']}, SHA-256 {notice['digest']}",
        )


async def vases(scene: Scene) -> None:
    """The next number of the series, another agent, and no."""
    with scene.tell.does(WEAVERS, "submits vases") as step:
        submitted = await scene.weavers.ask("submit", request="vases")
        became(step, submitted, "submitted")
        number = submitted["dossier"]["number"]
        step.expect(number == f"{scene.carpets[:-1]}2", f"the next number is {number}")
    with scene.tell.does(SERVICE, f"{_OTHER} refuses them, and says why") as step:
        became(step, await _assigned(scene, number, _OTHER), "awaiting_processing")
        became(step, await _act(scene, "take", number, agent=_OTHER), "in_progress")
        became(step, await _act(scene, "refuse", number, agent=_OTHER), "closed")
        told = await scene.weavers.ask("notified", dossier=number, code="application-refused")
        step.details.append(told["fr"])


async def _assigned(scene: Scene, dossier: str, agent: str) -> dict[str, Any]:
    return await scene.service.ask("assign", dossier=dossier, agent=_SUPERVISOR, assignee=agent)


async def _act(scene: Scene, act: str, dossier: str = "", agent: str = _AGENT) -> dict[str, Any]:
    return await scene.service.ask("act", act=act, dossier=dossier or scene.carpets, agent=agent)
