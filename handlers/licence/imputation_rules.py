"""The rules of every use of a licence, each one small function, imputed, reserved or asked about.

Numbers in brackets are those of the list of imputation rules: (1) the state, (2) validity, (3) line
and code, (4) unit, (5) procedure and office, (6) what remains.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from handlers.currency import decimals_exceeded
from handlers.licence import STATES
from handlers.licence.ledger import control, imputed_value, reserved_value
from handlers.licence.licence import Licence, Line
from handlers.licence.settings import LicenceSettings
from handlers.licence.units import convert
from schemas.errors import Code, Finding

#: The states in which customs may write a declaration off; it overtakes a cancellation.
USABLE = frozenset({"granted", "partly_imputed", "cancelling"})

_SUM_OF_QUANTITIES = Decimal(10) ** 12  #: what a message cannot write any more
_SUM_OF_VALUES = Decimal(10) ** 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """What customs writes off against one line, or only asks about: then parts may be None."""

    line: int
    code: str | None
    quantity: Decimal | None
    unit: str | None
    value: Decimal | None
    currency: str | None
    office: str | None
    procedure: str | None
    day: date  #: must lie within validity
    event: str  #: the message type, for a state that does not allow it
    day_path: str = "ImputationDate"  #: where the message names that day
    declaration: str = ""  #: its own reservation leaves it room
    states: frozenset[str] = USABLE


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A use against a licence; `line` is the licence's line when it has one of that number."""

    use: Use
    licence: Licence
    line: Line | None
    settings: LicenceSettings

    def consumed(self) -> Decimal | None:
        """The quantity in the line's own unit; None when it is unknown or does not convert."""
        use, line = self.use, self.line
        if line is None or use.quantity is None or use.unit is None:
            return None
        return convert(use.quantity, use.unit, line.unit, use.day)

    @property
    def control(self) -> str:
        """What customs controls of the licence."""
        return control(self.licence, self.settings)

    def greatest(self, granted: Decimal) -> Decimal:
        """What may be imputed in all of what was granted."""
        return granted * (1 + self.settings.tolerance)


Rule = Callable[[Trial], Iterator[Finding]]


def state_allows(trial: Trial) -> Iterator[Finding]:
    """(1) The licence is in a state in which it may be so used."""
    name = trial.licence.state
    if name not in trial.use.states:
        state = next(state for state in STATES if state.name == name)
        fields: dict[str, object] = {
            "event": trial.use.event,
            "state": f"{state.fr} ({state.en})",
        }
        yield Finding(code=Code.MOVE_FORBIDDEN, value=name, fields=fields)


def within_validity(trial: Trial) -> Iterator[Finding]:
    """(2) The day that counts, imputation's or declaration's, lies within the visa's validity."""
    visa, day = trial.licence.visa, trial.use.day
    if visa is not None and not visa.valid_from <= day <= visa.valid_until:
        yield Finding(
            code=Code.OUTSIDE_VALIDITY,
            path=trial.use.day_path,
            value=day.isoformat(),
            fields={"found": day, "start": visa.valid_from, "until": visa.valid_until},
        )


def line_exists(trial: Trial) -> Iterator[Finding]:
    """(3) The licence has the line."""
    if trial.line is None:
        found = trial.use.line
        yield Finding(
            code=Code.LINE_UNKNOWN, path="Line", value=str(found), fields={"found": found}
        )


def code_equal(trial: Trial) -> Iterator[Finding]:
    """(3) The goods are those of the line."""
    use, line = trial.use, trial.line
    if line is not None and use.code not in (None, line.code):
        yield _differs(Code.CODE_DIFFERS, "CommodityCode", use.code, line.code, line=line.number)


def unit_converts(trial: Trial) -> Iterator[Finding]:
    """(4) The unit is the line's, or the table converts it exactly."""
    use, line = trial.use, trial.line
    if line is not None and use.quantity is not None and trial.consumed() is None:
        yield Finding(
            code=Code.UNIT_NOT_CONVERTIBLE,
            path="Quantity/@unit",
            value=use.unit,
            fields={"found": use.unit, "unit": line.unit, "line": line.number},
        )


def procedure_equal(trial: Trial) -> Iterator[Finding]:
    """(5) The goods are declared under the licence's procedure."""
    found, expected = trial.use.procedure, trial.licence.customs_procedure
    if found not in (None, expected):
        yield _differs(Code.PROCEDURE_DIFFERS, "CustomsProcedure", found, expected)


def office_equal(trial: Trial) -> Iterator[Finding]:
    """(5) The goods are declared at the licence's office; the settings say how grave that is."""
    found, expected = trial.use.office, trial.licence.customs_office
    if found not in (None, expected):
        yield _differs(Code.OTHER_OFFICE, "CustomsOffice", found, expected)


