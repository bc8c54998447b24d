"""How a licence stands today, for whoever holds its paper."""

from __future__ import annotations

import hashlib
from datetime import date

from handlers.licence import STATES
from handlers.licence.licence import Licence
from handlers.standing import Remaining, Standing, Verdict, bad, good
from schemas.workflow import Dossier, State

_VALID = good("valid", "Valable", "صالحة", "Valid")
_NOT_YET = bad("not-yet-granted", "Pas encore visée", "لم تؤشر بعد", "Not yet granted")
_EXPIRED = bad("expired", "Échue", "منتهية الصلاحية", "Expired")
_NOT_BEGUN = bad("not-begun", "Validité à venir", "لم تبدأ صلاحيتها بعد", "Not valid yet")

#: What a state means for whoever holds the paper; a state that is not here is shown by its name.
_VERDICTS = {
    "saved": _NOT_YET,
    "submitted": _NOT_YET,
    "granted": _VALID,
    "partly_imputed": _VALID,
    "imputed": bad("exhausted", "Épuisée", "مستنفدة", "Exhausted"),
    "rejected": bad("rejected", "Rejetée", "مرفوضة", "Rejected"),
    "cancelling": bad("cancelling", "En cours d’annulation", "قيد الإلغاء", "Being cancelled"),
    "cancelled": bad("cancelled", "Annulée", "ملغاة", "Cancelled"),
    "suspended": bad("suspended", "Suspendue", "موقوفة", "Suspended"),
    "revoked": bad("revoked", "Révoquée", "مسحوبة", "Revoked"),
    "expired": _EXPIRED,
    "closed_unused": bad(
        "closed-unused", "Clôturée sans usage", "مغلقة دون استعمال", "Closed unused"
    ),
    "cleared": bad("cleared", "Apurée", "تمت تصفيتها", "Cleared"),
}


def standing(dossier: Dossier, today: date) -> Standing:
    """The licence by its state and days; before its visa it has neither validity nor balances."""
    licence = Licence.of(dossier)
    visa = licence.visa
    start, end = (None, None) if visa is None else (visa.valid_from, visa.valid_until)
    balances = () if visa is None else tuple(licence.balance(one.number) for one in licence.lines)
    state = next(one for one in STATES if one.name == dossier.state)
    return Standing(
        number=dossier.number,
        state=state,
        verdict=_verdict(state, start, end, today),
        content=hashlib.sha256(dossier.content.encode()).hexdigest(),
        papers=frozenset({"licence.pdf"}),
        valid_from=start,
        valid_until=end,
        remaining=tuple(
            Remaining(line=one.line, quantity=str(one.remaining), unit=one.unit) for one in balances
        ),
    )


def _verdict(state: State, start: date | None, end: date | None, today: date) -> Verdict:
    """By the state; a valid paper is judged by its days too, for a timer may ring late."""
    found = _VERDICTS.get(state.name) or bad(state.name, state.fr, state.ar, state.en)
    if found.good and end is not None and end < today:
        return _EXPIRED
    if found.good and start is not None and start > today:
        return _NOT_BEGUN
    return found
