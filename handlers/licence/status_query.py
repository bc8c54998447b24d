"""Where a licence stands: state, version, validity, balances and its last changes."""

from __future__ import annotations

from xsdata.models.datatype import XmlDate

from handlers.licence.licence import Licence
from handlers.licence.notices import at, line_balance, remaining_amount, state_label
from handlers.registry import Context, handles
from schemas.bindings.status_query_1 import StatusQuery
from schemas.bindings.status_report_1 import Change, StatusReport
from schemas.workflow import Decision, Dossier, Event, Reply, Role

_CHANGES = 10  #: told when the query does not say how many (manual: « les 10 derniers »)


@handles("StatusQuery", procedure="licence", roles={Role.DECLARANT, Role.MINISTRY, Role.CUSTOMS})
def status_query(message: StatusQuery, dossier: Dossier, context: Context) -> Decision:
    """Report the licence's standing to who asked; the licence stays as it is."""
    licence = Licence.of(dossier)
    visa = licence.visa
    limit = _CHANGES if message.changes is None else message.changes
    report = StatusReport(
        dossier_number=licence.number,
        procedure=dossier.procedure,
        state=state_label(licence.state),
        version=licence.version,
        at=at(context.now),
        visa_number=None if visa is None else visa.number,
        valid_from=None if visa is None else XmlDate.from_date(visa.valid_from),
        valid_until=None if visa is None else XmlDate.from_date(visa.valid_until),
        line_balance=tuple(line_balance(licence, line) for line in licence.lines),
        remaining_amount=remaining_amount(licence),
        change=tuple(map(_change, context.read.history(licence.number, limit) if limit else ())),
    )
    return Decision(replies=(Reply(to=context.sender, payload=report),))


def _change(event: Event) -> Change:
    return Change(
        at=at(event.at),
        event=event.event,
        by=event.actor,
        from_value=None if event.from_state is None else state_label(event.from_state),
        to=state_label(event.to_state),
        version=event.version,
    )
