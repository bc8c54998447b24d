"""Where a dossier of the inspection stands, and what happened to it; nothing changes."""

from __future__ import annotations

from handlers.inspection.inspection import Inspection
from handlers.inspection.notices import at, state_label
from handlers.registry import Context, handles
from schemas.bindings.history_query_1 import HistoryQuery
from schemas.bindings.history_report_1 import Event as Happened
from schemas.bindings.history_report_1 import Fact, HistoryReport
from schemas.bindings.status_query_1 import StatusQuery
from schemas.bindings.status_report_1 import Change, StatusReport
from schemas.errors import Code, refused
from schemas.workflow import Decision, Dossier, Event, Reply, Role

ASKING = {Role.DECLARANT, Role.INSPECTION}

_CHANGES = 10  #: told when the query does not say how many
_EVENTS = 50  #: the same of a history
_LONGEST = 2000  #: characters of a fact in a message


@handles("StatusQuery", procedure="inspection", roles=ASKING)
def status_query(message: StatusQuery, dossier: Dossier, context: Context) -> Decision:
    """Report the dossier's state, version and last changes to who asked."""
    _seen(dossier, context)
    limit = _CHANGES if message.changes is None else message.changes
    changes = context.read.history(dossier.number, limit) if limit else ()
    report = StatusReport(
        dossier_number=dossier.number,
        procedure=dossier.procedure,
        state=state_label(dossier.state),
        version=dossier.version,
        at=at(context.now),
        change=tuple(map(_change, changes)),
    )
    return Decision(replies=(Reply(to=context.sender, payload=report),))


@handles("HistoryQuery", procedure="inspection", roles=ASKING)
def history_query(message: HistoryQuery, dossier: Dossier, context: Context) -> Decision:
    """Report a page of what happened to the dossier, newest first, with where the next begins."""
    _seen(dossier, context)
    limit = _EVENTS if message.limit is None else message.limit
    events = context.read.history(dossier.number, limit + 1, message.before)
    page = events[:limit]
    report = HistoryReport(
        dossier_number=dossier.number,
        at=at(context.now),
        event=tuple(map(_happened, page)),
        next=page[-1].id if len(events) > limit else None,
    )
    return Decision(replies=(Reply(to=context.sender, payload=report),))


def _seen(dossier: Dossier, context: Context) -> None:
    """The service sees a dossier from its submission on; before, it is as if there were none."""
    if context.role is Role.INSPECTION and Inspection.of(dossier).submitted_at is None:
        raise refused(Code.DOSSIER_UNKNOWN, value=dossier.number, dossier=dossier.number)


def _change(event: Event) -> Change:
    return Change(
        at=at(event.at),
        event=event.event,
        by=event.actor,
        from_value=None if event.from_state is None else state_label(event.from_state),
        to=state_label(event.to_state),
        version=event.version,
    )


def _happened(event: Event) -> Happened:
    return Happened(
        id=event.id,
        at=at(event.at),
        event=event.event,
        by=event.actor,
        from_value=None if event.from_state is None else state_label(event.from_state),
        to=state_label(event.to_state),
        version=event.version,
        fact=tuple(
            Fact(value=value[:_LONGEST].rstrip(), name=name)
            for name, value in event.note.items()
            if value
        ),
    )
