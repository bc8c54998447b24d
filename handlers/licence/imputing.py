"""An imputation as it is asked for, and the rules of its kind beside those of every use.

Numbers in brackets are those of the list of imputation rules: (2) validity, (7) the number, (8)
what corrects another entry. An adjustment gives the corrected totals of what it corrects; contras
count apart from them, so that the ledger comes to the same in whatever order they arrive.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from handlers.currency import decimals_exceeded
from handlers.days import today
from handlers.licence import imputation_rules as every
from handlers.licence import ledger
from handlers.licence.imputation_rules import Use, use_findings
from handlers.licence.licence import Licence
from handlers.licence.settings import LicenceSettings
from handlers.licence.units import convert
from handlers.registry import Context
from schemas.bindings.imputation_1 import Imputation, ImputationType
from schemas.errors import Code, Finding
from schemas.workflow import Entry

EVENT = "Imputation"

#: The states in which a licence has a ledger that is not closed.
OPEN = ("granted", "partly_imputed", "imputed", "cancelling", "expired", "suspended", "revoked")
#: Those in which there may be something to correct.
_CORRECTED = frozenset({"partly_imputed", "imputed", "expired", "suspended", "revoked"})
#: A late imputation is taken after the end of validity too.
_LATE = every.USABLE | {"expired"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """An imputation with all that its rules look at."""

    message: Imputation
    licence: Licence
    context: Context

    @property
    def settings(self) -> LicenceSettings:
        """The licence's settings."""
        settings: LicenceSettings = self.context.settings
        return settings

    @property
    def corrected(self) -> Entry | None:
        """What a contra or an adjustment names, when the licence has it."""
        number = self.message.original_number
        if number is None:
            return None
        return ledger.original(self.licence, self.message.customs_office, number)

    @property
    def quantity(self) -> Decimal | None:
        """The quantity in the line's own unit; None when it does not convert, or has no line."""
        line, asked = self.licence.line(self.message.line), self.message.quantity
        return None if line is None else convert(asked.value, asked.unit, line.unit, self.day)

    @property
    def day(self) -> date:
        """The day that must lie within validity: a late one was declared in time."""
        message = self.message
        late = message.type_value is ImputationType.LATE
        return (message.declaration_date if late else message.imputation_date).to_date()

    def use(self, states: Iterable[str] = every.USABLE) -> Use:
        """What it writes off, as every use is judged."""
        message = self.message
        late = message.type_value is ImputationType.LATE
        return Use(
            line=message.line,
            code=message.commodity_code,
            quantity=message.quantity.value,
            unit=message.quantity.unit,
            value=message.value.value,
            currency=message.value.currency,
            office=message.customs_office,
            procedure=message.customs_procedure,
            day=self.day,
            event=EVENT,
            day_path="DeclarationDate" if late else "ImputationDate",
            declaration=message.declaration_number,
            states=frozenset(states),
        )


def entered(asked: Asked) -> Entry:
    """The ledger's new entry: positive when it consumes, negative when it gives back."""
    message = asked.message
    quantity, value = _amounts(asked)
    return Entry(
        number=message.imputation_number,
        office=message.customs_office,
        kind=message.type_value.value,
        line=message.line,
        quantity=quantity,
        value=value,
        declaration=message.declaration_number,
        declared_on=message.declaration_date.to_date(),
        imputed_on=message.imputation_date.to_date(),
        corrects=message.original_number,
    )


def _amounts(asked: Asked) -> tuple[Decimal, Decimal]:
    quantity, value = asked.quantity or Decimal(0), asked.message.value.value
    if asked.message.type_value is ImputationType.CONTRA:
        return -quantity, -value
    if asked.message.type_value is ImputationType.ADJUSTMENT and asked.corrected is not None:
        so_far = ledger.total_of(asked.corrected, asked.licence.entries)
        return quantity - so_far[0], value - so_far[1]
    return quantity, value


def must_wait(asked: Asked) -> bool:
    """(10) Whether this is a contra whose original may still come."""
    message = asked.message
    number = message.original_number
    return (
        message.type_value is ImputationType.CONTRA
        and number not in (None, message.imputation_number)
        and asked.corrected is None
        and asked.context.read.entry(message.customs_office, str(number)) is None
    )


