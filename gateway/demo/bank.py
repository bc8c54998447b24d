"""The cooperative's bank of the demo: attests what came home, with its letters as PDFs."""

from __future__ import annotations

import asyncio
import tomllib
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from xsdata.models.datatype import XmlDate

from gateway.demo.actor import Actor, arguments, obey, today
from gateway.demo.deal import PDF
from gateway.demo.place import MATERIALS, Place
from gateway.demo.printing import print_letter
from schemas.bindings.common_1 import Amount, Attachment
from schemas.bindings.repatriation_proof_1 import Deduction, RepatriationProof, Split


class Bank(Actor):
    """Knows a payment and the declarations that its customer named for it."""

    async def attest(
        self, dossier: str, attestation: str, declarations: Mapping[str, str]
    ) -> Mapping[str, object]:
        """File one attestation; `declarations` gives the number of each by its name."""
        book, day = _book(), today()
        row = book[attestation]
        proof = await asyncio.to_thread(self._proof, book, row, declarations, day)
        sent = await self.send(proof, attestation, dossier=dossier)
        return {
            **await self.settled(sent),
            "number": proof.attestation_number,
            "amount": f"{proof.amount.value} {proof.amount.currency}",
            "shares": [
                {"declaration": share.declaration_number, "amount": str(share.amount)}
                for share in proof.split
            ],
            "kept": [
                {
                    "declaration": kept.declaration_number,
                    "amount": str(kept.amount),
                    "code": kept.deduction_code,
                }
                for kept in proof.deduction
            ],
        }

    def _proof(
        self,
        book: Mapping[str, Any],
        row: Mapping[str, Any],
        declarations: Mapping[str, str],
        day: date,
    ) -> RepatriationProof:
        """The attestation as a message, its letters printed."""
        shares = {declarations[name]: Decimal(amount) for name, amount in row["split"].items()}
        number = row["number"].format(year=day.year)
        amount = sum(shares.values(), Decimal(0))
        letter = self._print(number, book=book, issuer=book["bank"], rows=shares, day=day, why="")
        return RepatriationProof(
            bank=book["bank"],
            attestation_number=number,
            attestation_date=XmlDate.from_date(day),
            amount=Amount(value=amount, currency=book["currency"]),
            rate=Decimal(book["rate"]),
            split=tuple(
                Split(declaration_number=declaration, amount=share)
                for declaration, share in shares.items()
            ),
            deduction=tuple(
                self._deduction(book, kept, declarations, day)
                for kept in filter(None, [row.get("deduction")])
            ),
            attachment=_attached(letter),
        )

    def _deduction(
        self,
        book: Mapping[str, Any],
        kept: Mapping[str, Any],
        declarations: Mapping[str, str],
        day: date,
    ) -> Deduction:
        """What the buyer kept back, with the buyer's own letter."""
        declaration, amount = declarations[kept["declaration"]], Decimal(kept["amount"])
        letter = self._print(
            kept["proof"].format(year=day.year),
            book=book,
            issuer=book["payer"],
            rows={declaration: amount},
            day=day,
            why=kept["description"],
        )
        return Deduction(
            declaration_number=declaration,
            deduction_code=kept["code"],
            amount=amount,
            description=kept["description"],
            attachment=_attached(letter),
        )

    def _print(self, number: str, **facts: object) -> Path:
        file = self.place.papers / f"{number}.pdf"
        print_letter("advice.html", file, number=number, **facts)
        return file


def _book() -> dict[str, Any]:
    return tomllib.loads((MATERIALS / "bank.toml").read_text(encoding="utf-8"))


def _attached(file: Path) -> Attachment:
    return Attachment(file_name=file.name, media_type=PDF, content=file.read_bytes())


async def main() -> None:
    """Follow the story's orders until there are no more."""
    given = arguments(__doc__).parse_args()
    actor = Bank(given.name, given.hub, Place(given.output))
    async with actor.client:
        await obey({"attest": actor.attest})


if __name__ == "__main__":
    asyncio.run(main())
