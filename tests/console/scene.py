"""A night at the operators' desk: a hub on which most of what can happen has happened.

Tests look at it in a browser, and `python -m docs.screenshots` takes its pictures.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from unittest.mock import patch

from gateway.config import AlertSettings, DeliverySettings, PaperSettings, QueueSettings
from gateway.decide import Case, Decided, decide
from gateway.hub import Hub, utc_now
from handlers.registry import Reader
from schemas.bindings.licence_application_1 import Function
from schemas.bindings.visa_decision_1 import Decision
from schemas.workflow import Role
from storage import messages, partners, queue
from tests import crafts, letters
from tests.console import hostile
from tests.town import PARTNERS, Clock, Town, make_key, register, town

#: Nobody listens at the port of "discard".
NOBODY = "http://127.0.0.1:9/inbox"
NIGHT = timedelta(hours=9)  #: how long the scene's story takes on the hub's clock
WEAVERS = "coop-zerbia"  #: a cooperative that was suspended
POISON = "poison-0001"
SPARE = "poison-0002"

SECTIONS: dict[str, Any] = {
    "queue": QueueSettings(poll=0.1, attempts=4),
    "delivery": DeliverySettings(allow_private=True, first_delay=timedelta(minutes=2)),
    "papers": PaperSettings(timeout=120),
    "alerts": AlertSettings(every=0.5, unreachable=timedelta(minutes=1)),
}


@dataclass
class Scene:
    """The hub with its story told; names of what the pages are about."""

    place: Town
    clock: Clock
    dossiers: dict[str, str] = field(default_factory=dict)  #: what it shows, and its number
    messages: dict[str, tuple[str, str]] = field(default_factory=dict)  #: sender and instance

    @property
    def hub(self) -> Hub:
        return self.place.hub

    async def say(
        self, sender: str, body: object, number: str | None = None, *, called: str = ""
    ) -> dict[str, Any]:
        """Send a message and wait for its outcome."""
        partner = await self.place.client(sender)
        signed = partner.signed(body, dossier=number, instance=called)
        return (await partner.send(signed, wait=20)).facts

    async def drop(self, sender: str, body: object, *, called: str) -> None:
        """Send a message of which no outcome is awaited."""
        partner = await self.place.client(sender)
        reply = await partner.send(partner.signed(body, instance=called))
        assert reply.received, reply.facts
        self.messages[called] = (sender, called)

    async def message_id(self, name: str) -> int:
        """The hub's number of a message."""
        async with self.hub.store.read() as connection:
            found = await messages.find(connection, *self.messages[name])
        assert found is not None, name
        return found.id

    async def jobs(self, state: str) -> list[queue.Job]:
        """The jobs in a state."""
        async with self.hub.store.read() as connection:
            return await queue.listing(connection, state=state)

    async def poison(self) -> list[queue.Job]:
        """The messages that are parked, the oldest first."""
        return [job for job in await self.jobs("parked") if job.kind == queue.Kind.WORK]

    def later(self, hours: float) -> None:
        """So much of the night goes by."""
        self.clock.leap += timedelta(hours=hours)


@asynccontextmanager
async def scene(folder: Path) -> AsyncIterator[Scene]:
    """The hub after its night, running on, in this event loop."""
    clock = Clock()
    names = tuple(name for name in PARTNERS if name != "banque-atlas")
    async with town(
        folder,
        f"sqlite:///{folder}/hub.db",
        clock=clock,
        names=names,
        push={"mce": NOBODY},
        **SECTIONS,
    ) as place:
        found = Scene(place=place, clock=clock)
        clock.leap = _until_night() - NIGHT
        await _more_partners(found)
        await _story(found)
        yield found


def _until_night() -> timedelta:
    """From now to the coming hour of 03:12 in Casablanca that leaves the story its time."""
    now = utc_now()
    end = datetime(now.year, now.month, now.day, 2, 12, tzinfo=UTC)
    while end < now + NIGHT:
        end += timedelta(days=1)
    return end - now


async def _more_partners(found: Scene) -> None:
    """A bank whose certificate ends in six days, one suspended, and one with a hostile name."""
    hub, keys = found.hub, found.place.keys
    end = hub.clock() + NIGHT + timedelta(days=6, minutes=5)
    keys["banque-atlas"] = make_key("banque-atlas", days=60, now=end - timedelta(days=60))
    keys[WEAVERS], keys[hostile.PARTNER] = make_key(WEAVERS), make_key("hostile")
    await register(hub, "banque-atlas", Role.BANK, keys["banque-atlas"])
    await register(hub, WEAVERS, Role.DECLARANT, keys[WEAVERS])
    await register(hub, hostile.PARTNER, Role.DECLARANT, keys[hostile.PARTNER])
    next_one = make_key("banque-atlas", days=730).certificate
    async with hub.store.write() as tx:
        await partners.add_certificate(
            tx,
            "banque-atlas",
            partners.StoredCertificate(
                fingerprint=next_one.fingerprint,
                pem=next_one.pem.decode(),
                not_before=next_one.not_before,
                not_after=next_one.not_after,
                added_at=hub.clock(),
            ),
        )
        reason = "Clé compromise : le poste a été volé."
        await partners.suspend(tx, WEAVERS, reason, hub.clock())
    hub.directory.forget()


async def _story(found: Scene) -> None:
    await _licences(found)
    await _crafts(found)
    await _hostile(found)
    await _refusals(found)
    await _poison(found)
    found.clock.leap = _until_night()
    await _last_hour(found)


