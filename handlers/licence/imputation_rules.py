"""The rules an imputation must pass, each one small function; a balance query meets the same.

Numbers in brackets are those of the list of imputation rules: (1) the state, (2) validity, (3) line
and code, (4) unit, (5) procedure and office, (6) what remains, (7) the number, (8) the contra.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from handlers.licence import STATES
from handlers.licence.currency import decimals_exceeded
from handlers.licence.ledger import imputed_value
from handlers.licence.licence import Licence, Line
from handlers.licence.settings import LicenceSettings
from handlers.licence.units import convert
from schemas.errors import Code, Finding

#: The states in which customs may write a declaration off.
USABLE = frozenset({"granted", "partly_imputed"})


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
    day: date  #: of the imputation
    event: str  #: the message type, for a state that does not allow it


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
        return convert(use.quantity, use.unit, line.unit)

    def greatest(self, granted: Decimal) -> Decimal:
        """What may be imputed in all of what was granted."""
        return granted * (1 + self.settings.tolerance)


Rule = Callable[[Trial], Iterator[Finding]]


def state_allows(trial: Trial) -> Iterator[Finding]:
    """(1) The licence is granted, and neither used up nor cancelled."""
    name = trial.licence.state
    if name not in USABLE:
        state = next(state for state in STATES if state.name == name)
        fields: dict[str, object] = {
            "event": trial.use.event,
            "state": f"{state.fr} ({state.en})",
        }
        yield Finding(code=Code.MOVE_FORBIDDEN, value=name, fields=fields)


def within_validity(trial: Trial) -> Iterator[Finding]:
    """(2) The day of imputation lies within the visa's validity."""
    visa, day = trial.licence.visa, trial.use.day
    if visa is not None and not visa.valid_from <= day <= visa.valid_until:
        yield Finding(
            code=Code.OUTSIDE_VALIDITY,
            path="ImputationDate",
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


def quantity_available(trial: Trial) -> Iterator[Finding]:
    """(6) The line has the quantity left; more is refused whole."""
    line, consumed = trial.line, trial.consumed()
    if line is None or consumed is None or trial.settings.control not in ("quantity", "both"):
        return
    balance = trial.licence.balance(line.number)
    available = trial.greatest(balance.granted) - balance.imputed
    if consumed > available:
        yield Finding(
            code=Code.QUANTITY_EXCEEDED,
            path="Quantity",
            value=str(trial.use.quantity),
            fields={
                "line": line.number,
                "available": f"{max(available, Decimal(0)).normalize():f}",
                "found": consumed,
                "unit": line.unit,
            },
        )


def value_available(trial: Trial) -> Iterator[Finding]:
    """(6) The licence has the value left, where value is what customs controls."""
    value, licence = trial.use.value, trial.licence
    if value is None or trial.settings.control not in ("value", "both"):
        return
    available = trial.greatest(licence.total) - imputed_value(licence)
    if trial.use.currency == licence.currency and value > available:
        yield Finding(
            code=Code.VALUE_EXCEEDED,
            path="Value",
            value=str(value),
            fields={
                "available": f"{max(available, Decimal(0)).normalize():f}",
                "found": value,
                "currency": licence.currency,
            },
        )


#: What every use of a licence must pass, whether it is made or only asked about.
USE_RULES: tuple[Rule, ...] = (
    state_allows,
    within_validity,
    line_exists,
    code_equal,
    unit_converts,
    procedure_equal,
    office_equal,
    currency_equal,
    value_decimals,
    quantity_available,
    value_available,
)


def _differs(code: Code, path: str, found: str | None, expected: str, **more: object) -> Finding:
    return Finding(
        code=code, path=path, value=found, fields={"found": found, "expected": expected, **more}
    )


def use_findings(use: Use, licence: Licence, settings: LicenceSettings) -> list[Finding]:
    """Every rule that this use breaks, all at once."""
    trial = Trial(use=use, licence=licence, line=licence.line(use.line), settings=settings)
    return [finding for rule in USE_RULES for finding in rule(trial)]


def is_warning(finding: Finding, settings: LicenceSettings) -> bool:
    """Whether the settings make this finding a warning."""
    return finding.code is Code.OTHER_OFFICE and settings.other_office != "error"
