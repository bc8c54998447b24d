"""The request that asks the ministry for a visa, and the answer that it owes for it."""

from __future__ import annotations

from handlers.attachments import File
from handlers.licence.awaiting import VISA_DECISION, ask
from handlers.licence.licence import Licence
from handlers.licence.notices import at
from handlers.licence.read import write
from handlers.licence.settings import LicenceSettings
from handlers.registry import Context
from schemas.bindings.visa_request_1 import VisaRequest
from schemas.workflow import Reply, Role, Timer


def ask_for_visa(
    licence: Licence, attached: tuple[File, ...], context: Context
) -> tuple[Licence, Reply, Timer]:
    """The licence that awaits its visa, the request and the timer of its deadline.

    The ministry gets all that was asked for, PDFs included, and a day to answer by.
    """
    settings: LicenceSettings = context.settings
    asking, awaited, timer = ask(
        licence,
        VISA_DECISION,
        licence.version,
        role=Role.MINISTRY,
        now=context.now,
        days=settings.visa_days,
    )
    request = Reply(
        to=Role.MINISTRY,
        payload=VisaRequest(
            dossier_number=licence.number,
            version=licence.version,
            deadline=at(awaited.by),
            declarant=licence.owner,
            licence=write(licence, attached),
        ),
        expects_answer_by=awaited.by,
    )
    return asking, request, timer
