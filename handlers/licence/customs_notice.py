"""A notice of a licence to customs, and the acknowledgement that customs owes for it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from handlers.licence.awaiting import ask
from handlers.licence.licence import Licence
from handlers.licence.notices import tell_customs
from handlers.licence.settings import LicenceSettings
from schemas.bindings.licence_notice_1 import Action, LicenceNotice
from schemas.workflow import Reply, Role, Timer

ACKNOWLEDGEMENT = "Acknowledgement"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A licence after others were told of it, what they are told, and the timers that follow."""

    licence: Licence
    replies: tuple[Reply, ...] = ()
    timers: tuple[Timer, ...] = ()


def inform(
    licence: Licence, action: Action, settings: LicenceSettings, now: datetime
) -> tuple[Licence, Reply, Timer]:
    """The licence that awaits customs' acknowledgement, the notice, and the deadline's timer.

    The licence is given in the state that it will have.
    """
    known = replace(licence, known_to_customs=True)
    notice = tell_customs(known, action, settings)
    waiting, awaited, timer = ask(
        known,
        ACKNOWLEDGEMENT,
        f"{action.value}/{known.version}",
        role=Role.CUSTOMS,
        now=now,
        days=settings.customs_days,
    )
    return waiting, replace(notice, expects_answer_by=awaited.by), timer


def owed_for(notice: LicenceNotice) -> str:
    """The key under which the acknowledgement of a notice is awaited."""
    return f"{notice.action.value}/{notice.version}"


def news(licence: Licence) -> Action:
    """How customs is told of a licence: as a new one, or in place of what it knows."""
    return Action.REPLACE if licence.known_to_customs else Action.INSERT
