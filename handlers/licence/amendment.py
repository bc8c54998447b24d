"""The declarant changes a granted licence that nobody has used: a new version, for a new visa.

Until the ministry has decided again nobody may use it; a licence with imputations, or one on which
the ministry is still deciding, has no move from here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from handlers.licence.customs_notice import inform
from handlers.licence.licence import Licence
from handlers.licence.read import files, read
from handlers.licence.reserved import unreserved
from handlers.licence.rules import SUBMISSION, Asked, findings
from handlers.licence.visa_asking import ask_for_visa
from handlers.registry import Context, handles
from schemas.bindings.licence_amendment_1 import LicenceAmendment
from schemas.bindings.licence_notice_1 import Action
from schemas.errors import Code, Finding, Refused
from schemas.workflow import Decision, Dossier, Move, Role

EVENT = "LicenceAmendment"

MOVES = (Move("licence", "granted", EVENT, "amended", "submitted"),)

Rule = Callable[[LicenceAmendment, Licence, Context], Iterator[Finding]]


@handles("LicenceAmendment", procedure="licence", roles={Role.DECLARANT})
def amendment(message: LicenceAmendment, dossier: Dossier, context: Context) -> Decision:
    """Put new content in place of a granted licence's, and ask for a new visa."""
    before = Licence.of(dossier)
    attached = files(message.licence, context.parts)
    wrong = [finding for rule in RULES for finding in rule(message, before, context)]
    wrong += findings(SUBMISSION, Asked.of(message.licence, attached, context))
    if wrong:
        raise Refused(*wrong)
    version = before.version + 1
    amended = read(message.licence, attached, dossier, context)
    amended = replace(amended, version=version, state="submitted")
    amended, request, visa_timer = ask_for_visa(amended, attached, context)
    amended, notice, customs_timer = inform(amended, Action.REPLACE, context.settings, context.now)
    return Decision(
        finding="amended",
        content=amended.content(),
        version=version,
        replies=(request, notice),
        timers=(visa_timer, customs_timer),
        reprint=True,
        note={} if message.reason is None else {"reason": message.reason},
    )


def version_current(
    message: LicenceAmendment, licence: Licence, context: Context
) -> Iterator[Finding]:
    """The change is made to the licence as it is, not as it was."""
    if message.base_version != licence.version:
        yield Finding(
            code=Code.VERSION_STALE,
            path="BaseVersion",
            value=str(message.base_version),
            fields={"found": message.base_version, "current": licence.version},
        )


def nothing_reserved(
    message: LicenceAmendment, licence: Licence, context: Context
) -> Iterator[Finding]:
    """No declaration counts on what is to change."""
    yield from unreserved(licence, context.now)


def currency_kept(
    message: LicenceAmendment, licence: Licence, context: Context
) -> Iterator[Finding]:
    """The currency is frozen once the licence was asked for (manual: « non modifiable »)."""
    found = message.licence.currency
    if found not in (None, licence.currency):
        yield Finding(
            code=Code.CURRENCY_FROZEN,
            path="Licence/Currency",
            value=found,
            fields={"found": found, "expected": licence.currency},
        )


def exporter_kept(
    message: LicenceAmendment, licence: Licence, context: Context
) -> Iterator[Finding]:
    """A licence does not pass to another exporter."""
    exporter = message.licence.exporter
    if exporter is not None and exporter.ice != licence.exporter.ice:
        yield Finding(
            code=Code.EXPORTER_FROZEN,
            path="Licence/Exporter/ICE",
            value=exporter.ice,
            fields={"found": exporter.ice, "expected": licence.exporter.ice},
        )


RULES: tuple[Rule, ...] = (version_current, nothing_reserved, currency_kept, exporter_kept)
