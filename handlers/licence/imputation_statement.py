"""Customs tells what it has imputed in all: compared with the ledger, never written over it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from handlers.days import today
from handlers.licence import ledger
from handlers.licence.licence import Licence
from handlers.licence.receipts import plain
from handlers.licence.units import convert
from handlers.registry import Context, handles
from schemas.bindings.imputation_statement_1 import ImputationStatement, LineTotal
from schemas.errors import Code, Finding, Refused
from schemas.workflow import Decision, Dossier, LineBalance, LineOutcome, Role, stays

EVENT = "ImputationStatement"

MOVES = stays(
    "licence",
    EVENT,
    "compared",
    "granted",
    "partly_imputed",
    "imputed",
    "cancelling",
    "suspended",
    "expired",
    "revoked",
    "cleared",
)

_LONGEST = 1000  #: characters of the list of differences in the history


@dataclass(frozen=True, slots=True, kw_only=True)
class _Compared:
    """One line held against the ledger: what differs, and a few words of it for the history."""

    line: int
    findings: tuple[Finding, ...]
    words: str


@handles("ImputationStatement", procedure="licence", roles={Role.CUSTOMS})
def imputation_statement(
    message: ImputationStatement, dossier: Dossier, context: Context
) -> Decision:
    """Say where customs' totals and the ledger differ; the ledger stays as it is."""
    if errors := (*_period(message, context), *_repeated(message)):
        raise Refused(*errors)
    start, end = message.period_start.to_date(), message.period_end.to_date()
    licence = _at(Licence.of(dossier), end)
    found = [_compare(total, at, licence, end) for at, total in enumerate(message.line_total, 1)]
    found += _absent(message, licence)
    differing = [one for one in found if one.findings]
    return Decision(
        finding="compared",
        warnings=tuple(finding for one in found for finding in one.findings),
        balances=tuple(_outcomes(found, licence)),
        note={
            "from": start.isoformat(),
            "until": end.isoformat(),
            "lines": str(len(message.line_total)),
            "differing": str(len(differing)),
            "differences": "; ".join(one.words for one in differing)[:_LONGEST],
        },
    )


def _at(licence: Licence, end: date) -> Licence:
    """The licence with what was imputed up to the end of that day."""
    entries = tuple(entry for entry in licence.entries if entry.imputed_on <= end)
    return replace(licence, entries=entries)


def _compare(total: LineTotal, position: int, licence: Licence, end: date) -> _Compared:
    line, path = licence.line(total.line), f"LineTotal[{position}]"
    if line is None:
        unknown = Finding(
            code=Code.LINE_UNKNOWN,
            path=f"{path}/Line",
            value=str(total.line),
            fields={"found": total.line},
        )
        return _Compared(line=total.line, findings=(unknown,), words=f"{total.line}: no such line")
    findings = (
        *_quantity(total, path, licence, end),
        *_value(total, path, licence),
    )
    imputed, value = _ledger(licence, total.line)
    words = (
        f"{total.line}: {total.quantity.value} {total.quantity.unit}"
        f" {total.value.value} {total.value.currency}"
        f" / {plain(imputed)} {line.unit} {plain(value)} {licence.currency}"
    )
    return _Compared(line=total.line, findings=findings, words=words)


def _ledger(licence: Licence, line: int) -> tuple[Decimal, Decimal]:
    return licence.balance(line).imputed, ledger.imputed_value(licence, line)


def _quantity(total: LineTotal, path: str, licence: Licence, end: date) -> Iterator[Finding]:
    balance, stated = licence.balance(total.line), total.quantity
    found = convert(stated.value, stated.unit, balance.unit, end)
    if found is None:
        yield Finding(
            code=Code.UNIT_NOT_CONVERTIBLE,
            path=f"{path}/Quantity/@unit",
            value=stated.unit,
            fields={"found": stated.unit, "unit": balance.unit, "line": total.line},
        )
    elif found != balance.imputed:
        yield Finding(
            code=Code.STATEMENT_QUANTITY_DIFFERS,
            path=f"{path}/Quantity",
            value=str(stated.value),
            fields={
                "line": total.line,
                "found": plain(found),
                "expected": plain(balance.imputed),
                "unit": balance.unit,
            },
        )


def _value(total: LineTotal, path: str, licence: Licence) -> Iterator[Finding]:
    expected, stated = ledger.imputed_value(licence, total.line), total.value
    if stated.currency != licence.currency:
        yield Finding(
            code=Code.CURRENCY_DIFFERS,
            path=f"{path}/Value/@currency",
            value=stated.currency,
            fields={"found": stated.currency, "expected": licence.currency},
        )
    elif stated.value != expected:
        yield Finding(
            code=Code.STATEMENT_VALUE_DIFFERS,
            path=f"{path}/Value",
            value=str(stated.value),
            fields={
                "line": total.line,
                "found": plain(stated.value),
                "expected": plain(expected),
                "currency": licence.currency,
            },
        )


def _absent(message: ImputationStatement, licence: Licence) -> list[_Compared]:
    """The lines with something imputed that customs does not tell of."""
    told = {total.line for total in message.line_total}
    absent = []
    for line in licence.lines:
        imputed, value = _ledger(licence, line.number)
        if line.number in told or not (imputed or value):
            continue
        finding = Finding(
            code=Code.STATEMENT_LINE_ABSENT,
            path=f"LineTotal[{len(message.line_total) + 1}]",
            fields={
                "line": line.number,
                "expected": plain(imputed),
                "unit": line.unit,
                "value": plain(value),
                "currency": licence.currency,
            },
        )
        words = f"{line.number}: - / {plain(imputed)} {line.unit} {plain(value)} {licence.currency}"
        absent.append(_Compared(line=line.number, findings=(finding,), words=words))
    return absent


def _outcomes(found: list[_Compared], licence: Licence) -> Iterator[LineBalance]:
    for one in found:
        if licence.line(one.line) is not None:
            outcome = LineOutcome.DIFFERS if one.findings else LineOutcome.AGREES
            yield ledger.unmoved(licence, one.line, outcome)


def _period(message: ImputationStatement, context: Context) -> Iterator[Finding]:
    """The period begins before it ends, and is over."""
    start, end, now = message.period_start.to_date(), message.period_end.to_date(), context.now
    if end < start:
        yield Finding(
            code=Code.PERIOD_INVERTED,
            path="PeriodEnd",
            value=end.isoformat(),
            fields={"start": start, "until": end},
        )
    if end > today(now):
        yield Finding(
            code=Code.DATE_IN_FUTURE,
            path="PeriodEnd",
            value=end.isoformat(),
            fields={"found": end, "today": today(now)},
        )


def _repeated(message: ImputationStatement) -> Iterator[Finding]:
    """One total per line, or nobody knows which one is meant."""
    named: Counter[int] = Counter()
    for position, total in enumerate(message.line_total, 1):
        named[total.line] += 1
        if named[total.line] == 2:
            yield Finding(
                code=Code.STATEMENT_LINE_REPEATED,
                path=f"LineTotal[{position}]/Line",
                value=str(total.line),
                fields={"found": total.line},
            )
