"""What happened to a licence, page by page, each event with its facts."""

from __future__ import annotations

from handlers.licence.notices import at, state_label
from handlers.registry import Context, handles
from schemas.bindings.history_query_1 import HistoryQuery
from schemas.bindings.history_report_1 import Event as ReportedEvent
from schemas.bindings.history_report_1 import Fact, HistoryReport
from schemas.workflow import Decision, Dossier, Event, Reply, Role

_EVENTS = 50  #: told when the query does not say how many
_FACTS = 50  #: that an event of the report may have
_LONGEST = 2000  #: characters of a fact

ASKERS = {Role.DECLARANT, Role.MINISTRY, Role.CUSTOMS, Role.BANK, Role.EXCHANGE_OFFICE}


@handles("HistoryQuery", procedure="licence", roles=ASKERS)
def history_query(message: HistoryQuery, dossier: Dossier, context: Context) -> Decision:
    """Report a page of the licence's history to who asked; the licence stays as it is."""
    limit = _EVENTS if message.limit is None else message.limit
    events = context.read.history(dossier.number, limit, message.before)
    report = HistoryReport(
        dossier_number=dossier.number,
        at=at(context.now),
        event=tuple(map(_event, events)),
        next=events[-1].id if len(events) == limit else None,
    )
    return Decision(replies=(Reply(to=context.sender, payload=report),))


def _event(event: Event) -> ReportedEvent:
    return ReportedEvent(
        id=event.id,
        at=at(event.at),
        event=event.event,
        by=event.actor,
        from_value=None if event.from_state is None else state_label(event.from_state),
        to=state_label(event.to_state),
        version=event.version,
        fact=tuple(
            Fact(name=name, value=value[:_LONGEST])
            for name, value in list(event.note.items())[:_FACTS]
            if value
        ),
    )
