"""The customs office of the demo: acknowledges what it learns, asks, reserves, imputes, states."""

from __future__ import annotations

import asyncio
import tomllib
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from xsdata.models.datatype import XmlDate, XmlDateTime

from gateway.client import Mail
from gateway.demo.actor import Actor, arguments, obey, summary, today
from gateway.demo.place import MATERIALS, Place
from schemas.bindings import acknowledgement_1 as ack
from schemas.bindings.balance_query_1 import BalanceQuery
from schemas.bindings.certificate_notice_1 import CertificateNotice
from schemas.bindings.common_1 import Amount, MeasuredQuantity, Quantity
from schemas.bindings.imputation_1 import Imputation, ImputationType
from schemas.bindings.imputation_statement_1 import ImputationStatement, LineTotal
from schemas.bindings.licence_notice_1 import LicenceNotice, NoticeLine
from schemas.bindings.reservation_1 import Action, Reservation


class Customs(Actor):
    """Knows a licence only by the hub's notice; its declarations stand in a file of the story."""

    def __init__(self, name: str, hub: str, place: Place) -> None:
        super().__init__(name, hub, place)
        self._acknowledged: set[str] = set()

    async def notice(self, dossier: str) -> Mapping[str, object]:
        """The latest news of a licence; every notice that was not answered yet is acknowledged."""

        def fresh(mail: Mail) -> bool:
            return _notifies(mail, dossier) and mail.header.instance not in self._acknowledged

        await self.collect()
        latest = await self.mail(fresh, f"new notice of {dossier}")
        outcome: Mapping[str, object] = {}
        for mail in list(filter(fresh, self.mails)):
            outcome = await self.settled(await self.send(_accepted(mail), dossier=dossier))
            self._acknowledged.add(mail.header.instance)
        notice: LicenceNotice = latest.payload()
        return {
            "action": notice.action.value,
            "visa": notice.visa_number,
            "until": str(notice.valid_until),
            "acknowledged": outcome,
        }

    async def certified(self, dossier: str) -> Mapping[str, object]:
        """What the hub tells of a certificate: its number, its paper's digest, its goods."""
        mail = await self.mail(
            lambda mail: (mail.header.type, mail.header.dossier) == ("CertificateNotice", dossier),
            f"notice of a certificate of {dossier}",
        )
        notice: CertificateNotice = mail.payload()
        return {
            "action": notice.action.value,
            "certificate": notice.certificate_number,
            "digest": notice.digest,
            "units": {line.line: line.units for line in notice.line},
        }

    async def reserve(self, dossier: str, declaration: str) -> Mapping[str, object]:
        """Hold a part of the licence for a declaration that is on its way."""
        notice, row = await self._notice(dossier), _declaration(declaration)
        day = today()
        reservation = Reservation(
            action=Action.PLACE,
            customs_office=notice.customs_office or "",
            declaration_number=_number(notice, row, day),
            line=row["line"],
            quantity=_quantity(notice, row),
            value=_value(notice, row),
            expiry_date=XmlDate.from_date(day + timedelta(days=row["reserved_days"])),
        )
        return await self.settled(await self.send(reservation, declaration, dossier=dossier))

    async def statement(self, dossier: str) -> Mapping[str, object]:
        """What the office's own books say was imputed on the licence in all."""
        notice, today_ = await self._notice(dossier), XmlDate.from_date(today())
        body = ImputationStatement(
            period_start=notice.valid_from or today_,
            period_end=today_,
            line_total=tuple(
                LineTotal(
                    line=row["line"],
                    quantity=MeasuredQuantity(
                        value=Decimal(row["quantity"]), unit=_line(notice, row["line"]).unit
                    ),
                    value=_value(notice, row),
                )
                for row in _book()["total"]
            ),
        )
        return await self.settled(await self.send(body, dossier=dossier))

    async def balance(self, dossier: str, declaration: str) -> Mapping[str, object]:
        """Ask what remains, and what an imputation of that declaration would meet."""
        notice, row = await self._notice(dossier), _declaration(declaration)
        line = _line(notice, row["line"])
        query = BalanceQuery(
            line=line.line,
            commodity_code=line.commodity_code,
            quantity=_quantity(notice, row),
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
            "reserved": str(left.reserved or 0),
            "errors": [error.code for error in report.error],
        }

    async def impute(self, dossier: str, declaration: str) -> Mapping[str, object]:
        """Write a declaration off against the licence, correct one, or give one back."""
        notice, row = await self._notice(dossier), _declaration(declaration)
        body = _imputation(notice, row, declaration)
        sent = await self.send(body, declaration, dossier=dossier)
        return {**await self.settled(sent), "declaration": body.declaration_number}

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
        mail = await self.mail(lambda mail: _notifies(mail, dossier), f"notice of {dossier}")
        notice: LicenceNotice = mail.payload()
        return notice


def _notifies(mail: Mail, dossier: str) -> bool:
    return mail.header.type == "LicenceNotice" and mail.header.dossier == dossier


def _accepted(mail: Mail) -> ack.Acknowledgement:
    """Customs has taken the notice over: it names what the hub signed, by its digest."""
    return ack.Acknowledgement(
        stage=ack.Stage.OUTCOME,
        status=ack.Status(value=ack.StatusName.ACCEPTED, code=ack.StatusCode.VALUE_1),
        answers=ack.Answers(
            sender=mail.header.sender,
            instance_identifier=mail.header.instance,
            type_value=mail.header.type,
            digest=mail.digest,
            received_date_time=XmlDateTime.from_datetime(datetime.now(UTC).replace(microsecond=0)),
        ),
    )


def _book() -> dict[str, Any]:
    return tomllib.loads((MATERIALS / "customs.toml").read_text(encoding="utf-8"))


def _declaration(name: str) -> dict[str, Any]:
    row: dict[str, Any] = _book()[name]
    return row


def _number(notice: LicenceNotice, row: Mapping[str, Any], day: date) -> str:
    """The declaration's number; what corrects an imputation is of the same declaration."""
    serial = row.get("serial") or _declaration(row["corrects"])["serial"]
    return f"{notice.customs_office}{notice.customs_procedure}{day:%Y}{serial}"


def _line(notice: LicenceNotice, number: int) -> NoticeLine:
    return next(line for line in notice.line if line.line == number)


def _quantity(notice: LicenceNotice, row: Mapping[str, Any]) -> Quantity:
    return Quantity(value=Decimal(row["quantity"]), unit=_line(notice, row["line"]).unit)


def _value(notice: LicenceNotice, row: Mapping[str, Any]) -> Amount:
    return Amount(value=Decimal(row["value"]), currency=notice.currency or "")


def _imputation(notice: LicenceNotice, row: Mapping[str, Any], name: str) -> Imputation:
    """The imputation of one declaration, made today at the licence's own office."""
    line, day, corrects = _line(notice, row["line"]), today(), row.get("corrects")
    return Imputation(
        type_value=ImputationType(row.get("type", "original")),
        imputation_number=f"{name}-{day:%Y}",
        original_number=None if corrects is None else f"{corrects}-{day:%Y}",
        declaration_number=_number(notice, row, day),
        declaration_date=XmlDate.from_date(day),
        customs_office=notice.customs_office or "",
        customs_procedure=notice.customs_procedure or "",
        article=1,
        line=line.line,
        commodity_code=line.commodity_code,
        quantity=_quantity(notice, row),
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
                "certified": actor.certified,
                "balance": actor.balance,
                "reserve": actor.reserve,
                "impute": actor.impute,
                "repeat": actor.repeat,
                "statement": actor.statement,
            }
        )


if __name__ == "__main__":
    asyncio.run(main())
