"""The whole story: two licences from draft to imputation, with the mishaps of every day between.

The hub and its three partners are processes of their own; the story gives orders, watches what
comes of them, and holds every result against what it must be.
"""

from __future__ import annotations

import asyncio
import shutil
import signal
import socket
import traceback
from collections.abc import Awaitable, Callable
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import Any

from gateway.demo import proof, timeline
from gateway.demo.place import NotOurs, Place
from gateway.demo.record import Diary
from gateway.demo.stage import Failed, Process, Stage
from gateway.demo.telling import DoesNotHold, Step, Teller

DECLARANT, MINISTRY, CUSTOMS = "coop-atlas", "mce", "adii"
_LOG_LINES = 15
_LONGEST = 400  #: characters of a log line that are shown


class Story:
    """What the acts share: the place, the processes, the teller, and the two licences' numbers."""

    def __init__(self, place: Place, teller: Teller) -> None:
        self.place = place
        self.tell = teller
        self.stage = Stage(place)
        self.diary = Diary(place.diary("story"), "story")
        self.port = _free_port()
        self.hub: Process
        self.url = ""
        self.coop: Process
        self.mce: Process
        self.adii: Process
        self.argan = ""
        self.olive = ""
        self.first: dict[str, Any] = {}  #: the first imputation, sent again later

    async def command(self, *words: str | Path) -> str:
        """A command that must succeed; returns what it said."""
        status, said = await self.stage.command(*words)
        if status:
            raise Failed(f"passavant {' '.join(map(str, words))} ended with {status}: {said}")
        return said

    async def start_ministry(self) -> None:
        """The ministry's server, on the same port each time."""
        self.mce = await self.stage.partner(
            "ministry", MINISTRY, "--hub", self.url, "--port", str(self.port)
        )


async def the_hub_opens(story: Story) -> None:
    """A fresh hub, three partners, four processes."""
    place, tell = story.place, story.tell
    with tell.does("operator", "makes a hub: passavant init --sandbox") as step:
        await story.command("init", place.hub, "--sandbox")
        shutil.copyfile(place.hub / "hub.cert.pem", place.hub_certificate)
        story.diary.note("makes a hub", str(place.hub))
        step.says("settings, key, certificate, database")
    push = ("--push", f"http://127.0.0.1:{story.port}/push")
    for name, role, more in (
        (DECLARANT, "declarant", ()),
        (MINISTRY, "ministry", push),
        (CUSTOMS, "customs", ()),
    ):
        with tell.does("operator", f"adds {name}: passavant partner add") as step:
            words = ("partner", "add", name, "--role", role, "--new-key", place.keys, *more)
            await story.command(*words, "--config", place.config)
            step.says(f"{role}, {'push' if more else 'pull'}")
            story.diary.note(f"adds {name}", role)
    with tell.does("operator", "starts it: passavant serve --port 0") as step:
        story.hub, ready = await story.stage.serve()
        story.url = ready.rpartition(" ")[2]
        step.expect(story.url.startswith("http://"), f"the ready line was “{ready}”")
        step.says(ready)
        story.diary.note("starts the hub", story.url, pid=story.hub.pid)
    with tell.does("story", "starts the three partners, each with its own key") as step:
        partner = story.stage.partner
        story.coop, story.adii, _ = await asyncio.gather(
            partner("declarant", DECLARANT, "--hub", story.url),
            partner("customs", CUSTOMS, "--hub", story.url),
            story.start_ministry(),
        )
        for process in (story.coop, story.mce, story.adii):
            story.diary.note(f"starts {process.name}", pid=process.pid)
        step.says("a declarant, a ministry, a customs office")


