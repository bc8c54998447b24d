"""What the acts of the story share: the place, the processes, the teller, and what came of it."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path
from typing import Any

from gateway.demo.place import Place
from gateway.demo.record import Diary
from gateway.demo.stage import Failed, Process, Stage
from gateway.demo.telling import Teller

DECLARANT, MINISTRY, CUSTOMS = "coop-atlas", "mce", "adii"
BANK, OFFICE = "banque-atlas", "office-changes"
WEAVERS, SERVICE = "coop-zerbia", "artisanat-bm"


class Scene:
    """The stage with its processes, and the numbers of what it asks for once there are any."""

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
        self.bank: Process
        self.office: Process
        self.weavers: Process
        self.service: Process
        self.argan = ""
        self.olive = ""
        self.carpets = ""
        self.first: dict[str, Any] = {}  #: the first imputation, sent again later
        self.declared: dict[str, str] = {}  #: name in the story → number of the declaration
        self.links: list[Path] = []  #: the outcomes whose balance receipts chain the argan licence

    @property
    def partners(self) -> tuple[Process, ...]:
        """The seven partners."""
        licences = (self.coop, self.mce, self.adii, self.bank, self.office)
        return (*licences, self.weavers, self.service)

    async def command(self, *words: str | Path) -> str:
        """A command that must succeed; returns what it said."""
        status, said = await self.stage.command(*words)
        if status:
            raise Failed(f"passavant {' '.join(map(str, words))} ended with {status}: {said}")
        return said

    async def start_partners(self) -> None:
        """All of them at once, each with its own key."""
        partner, hub = self.stage.partner, ("--hub", self.url)
        self.coop, self.adii, self.bank, self.office = await asyncio.gather(
            partner("declarant", DECLARANT, *hub),
            partner("customs", CUSTOMS, *hub),
            partner("bank", BANK, *hub),
            partner("exchange_office", OFFICE, *hub),
        )
        self.weavers, self.service, _ = await asyncio.gather(
            partner("weavers", WEAVERS, *hub),
            partner("service", SERVICE, *hub),
            self.start_ministry(),
        )

    async def start_ministry(self) -> None:
        """The ministry's server, on the same port each time."""
        self.mce = await self.stage.partner(
            "ministry", MINISTRY, "--hub", self.url, "--port", str(self.port)
        )

    async def impute(self, dossier: str, declaration: str) -> dict[str, Any]:
        """Customs imputes a declaration; its number and the outcome's file are kept for later."""
        outcome = await self.adii.ask("impute", dossier=dossier, declaration=declaration)
        self.declared[declaration] = outcome["declaration"]
        if any(one["receipt"] for one in outcome["balances"]):
            self.links.append(self.place.messages / f"{outcome['stem']}.outcome.xml")
        return outcome

    async def balance(self, declaration: str) -> dict[str, Any]:
        """What customs is told when it asks whether the argan licence has room for that."""
        return await self.adii.ask("balance", dossier=self.argan, declaration=declaration)


def _free_port() -> int:
    """A port that nobody listens on, for the ministry, whose address the hub must know."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
