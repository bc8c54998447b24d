"""The ministry of the demo: a server that receives by push, judges, and answers by message."""

from __future__ import annotations

import asyncio
import tomllib
import traceback
import uuid
from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from aiohttp import web
from typing_extensions import override
from xsdata.models.datatype import XmlDate

from gateway.client import Mail
from gateway.demo.actor import Actor, Sent, arguments, obey, patience, today
from gateway.demo.place import MATERIALS, Place
from schemas.bindings import extension_decision_1 as more
from schemas.bindings.common_1 import MeasuredQuantity
from schemas.bindings.extension_request_1 import ExtensionRequest
from schemas.bindings.visa_decision_1 import Decision, GrantedLine, VisaDecision
from schemas.bindings.visa_request_1 import VisaRequest
from schemas.envelope import read_header
from schemas.errors import Refused

#: The same request always gets the same decision's identifier, so that none is taken twice.
_DECISIONS = uuid.UUID("0c7f6f0e-52a5-5a52-8d38-6c1b5f6f9d21")


class Ministry(Actor):
    """Returns what lacks its certificate, grants up to a ceiling, extends up to a limit."""

    def __init__(self, name: str, hub: str, place: Place) -> None:
        super().__init__(name, hub, place)
        self._rules = tomllib.loads((MATERIALS / "ministry.toml").read_text(encoding="utf-8"))
        self._decided: dict[tuple[str, str], tuple[Any, Sent]] = {}
        self._came = asyncio.Event()
        self._deciding: set[asyncio.Task[None]] = set()
        #: By what is asked: what gives the decision, and what that is about.
        self._decisions: dict[str, Callable[[Any], tuple[str, Any]]] = {
            "VisaRequest": self._judge,
            "ExtensionRequest": self._extend,
        }

    async def receive(self, request: web.Request) -> web.Response:
        """`POST /push`: 204 once the message is on the disk, 401 when it is not the hub's."""
        document = await request.read()
        try:
            mail = Mail(header=read_header(self.client.verified(document)), document=document)
        except Refused as refusal:
            self.diary.note("refuses a push", str(refusal))
            return web.Response(status=401, text=str(refusal))
        fresh = self.take_in(mail)
        decide = self._decisions.get(mail.header.type)
        if fresh and decide is not None:
            task = asyncio.create_task(self._decide(mail, decide))
            self._deciding.add(task)
            task.add_done_callback(self._deciding.discard)
        self._came.set()
        return web.Response(status=204)

    async def answered(self, dossier: str, version: int) -> Mapping[str, object]:
        """What was decided on a version of a dossier, with the hub's outcome."""
        decision, outcome = await self._decided_on(dossier, f"version {version}")
        return {
            **outcome,
            "decision": decision.decision.value,
            "visa": decision.visa_number,
            "until": str(decision.valid_until),
            "reason": decision.reason,
            "granted": [
                {"line": one.line, "quantity": str(one.quantity.value), "unit": one.quantity.unit}
                for one in decision.granted_line
            ],
        }

    async def extended(self, dossier: str) -> Mapping[str, object]:
        """What was decided on a request for more time, with the hub's outcome."""
        decision, outcome = await self._decided_on(dossier, "extension")
        return {
            **outcome,
            "decision": decision.decision.value,
            "until": str(decision.valid_until),
        }

    async def decide(self, dossier: str, version: int, decision: str) -> Mapping[str, object]:
        """Decide again on what was granted: suspended, reinstated."""
        body = VisaDecision(
            decision=Decision(decision),
            version=version,
            officer=self._rules["officer"],
            decision_date=XmlDate.from_date(today()),
            reason=self._rules["reasons"][decision],
        )
        return await self.settled(await self.send(body, decision, dossier=dossier))

    @override
    async def outcome(self, sent: Sent) -> dict[str, Any]:
        """The outcome of a message, once it was pushed; raises `NothingCame`."""
        async with patience(f"outcome of {sent.stem}"):
            while sent.instance not in self.outcomes:
                await self._next()
        return self.outcomes[sent.instance]

    async def _decided_on(self, dossier: str, about: str) -> tuple[Any, Mapping[str, object]]:
        async with patience(f"request on {about} of {dossier}"):
            while (found := self._decided.get((dossier, about))) is None:
                await self._next()
        decision, sent = found
        return decision, await self.outcome(sent)

    async def _next(self) -> None:
        """Until something came in or was sent."""
        await self._came.wait()
        self._came.clear()

    async def _decide(self, mail: Mail, decide: Callable[[Any], tuple[str, Any]]) -> None:
        number = mail.header.dossier or ""
        try:
            about, decision = decide(mail.payload())
            sent = await self.send(
                decision,
                decision.decision.value,
                dossier=number,
                instance=str(uuid.uuid5(_DECISIONS, f"{number}/{about}")),
            )
        except Exception:  # nobody waits for this task: its log must tell
            traceback.print_exc()
            self.diary.note("fails to decide", number)
            return
        self._decided[number, about] = (decision, sent)
        self._came.set()

    def _judge(self, request: VisaRequest) -> tuple[str, VisaDecision]:
        """No certificate, no visa; otherwise a visa within the ceilings."""
        day, rules, about = today(), self._rules, f"version {request.version}"
        if not request.licence.supporting_document:
            return about, VisaDecision(
                decision=Decision.RETURNED,
                version=request.version,
                officer=rules["officer"],
                decision_date=XmlDate.from_date(day),
                reason=rules["certificate_missing"],
            )
        serial = request.dossier_number.rpartition("-")[2]
        return about, VisaDecision(
            decision=Decision.GRANTED,
            version=request.version,
            visa_number=f"MCE-{day:%Y}-{int(serial):05d}-{request.version}",
            officer=rules["officer"],
            decision_date=XmlDate.from_date(day),
            valid_from=XmlDate.from_date(day),
            valid_until=XmlDate.from_date(day + timedelta(days=rules["valid_days"])),
            granted_line=tuple(_granted(request, rules["ceiling"])),
            condition=tuple(rules["conditions"]),
        )

    def _extend(self, request: ExtensionRequest) -> tuple[str, more.ExtensionDecision]:
        """What is asked, or the longest extension where that is less."""
        if request.current_valid_until is None:
            raise ValueError("the hub forwards a request with the present end of validity")
        longest = request.current_valid_until.to_date() + timedelta(self._rules["extension_days"])
        return "extension", more.ExtensionDecision(
            decision=more.Decision.GRANTED,
            valid_until=XmlDate.from_date(min(request.valid_until.to_date(), longest)),
            officer=self._rules["officer"],
            decision_date=XmlDate.from_date(today()),
        )


def _granted(request: VisaRequest, ceilings: Mapping[str, Any]) -> list[GrantedLine]:
    """Each line as asked, or its code's ceiling where that is less."""
    return [
        GrantedLine(
            line=line.line,
            quantity=MeasuredQuantity(
                value=min(
                    line.quantity.value,
                    Decimal(ceilings.get(line.commodity_code, line.quantity.value)),
                ),
                unit=line.quantity.unit,
            ),
        )
        for line in request.licence.goods_line
    ]


async def main() -> None:
    """Listen for the hub's pushes until the story ends."""
    parser = arguments(__doc__)
    parser.add_argument("--port", type=int, required=True, help="where the hub pushes to")
    given = parser.parse_args()
    actor = Ministry(given.name, given.hub, Place(given.output))
    app = web.Application(client_max_size=64 * 1024 * 1024)
    app.add_routes([web.post("/push", actor.receive)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        async with actor.client:
            await web.TCPSite(runner, "127.0.0.1", given.port).start()
            await obey(
                {
                    "answered": actor.answered,
                    "extended": actor.extended,
                    "decide": actor.decide,
                }
            )
    finally:
        await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(main())
