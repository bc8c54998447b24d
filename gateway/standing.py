"""How a paper stands today, in words for whoever holds it: all that the public may know.

Nothing here names a person or goods: numbers, states, days, and what remains on each line.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from gateway.hub import Hub
from schemas.workflow import Dossier, State
from storage.papers import Leaf


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether the paper may be relied on, by a name for programs and in three languages."""

    name: str
    good: bool
    fr: str
    ar: str
    en: str


def _bad(name: str, fr: str, ar: str, en: str) -> Verdict:
    return Verdict(name=name, good=False, fr=fr, ar=ar, en=en)


_VALID = Verdict(name="valid", good=True, fr="Valable", ar="صالحة", en="Valid")
_NOT_YET = _bad("not-yet-granted", "Pas encore visée", "لم تؤشر بعد", "Not yet granted")
_CANCELLED = _bad("cancelled", "Annulée", "ملغاة", "Cancelled")
_EXPIRED = _bad("expired", "Échue", "منتهية الصلاحية", "Expired")
_NOT_BEGUN = _bad("not-begun", "Validité à venir", "لم تبدأ صلاحيتها بعد", "Not valid yet")

#: What a state means for whoever holds the paper; a state that is not here is shown by its name.
_VERDICTS = {
    "saved": _NOT_YET,
    "submitted": _NOT_YET,
    "granted": _VALID,
    "partly_imputed": _VALID,
    "imputed": _bad("exhausted", "Épuisée", "مستنفدة", "Exhausted"),
    "rejected": _bad("rejected", "Rejetée", "مرفوضة", "Rejected"),
    "cancelling": _bad("cancelling", "En cours d’annulation", "قيد الإلغاء", "Being cancelled"),
    "cancelled": _CANCELLED,
    "suspended": _bad("suspended", "Suspendue", "موقوفة", "Suspended"),
    "revoked": _bad("revoked", "Révoquée", "مسحوبة", "Revoked"),
    "expired": _EXPIRED,
    "closed_unused": _bad(
        "closed-unused", "Clôturée sans usage", "مغلقة دون استعمال", "Closed unused"
    ),
    "cleared": _bad("cleared", "Apurée", "تمت تصفيتها", "Cleared"),
}


#: A blank form vouches for nothing, so there is nothing to compare.
_BLANK = "blank.pdf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Remaining:
    """What a line still allows, as text, in its unit (Rec 20)."""

    line: int
    quantity: str
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicPaper:
    """All that the public may know of a paper.

    `content` is the SHA-256 (hex) that a paper printed now would bear, `papers` the files in force
    by name with theirs.
    """

    number: str
    state: State
    version: int
    verdict: Verdict
    valid_from: date | None
    valid_until: date | None
    remaining: tuple[Remaining, ...]
    content: str
    papers: tuple[tuple[str, str], ...]
    changed: str
    now: str

    def facts(self) -> dict[str, Any]:
        """The same for programs."""
        return {
            "number": self.number,
            "version": self.version,
            "state": self.state.name,
            "verdict": self.verdict.name,
            "good": self.verdict.good,
            "valid_from": _iso(self.valid_from),
            "valid_until": _iso(self.valid_until),
            "remaining": [
                {"line": one.line, "quantity": one.quantity, "unit": one.unit}
                for one in self.remaining
            ],
            "content_sha256": self.content,
            "papers": [{"name": name, "sha256": digest} for name, digest in self.papers],
            "changed_at": self.changed,
            "answered_at": self.now,
        }


def public_paper(hub: Hub, dossier: Dossier, kept: Sequence[Leaf] = ()) -> PublicPaper | None:
    """What a dossier's page shows now; None for a state that no table knows."""
    procedure = hub.registry.procedures[dossier.procedure]
    state = procedure.state(dossier.state)
    if state is None:
        return None
    shown = procedure.show(dossier, getattr(hub.settings, procedure.name))
    visa = shown.get("visa") or {}
    valid_from, valid_until = _day(visa.get("valid_from")), _day(visa.get("valid_until"))
    now = hub.clock()
    return PublicPaper(
        number=dossier.number,
        state=state,
        version=dossier.version,
        verdict=_verdict(state, valid_from, valid_until, now.date()),
        valid_from=valid_from,
        valid_until=valid_until,
        remaining=tuple(_remaining(balance) for balance in shown["balances"]) if visa else (),
        content=hashlib.sha256(dossier.content.encode()).hexdigest(),
        papers=tuple(
            (leaf.name, leaf.digest)
            for leaf in kept
            if leaf.state == "current" and leaf.name != _BLANK
        ),
        changed=f"{dossier.changed_at:%Y-%m-%d %H:%M} UTC",
        now=f"{now:%Y-%m-%d %H:%M} UTC",
    )


def _verdict(state: State, start: date | None, end: date | None, today: date) -> Verdict:
    """By the state; a valid paper is judged by its days too, for a timer may ring late."""
    found = _VERDICTS.get(state.name) or _bad(state.name, state.fr, state.ar, state.en)
    if found.good and end is not None and end < today:
        return _EXPIRED
    if found.good and start is not None and start > today:
        return _NOT_BEGUN
    return found


def _remaining(balance: dict[str, Any]) -> Remaining:
    return Remaining(line=balance["line"], quantity=balance["remaining"], unit=balance["unit"])


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