async def argan_oil(story: Story) -> None:
    """Draft, dry run with mistakes, submission, visa, notice to customs, paper."""
    coop, tell = story.coop, story.tell
    with tell.does(DECLARANT, "prints invoices and an analysis report") as step:
        printed = await coop.ask("prepare", goods="argan")
        step.says(f"{len(printed['files'])} PDFs over {printed['total']} {printed['currency']}")
    with tell.does(DECLARANT, "saves a draft") as step:
        saved = await coop.ask("save", goods="argan")
        _became(step, saved, "saved")
        story.argan = saved["dossier"]["number"]
    with tell.does(DECLARANT, "asks for a check of a hurried version") as step:
        checked = await coop.ask("check", goods="argan", dossier=story.argan)
        codes = {error["code"] for error in checked["errors"]}
        step.expect(checked["status"] == "refused", f"the dry run was {checked['status']}")
        step.expect(len(codes) >= 3, f"the dry run found only {sorted(codes)}")
        step.says(
            f"{len(checked['errors'])} mistakes at once, nothing changed", *_problems(checked)
        )
    with tell.does(DECLARANT, "corrects them and submits") as step:
        _became(step, await coop.ask("submit", goods="argan", dossier=story.argan), "submitted")
    with tell.does(MINISTRY, "gets the request by push, grants the visa") as step:
        _granted(step, await story.mce.ask("answered", dossier=story.argan, version=1))
    with tell.does(DECLARANT, "is told of the visa") as step:
        said = await coop.ask("notified", dossier=story.argan, code="licence-granted")
        await coop.ask("until", dossier=story.argan, state="granted")
        step.says(said["fr"])
    with tell.does(CUSTOMS, "pulls the notice of the licence") as step:
        notice = await story.adii.ask("notice", dossier=story.argan)
        step.expect(notice["action"] == "insert", f"the notice said {notice['action']}")
        step.says(f"{notice['visa']}, until {notice['until']}")


async def olive_products(story: Story) -> None:
    """Submitted while the ministry is down; returned; amended under the same number; granted."""
    coop, tell, diary = story.coop, story.tell, story.diary
    with tell.does("story", "kills the ministry's server") as step:
        pid = story.mce.pid
        await story.stage.kill(story.mce)
        diary.note("kills the ministry's server", pid=pid)
        step.says(f"process {pid} is no more")
    with tell.does(DECLARANT, "submits olive products all the same") as step:
        await coop.ask("prepare", goods="olive")
        submitted = await coop.ask("submit", goods="olive", documents=False)
        _became(step, submitted, "submitted")
        story.olive = submitted["dossier"]["number"]
    with tell.does("story", "starts the ministry again, on the same port") as step:
        await asyncio.sleep(1.5)  # so that deliveries really fail in between
        await story.start_ministry()
        diary.note("starts the ministry again", pid=story.mce.pid)
        step.says(f"process {story.mce.pid}")
    with tell.does(MINISTRY, "gets the request by itself, returns it") as step:
        returned = await story.mce.ask("answered", dossier=story.olive, version=1)
        step.expect(returned["decision"] == "returned", f"it was {returned['decision']}")
        _became(step, returned, "saved", returned["reason"])
    with tell.does(DECLARANT, "adds the certificate, submits it again") as step:
        await coop.ask("until", dossier=story.olive, state="saved")
        again = await coop.ask("submit", goods="olive", dossier=story.olive)
        _became(step, again, "submitted")
        step.expect(again["dossier"]["number"] == story.olive, "the number changed")
        step.expect(again["dossier"]["version"] == 2, "the version did not grow")
    with tell.does(MINISTRY, "grants it, with less than was asked") as step:
        _granted(step, await story.mce.ask("answered", dossier=story.olive, version=2))
    with tell.does(CUSTOMS, "pulls the notice of the licence") as step:
        notice = await story.adii.ask("notice", dossier=story.olive)
        step.says(
            ", ".join(f"line {n['line']}: {n['granted']} {n['unit']}" for n in notice["lines"])
        )


async def customs_imputes(story: Story) -> None:
    """Two partial imputations, one too large, one given back, and the balance around them."""
    with story.tell.does(CUSTOMS, "asks for the balance before") as step:
        _balance(step, await _ask_balance(story, "first"), imputed=0, remaining=4000)
    with story.tell.does(CUSTOMS, "imputes 1 500 litres") as step:
        story.first = await _impute(story, "first")
        _became(step, story.first, "partly_imputed", *_movements(story.first))
    with story.tell.does(CUSTOMS, "imputes 1 200 litres more") as step:
        second = await _impute(story, "second")
        _became(step, second, "partly_imputed", *_movements(second))
    with story.tell.does(CUSTOMS, "asks what 1 600 litres more would meet") as step:
        asked = await _ask_balance(story, "excessive")
        _balance(step, asked, imputed=2700, remaining=1300)
        step.expect(asked["errors"] == ["PSV-707"], f"the report foresaw {asked['errors']}")
    with story.tell.does(CUSTOMS, "imputes them nevertheless") as step:
        refused = await _impute(story, "excessive")
        codes = [error["code"] for error in refused["errors"]]
        step.expect(refused["status"] == "refused", f"it was {refused['status']}")
        step.expect(codes == ["PSV-707"], f"it was refused for {codes}")
        step.says("refused whole", *_problems(refused))
    with story.tell.does(CUSTOMS, "gives 200 litres of the first back (contra)") as step:
        contra = await _impute(story, "contra")
        _became(step, contra, "partly_imputed", *_movements(contra))
    with story.tell.does(CUSTOMS, "asks for the balance after") as step:
        _balance(step, await _ask_balance(story, "last"), imputed=2500, remaining=1500)


