"""Entries, proofs and decisions of declarations, for the tests of repatriation and clearance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal

from handlers.licence.life import Clearance, Deduction, Proof, Share
from schemas.workflow import Entry
from tests.handlers.dossiers import entry

DECLARATION = entry().declaration
OTHER = "309060202600067890B"


def entry_of(declaration: str, number: str = "I-9", value: int = 9000) -> Entry:
    """An original imputation of another declaration, a day later than `entry`."""
    other = replace(entry(number, 200, value), declaration=declaration)
    return replace(other, imputed_on=date(2026, 11, 18))


def contra(original: str, value: int) -> Entry:
    """What gives back some of an original's value."""
    return replace(entry(f"{original}-C", -1, -value), kind="contra", corrects=original)


def proof(shares: Mapping[str, int], deductions: Mapping[str, int] | None = None) -> Proof:
    """An attestation of a bank, as the licence keeps it."""
    return Proof(
        bank="Banque Atlas",
        number="BA-1",
        attested_on=date(2026, 11, 20),
        amount=Decimal(sum(shares.values())),
        rate=Decimal(1),
        shares=tuple(
            Share(declaration=declaration, amount=Decimal(amount))
            for declaration, amount in shares.items()
        ),
        deductions=tuple(
            Deduction(
                declaration=declaration,
                code="BANK",
                amount=Decimal(amount),
                description="",
                digest="0" * 64,
            )
            for declaration, amount in (deductions or {}).items()
        ),
        filed_by="bank",
    )


def clearance(
    decision: str,
    declaration: str = DECLARATION,
    *,
    imputed: int = 16000,
    due_on: date | None = None,
) -> Clearance:
    """An authority's decision, taken on the value of `entry`."""
    return Clearance(
        declaration=declaration,
        decision=decision,
        officer="S. El Fassi",
        decided_on=date(2026, 11, 20),
        imputed=Decimal(imputed),
        due_on=due_on,
    )
