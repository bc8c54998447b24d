"""The rules of a proof of repatriation, each one small function over what the message claims.

A licence is paid for in its own currency. Too much money and money that came before the visa are
reported and taken: a bank notes what it received, whatever was owed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from handlers.attachments import File, attached_file, quiet_pdfs
from handlers.currency import decimals_exceeded
from handlers.days import today
from handlers.licence import lists
from handlers.licence.accounts import ZERO, accounts
from handlers.licence.licence import Licence
from handlers.licence.settings import LicenceSettings
from handlers.registry import Context
from schemas.bindings.repatriation_proof_1 import RepatriationProof
from schemas.errors import Code, Finding

#: What is said, and does not refuse the proof.
WARNINGS = frozenset({Code.REPATRIATED_IN_EXCESS, Code.PAID_IN_ADVANCE})

#: The attestation as a number that serves once in the whole hub.
ATTESTATION = "attestation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A proof with all that its rules look at."""

    message: RepatriationProof
    licence: Licence
    context: Context

    @property
    def settings(self) -> LicenceSettings:
        """The licence's settings."""
        settings: LicenceSettings = self.context.settings
        return settings

    @property
    def day(self) -> date:
        """Today in Morocco."""
        return today(self.context.now)

    @property
    def serial(self) -> str:
        """Bank and number, however they are spaced and written."""
        written = f"{self.message.bank} {self.message.attestation_number}"
        return " ".join(written.casefold().split())

    def places(self) -> Iterator[tuple[str, str, Decimal]]:
        """Each share and each deduction: its path, its declaration, its amount."""
        for position, share in enumerate(self.message.split, 1):
            yield f"Split[{position}]", share.declaration_number, share.amount
        for position, kept in enumerate(self.message.deduction, 1):
            yield f"Deduction[{position}]", kept.declaration_number, kept.amount

    def proofs(self) -> tuple[File, ...]:
        """The proof of each deduction, in the message's order."""
        return tuple(
            attached_file(f"Deduction[{position}]/Attachment", kept.attachment, self.context.parts)
            for position, kept in enumerate(self.message.deduction, 1)
        )


Rule = Callable[[Claimed], Iterator[Finding]]


def findings(claimed: Claimed) -> list[Finding]:
    """Every rule that is broken, all at once, warnings among them."""
    return [finding for rule in RULES for finding in rule(claimed)]


def in_the_licence_currency(claimed: Claimed) -> Iterator[Finding]:
    """The money came in the currency that the licence freezes."""
    found, expected = claimed.message.amount.currency, claimed.licence.currency
    if found != expected:
        yield Finding(
            code=Code.CURRENCY_DIFFERS,
            path="Amount/@currency",
            value=found,
            fields={"found": found, "expected": expected},
        )


def amounts_have_their_decimals(claimed: Claimed) -> Iterator[Finding]:
    """No amount has more decimals than the currency received."""
    currency = claimed.message.amount.currency
    yield from decimals_exceeded("Amount", claimed.message.amount.value, currency)
    for path, _, amount in claimed.places():
        yield from decimals_exceeded(f"{path}/Amount", amount, currency)


def shares_make_the_amount(claimed: Claimed) -> Iterator[Finding]:
    """The whole amount is split, and no more than it."""
    amount = claimed.message.amount
    found = sum((share.amount for share in claimed.message.split), ZERO)
    if found != amount.value:
        yield Finding(
            code=Code.SPLIT_DIFFERS,
            path="Amount",
            value=str(amount.value),
            fields={"found": found, "expected": amount.value, "currency": amount.currency},
        )


def shares_named_once(claimed: Claimed) -> Iterator[Finding]:
    """A declaration has one share of an attestation."""
    named: Counter[str] = Counter()
    for position, share in enumerate(claimed.message.split, 1):
        found = share.declaration_number
        named[found] += 1
        if named[found] > 1:
            yield Finding(
                code=Code.SPLIT_REPEATED,
                path=f"Split[{position}]/DeclarationNumber",
                value=found,
                fields={"found": found},
            )


def declarations_known(claimed: Claimed) -> Iterator[Finding]:
    """Every share and every deduction is of a declaration that was imputed to this licence."""
    known = {entry.declaration for entry in claimed.licence.entries}
    for path, found, _ in claimed.places():
        if found not in known:
            yield Finding(
                code=Code.DECLARATION_UNKNOWN,
                path=f"{path}/DeclarationNumber",
                value=found,
                fields={"found": found},
            )


def no_more_than_owed(claimed: Claimed) -> Iterator[Finding]:
    """A warning where a declaration is brought more than it still owes."""
    brought: dict[str, Decimal] = {}
    first: dict[str, str] = {}
    for path, declaration, amount in claimed.places():
        brought[declaration] = brought.get(declaration, ZERO) + amount
        first.setdefault(declaration, path)
    for one in accounts(claimed.licence, claimed.settings):
        found = brought.get(one.declaration, ZERO)
        if found > one.missing:
            yield Finding(
                code=Code.REPATRIATED_IN_EXCESS,
                path=f"{first[one.declaration]}/Amount",
                value=str(found),
                fields={
                    "declaration": one.declaration,
                    "owed": one.missing,
                    "found": found,
                    "currency": claimed.licence.currency,
                },
            )


def attested_by_now(claimed: Claimed) -> Iterator[Finding]:
    """Nothing is attested tomorrow; before the visa it is a payment in advance, a warning."""
    found, visa = claimed.message.attestation_date.to_date(), claimed.licence.visa
    if found > claimed.day:
        code, fields = Code.DATE_IN_FUTURE, {"found": found, "today": claimed.day}
    elif visa is not None and found < visa.granted_on:
        code, fields = Code.PAID_IN_ADVANCE, {"found": found, "visa": visa.granted_on}
    else:
        return
    yield Finding(code=code, path="AttestationDate", value=found.isoformat(), fields=dict(fields))


def attestation_serves_once(claimed: Claimed) -> Iterator[Finding]:
    """On whatever licence it served before; which one is nobody's business here."""
    message = claimed.message
    if claimed.context.read.taken(ATTESTATION, claimed.serial) is not None:
        yield Finding(
            code=Code.ATTESTATION_USED,
            path="AttestationNumber",
            value=message.attestation_number,
            fields={"found": message.attestation_number, "bank": message.bank},
        )


def deductions_coded(claimed: Claimed) -> Iterator[Finding]:
    """Each deduction says why by a code of the list."""
    for position, kept in enumerate(claimed.message.deduction, 1):
        yield from lists.unknown(
            lists.DEDUCTIONS,
            kept.deduction_code,
            claimed.day,
            Code.DEDUCTION_CODE_UNKNOWN,
            f"Deduction[{position}]/DeductionCode",
        )


def attachments_are_quiet_pdfs(claimed: Claimed) -> Iterator[Finding]:
    """The attestation and the proofs of deductions are what an invoice's PDF must be."""
    files = list(claimed.proofs())
    if (attestation := claimed.message.attachment) is not None:
        files.append(attached_file("Attachment", attestation, claimed.context.parts))
    yield from quiet_pdfs(files, claimed.settings.attachment_limit)


RULES: tuple[Rule, ...] = (
    in_the_licence_currency,
    amounts_have_their_decimals,
    shares_make_the_amount,
    shares_named_once,
    declarations_known,
    no_more_than_owed,
    attested_by_now,
    attestation_serves_once,
    deductions_coded,
    attachments_are_quiet_pdfs,
)
