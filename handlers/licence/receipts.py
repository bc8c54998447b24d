"""Balance receipts: each ledger entry of a line bound to the one before it by a digest.

Nothing is stored: a line's chain follows from its entries in their order. What is digested stands,
field by field, in docs/explanation/balance-receipts.md.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Self

from handlers.licence.licence import Licence
from schemas.workflow import BalanceReceipt, Entry, LineBalance, LineOutcome

_FORM = "passavant-balance-receipt:1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One link of a line's chain with all that its digest covers.

    Quantities are in `unit`, the line's own; `value` in `currency`, the licence's. `previous` is
    the digest of the link before, None on the line's first.
    """

    previous: str | None
    dossier: str
    line: int
    unit: str
    office: str
    number: str
    kind: str
    corrects: str | None
    declaration: str
    delta: Decimal
    before: Decimal
    after: Decimal
    value: Decimal
    currency: str

    @classmethod
    def of(cls, licence: Licence, entry: Entry, previous: str | None, before: Decimal) -> Self:
        """The link that an entry adds to its line's chain; `before` is what was imputed so far."""
        line = licence.line(entry.line)
        if line is None:
            raise LookupError(f"licence {licence.number} has no line {entry.line}")
        return cls(
            previous=previous,
            dossier=licence.number,
            line=entry.line,
            unit=line.unit,
            office=entry.office,
            number=entry.number,
            kind=entry.kind,
            corrects=entry.corrects,
            declaration=entry.declaration,
            delta=entry.quantity,
            before=before,
            after=before + entry.quantity,
            value=entry.value,
            currency=licence.currency,
        )

    def text(self) -> str:
        """What is digested: one `name=value` a line, an absent value empty."""
        pairs = {
            "previous": self.previous or "",
            "dossier": self.dossier,
            "line": str(self.line),
            "unit": self.unit,
            "office": self.office,
            "number": self.number,
            "kind": self.kind,
            "corrects": self.corrects or "",
            "declaration": self.declaration,
            "delta": plain(self.delta),
            "before": plain(self.before),
            "after": plain(self.after),
            "value": plain(self.value),
            "currency": self.currency,
        }
        return "\n".join((_FORM, *(f"{name}={value}" for name, value in pairs.items()))) + "\n"

    def digest(self) -> str:
        """SHA-256 (hex) of the text in UTF-8."""
        return hashlib.sha256(self.text().encode()).hexdigest()


def plain(number: Decimal) -> str:
    """A decimal in its one form: no exponent, no zeros behind that say nothing, zero as `0`."""
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def receive(
    licence: Licence, entry: Entry, previous: str | None, before: Decimal
) -> BalanceReceipt:
    """The receipt of one entry after the link whose digest is `previous`."""
    digest = Link.of(licence, entry, previous, before).digest()
    return BalanceReceipt(entry=entry, currency=licence.currency, previous=previous, digest=digest)


def last_link(licence: Licence, line: int) -> tuple[str | None, Decimal]:
    """The digest at the end of a line's chain, and what is imputed there."""
    digest, imputed = None, Decimal(0)
    for entry in licence.entries:
        if entry.line == line:
            digest = Link.of(licence, entry, digest, imputed).digest()
            imputed += entry.quantity
    return digest, imputed


def movements(licence: Licence, entries: Iterable[Entry]) -> tuple[LineBalance, ...]:
    """What each new entry does to its line of the licence as it was, with its receipt."""
    found: list[LineBalance] = []
    for entry in entries:
        previous, before = last_link(licence, entry.line)
        licence = replace(licence, entries=(*licence.entries, entry))
        balance = licence.balance(entry.line)
        found.append(
            LineBalance(
                line=entry.line,
                unit=balance.unit,
                granted=balance.granted,
                before=before,
                delta=entry.quantity,
                after=balance.imputed,
                remaining=balance.remaining,
                outcome=LineOutcome.ACCEPTED,
                receipt=receive(licence, entry, previous, before),
            )
        )
    return tuple(found)
