"""The exchange office of the demo: gets the hub's proposals of clearance, decides by its rule."""

from __future__ import annotations

import asyncio
import tomllib
from collections.abc import Mapping
from decimal import Decimal

from xsdata.models.datatype import XmlDate

from gateway.client import Mail
from gateway.demo.actor import Actor, arguments, obey, today
from gateway.demo.place import MATERIALS, Place
from schemas.bindings.clearance_decision_1 import ClearanceDecision, Decision
from schemas.bindings.clearance_proposal_1 import ClearanceProposal


class ExchangeOffice(Actor):
    """Clears in full what came home in full, and a shortfall that is small and proved."""

    def __init__(self, name: str, hub: str, place: Place) -> None:
        super().__init__(name, hub, place)
        rules = (MATERIALS / "exchange_office.toml").read_text(encoding="utf-8")
        self._rules = tomllib.loads(rules)
        self._decided: list[Mail] = []

    async def decide(self, dossier: str, count: int) -> Mapping[str, object]:
        """Decide on so many proposals."""
        decisions: list[Mapping[str, object]] = []
        last: Mapping[str, object] = {}
        for _ in range(count):
            proposal = await self._proposal(dossier)
            decision = self._judge(proposal)
            sent = await self.send(decision, decision.decision.value, dossier=dossier)
            last = await self.settled(sent)
            decisions.append(
                {
                    "declaration": proposal.declaration_number,
                    "imputed": str(proposal.imputed.value),
                    "repatriated": str(proposal.repatriated.value),
                    "deducted": str(proposal.deducted.value),
                    "decision": decision.decision.value,
                }
            )
        return {"decisions": decisions, "last": last}

    async def _proposal(self, dossier: str) -> ClearanceProposal:
        """The oldest proposal on a licence that was not decided on yet."""

        def open_one(mail: Mail) -> bool:
            about = (mail.header.type, mail.header.dossier)
            return about == ("ClearanceProposal", dossier) and mail not in self._decided

        await self.mail(open_one, f"proposal of clearance of {dossier}")
        oldest = next(filter(open_one, self.mails))
        self._decided.append(oldest)
        proposal: ClearanceProposal = oldest.payload()
        return proposal

    def _judge(self, proposal: ClearanceProposal) -> ClearanceDecision:
        imputed, home = proposal.imputed.value, proposal.repatriated.value
        deducted, rules = proposal.deducted.value, self._rules
        decision, reason = Decision.REFUSED, rules["refused"]
        if home >= imputed:
            decision, reason = Decision.FULL, None
        elif home + deducted >= imputed and deducted <= imputed * Decimal(rules["most_deducted"]):
            decision, reason = Decision.SHORTFALL, rules["shortfall"]
        return ClearanceDecision(
            declaration_number=proposal.declaration_number,
            decision=decision,
            officer=rules["officer"],
            decision_date=XmlDate.from_date(today()),
            reason=reason,
        )


async def main() -> None:
    """Follow the story's orders until there are no more."""
    given = arguments(__doc__).parse_args()
    actor = ExchangeOffice(given.name, given.hub, Place(given.output))
    async with actor.client:
        await obey({"decide": actor.decide})


if __name__ == "__main__":
    asyncio.run(main())
