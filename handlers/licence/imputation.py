"""Customs writes a declaration off against one line of a licence, or gives it back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from handlers.licence import ledger
from handlers.licence.currency import decimals_exceeded
from handlers.licence.days import today
from handlers.licence.imputation_rules import Use, is_warning, use_findings
from handlers.licence.licence import Licence
from handlers.licence.settings import LicenceSettings
from handlers.licence.units import convert
from handlers.registry import Context, handles
from schemas.bindings.imputation_1 import Imputation, ImputationType
from schemas.errors import Code, Finding, Refused
from schemas.workflow import After, Decision, Dossier, Entry, LineBalance, Move, Role, stays

EVENT = "Imputation"
#: The timer of a contra that waits for its original.
CONTRA = "contra"
#: The findings beside the ledger's: used no more after its validity, and a contra kept.
ENDED, WAITS = "ended", "waits"
#: The states in which a licence has a ledger that is not closed.
OPEN = ("granted", "partly_imputed", "imputed", "cancelling", "expired", "suspended", "revoked")

#: Where the ledger leads a licence that its entries may move; one that the hub or the ministry
#: stopped stays stopped, whatever customs corrects.
MOVES = (
    *(
        Move("licence", state, EVENT, finding, to)
        for state in ("granted", "partly_imputed", "imputed", "cancelling")
        for finding, to in (
            (ledger.UNUSED, "granted"),
            (ledger.PART, "partly_imputed"),
            (ledger.WHOLE, "imputed"),
        )
    ),
    *(
        move
        for finding in (ledger.UNUSED, ledger.PART, ledger.WHOLE)
        for move in stays("licence", EVENT, finding, "expired", "suspended", "revoked")
    ),
    Move("licence", "imputed", EVENT, ENDED, "expired"),
    *stays("licence", EVENT, WAITS, *OPEN),
    *stays("licence", After(CONTRA), "dropped", *OPEN, "submitted"),
)


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
        """The original that a contra names, when the licence has it."""
        number = self.message.original_number
        if number is None:
            return None
        return ledger.original(self.licence, self.message.customs_office, number)

    @property
    def quantity(self) -> Decimal | None:
        """The quantity in the line's own unit; None when it does not convert, or has no line."""
        line, asked = self.licence.line(self.message.line), self.message.quantity
        return None if line is None else convert(asked.value, asked.unit, line.unit)


Rule = Callable[[Asked], Iterator[Finding]]


@handles("Imputation", procedure="licence", roles={Role.CUSTOMS})
def imputation(message: Imputation, dossier: Dossier, context: Context) -> Decision:
    """Enter an imputation or a contra in the ledger; an excess is refused whole."""
    asked = Asked(message=message, licence=Licence.of(dossier), context=context)
    findings = [finding for rule in RULES[message.type_value] for finding in rule(asked)]
    errors = [finding for finding in findings if not is_warning(finding, asked.settings)]
    if errors:
        raise Refused(*errors)
    entry = _entry(asked)
    after = replace(asked.licence, entries=(*asked.licence.entries, entry))
    return Decision(
        finding=ledger.standing(after, asked.settings, last_use=message.last_use is True),
        entries=(entry,),
        warnings=tuple(findings),
        balances=(_movement(asked.licence, after, entry),),
        reprint=True,
        note={
            "imputation": entry.number,
            "kind": entry.kind,
            "declaration": entry.declaration,
            "article": str(message.article),
            "line": str(entry.line),
            "quantity": str(entry.quantity),
            "value": str(entry.value),
        },
    )


def _entry(asked: Asked) -> Entry:
    """The ledger's new entry: positive when it consumes, negative when it gives back."""
    message = asked.message
    sign = -1 if message.type_value is ImputationType.CONTRA else 1
    return Entry(
        number=message.imputation_number,
        office=message.customs_office,
        kind=message.type_value.value,
        line=message.line,
        quantity=sign * (asked.quantity or Decimal(0)),
        value=sign * message.value.value,
        declaration=message.declaration_number,
        declared_on=message.declaration_date.to_date(),
        imputed_on=message.imputation_date.to_date(),
        corrects=message.original_number,
    )


