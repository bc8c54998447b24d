"""What remains on a line, and every error that an imputation of so much would meet today."""

from __future__ import annotations

from dataclasses import replace

from handlers.days import today
from handlers.licence.imputation_rules import Use, is_warning, use_findings
from handlers.licence.licence import Licence
from handlers.licence.notices import at, line_balance, remaining_amount, state_label
from handlers.registry import Context, handles
from schemas.bindings.balance_query_1 import BalanceQuery
from schemas.bindings.balance_report_1 import BalanceReport
from schemas.problems import problem
from schemas.workflow import Decision, Dossier, Reply, Role

_ROOT = "/StandardBusinessDocument/BalanceQuery"


@handles("BalanceQuery", procedure="licence", roles={Role.CUSTOMS, Role.DECLARANT})
def balance_query(message: BalanceQuery, dossier: Dossier, context: Context) -> Decision:
    """Report the line's balance to who asked; the licence stays as it is."""
    licence = Licence.of(dossier)
    line = licence.line(message.line)
    errors = [
        replace(finding, path=f"{_ROOT}/{finding.path}" if finding.path else _ROOT)
        for finding in use_findings(_use(message, context), licence, context.settings)
        if not is_warning(finding, context.settings)
    ]
    report = BalanceReport(
        dossier_number=licence.number,
        state=state_label(licence.state),
        at=at(context.now),
        line_balance=() if line is None else (line_balance(licence, line),),
        remaining_amount=remaining_amount(licence),
        error=tuple(problem(error) for error in errors),
    )
    return Decision(replies=(Reply(to=context.sender, payload=report),))


def _use(message: BalanceQuery, context: Context) -> Use:
    """The imputation asked about; it would be made today unless the query names another day."""
    quantity, value, day = message.quantity, message.value, message.imputation_date
    return Use(
        line=message.line,
        code=message.commodity_code,
        quantity=None if quantity is None else quantity.value,
        unit=None if quantity is None else quantity.unit,
        value=None if value is None else value.value,
        currency=None if value is None else value.currency,
        office=message.customs_office,
        procedure=message.customs_procedure,
        day=today(context.now) if day is None else day.to_date(),
        event="Imputation",
        declaration=message.declaration_number or "",
    )