async def mishaps(story: Story) -> None:
    """The same message twice changes nothing; a forged one never comes in."""
    with story.tell.does(CUSTOMS, "sends its first imputation again") as step:
        stem, instance = story.first["stem"], story.first["id"]
        again = await story.adii.ask("repeat", stem=stem, instance=instance)
        step.expect(again["http"] == 200, f"the hub answered {again['http']}")
        step.expect(again["same"], "the receipt is another one")
        step.says(f"HTTP 200, the same receipt: {again['size']} identical bytes")
    with story.tell.does(CUSTOMS, "looks whether it was counted twice") as step:
        _balance(step, await _ask_balance(story, "last"), imputed=2500, remaining=1500)
    with story.tell.does("somebody", "changes the amount of a signed message") as step:
        forged = await story.coop.ask("tamper", goods="argan", dossier=story.argan)
        codes = [error["code"] for error in forged["errors"]]
        step.expect(forged["http"] == 401, f"the hub answered {forged['http']}")
        step.expect(codes == ["PSV-310"], f"it was rejected for {codes}")
        step.says("HTTP 401, a signed rejection", *_problems(forged))


async def where_things_stand(story: Story) -> None:
    """Status by message, and the licence on paper."""
    for number, state in ((story.argan, "partly_imputed"), (story.olive, "granted")):
        with story.tell.does(DECLARANT, f"asks where {number} stands") as step:
            report = await story.coop.ask("status", dossier=number)
            step.expect(report["state"] == state, f"it is {report['state']}")
            step.says(
                f"{report['state_fr']}, version {report['version']}, visa {report['visa']}",
                *(
                    f"line {one['line']}: {one['granted']} {one['unit']} granted,"
                    f" {one['imputed']} imputed, {one['remaining']} left"
                    for one in report["balances"]
                ),
            )
            story.diary.note(f"{number} ends", report["state_fr"], dossier=report)
        with story.tell.does(DECLARANT, f"fetches {number}-licence.pdf") as step:
            paper = await story.coop.ask("paper", dossier=number, name="licence.pdf")
            step.expect(paper["pdf"], "that is no PDF")
            step.says(f"{paper['size'] / 1024:.0f} KB")


async def everything_is_proved(story: Story) -> None:
    """The processes end; then only files are left, and they must hold by themselves."""
    place, tell = story.place, story.tell
    with tell.does("story", "ends the partners and the hub") as step:
        partners = (story.coop, story.mce, story.adii)
        ended = await asyncio.gather(*map(story.stage.end, partners))
        ended.append(await story.stage.end(story.hub))
        for process, status in zip((*partners, story.hub), ended, strict=True):
            step.expect(status == 0, f"{process.name} ended with status {status}")
            story.diary.note(f"ends {process.name}", f"status {status}", pid=process.pid)
        step.says("all four in good order")
    with tell.does("operator", "exports the journal: passavant journal export") as step:
        await story.command("journal", "export", place.journal, "--config", place.config)
        lines = len(place.journal.read_text(encoding="utf-8").splitlines())
        step.says(f"{lines} lines in {place.journal.name}")
    with tell.does("anybody", "checks it: passavant journal verify") as step:
        words = ("journal", "verify", place.journal, "--hub-cert", place.hub_certificate)
        said = await story.command(*words)
        step.says(said.removeprefix(f"{place.journal}: "))
        story.diary.note("verifies the journal", said.removeprefix(f"{place.journal}: "))
    with tell.does("anybody", "checks every signature: passavant verify") as step:
        step.says(await proof.by_passavant(story.stage, step))
        story.diary.note("verifies every signature with passavant", step.result)
    with tell.does("anybody", "checks them with another tool: xmlsec1 --verify") as step:
        step.says(await proof.by_xmlsec(place, step))
        story.diary.note("verifies every signature with xmlsec1", step.result)


ACTS: tuple[tuple[str, Callable[[Story], Awaitable[None]]], ...] = (
    ("The hub opens", the_hub_opens),
    ("A licence for argan oil", argan_oil),
    ("A licence for olive products, while the ministry is down", olive_products),
    ("Customs uses the first licence", customs_imputes),
    ("What must change nothing", mishaps),
    ("Where things stand", where_things_stand),
    ("Everything can be proved", everything_is_proved),
)