def _movement(before: Licence, after: Licence, entry: Entry) -> LineBalance:
    balance = after.balance(entry.line)
    return LineBalance(
        line=entry.line,
        unit=balance.unit,
        granted=balance.granted,
        before=before.balance(entry.line).imputed,
        delta=entry.quantity,
        after=balance.imputed,
        remaining=balance.remaining,
    )


def may_be_used(asked: Asked) -> Iterator[Finding]:
    """(1) to (6): all that a balance query would have said."""
    message = asked.message
    use = Use(
        line=message.line,
        code=message.commodity_code,
        quantity=message.quantity.value,
        unit=message.quantity.unit,
        value=message.value.value,
        currency=message.value.currency,
        office=message.customs_office,
        procedure=message.customs_procedure,
        day=message.imputation_date.to_date(),
        event=EVENT,
    )
    yield from use_findings(use, asked.licence, asked.settings)


def number_is_new(asked: Asked) -> Iterator[Finding]:
    """(7) The office never used this number, on whatever licence."""
    office, number = asked.message.customs_office, asked.message.imputation_number
    if asked.context.read.entry(office, number) is not None:
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
    """(8) A contra names an original imputation of this licence, by the same office."""
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
            yield Finding(
                code=Code.CONTRA_DIFFERS,
                path=path,
                value=found,
                fields={"found": found, "expected": expected, "original": entry.number},
            )


def contra_unit_converts(asked: Asked) -> Iterator[Finding]:
    """(4) What is given back counts in the line's unit too."""
    line, found = asked.licence.line(asked.message.line), asked.message.quantity.unit
    if line is not None and asked.quantity is None:
        yield Finding(
            code=Code.UNIT_NOT_CONVERTIBLE,
            path="Quantity/@unit",
            value=found,
            fields={"found": found, "unit": line.unit, "line": line.number},
        )


def gives_back_no_more(asked: Asked) -> Iterator[Finding]:
    """(8) No more than earlier contras left of the original, in quantity and in value."""
    message, entry = asked.message, asked.corrected
    if entry is None:
        return
    quantity, value = ledger.left_of(entry, asked.licence.entries)
    line = asked.licence.line(entry.line)
    back = asked.quantity
    if back is not None and line is not None and line.number == message.line and back > quantity:
        yield Finding(
            code=Code.CONTRA_EXCEEDS_QUANTITY,
            path="Quantity",
            value=str(message.quantity.value),
            fields={
                "found": back,
                "available": quantity,
                "unit": line.unit,
                "original": entry.number,
            },
        )
    if message.value.value > value:
        yield Finding(
            code=Code.CONTRA_EXCEEDS_VALUE,
            path="Value",
            value=str(message.value.value),
            fields={
                "found": message.value.value,
                "available": value,
                "currency": asked.licence.currency,
                "original": entry.number,
            },
        )


def value_has_its_decimals(asked: Asked) -> Iterator[Finding]:
    """The value has no more decimals than its currency."""
    value = asked.message.value
    yield from decimals_exceeded("Value", value.value, value.currency)


#: Originals and contras share the numbers' and dates' rules, and differ in what they must fit.
RULES: dict[ImputationType, tuple[Rule, ...]] = {
    ImputationType.ORIGINAL: (
        corrects_nothing,
        number_is_new,
        declaration_agrees,
        days_have_come,
        may_be_used,
    ),
    ImputationType.CONTRA: (
        names_original,
        number_is_new,
        declaration_agrees,
        days_have_come,
        repeats_original,
        value_has_its_decimals,
        contra_unit_converts,
        gives_back_no_more,
    ),
}
