"""The crafts cooperative of the demo: asks for inspections, files what the service asks for."""

from __future__ import annotations

import asyncio
import tomllib
from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from xsdata.models.datatype import XmlDate

from gateway.demo.actor import Actor, arguments, obey, today
from gateway.demo.deal import PDF
from gateway.demo.place import MATERIALS, Place
from gateway.demo.printing import print_letter
from schemas.bindings import common_1 as xml
from schemas.bindings.complement_reply_1 import ComplementReply
from schemas.bindings.inspection_application_1 import Function, InspectionApplication

_DECIMALS = ("weight", "surface", "local_value", "value")


class Weavers(Actor):
    """Its requests stand in a file of the story; each has goods and documents of its own."""

    def __init__(self, name: str, hub: str, place: Place) -> None:
        super().__init__(name, hub, place)
        self._book = tomllib.loads((MATERIALS / "crafts.toml").read_text(encoding="utf-8"))

    async def submit(self, request: str) -> Mapping[str, object]:
        """Print the documents of a request and submit it to the service of the place."""
        book, row = self._book, self._book[request]
        goods = tuple(map(craft_line, row["goods"]))
        body = InspectionApplication(
            function=Function.SUBMIT,
            inspection=xml.Inspection(
                exporter=xml.CraftExporter(**book["exporter"]),
                consignee=xml.Consignee(**book["consignee"]),
                goods_line=goods,
                document=await asyncio.to_thread(self._documents, row["document"], goods),
                **book["journey"],
            ),
        )
        return await self.settled(await self.send(body, request))

    async def complete(self, request: str, dossier: str) -> Mapping[str, object]:
        """File what the service asks for, once the hub tells of it."""
        asked = await self.notified(dossier, "complement-requested")
        row = self._book[request]
        documents = await asyncio.to_thread(self._documents, row["complement"], ())
        body = ComplementReply(document=documents, message=row["complement"][0]["title"])
        outcome = await self.settled(await self.send(body, dossier=dossier))
        return {**outcome, "asked": asked["fr"]}

    def _documents(
        self, rows: Sequence[Mapping[str, Any]], goods: Sequence[xml.CraftLine]
    ) -> tuple[xml.CraftDocument, ...]:
        return tuple(self._document(row, goods) for row in rows)

    def _document(
        self, row: Mapping[str, Any], goods: Sequence[xml.CraftLine]
    ) -> xml.CraftDocument:
        """A document, printed, with its PDF inside the message."""
        day = today() - timedelta(days=row["days_ago"])
        number = row["number"].format(year=day.year)
        file = self.place.papers / f"{number}.pdf"
        facts = {"document": {"text": "", **row}, "goods": goods, "number": number, "day": day}
        who = {name: self._book[name] for name in ("exporter", "consignee")}
        print_letter("paper.html", file, **facts, **who)
        return xml.CraftDocument(
            type_value=row["type"],
            description=row["title"],
            issue_date=XmlDate.from_date(day),
            attachment=xml.Attachment(
                file_name=file.name, media_type=PDF, content=file.read_bytes()
            ),
        )


def craft_line(row: Mapping[str, Any]) -> xml.CraftLine:
    """A goods line from what a file or a page of the hub says, by the names of the message."""
    numbers = {name: Decimal(row[name]) for name in _DECIMALS if row.get(name) is not None}
    return xml.CraftLine(**{**row, **numbers})


async def main() -> None:
    """Follow the story's orders until there are no more."""
    given = arguments(__doc__).parse_args()
    actor = Weavers(given.name, given.hub, Place(given.output))
    async with actor.client:
        await obey(
            {
                "submit": actor.submit,
                "complete": actor.complete,
                "look": actor.look,
                "notified": actor.notified,
                "fetch": actor.fetch,
            }
        )


if __name__ == "__main__":
    asyncio.run(main())
