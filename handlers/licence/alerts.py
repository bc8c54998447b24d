"""The days on which proceeds are due: the declarant is reminded, then told; the authority asked."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from handlers.days import midnight, today
from handlers.licence.accounts import MORE_TIME, Account, account, all_cleared
from handlers.licence.awaiting import answered, awaits
from handlers.licence.licence import Licence
from handlers.licence.notices import tell
from handlers.licence.proposals import ANSWER, propose
from handlers.licence.settings import LicenceSettings
from handlers.registry import Ring, rings
from schemas.workflow import After, Decision, Dossier, Move, Reply, Timer, stays

REPATRIATION, OVERDUE = "repatriation", "repatriation-overdue"

#: A licence in any other state owes nothing: never used, all given back, or cleared.
OWING = ("partly_imputed", "imputed", "expired", "suspended", "revoked")
#: The states from which nothing more is imputed, so that a clearance of all is the end.
ENDING = frozenset({"imputed", "expired", "revoked"})

MOVES = (
    *stays("licence", After(REPATRIATION), "reminded", *OWING),
    *stays("licence", After(OVERDUE), "asked", *OWING),
    *(Move("licence", state, After(OVERDUE), "cleared", "cleared") for state in sorted(ENDING)),
)


def alert_timers(
    licence: Licence, declarations: Iterable[str], settings: LicenceSettings
) -> tuple[Timer, ...]:
    """The timers of these declarations' due dates, to go into the decision that moved the dates.

    Whoever enters what consumes (an original, a late one, an adjustment upwards) sets them: the
    licence with the new entries in it, and the declarations that they are of. The older timers of
    the declaration are not good any more; a contra moves no date and needs none.
    """
    timers: list[Timer] = []
    for declaration in dict.fromkeys(declarations):
        found = account(licence, declaration, settings)
        if found is None or found.closed:
            continue
        about = _about(licence, declaration)
        ahead = timedelta(days=settings.repatriation_alert_days)
        timers.append(Timer(name=REPATRIATION, due=midnight(found.due_on - ahead), about=about))
        after = midnight(found.due_on + timedelta(days=1))
        timers.append(Timer(name=OVERDUE, due=after, about=about))
    return tuple(timers)


def _about(licence: Licence, declaration: str) -> str:
    """The declaration, and how often its date was set: only the last date's timers count."""
    consumed = sum(one.declaration == declaration and one.value > 0 for one in licence.entries)
    postponed = sum(
        one.declaration == declaration and one.decision == MORE_TIME for one in licence.clearances
    )
    return f"{declaration} {consumed + postponed}"


def _owing(licence: Licence, ring: Ring) -> Account | None:
    """The account that a timer is about; None when its date was set anew, or nothing is open."""
    declaration = ring.about.partition(" ")[0]
    if licence.state not in OWING or ring.about != _about(licence, declaration):
        return None
    found = account(licence, declaration, ring.settings)
    return None if found is None or found.closed else found


@rings(REPATRIATION, procedure="licence")
def reminder(dossier: Dossier, ring: Ring) -> Decision:
    """Remind the declarant of what has to come home, as long as it is not overdue."""
    licence = Licence.of(dossier)
    found = _owing(licence, ring)
    if found is None or found.covered or today(ring.now) > found.due_on:
        return Decision()
    return Decision(
        finding="reminded",
        replies=(_tell(licence, "repatriation-due", found),),
        note=_note(found),
    )


@rings(OVERDUE, procedure="licence")
def overdue(dossier: Dossier, ring: Ring) -> Decision:
    """Tell the declarant that the money is late, and ask the authority what is to be done.

    Where a contra left nothing missing, or took the last open account away, that comes to light
    here at the latest: the authority is asked, or the licence cleared.
    """
    licence = Licence.of(dossier)
    found = _owing(licence, ring)
    if found is None:
        return closing(licence, ring.settings)
    if today(ring.now) <= found.due_on:
        return Decision()
    told = () if found.covered else (_tell(licence, "repatriation-overdue", found),)
    if awaits(licence, ANSWER, found.declaration):
        return Decision(finding="asked", replies=told, note=_note(found)) if told else Decision()
    waiting, proposal, timer = propose(licence, found, ring.settings, ring.now)
    return Decision(
        finding="asked",
        content=waiting.content(),
        replies=(*told, proposal),
        timers=(timer,),
        note=_note(found),
    )


def closing(licence: Licence, settings: LicenceSettings) -> Decision:
    """The end of a licence whose every declaration is cleared; else nothing.

    A question about a declaration that was given back meanwhile needs no answer any more.
    """
    if licence.state not in ENDING or not all_cleared(licence, settings):
        return Decision()
    return Decision(
        finding="cleared",
        content=answered(licence, ANSWER).content(),
        replies=(tell(licence, "licence-cleared"),),
        reprint=True,
    )


def _tell(licence: Licence, code: str, found: Account) -> Reply:
    return tell(
        licence, code, declaration=found.declaration, amount=found.missing, due=found.due_on
    )


def _note(found: Account) -> dict[str, str]:
    return {
        "declaration": found.declaration,
        "missing": str(found.missing),
        "due": found.due_on.isoformat(),
    }