def currency_equal(trial: Trial) -> Iterator[Finding]:
    """The licence knows one currency."""
    found, expected = trial.use.currency, trial.licence.currency
    if found not in (None, expected):
        yield _differs(Code.CURRENCY_DIFFERS, "Value/@currency", found, expected)


def value_decimals(trial: Trial) -> Iterator[Finding]:
    """The value has no more decimals than its currency."""
    if trial.use.value is not None and trial.use.currency is not None:
        yield from decimals_exceeded("Value", trial.use.value, trial.use.currency)


def sums_writable(trial: Trial) -> Iterator[Finding]:
    """The ledger's sums stay within what a message can write, whatever is controlled."""
    use, licence, consumed = trial.use, trial.licence, trial.consumed()
    sums: list[tuple[str, Decimal | None, Decimal, str, Decimal]] = [
        ("Value", use.value, imputed_value(licence), licence.currency, _SUM_OF_VALUES)
    ]
    if trial.line is not None:
        number = trial.line.number
        reserved = licence.reserved(number, but_for=use.declaration)
        so_far = licence.balance(number).imputed + reserved
        sums.append(("Quantity", consumed, so_far, trial.line.unit, _SUM_OF_QUANTITIES))
    for path, more, so_far, unit, limit in sums:
        if more is not None and so_far + more >= limit:
            yield Finding(
                code=Code.SUM_TOO_LARGE,
                path=path,
                value=str(more),
                fields={"found": more, "unit": unit, "limit": limit},
            )


def quantity_available(trial: Trial) -> Iterator[Finding]:
    """(6) The line has the quantity left, reservations deducted; more is refused whole."""
    line, consumed = trial.line, trial.consumed()
    if line is None or consumed is None or trial.control not in ("quantity", "both"):
        return
    balance = trial.licence.balance(line.number)
    reserved = trial.licence.reserved(line.number, but_for=trial.use.declaration)
    available = trial.greatest(balance.granted) - balance.imputed - reserved
    if consumed > available:
        yield Finding(
            code=Code.QUANTITY_EXCEEDED,
            path="Quantity",
            value=str(trial.use.quantity),
            fields={
                "line": line.number,
                "available": left(available),
                "found": consumed,
                "unit": line.unit,
            },
        )


def value_available(trial: Trial) -> Iterator[Finding]:
    """(6) Licence and line have the value left, where value is what customs controls."""
    use, licence, line = trial.use, trial.licence, trial.line
    if use.value is None or use.currency != licence.currency:
        return
    if trial.control not in ("value", "both"):
        return
    yield from _value_left(trial, Code.VALUE_EXCEEDED, licence.total, None)
    if line is not None and line.value is not None:
        yield from _value_left(trial, Code.LINE_VALUE_EXCEEDED, line.value, line.number)


def _value_left(trial: Trial, code: Code, granted: Decimal, line: int | None) -> Iterator[Finding]:
    use, licence = trial.use, trial.licence
    reserved = reserved_value(licence, line, but_for=use.declaration)
    available = trial.greatest(granted) - imputed_value(licence, line) - reserved
    if use.value is not None and use.value > available:
        fields: dict[str, object] = {
            "available": left(available),
            "found": use.value,
            "currency": licence.currency,
        }
        if line is not None:
            fields["line"] = line
        yield Finding(code=code, path="Value", value=str(use.value), fields=fields)


def left(available: Decimal) -> str:
    """What is left as a text says it: never below zero, no exponent."""
    return f"{max(available, Decimal(0)).normalize():f}"


#: What a use says of itself must agree with the licence.
AGREEMENT: tuple[Rule, ...] = (
    line_exists,
    code_equal,
    unit_converts,
    procedure_equal,
    office_equal,
    currency_equal,
    value_decimals,
)
#: What is left must be enough.
LIMITS: tuple[Rule, ...] = (sums_writable, quantity_available, value_available)
#: What every imputation that consumes must pass, whether it is made or only asked about.
USE_RULES: tuple[Rule, ...] = (state_allows, within_validity, *AGREEMENT, *LIMITS)


def _differs(code: Code, path: str, found: str | None, expected: str, **more: object) -> Finding:
    return Finding(
        code=code, path=path, value=found, fields={"found": found, "expected": expected, **more}
    )


def use_findings(
    use: Use,
    licence: Licence,
    settings: LicenceSettings,
    rules: tuple[Rule, ...] = USE_RULES,
) -> list[Finding]:
    """Every one of the rules that this use breaks, all at once."""
    trial = Trial(use=use, licence=licence, line=licence.line(use.line), settings=settings)
    return [finding for rule in rules for finding in rule(trial)]


def is_warning(finding: Finding, settings: LicenceSettings) -> bool:
    """Whether the settings make this finding a warning."""
    return finding.code is Code.OTHER_OFFICE and settings.other_office != "error"