def may_be_used(asked: Asked) -> Iterator[Finding]:
    """(1) to (6): all that a balance query would have said."""
    yield from use_findings(asked.use(), asked.licence, asked.settings)


def may_be_used_late(asked: Asked) -> Iterator[Finding]:
    """(1) to (6) of what was declared in time: the licence may have expired since."""
    yield from use_findings(asked.use(_LATE), asked.licence, asked.settings)


def may_be_corrected(asked: Asked) -> Iterator[Finding]:
    """(1) A licence that was used and whose ledger is open may be corrected."""
    use, rules = asked.use(_CORRECTED), (every.state_allows,)
    yield from use_findings(use, asked.licence, asked.settings, rules)


def agrees(asked: Asked) -> Iterator[Finding]:
    """(1), (3) to (5): what a contra can be held against before its original is there."""
    rules = (every.state_allows, *every.AGREEMENT)
    yield from use_findings(asked.use(OPEN), asked.licence, asked.settings, rules)


def number_is_new(asked: Asked) -> Iterator[Finding]:
    """(7) The office never used this number, on whatever licence."""
    office, number = asked.message.customs_office, asked.message.imputation_number
    waits = any((one.office, one.number) == (office, number) for one in asked.licence.contras)
    if waits or asked.context.read.entry(office, number) is not None:
        yield Finding(
            code=Code.IMPUTATION_NUMBER_USED,
            path="ImputationNumber",
            value=number,
            fields={"found": number, "office": office},
        )


def declaration_agrees(asked: Asked) -> Iterator[Finding]:
    """The declaration's number begins with its office, procedure and year."""
    message = asked.message
    expected = (
        f"{message.customs_office}{message.customs_procedure}{message.declaration_date.year:04d}"
    )
    found = message.declaration_number[: len(expected)]
    if found != expected:
        yield Finding(
            code=Code.DECLARATION_NUMBER_DIFFERS,
            path="DeclarationNumber",
            value=message.declaration_number,
            fields={"found": found, "expected": expected},
        )


def days_have_come(asked: Asked) -> Iterator[Finding]:
    """Nothing is declared or imputed tomorrow."""
    now = today(asked.context.now)
    message = asked.message
    for path, day in (
        ("DeclarationDate", message.declaration_date.to_date()),
        ("ImputationDate", message.imputation_date.to_date()),
    ):
        if day > now:
            yield Finding(
                code=Code.DATE_IN_FUTURE,
                path=path,
                value=day.isoformat(),
                fields={"found": day, "today": now},
            )


def corrects_nothing(asked: Asked) -> Iterator[Finding]:
    """An original stands for itself."""
    if (number := asked.message.original_number) is not None:
        yield Finding(code=Code.ORIGINAL_NUMBER_UNEXPECTED, path="OriginalNumber", value=number)


def names_original(asked: Asked) -> Iterator[Finding]:
    """(8) A correction names an imputation of this licence, by the same office."""
    number, office = asked.message.original_number, asked.message.customs_office
    if number is None:
        yield Finding(code=Code.ORIGINAL_NUMBER_MISSING, path="OriginalNumber")
    elif asked.corrected is None:
        yield Finding(
            code=Code.ORIGINAL_UNKNOWN,
            path="OriginalNumber",
            value=number,
            fields={"found": number, "office": office},
        )


def repeats_original(asked: Asked) -> Iterator[Finding]:
    """(8) Line, goods, currency and declaration are those of what it corrects."""
    message, entry, licence = asked.message, asked.corrected, asked.licence
    if entry is None:
        return
    line = licence.line(entry.line)
    for path, found, expected in (
        ("DeclarationNumber", message.declaration_number, entry.declaration),
        ("Line", str(message.line), str(entry.line)),
        ("CommodityCode", message.commodity_code, "" if line is None else line.code),
        ("Value/@currency", message.value.currency, licence.currency),
    ):
        if found != expected:
            yield differs(path, found, expected, entry)


def differs(path: str, found: str, expected: str, entry: Entry) -> Finding:
    """That a correction says otherwise than what it corrects."""
    fields: dict[str, object] = {"found": found, "expected": expected, "original": entry.number}
    return Finding(code=Code.CONTRA_DIFFERS, path=path, value=found, fields=fields)


