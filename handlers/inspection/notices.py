"""What the hub tells others of an inspection: the exporter, by message and mail, and partners."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from xsdata.models.datatype import XmlDateTime

from handlers.inspection import STATES
from handlers.inspection.inspection import Inspection
from handlers.inspection.texts import TEXTS
from handlers.notices import Facts, notification
from schemas.bindings.common_1 import StateLabel
from schemas.workflow import Reply, Role


def tell(inspection: Inspection, code: str, /, **facts: object) -> Reply:
    """A notice to the exporter, signed, in three languages, and by e-mail where it is mailed.

    Its words are a row of `texts.NOTICES`; the facts that it names must be given, but for the
    dossier's number, service and agent.
    """
    exporter = inspection.exporter
    letter = TEXTS.letter(
        code, _facts(inspection, facts), to=exporter.email, exporter=exporter.name
    )
    return replace(notify(inspection.owner, inspection, code, **facts), letter=letter)


def notify(
    to: str | Role | tuple[Role, ...], inspection: Inspection, code: str, /, **facts: object
) -> Reply:
    """The same notice to a partner, without a letter."""
    said = TEXTS.said(code, _facts(inspection, facts))
    return Reply(to=to, payload=notification(code, inspection.number, said))


def _facts(inspection: Inspection, facts: dict[str, object]) -> Facts:
    known = {
        "number": inspection.number,
        "service": inspection.service,
        "agent": inspection.assignee or "—",
    }
    return Facts(values=known | facts)


def state_label(name: str) -> StateLabel:
    """A state of the inspection with its French label."""
    state = next(state for state in STATES if state.name == name)
    return StateLabel(value=state.name, fr=state.fr)


def at(moment: datetime) -> XmlDateTime:
    """A moment as a message writes it."""
    return XmlDateTime.from_datetime(moment)