async def _licence(found: Scene, name: str, sender: str = "coop-atlas", **changes: Any) -> str:
    facts = await found.say(sender, letters.application(**changes), called=f"licence-{name}")
    number = found.dossiers[name] = str(facts["dossier"]["number"])
    found.messages[name] = (sender, f"licence-{name}")
    return number


async def _licences(found: Scene) -> None:
    """Licences in most of their states, one of them used up by customs and paid."""
    draft = letters.application(Function.SAVE, goods_line=(), invoice=())
    facts = await found.say("coop-atlas", draft)
    found.dossiers["saved"] = str(facts["dossier"]["number"])
    await _licence(found, "submitted")
    found.later(0.4)
    used = await _licence(found, "used")
    await found.say("mce", letters.visa(), used, called="visa-used")
    found.messages["visa"] = ("mce", "visa-used")
    for part, quantity in enumerate(("400", "250", "150"), start=1):
        found.later(0.5)
        await found.say("adii", letters.imputation(f"IMP-{part}", quantity), used)
    await found.say("adii", letters.contra("IMP-4", "IMP-2", "250"), used)
    await found.say("adii", letters.balance_query(), used)
    declaration = f"{letters.OFFICE}{letters.PROCEDURE}{letters.today().year}0000123"
    await found.say("banque-atlas", letters.proof("BA-1", {declaration: "4000.00"}), used)
    declined = await _licence(found, "declined", "coop-souss")
    await found.say("mce", letters.visa(Decision.REJECTED), declined)
    found.later(0.5)
    granted = await _licence(found, "granted", "coop-souss")
    await found.say("mce", letters.visa(), granted)
    given_up = await _licence(found, "cancelled")
    await found.say("coop-atlas", letters.cancellation(), given_up)


async def _crafts(found: Scene) -> None:
    """One inspection with its sealed certificate, one in an agent's hands."""
    await crafts.open_services(found.place)
    for name in ("certificate", "inspected"):
        facts = await found.say(crafts.EXPORTER, crafts.application())
        number = found.dossiers[name] = str(facts["dossier"]["number"])
        await found.say(crafts.HOUSE, crafts.assignment(), number)
        await found.say(crafts.HOUSE, crafts.taking(), number)
        found.later(0.6)
    number = found.dossiers["certificate"]
    await found.say(crafts.HOUSE, crafts.decision(), number)
    await found.say(crafts.HOUSE, crafts.issue(), number)


async def _hostile(found: Scene) -> None:
    """A licence that is an attack on whoever looks at it, used, and wished to be cancelled."""
    facts = await found.say("coop-souss", hostile.licence(), called="hostile")
    number = found.dossiers["hostile"] = str(facts["dossier"]["number"])
    found.messages["hostile"] = ("coop-souss", "hostile")
    await found.say("mce", hostile.visa(), number)
    await found.say("adii", hostile.imputation("IMP-H1"), number)
    await found.say("coop-souss", hostile.cancellation(), number)
    await found.say("coop-souss", hostile.refused_licence(), called="hostile-refused")
    found.messages["hostile-refused"] = ("coop-souss", "hostile-refused")


async def _refusals(found: Scene) -> None:
    """Refused by a handler, refused at the door, by someone suspended, by nobody known."""
    wrong: dict[str, Any] = {
        "incoterm": "XXX",
        "destination_country": ("DE", "ZZ"),
        "total_amount": Decimal(99),
    }
    await found.say("coop-atlas", letters.application(**wrong), called="refused")
    found.messages["refused"] = ("coop-atlas", "refused")
    await found.say("adii", letters.imputation("IMP-9", "5000"), found.dossiers["used"])
    await found.say(WEAVERS, letters.application())
    await found.say("coop-atlas", letters.visa(), found.dossiers["submitted"])
    partner = await found.place.client("coop-atlas")
    spoiled = partner.signed(letters.application()).replace(b"Atlas Argan", b"Atlas Orgon")
    for document in (spoiled, b"<LicenceApplication", b"%PDF-1.7"):
        await partner.send(document)


@contextmanager
def choking(*instances: str) -> Iterator[None]:
    """A handler with a bug, which shows with these messages alone."""

    def choke(hub: Hub, case: Case, now: datetime, read: Reader) -> Decided:
        if case.message.instance in instances:
            raise ZeroDivisionError("division of the quantity by no units")
        return decide(hub, case, now, read)

    with (
        patch("gateway.work.decide", choke),
        patch("gateway.work.backoff", lambda *_: timedelta(milliseconds=10)),
    ):
        yield


async def _poison(found: Scene) -> None:
    """Two messages on which a handler has a bug."""
    with choking(POISON, SPARE):
        await found.drop("coop-atlas", letters.application(), called=POISON)
        await found.drop("coop-souss", letters.application(), called=SPARE)
        await parked(found, 2)


async def parked(found: Scene, count: int) -> None:
    """Wait until so many jobs are parked."""
    for _ in range(400):
        if len(await found.poison()) >= count:
            return
        await asyncio.sleep(0.02)
    raise TimeoutError(f"{len(await found.poison())} of {count} are parked")


async def _last_hour(found: Scene) -> None:
    """What happened in the last hour, minute by minute, for the charts."""
    end = found.clock.leap
    for minutes in (55, 47, 40, 38, 31, 24, 23, 16, 11, 6, 2):
        found.clock.leap = end - timedelta(minutes=minutes)
        name = "recent" if minutes == 2 else f"recent-{minutes}"
        await _licence(found, name, "coop-atlas" if minutes % 2 else "coop-souss")
    found.clock.leap = end
