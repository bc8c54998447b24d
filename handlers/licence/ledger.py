"""What the ledger's entries add up to: value used, what is left of an entry, the state it means."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from handlers.licence.licence import Licence
from handlers.licence.settings import LicenceSettings
from schemas.workflow import Entry, LineBalance, LineOutcome

ZERO = Decimal(0)

#: The findings of an imputation: what the ledger says of the whole licence after it.
UNUSED, PART, WHOLE = "unused", "part", "whole"
#: The state that each means, while nobody has stopped the licence.
MEANS = {UNUSED: "granted", PART: "partly_imputed", WHOLE: "imputed"}

#: The kinds of entry that consume by themselves and that others may correct.
_CONSUMING = ("original", "late")


def control(licence: Licence, settings: LicenceSettings) -> str:
    """What customs controls of this licence: as its visa says, else as the configuration does."""
    visa = licence.visa
    return (visa.control if visa is not None else "") or settings.control


def imputed_value(licence: Licence, line: int | None = None) -> Decimal:
    """The value imputed so far, in the licence's currency: in all, or on one line."""
    return sum(
        (entry.value for entry in licence.entries if line is None or entry.line == line), ZERO
    )


def reserved_value(licence: Licence, line: int | None = None, *, but_for: str = "") -> Decimal:
    """The value that declarations hold in reservations, all but the named declaration."""
    return sum(
        (
            held.value
            for held in licence.reservations
            if (line is None or held.line == line) and held.declaration != but_for
        ),
        ZERO,
    )


def original(licence: Licence, office: str, number: str) -> Entry | None:
    """The original or late imputation of that number at that office."""
    return next(
        (
            entry
            for entry in licence.entries
            if (entry.office, entry.number) == (office, number) and entry.kind in _CONSUMING
        ),
        None,
    )


def total_of(entry: Entry, entries: Iterable[Entry]) -> tuple[Decimal, Decimal]:
    """Quantity and value of an imputation as its adjustments corrected them."""
    return _with(entry, (one for one in entries if one.kind == "adjustment"))


def left_of(entry: Entry, entries: Iterable[Entry]) -> tuple[Decimal, Decimal]:
    """Quantity and value of an imputation, as corrected, that no contra has given back yet."""
    return _with(entry, entries)


def _with(entry: Entry, entries: Iterable[Entry]) -> tuple[Decimal, Decimal]:
    """An entry's quantity and value with those of the given entries that correct it."""
    corrections = [
        other
        for other in entries
        if other.office == entry.office and other.corrects == entry.number
    ]
    return (
        entry.quantity + sum((other.quantity for other in corrections), ZERO),
        entry.value + sum((other.value for other in corrections), ZERO),
    )


def unmoved(licence: Licence, number: int, outcome: LineOutcome) -> LineBalance:
    """A line's balance around an act that changes nothing on it."""
    balance = licence.balance(number)
    return LineBalance(
        line=number,
        unit=balance.unit,
        granted=balance.granted,
        before=balance.imputed,
        delta=ZERO,
        after=balance.imputed,
        remaining=balance.remaining,
        outcome=outcome,
    )


def standing(licence: Licence, settings: LicenceSettings, *, last_use: bool) -> str:
    """What the licence's entries mean for it: `unused`, `part` or `whole`.

    A last use closes the licence with something left; a contra opens it again.
    """
    if last_use:
        return WHOLE
    balances = [licence.balance(line.number) for line in licence.lines]
    value = imputed_value(licence)
    if value == 0 and all(balance.imputed == 0 for balance in balances):
        return UNUSED
    no_quantity = all(balance.remaining <= 0 for balance in balances)
    no_value = value >= licence.total
    used_up = {
        "quantity": no_quantity,
        "value": no_value,
        "both": no_quantity or no_value,
        "open": False,
    }
    return WHOLE if used_up[control(licence, settings)] else PART
