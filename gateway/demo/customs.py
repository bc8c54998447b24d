"""The customs office of the demo: pulls its mailbox, asks for balances, writes declarations off."""

from __future__ import annotations

import asyncio
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from xsdata.models.datatype import XmlDate

from gateway.demo.actor import Actor, arguments, obey, summary, today
from gateway.demo.place import MATERIALS, Place
from schemas.bindings.balance_query_1 import BalanceQuery
from schemas.bindings.common_1 import Amount, Quantity
from schemas.bindings.imputation_1 import Imputation, ImputationType
from schemas.bindings.licence_notice_1 import LicenceNotice, NoticeLine


class Customs(Actor):
    """Knows a licence only by the hub's notice; its declarations stand in a file of the story."""

    async def notice(self, dossier: str) -> Mapping[str, object]:
        """The latest notice of a licence, from the mailbox."""
        notice = await self._notice(dossier)
        return {
            "action": notice.action.value,
            "visa": notice.visa_number,
            "until": str(notice.valid_until),
            "lines": [
                {"line": line.line, "granted": str(line.granted), "unit": line.unit}
                for line in notice.line
            ],
        }

    async def balance(self, dossier: str, declaration: str) -> Mapping[str, object]:
        """Ask what remains, and what an imputation of that declaration would meet."""
        notice, row = await self._notice(dossier), _declaration(declaration)
        line = _line(notice, row["line"])
        query = BalanceQuery(
            line=line.line,
            commodity_code=line.commodity_code,
            quantity=Quantity(value=Decimal(row["quantity"]), unit=line.unit),
            value=_value(notice, row),
            customs_office=notice.customs_office,
            customs_procedure=notice.customs_procedure,
        )
        sent = await self.send(query, dossier=dossier)
        outcome = await self.outcome(sent)
        mail = await self.mail(
            lambda mail: mail.header.in_reply_to == sent.instance, f"balance of {dossier}"
        )
        report = mail.payload()
        left = report.line_balance[0]
        return {
            "outcome": summary(outcome),
            "state_fr": report.state.fr,
            "unit": left.unit,
            "granted": str(left.granted),
            "imputed": str(left.imputed),
            "remaining": str(left.remaining),
            "errors": [error.code for error in report.error],
        }

    async def impute(self, dossier: str, declaration: str) -> Mapping[str, object]:
        """Write a declaration off against the licence, or give one back."""
        notice, row = await self._notice(dossier), _declaration(declaration)
        sent = await self.send(_imputation(notice, row, declaration), declaration, dossier=dossier)
        return await self.settled(sent)

    async def repeat(self, stem: str, instance: str) -> Mapping[str, object]:
        """Send the very same bytes again, as after a lost reply, and compare the receipts."""
        folder = self.place.messages
        document = (folder / f"{stem}.xml").read_bytes()
        first = (folder / f"{stem}.receipt.xml").read_bytes()
        reply = await self.client.send(document)
        self.shelf.keep(f"{stem}.receipt-again.xml", reply.document)
        same = reply.document == first
        self.diary.note(
            f"sends {stem}.xml again",
            "the same receipt" if same else "ANOTHER receipt",
            again=instance,
        )
        return {"http": reply.status, "same": same, "size": len(first)}

    async def _notice(self, dossier: str) -> LicenceNotice:
        mail = await self.mail(
            lambda mail: mail.header.type == "LicenceNotice" and mail.header.dossier == dossier,
            f"notice of {dossier}",
        )
        notice: LicenceNotice = mail.payload()
        return notice


def _declaration(name: str) -> dict[str, Any]:
    found = tomllib.loads((MATERIALS / "customs.toml").read_text(encoding="utf-8"))
    row: dict[str, Any] = found[name]
    return row


def _line(notice: LicenceNotice, number: int) -> NoticeLine:
    return next(line for line in notice.line if line.line == number)


def _value(notice: LicenceNotice, row: Mapping[str, Any]) -> Amount:
    return Amount(value=Decimal(row["value"]), currency=notice.currency or "")


def _imputation(notice: LicenceNotice, row: Mapping[str, Any], name: str) -> Imputation:
    """The imputation of one declaration, made today at the licence's own office."""
    line, day = _line(notice, row["line"]), today()
    office, procedure = notice.customs_office or "", notice.customs_procedure or ""
    corrects = row.get("corrects")
    # A contra names the declaration of the imputation that it gives back.
    serial = row["serial"] if corrects is None else _declaration(corrects)["serial"]
    return Imputation(
        type_value=ImputationType.ORIGINAL if corrects is None else ImputationType.CONTRA,
        imputation_number=f"{name}-{day:%Y}",
        original_number=None if corrects is None else f"{corrects}-{day:%Y}",
        declaration_number=f"{office}{procedure}{day:%Y}{serial}",
        declaration_date=XmlDate.from_date(day),
        customs_office=office,
        customs_procedure=procedure,
        article=1,
        line=line.line,
        commodity_code=line.commodity_code,
        quantity=Quantity(value=Decimal(row["quantity"]), unit=line.unit),
        value=_value(notice, row),
        imputation_date=XmlDate.from_date(day),
    )


async def main() -> None:
    """Follow the story's orders until there are no more."""
    given = arguments(__doc__).parse_args()
    actor = Customs(given.name, given.hub, Place(given.output))
    async with actor.client:
        await obey(
            {
                "notice": actor.notice,
                "balance": actor.balance,
                "impute": actor.impute,
                "repeat": actor.repeat,
            }
        )


if __name__ == "__main__":
    asyncio.run(main())
