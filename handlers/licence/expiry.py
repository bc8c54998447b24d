"""The end of validity: the declarant is warned, the licence expires, and later it is closed.

A timer bears the licence's version and its last day of use; when either has changed, a new visa or
an extension has set timers of its own, and the old one has nothing to do.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from handlers.days import end_of, today
from handlers.licence import ledger
from handlers.licence.alerts import closing
from handlers.licence.customs_notice import Told, inform
from handlers.licence.licence import Licence
from handlers.licence.notices import tell
from handlers.licence.reserved import reservation_ended
from handlers.licence.settings import LicenceSettings
from handlers.registry import Ring, rings
from schemas.bindings.licence_notice_1 import Action
from schemas.workflow import After, Decision, Dossier, Move, Reply, Timer, stays

EXPIRING, EXPIRY, PURGE = "expiring", "expiry", "purge"

_USABLE = ("granted", "partly_imputed")
#: Neither usable nor over: what customs answers decides whether there is anything left to expire.
_CANCELLING = "cancelling"

MOVES = (
    *stays("licence", After(EXPIRING), "warned", *_USABLE),
    Move("licence", "granted", After(EXPIRY), "expired", "expired"),
    Move("licence", "partly_imputed", After(EXPIRY), "expired", "expired"),
    *stays("licence", After(EXPIRY), "waits", _CANCELLING),
    Move("licence", "expired", After(PURGE), "unused", "closed_unused"),
    Move("licence", "expired", After(PURGE), "cleared", "cleared"),
)


def timers(licence: Licence, settings: LicenceSettings, now: datetime) -> tuple[Timer, ...]:
    """The timers of a visa's validity; the warning only while there is time for it."""
    if licence.visa is None:
        return ()
    end = end_of(licence.visa.valid_until)
    warning = end - timedelta(days=settings.expiry_alert_days)
    return tuple(
        Timer(name=name, due=due, about=_term(licence))
        for name, due in ((EXPIRING, warning), (EXPIRY, end))
        if name == EXPIRY or due > now
    )


def over(licence: Licence, now: datetime) -> bool:
    """Whether the licence's validity has ended in Morocco."""
    return licence.visa is not None and now >= end_of(licence.visa.valid_until)


def end(licence: Licence, settings: LicenceSettings, now: datetime) -> Told:
    """Let a licence expire: its reservations lapse, and it is looked at again before it closes."""
    expired = replace(licence, state="expired", reservations=())
    expired, notice, deadline = inform(expired, Action.REPLACE, settings, now)
    return Told(
        licence=expired,
        replies=(notice, tell(expired, "licence-expired"), *_unreserved(licence, now)),
        timers=(deadline, closes(licence, settings, now)),
    )


def _unreserved(licence: Licence, now: datetime) -> tuple[Reply, ...]:
    """To who counts on the licence: its reservations end with it."""
    day = today(now)
    return tuple(
        reply
        for held in licence.reservations
        for reply in reservation_ended(licence, held, min(held.expires_on, day))
    )


def closes(licence: Licence, settings: LicenceSettings, now: datetime) -> Timer:
    """When an expired licence is looked at again, to be closed if nobody used it."""
    due = now + timedelta(days=settings.purge_days)
    return Timer(name=PURGE, due=due, about=_term(licence))


@rings(EXPIRING, procedure="licence")
def expiring(dossier: Dossier, ring: Ring) -> Decision:
    """Warn the declarant that the validity ends soon."""
    licence = Licence.of(dossier)
    if licence.state not in _USABLE or ring.about != _term(licence) or over(licence, ring.now):
        return Decision()
    return Decision(finding="warned", replies=(tell(licence, "licence-expiring"),))


@rings(EXPIRY, procedure="licence")
def expiry(dossier: Dossier, ring: Ring) -> Decision:
    """Let the licence expire; one that is being cancelled is looked at again a day later."""
    licence = Licence.of(dossier)
    if ring.about != _term(licence) or not over(licence, ring.now):
        return Decision()
    if licence.state == _CANCELLING:
        tomorrow = Timer(name=EXPIRY, due=ring.now + timedelta(days=1), about=ring.about)
        return Decision(finding="waits", timers=(tomorrow,))
    if licence.state not in _USABLE:
        return Decision()
    ended = end(licence, ring.settings, ring.now)
    return Decision(
        finding="expired",
        content=ended.licence.content(),
        replies=ended.replies,
        timers=ended.timers,
        reprint=True,
    )


@rings(PURGE, procedure="licence")
def purge(dossier: Dossier, ring: Ring) -> Decision:
    """Close an expired licence that was never used, or that owes nothing any more."""
    licence = Licence.of(dossier)
    if licence.state != "expired" or ring.about != _term(licence):
        return Decision()
    if ledger.standing(licence, ring.settings, last_use=False) != ledger.UNUSED:
        return closing(licence, ring.settings)
    told = tell(licence, "licence-closed-unused")
    return Decision(finding="unused", replies=(told,), reprint=True)


def _term(licence: Licence) -> str:
    until = "" if licence.visa is None else licence.visa.valid_until.isoformat()
    return f"{licence.version} {until}"
