"""Contras that come before their originals: kept, applied when those arrive, dropped in the end.

So that the order in which customs' messages arrive does not matter.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

from handlers.licence import STATES, ledger
from handlers.licence.awaiting import answered
from handlers.licence.customs_notice import ACKNOWLEDGEMENT
from handlers.licence.imputing import EVENT, OPEN, Asked, differs, exceeds_left
from handlers.licence.licence import Licence
from handlers.licence.life import WaitingContra
from handlers.licence.notices import notify
from handlers.registry import Reader, Ring, rings
from schemas.errors import Code, Finding, Refused
from schemas.workflow import (
    After,
    Decision,
    Dossier,
    Entry,
    LineOutcome,
    Reply,
    Timer,
    stays,
)

#: The finding of a contra that is kept, and the timer that ends its patience.
WAITS, CONTRA = "waits", "contra"

MOVES = (
    *stays("licence", EVENT, WAITS, *OPEN),
    *stays("licence", After(CONTRA), "dropped", *(state.name for state in STATES)),
)

_MOST = 99  #: at once on one licence: an outcome has room for 200 balances


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What an arriving original sets free: the licence after it, new entries, news for customs."""

    licence: Licence
    entries: tuple[Entry, ...]
    replies: tuple[Reply, ...]


def waiting(asked: Asked) -> WaitingContra:
    """The contra as it is kept."""
    message = asked.message
    if asked.quantity is None or message.original_number is None:
        raise ValueError("a contra is kept only after it has passed its rules")
    return WaitingContra(
        sender=asked.context.sender,
        number=message.imputation_number,
        office=message.customs_office,
        corrects=message.original_number,
        line=message.line,
        quantity=asked.quantity,
        value=message.value.value,
        declaration=message.declaration_number,
        declared_on=message.declaration_date.to_date(),
        imputed_on=message.imputation_date.to_date(),
        since=asked.context.now,
    )


def keep(asked: Asked, warnings: tuple[Finding, ...]) -> Decision:
    """The contra waits; refused when too many do."""
    if len(asked.licence.contras) >= _MOST:
        raise Refused(Finding(code=Code.TOO_MANY_CONTRAS_WAITING, fields={"limit": _MOST}))
    kept, licence = waiting(asked), asked.licence
    if licence.state != "cancelling":  # there customs owes its word on the recall
        licence = answered(licence, ACKNOWLEDGEMENT)
    until = asked.context.now + timedelta(days=asked.settings.contra_days)
    waits = Finding(
        code=Code.CONTRA_WAITS,
        path="OriginalNumber",
        value=kept.corrects,
        fields={"found": kept.corrects, "office": kept.office, "until": until.date()},
    )
    return Decision(
        finding=WAITS,
        content=replace(licence, contras=(*licence.contras, kept)).content(),
        warnings=(*warnings, waits),
        balances=(ledger.unmoved(licence, kept.line, LineOutcome.WAITING),),
        timers=(Timer(name=CONTRA, due=until, about=_about(kept)),),
        note={"contra": kept.number, "waits_for": kept.corrects, "until": until.date().isoformat()},
    )


def _about(kept: WaitingContra) -> str:
    return f"{kept.office} {kept.number}"


def released(licence: Licence, entry: Entry, read: Reader) -> Applied:
    """The contras that waited for this entry, each applied when it passes now, else dropped."""
    entries: list[Entry] = []
    replies: list[Reply] = []
    for kept in licence.contras:
        if (kept.office, kept.corrects) != (entry.office, entry.number):
            continue
        findings = tuple(_misfits(kept, licence, entry, read))
        if not findings:
            entries.append(_entry(kept))
            licence = replace(licence, entries=(*licence.entries, entries[-1]))
        replies.append(_told(licence, kept, findings))
        left = tuple(one for one in licence.contras if one is not kept)
        licence = replace(licence, contras=left)
    return Applied(licence=licence, entries=tuple(entries), replies=tuple(replies))


def _misfits(
    kept: WaitingContra, licence: Licence, entry: Entry, read: Reader
) -> Iterator[Finding]:
    """What a contra must still pass now that its original is there."""
    taken = any((one.office, one.number) == (kept.office, kept.number) for one in licence.entries)
    if taken or read.entry(kept.office, kept.number) is not None:
        yield Finding(
            code=Code.IMPUTATION_NUMBER_USED,
            fields={"found": kept.number, "office": kept.office},
        )
    if kept.declaration != entry.declaration:
        yield differs("DeclarationNumber", kept.declaration, entry.declaration, entry)
    if kept.line != entry.line:
        yield differs("Line", str(kept.line), str(entry.line), entry)
    else:
        yield from exceeds_left(entry, licence, kept.quantity, kept.value)


def _entry(kept: WaitingContra) -> Entry:
    return Entry(
        number=kept.number,
        office=kept.office,
        kind=CONTRA,
        line=kept.line,
        quantity=-kept.quantity,
        value=-kept.value,
        declaration=kept.declaration,
        declared_on=kept.declared_on,
        imputed_on=kept.imputed_on,
        corrects=kept.corrects,
    )


def _told(licence: Licence, kept: WaitingContra, findings: tuple[Finding, ...]) -> Reply:
    """To customs: what became of the contra that waited."""
    if findings:
        return _dropped(
            licence,
            kept,
            fr=" ".join(finding.french() for finding in findings),
            en=" ".join(finding.english() for finding in findings),
        )
    return notify(
        kept.sender,
        licence,
        "contra-applied",
        fr=f"La contre-passation {kept.number} du bureau {kept.office} sur la licence"
        f" {licence.number} est faite : l'imputation {kept.corrects} est arrivée.",
        en=f"The contra {kept.number} of the office {kept.office} on the licence"
        f" {licence.number} is made: the imputation {kept.corrects} has come.",
    )


def _dropped(licence: Licence, kept: WaitingContra, *, fr: str, en: str) -> Reply:
    return notify(
        kept.sender,
        licence,
        "contra-dropped",
        fr=f"La contre-passation {kept.number} du bureau {kept.office} sur la licence"
        f" {licence.number} est abandonnée. {fr}",
        en=f"The contra {kept.number} of the office {kept.office} on the licence"
        f" {licence.number} is dropped. {en}",
    )


@rings(CONTRA, procedure="licence")
def out_of_patience(dossier: Dossier, ring: Ring) -> Decision:
    """Drop a contra whose original never came, and say so to customs."""
    licence = Licence.of(dossier)
    kept = next((one for one in licence.contras if _about(one) == ring.about), None)
    if kept is None:
        return Decision()
    left = tuple(one for one in licence.contras if one is not kept)
    return Decision(
        finding="dropped",
        content=replace(licence, contras=left).content(),
        replies=(
            _dropped(
                licence,
                kept,
                fr=f"L'imputation {kept.corrects} n'est pas arrivée.",
                en=f"The imputation {kept.corrects} has not come.",
            ),
        ),
        note={"contra": kept.number, "waited_for": kept.corrects},
    )
