"""What the ledger's entries add up to: value used, what is left of an entry, the state it means."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from handlers.licence.licence import Licence
from handlers.licence.settings import LicenceSettings
from schemas.workflow import Entry

ZERO = Decimal(0)

#: The findings of an imputation: what the ledger says of the whole licence after it.
UNUSED, PART, WHOLE = "unused", "part", "whole"


def imputed_value(licence: Licence) -> Decimal:
    """The value imputed so far, in the licence's currency."""
    return sum((entry.value for entry in licence.entries), ZERO)


def original(licence: Licence, office: str, number: str) -> Entry | None:
    """The original imputation of that number at that office."""
    return next(
        (
            entry
            for entry in licence.entries
            if (entry.office, entry.number, entry.kind) == (office, number, "original")
        ),
        None,
    )


def left_of(entry: Entry, entries: Iterable[Entry]) -> tuple[Decimal, Decimal]:
    """Quantity and value of an original that no contra has given back yet."""
    given_back = [
        other
        for other in entries
        if other.office == entry.office and other.corrects == entry.number
    ]
    return (
        entry.quantity + sum((other.quantity for other in given_back), ZERO),
        entry.value + sum((other.value for other in given_back), ZERO),
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
    return WHOLE if used_up[settings.control] else PART