def run(output: Path) -> int:
    """Play the story into a folder; returns 0, or 1 when anything does not hold."""
    place = Place(output.resolve())
    teller = Teller(len(ACTS))
    try:
        place.make()
    except NotOurs as problem:
        teller.failed(f"{problem}; choose another folder with --output.")
        return 1
    try:
        return asyncio.run(_play(place, teller))
    except asyncio.CancelledError:
        return 128 + signal.SIGTERM


async def _play(place: Place, teller: Teller) -> int:
    _cancelled_by_sigterm()
    story = Story(place, teller)
    try:
        with teller.telling():
            for title, act in ACTS:
                with teller.act(title):
                    await act(story)
        holds = True
    except asyncio.CancelledError:
        teller.failed("interrupted; every process is stopped.")
        raise
    except Exception as problem:
        holds = False
        _explain(story, problem)
    finally:
        await story.stage.close()
        timeline.write(place)
    if holds:
        teller.console.print(
            f"\nAll of it holds, in {teller.elapsed:.0f} s. See {place.folder}/timeline.md",
            style="bold green",
            markup=False,
            soft_wrap=True,
        )
    return 0 if holds else 1


def _explain(story: Story, problem: Exception) -> None:
    """The step that failed, and what the processes said last."""
    expected = isinstance(problem, Failed | DoesNotHold)
    story.tell.failed(str(problem) if expected else repr(problem))
    story.diary.note("fails", str(problem))
    if not expected:
        story.tell.log("the story", traceback.format_exception(problem))
    for file in sorted(story.place.logs.glob("*.log")):
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
        if lines:
            story.tell.log(file.name, [_short(line) for line in lines[-_LOG_LINES:]])


def _short(line: str) -> str:
    """A log line that fits a screen: a traceback within it matters at its end."""
    return line if len(line) <= _LONGEST else f"{line[:120]} … {line[-(_LONGEST - 120) :]}"


def _cancelled_by_sigterm() -> None:
    """Treat SIGTERM as Ctrl-C: the processes are stopped in order."""
    task = asyncio.current_task()
    if task is not None:
        with suppress(RuntimeError, ValueError):  # outside the main thread there are no signals
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)


def _free_port() -> int:
    """A port that nobody listens on, for the ministry, whose address the hub must know."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def _ask_balance(story: Story, declaration: str) -> dict[str, Any]:
    return await story.adii.ask("balance", dossier=story.argan, declaration=declaration)


async def _impute(story: Story, declaration: str) -> dict[str, Any]:
    return await story.adii.ask("impute", dossier=story.argan, declaration=declaration)


def _became(step: Step, facts: dict[str, Any], state: str, *details: str) -> None:
    """A message was accepted and led to a state."""
    codes = [error["code"] for error in facts["errors"]]
    accepted = facts["status"] in {"accepted", "accepted-with-warnings"}
    step.expect(accepted, f"it was {facts['status']} for {codes}")
    dossier = facts["dossier"]
    step.expect(dossier["state"] == state, f"it led to {dossier['state']}, not {state}")
    step.says(f"{dossier['number']} {dossier['state_fr']}", *details)


def _granted(step: Step, facts: dict[str, Any]) -> None:
    step.expect(facts["decision"] == "granted", f"it was {facts['decision']}: {facts['reason']}")
    granted = (f"line {one['line']}: {one['quantity']} {one['unit']}" for one in facts["granted"])
    _became(step, facts, "granted", f"visa {facts['visa']} until {facts['until']}", *granted)


def _balance(step: Step, facts: dict[str, Any], *, imputed: int, remaining: int) -> None:
    """The reported balance is what the story counts."""
    found = (Decimal(facts["imputed"]), Decimal(facts["remaining"]))
    step.expect(
        found == (Decimal(imputed), Decimal(remaining)), f"{found[0]} imputed and {found[1]} left"
    )
    step.says(f"{imputed} {facts['unit']} imputed, {remaining} left ({facts['state_fr']})")


def _movements(facts: dict[str, Any]) -> list[str]:
    return [
        f"line {one['line']}: {one['before']} {Decimal(one['delta']):+} = {one['after']} imputed,"
        f" {one['remaining']} {one['unit']} left"
        for one in facts["balances"]
    ]


def _problems(facts: dict[str, Any]) -> list[str]:
    return [f"{error['code']} {error['text']['fr']}" for error in facts["errors"]]
