"""The crafts service of the demo: its system signs, and names the agent who acts."""

from __future__ import annotations

import asyncio
import tomllib
from collections.abc import Callable, Mapping
from typing import Any

from xsdata.models.datatype import XmlDate

from gateway.demo.actor import Actor, arguments, obey, today
from gateway.demo.place import MATERIALS, Place
from gateway.demo.weavers import craft_line
from schemas.bindings import assignment_1 as assigning
from schemas.bindings import certificate_issue_1 as issuing
from schemas.bindings import complement_request_1 as asking
from schemas.bindings.goods_correction_1 import GoodsCorrection
from schemas.bindings.inspection_decision_1 import Decision, InspectionDecision
from schemas.bindings.physical_inspection_order_1 import PhysicalInspectionOrder
from schemas.bindings.physical_inspection_result_1 import PhysicalInspectionResult, Result
from schemas.bindings.taking_charge_1 import TakingCharge

BOOK: dict[str, Any] = tomllib.loads((MATERIALS / "service.toml").read_text(encoding="utf-8"))

#: Names of a goods line on the hub's page, where they are not those of the message.
_RENAMED = {"code": "commodity_code", "article": "article_number"}


class Service(Actor):
    """Learns of a request by the hub's notice; its supervisor gives it to an agent."""

    async def assign(self, dossier: str, agent: str, assignee: str) -> Mapping[str, object]:
        """Give a request that came to an agent."""
        await self.notified(dossier, "dossier-submitted")
        body = assigning.Assignment(agent=agent, action=assigning.Action.ASSIGN, assignee=assignee)
        return await self.settled(await self.send(body, dossier=dossier))

    async def act(self, act: str, dossier: str, agent: str) -> Mapping[str, object]:
        """Whatever else an agent does, in the words of the story's file."""
        return await self.settled(await self.send(ACTS[act](agent), act, dossier=dossier))

    async def correct(self, dossier: str, agent: str) -> Mapping[str, object]:
        """State the goods as they were found, beside what the exporter declared."""
        found, page = BOOK["correction"], await self.look(dossier)
        lines = [{_RENAMED.get(name, name): row[name] for name in row} for row in page["lines"]]
        for line in lines:
            if line["line"] == found["line"]["line"]:
                line.update(found["line"])
        body = GoodsCorrection(
            agent=agent, goods_line=tuple(map(craft_line, lines)), reason=found["reason"]
        )
        return await self.settled(await self.send(body, dossier=dossier))


def _complement(agent: str) -> object:
    asked = BOOK["complement"]
    return asking.ComplementRequest(
        agent=agent,
        action=asking.Action.SEND,
        message=asked["message"],
        flagged_document=(asking.FlaggedDocument(type_value=asked["type"]),),
    )


def _visit(agent: str) -> object:
    return PhysicalInspectionOrder(
        agent=agent,
        message=BOOK["visit"]["message"],
        inspection_date=XmlDate.from_date(today()),
    )


def _held(agent: str) -> object:
    return PhysicalInspectionResult(
        agent=agent,
        inspection_date=XmlDate.from_date(today()),
        result=Result.CONFORMING,
        minutes=BOOK["visit"]["minutes"],
    )


def _answer(decision: Decision) -> Callable[[str], object]:
    observation = BOOK["observation"][decision.value]
    return lambda agent: InspectionDecision(agent=agent, decision=decision, observation=observation)


#: What an agent does, by its name in the story.
ACTS: dict[str, Callable[[str], object]] = {
    "take": lambda agent: TakingCharge(agent=agent),
    "complement": _complement,
    "validate": lambda agent: asking.ComplementRequest(agent=agent, action=asking.Action.VALIDATE),
    "visit": _visit,
    "held": _held,
    "accept": _answer(Decision.ACCEPTED),
    "refuse": _answer(Decision.REFUSED),
    "issue": lambda agent: issuing.CertificateIssue(agent=agent, action=issuing.Action.ISSUE),
}


async def main() -> None:
    """Follow the story's orders until there are no more."""
    given = arguments(__doc__).parse_args()
    actor = Service(given.name, given.hub, Place(given.output))
    async with actor.client:
        await obey({"assign": actor.assign, "act": actor.act, "correct": actor.correct})


if __name__ == "__main__":
    asyncio.run(main())
