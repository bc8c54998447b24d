"""What each declaration owes its licence in money: written off, brought home, deducted, cleared.

Nothing of it is kept: an account is worked out from the ledger, the proofs and the decisions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from handlers.licence.licence import Licence
from handlers.licence.life import Clearance
from handlers.licence.settings import LicenceSettings
from schemas.workflow import Entry

ZERO = Decimal(0)

#: The decisions that clear a declaration.
CLEARING = frozenset({"full", "shortfall"})
MORE_TIME = "more-time"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One declaration's account in the licence's currency; `decision` is the last one on it.

    `imputed` is the net value of its entries. A clearance stands for the net value it was decided
    on: when a later entry raises it the account is open again, when a contra lowers it the account
    stays cleared. A declaration whose net value is zero owes nothing and needs no clearance.
    """

    declaration: str
    imputed: Decimal
    repatriated: Decimal
    deducted: Decimal
    due_on: date
    decision: Clearance | None
    cleared: bool

    @property
    def missing(self) -> Decimal:
        """What neither came home nor was deducted; never below zero."""
        return max(self.imputed - self.repatriated - self.deducted, ZERO)

    @property
    def covered(self) -> bool:
        """Whether what came home and what was deducted make up the net value."""
        return self.missing == 0

    @property
    def closed(self) -> bool:
        """Whether nothing more is to be decided: cleared, or nothing to clear."""
        return self.cleared or self.imputed <= 0


def accounts(licence: Licence, settings: LicenceSettings) -> tuple[Account, ...]:
    """The account of every declaration in the ledger, in the order they first came."""
    declared: dict[str, list[Entry]] = {}
    for entry in licence.entries:
        declared.setdefault(entry.declaration, []).append(entry)
    return tuple(
        _account(declaration, entries, licence, settings)
        for declaration, entries in declared.items()
    )


def account(licence: Licence, declaration: str, settings: LicenceSettings) -> Account | None:
    """The account of one declaration; None when no entry is of it."""
    return next(
        (one for one in accounts(licence, settings) if one.declaration == declaration), None
    )


def outstanding(licence: Licence, settings: LicenceSettings) -> tuple[Account, ...]:
    """The accounts that an authority has not closed yet."""
    return tuple(one for one in accounts(licence, settings) if not one.closed)


def all_cleared(licence: Licence, settings: LicenceSettings) -> bool:
    """Whether the licence was used and every declaration that owes anything is cleared."""
    found = accounts(licence, settings)
    return any(one.cleared for one in found) and all(one.closed for one in found)


def _account(
    declaration: str, entries: Sequence[Entry], licence: Licence, settings: LicenceSettings
) -> Account:
    imputed = sum((entry.value for entry in entries), ZERO)
    decisions = [one for one in licence.clearances if one.declaration == declaration]
    last = decisions[-1] if decisions else None
    return Account(
        declaration=declaration,
        imputed=imputed,
        repatriated=sum(
            (
                share.amount
                for proof in licence.proofs
                for share in proof.shares
                if share.declaration == declaration
            ),
            ZERO,
        ),
        deducted=sum(
            (
                deduction.amount
                for proof in licence.proofs
                for deduction in proof.deductions
                if deduction.declaration == declaration
            ),
            ZERO,
        ),
        due_on=_due_on(entries, decisions, licence, settings),
        decision=last,
        cleared=last is not None and last.decision in CLEARING and imputed <= last.imputed,
    )


def _due_on(
    entries: Sequence[Entry],
    decisions: Sequence[Clearance],
    licence: Licence,
    settings: LicenceSettings,
) -> date:
    """Some days after the last entry that consumed, or later where an authority gave more time."""
    consignment = licence.payment_terms in settings.consignment_terms
    days = settings.consignment_days if consignment else settings.repatriation_days
    consuming = [entry for entry in entries if entry.value > 0] or entries
    last = max(entry.imputed_on for entry in consuming)
    given = [one.due_on for one in decisions if one.decision == MORE_TIME and one.due_on]
    return max([last + timedelta(days=days), *given])