def unit_converts(asked: Asked) -> Iterator[Finding]:
    """(4) What is corrected counts in the line's unit too."""
    yield from use_findings(asked.use(), asked.licence, asked.settings, (every.unit_converts,))


def gives_back_no_more(asked: Asked) -> Iterator[Finding]:
    """(8) No more than earlier contras left of what it corrects, in quantity and in value."""
    entry, back = asked.corrected, asked.quantity
    if entry is not None:
        same_line = entry.line == asked.message.line
        quantity = back if same_line else None
        yield from exceeds_left(entry, asked.licence, quantity, asked.message.value.value)


def exceeds_left(
    entry: Entry, licence: Licence, quantity: Decimal | None, value: Decimal
) -> Iterator[Finding]:
    """The findings when a contra of so much, in the line's unit, exceeds what is left."""
    left_quantity, left_value = ledger.left_of(entry, licence.entries)
    line = licence.line(entry.line)
    if quantity is not None and line is not None and quantity > left_quantity:
        yield Finding(
            code=Code.CONTRA_EXCEEDS_QUANTITY,
            path="Quantity",
            value=str(quantity),
            fields={
                "found": quantity,
                "available": left_quantity,
                "unit": line.unit,
                "original": entry.number,
            },
        )
    if value > left_value:
        yield Finding(
            code=Code.CONTRA_EXCEEDS_VALUE,
            path="Value",
            value=str(value),
            fields={
                "found": value,
                "available": left_value,
                "currency": licence.currency,
                "original": entry.number,
            },
        )


def keeps_what_was_given_back(asked: Asked) -> Iterator[Finding]:
    """(8) The corrected total is no less than what contras have given back of it."""
    entry, line = asked.corrected, asked.licence.line(asked.message.line)
    quantity, entries = asked.quantity, asked.licence.entries
    if entry is None or line is None or quantity is None or line.number != entry.line:
        return
    total, left = ledger.total_of(entry, entries), ledger.left_of(entry, entries)
    for path, found, least, unit in (
        ("Quantity", quantity, total[0] - left[0], line.unit),
        ("Value", asked.message.value.value, total[1] - left[1], asked.licence.currency),
    ):
        if found < least:
            yield Finding(
                code=Code.ADJUSTED_BELOW_GIVEN_BACK,
                path=path,
                value=str(found),
                fields={"found": found, "least": least, "unit": unit, "original": entry.number},
            )


def more_is_available(asked: Asked) -> Iterator[Finding]:
    """(6) What an adjustment adds is limited as an original is."""
    line = asked.licence.line(asked.message.line)
    if asked.corrected is None or line is None or asked.quantity is None:
        return
    quantity, value = _amounts(asked)
    more = replace(
        asked.use(),
        quantity=quantity if quantity > 0 else None,
        unit=line.unit,
        value=value if value > 0 else None,
    )
    yield from use_findings(more, asked.licence, asked.settings, every.LIMITS)


def value_has_its_decimals(asked: Asked) -> Iterator[Finding]:
    """The value has no more decimals than its currency."""
    value = asked.message.value
    yield from decimals_exceeded("Value", value.value, value.currency)


Rule = Callable[[Asked], Iterator[Finding]]

_NUMBERS: tuple[Rule, ...] = (number_is_new, declaration_agrees, days_have_come)
_CORRECTS: tuple[Rule, ...] = (
    names_original,
    *_NUMBERS,
    may_be_corrected,
    repeats_original,
    value_has_its_decimals,
    unit_converts,
)

#: Originals and corrections share the numbers' and dates' rules, and differ in what they must fit.
RULES: dict[ImputationType, tuple[Rule, ...]] = {
    ImputationType.ORIGINAL: (corrects_nothing, *_NUMBERS, may_be_used),
    ImputationType.LATE: (corrects_nothing, *_NUMBERS, may_be_used_late),
    ImputationType.CONTRA: (*_CORRECTS, gives_back_no_more),
    ImputationType.ADJUSTMENT: (*_CORRECTS, keeps_what_was_given_back, more_is_available),
}
#: What a contra must pass that waits for its original.
WAITING: tuple[Rule, ...] = (*_NUMBERS, agrees)
