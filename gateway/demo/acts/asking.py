"""Two licences are asked for: a hub opens, argan oil is granted, olive products at a second go."""

from __future__ import annotations

import asyncio
import shutil

from gateway.demo.holding import became, granted, problems
from gateway.demo.scene import (
    BANK,
    CUSTOMS,
    DECLARANT,
    MINISTRY,
    OFFICE,
    SERVICE,
    WEAVERS,
    Scene,
)


async def the_hub_opens(scene: Scene) -> None:
    """A fresh hub, seven partners, eight processes."""
    place, tell = scene.place, scene.tell
    with tell.does("operator", "makes a hub: passavant init --sandbox") as step:
        await scene.command("init", place.hub, "--sandbox")
        shutil.copyfile(place.hub / "hub.cert.pem", place.hub_certificate)
        scene.diary.note("makes a hub", str(place.hub))
        step.says("settings, key, certificate, database")
    with tell.does("operator", "adds seven partners: passavant partner add") as step:
        roles: dict[str, tuple[str, ...]] = {
            DECLARANT: ("declarant",),
            MINISTRY: ("ministry", "--push", f"http://127.0.0.1:{scene.port}/push"),
            CUSTOMS: ("customs",),
            BANK: ("bank",),
            OFFICE: ("exchange-office",),
            WEAVERS: ("declarant",),
            SERVICE: ("inspection",),
        }
        await asyncio.gather(*(_add(scene, name, *words) for name, words in roles.items()))
        for name, (role, *push) in roles.items():
            scene.diary.note(f"adds {name}", role)
            step.says("each with its own key", f"{name}: {role}, {'push' if push else 'pull'}")
    with tell.does("operator", "starts it: passavant serve --port 0") as step:
        scene.hub, ready = await scene.stage.serve()
        scene.url = ready.rpartition(" ")[2]
        step.expect(scene.url.startswith("http://"), f"the ready line was “{ready}”")
        step.says(ready)
        scene.diary.note("starts the hub", scene.url, pid=scene.hub.pid)
    with tell.does("story", "starts the partners, each a process") as step:
        await scene.start_partners()
        for process in scene.partners:
            scene.diary.note(f"starts {process.name}", pid=process.pid)
        step.says(", ".join(process.name for process in scene.partners))


async def _add(scene: Scene, name: str, role: str, *push: str) -> None:
    keys, config = scene.place.keys, scene.place.config
    words = ("--role", role, "--new-key", keys, "--config", config)
    await scene.command("partner", "add", name, *words, *push)


async def argan_oil(scene: Scene) -> None:
    """Draft, dry run with mistakes, submission, visa, notice to customs."""
    coop, tell = scene.coop, scene.tell
    with tell.does(DECLARANT, "prints invoices and an analysis report") as step:
        printed = await coop.ask("prepare", goods="argan")
        step.says(f"{len(printed['files'])} PDFs over {printed['total']} {printed['currency']}")
    with tell.does(DECLARANT, "saves a draft") as step:
        saved = await coop.ask("save", goods="argan")
        became(step, saved, "saved")
        scene.argan = saved["dossier"]["number"]
    with tell.does(DECLARANT, "asks for a check of a hurried version") as step:
        checked = await coop.ask("check", goods="argan", dossier=scene.argan)
        found = {error["code"] for error in checked["errors"]}
        step.expect(checked["status"] == "refused", f"the dry run was {checked['status']}")
        step.expect(len(found) >= 3, f"the dry run found only {sorted(found)}")
        step.says(f"{len(checked['errors'])} mistakes at once, nothing changed", *problems(checked))
    with tell.does(DECLARANT, "corrects them and submits") as step:
        became(step, await coop.ask("submit", goods="argan", dossier=scene.argan), "submitted")
    with tell.does(MINISTRY, "gets the request by push, grants the visa") as step:
        granted(step, await scene.mce.ask("answered", dossier=scene.argan, version=1))
    with tell.does(DECLARANT, "is told of the visa") as step:
        said = await coop.ask("notified", dossier=scene.argan, code="licence-granted")
        step.says(said["fr"], said["ar"])
    with tell.does(CUSTOMS, "pulls the notice of the licence, acknowledges it") as step:
        notice = await scene.adii.ask("notice", dossier=scene.argan)
        step.expect(notice["action"] == "insert", f"the notice said {notice['action']}")
        became(step, notice["acknowledged"], "granted", f"{notice['visa']} until {notice['until']}")


async def olive_products(scene: Scene) -> None:
    """Submitted while the ministry is down; returned; corrected under the same number; granted."""
    coop, tell, diary = scene.coop, scene.tell, scene.diary
    with tell.does("story", "kills the ministry's server") as step:
        pid = scene.mce.pid
        await scene.stage.kill(scene.mce)
        diary.note("kills the ministry's server", pid=pid)
        step.says(f"process {pid} is no more")
    with tell.does(DECLARANT, "submits olive products all the same") as step:
        await coop.ask("prepare", goods="olive")
        submitted = await coop.ask("submit", goods="olive", documents=False)
        became(step, submitted, "submitted")
        scene.olive = submitted["dossier"]["number"]
    with tell.does("story", "starts the ministry again, on the same port") as step:
        await asyncio.sleep(1.5)  # so that deliveries really fail in between
        await scene.start_ministry()
        diary.note("starts the ministry again", pid=scene.mce.pid)
        step.says(f"process {scene.mce.pid}")
    with tell.does(MINISTRY, "gets the request by itself, returns it") as step:
        returned = await scene.mce.ask("answered", dossier=scene.olive, version=1)
        step.expect(returned["decision"] == "returned", f"it was {returned['decision']}")
        became(step, returned, "saved", returned["reason"])
    with tell.does(DECLARANT, "adds the certificate, submits it again") as step:
        await coop.ask("until", dossier=scene.olive, state="saved")
        again = await coop.ask("submit", goods="olive", dossier=scene.olive)
        became(step, again, "submitted")
        step.expect(again["dossier"]["number"] == scene.olive, "the number changed")
        step.expect(again["dossier"]["version"] == 2, "the version did not grow")
    with tell.does(MINISTRY, "grants it, with less than was asked") as step:
        granted(step, await scene.mce.ask("answered", dossier=scene.olive, version=2))
