"""The declarant of the demo: a cooperative's clerk, who makes mistakes and mends them."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from xsdata.models.datatype import XmlDate

from gateway.demo import deal as deals
from gateway.demo.actor import Actor, NothingCame, arguments, obey, patience, summary, today
from gateway.demo.deal import Deal
from gateway.demo.place import MATERIALS, Place
from gateway.demo.printing import print_papers
from schemas.bindings import common_1 as xml
from schemas.bindings.extension_request_1 import ExtensionRequest
from schemas.bindings.licence_amendment_1 import LicenceAmendment
from schemas.bindings.licence_application_1 import Function, LicenceApplication
from schemas.bindings.licence_cancellation_1 import LicenceCancellation
from schemas.bindings.status_query_1 import StatusQuery

LOOK_EVERY = 0.2  #: seconds between two looks at a page of the hub


class Declarant(Actor):
    """Files applications, with the PDFs that belong to them, and reads what the hub says."""

    async def prepare(self, goods: str) -> Mapping[str, object]:
        """Print invoices and certificates."""
        deal = self._deal(goods)
        files = await asyncio.to_thread(print_papers, deal, self.place.papers)
        names = [file.name for file in files]
        self.diary.note(f"prints the papers of {goods}", " ".join(names))
        return {"files": names, "total": deal.total, "currency": deal.terms["currency"]}

    async def save(self, goods: str) -> Mapping[str, object]:
        """Keep a draft that has no invoice and no goods yet."""
        licence = deals.header(self._deal(goods))
        body = LicenceApplication(function=Function.SAVE, licence=licence)
        return await self.settled(await self.send(body, "save"))

    async def check(self, goods: str, dossier: str) -> Mapping[str, object]:
        """Ask for the full verdict on a hurried version, without effect."""
        deal = self._deal(goods)
        licence, parts = self._whole(deal, documents=True)
        body = LicenceApplication(function=Function.CHECK, licence=_hurried(licence, deal.mistakes))
        return await self.settled(await self.send(body, "check", dossier=dossier, parts=parts))

    async def submit(
        self, goods: str, dossier: str | None = None, *, documents: bool = True
    ) -> Mapping[str, object]:
        """Submit for the ministry's visa, under the dossier's number when there is one."""
        licence, parts = self._whole(self._deal(goods), documents=documents)
        body = LicenceApplication(function=Function.SUBMIT, licence=licence)
        return await self.settled(await self.send(body, "submit", dossier=dossier, parts=parts))

    async def amend(self, goods: str, dossier: str) -> Mapping[str, object]:
        """Put a changed licence in place of the granted one, with a new invoice."""
        deal, page = self._deal(goods, amended=True), await self.look(dossier)
        await asyncio.to_thread(print_papers, deal, self.place.papers)
        licence, parts = self._whole(deal, documents=True)
        body = LicenceAmendment(
            base_version=page["version"],
            reason=deal.later["amendment"]["reason"],
            licence=licence,
        )
        return await self.settled(await self.send(body, dossier=dossier, parts=parts))

    async def extend(self, goods: str, dossier: str) -> Mapping[str, object]:
        """Ask for a later end of validity."""
        asked, page = self._deal(goods).later["extension"], await self.look(dossier)
        until = date.fromisoformat(page["visa"]["valid_until"]) + timedelta(days=asked["days"])
        body = ExtensionRequest(valid_until=XmlDate.from_date(until), reason=asked["reason"])
        return await self.settled(await self.send(body, dossier=dossier))

    async def cancel(self, goods: str, dossier: str) -> Mapping[str, object]:
        """Give the licence up."""
        why = self._deal(goods).later["cancellation"]
        body = LicenceCancellation(reason_code=why["code"], reason=why["reason"])
        return await self.settled(await self.send(body, dossier=dossier))

    async def tamper(self, goods: str, dossier: str) -> Mapping[str, object]:
        """Change a digit after signing, as somebody on the way might."""
        licence = deals.header(self._deal(goods))
        instance = f"tampered-{hashlib.sha256(dossier.encode()).hexdigest()[:12]}"
        body = LicenceApplication(function=Function.SAVE, licence=licence)
        signed = self.client.signed(body, dossier=dossier, instance=instance)
        total = str(licence.total_amount).encode()
        forged = signed.replace(total, b"9" + total[1:])
        sent = await self.post(forged, instance, "LicenceApplication", "tampered")
        return {**sent.reply.facts, "http": sent.reply.status, "stem": sent.stem}

    async def until(self, dossier: str, state: str) -> Mapping[str, object]:
        """Look at the dossier until it is in that state."""
        async with patience(f"state {state} of {dossier}"):
            while True:
                page = await self.look(dossier)
                if page["state"] == state:
                    return page
                await asyncio.sleep(LOOK_EVERY)
        raise NothingCame(state)

    async def status(self, dossier: str) -> Mapping[str, object]:
        """Ask where the dossier stands, by message."""
        sent = await self.send(StatusQuery(changes=20), dossier=dossier)
        outcome = await self.outcome(sent)
        mail = await self.mail(
            lambda mail: mail.header.in_reply_to == sent.instance, f"report on {dossier}"
        )
        report = mail.payload()
        return {
            "outcome": summary(outcome),
            "number": report.dossier_number,
            "state": report.state.value,
            "state_fr": report.state.fr,
            "version": report.version,
            "visa": report.visa_number,
            "balances": [_balance(balance) for balance in report.line_balance],
            "changes": [
                {"event": change.event, "by": change.by, "to": change.to.fr}
                for change in report.change
            ],
        }

    def _deal(self, goods: str, *, amended: bool = False) -> Deal:
        return deals.read(MATERIALS / f"{goods}.toml", today(), amended=amended)

    def _whole(self, deal: Deal, *, documents: bool) -> tuple[xml.Licence, list[bytes]]:
        """The complete licence: invoices inside the message, other papers beside it."""
        papers = self.place.papers
        beside = [(papers / one.file).read_bytes() for one in deal.certificates if documents]
        licence = replace(
            deals.header(deal),
            invoice=tuple(
                deals.invoice(bill, (papers / bill.file).read_bytes()) for bill in deal.bills
            ),
            goods_line=tuple(map(deals.goods, deal.items)),
            supporting_document=tuple(
                deals.document(one, hashlib.sha256(content).hexdigest())
                for one, content in zip(deal.certificates, beside, strict=False)
            ),
        )
        return licence, beside


def _hurried(licence: xml.Licence, mistakes: Mapping[str, str]) -> xml.Licence:
    """The licence as a hurried clerk types it."""
    if licence.exporter is None:
        raise ValueError("there is no exporter to mistake")
    first, *others = licence.goods_line
    return replace(
        licence,
        exporter=replace(licence.exporter, ice=mistakes["ice"]),
        total_amount=Decimal(mistakes["total"]),
        incoterm=mistakes["incoterm"],
        goods_line=(
            replace(first, quantity=replace(first.quantity, unit=mistakes["unit"])),
            *others,
        ),
    )


def _balance(balance: xml.LineBalance) -> dict[str, Any]:
    return {
        "line": balance.line,
        "unit": balance.unit,
        "granted": str(balance.granted),
        "imputed": str(balance.imputed),
        "remaining": str(balance.remaining),
    }


async def main() -> None:
    """Follow the story's orders until there are no more."""
    given = arguments(__doc__).parse_args()
    actor = Declarant(given.name, given.hub, Place(given.output))
    async with actor.client:
        await obey(
            {
                "prepare": actor.prepare,
                "save": actor.save,
                "check": actor.check,
                "submit": actor.submit,
                "amend": actor.amend,
                "extend": actor.extend,
                "cancel": actor.cancel,
                "tamper": actor.tamper,
                "look": actor.look,
                "until": actor.until,
                "notified": actor.notified,
                "status": actor.status,
                "fetch": actor.fetch,
            }
        )


if __name__ == "__main__":
    asyncio.run(main())
