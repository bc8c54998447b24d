"""Customs writes a declaration off against one line of a licence, corrects it, or gives it back."""

from __future__ import annotations

from dataclasses import replace

from handlers.licence import expiry, ledger, waiting_contra
from handlers.licence.alerts import alert_timers
from handlers.licence.awaiting import answered
from handlers.licence.customs_notice import ACKNOWLEDGEMENT, Told, inform
from handlers.licence.imputation_rules import USABLE, is_warning
from handlers.licence.imputing import EVENT, RULES, WAITING, Asked, entered, must_wait
from handlers.licence.licence import Licence
from handlers.licence.notices import tell
from handlers.licence.receipts import movements
from handlers.licence.reserved import consumed
from handlers.registry import Context, handles
from schemas.bindings.imputation_1 import Imputation
from schemas.bindings.licence_notice_1 import Action
from schemas.errors import Code, Finding, Refused
from schemas.workflow import (
    Decision,
    Dossier,
    Entry,
    LineOutcome,
    Move,
    Role,
    stays,
)

#: The finding of a licence that a correction opens again after its validity.
ENDED = "ended"

#: Where the ledger leads a licence that its entries may move; one that the hub or the ministry
#: stopped stays stopped, whatever customs corrects.
MOVES = (
    *(
        Move("licence", state, EVENT, finding, to)
        for state in ("granted", "partly_imputed", "imputed", "cancelling")
        for finding, to in (
            (ledger.UNUSED, "granted"),
            (ledger.PART, "partly_imputed"),
            (ledger.WHOLE, "imputed"),
        )
    ),
    *(
        move
        for finding in (ledger.UNUSED, ledger.PART, ledger.WHOLE)
        for move in stays("licence", EVENT, finding, "expired", "suspended", "revoked")
    ),
    Move("licence", "imputed", EVENT, ENDED, "expired"),
)


@handles("Imputation", procedure="licence", roles={Role.CUSTOMS})
def imputation(message: Imputation, dossier: Dossier, context: Context) -> Decision:
    """Enter what customs imputed, corrected or gave back; an excess is refused whole."""
    asked = Asked(message=message, licence=Licence.of(dossier), context=context)
    if _seen(asked):
        return _already(asked)
    waits = must_wait(asked)
    rules = WAITING if waits else RULES[message.type_value]
    findings = tuple(finding for rule in rules for finding in rule(asked))
    errors = [finding for finding in findings if not is_warning(finding, asked.settings)]
    if errors:
        raise Refused(*errors)
    return waiting_contra.keep(asked, findings) if waits else _enter(asked, findings)


def _enter(asked: Asked, warnings: tuple[Finding, ...]) -> Decision:
    """The entry, with the contras that waited for it and all that follows."""
    before, context, entry = asked.licence, asked.context, entered(asked)
    used = consumed(replace(before, entries=(*before.entries, entry)), entry)
    freed = waiting_contra.released(_known(used), entry, context.read)
    entries = (entry, *freed.entries)
    finding = _finding(asked, freed.licence, last_use=_is_last(asked) and not freed.entries)
    follows = _follows(finding, freed.licence, asked)
    alerts = alert_timers(freed.licence, _consuming(entries), asked.settings)
    return Decision(
        finding=finding,
        content=_content(before, follows.licence),
        entries=entries,
        replies=(*freed.replies, *follows.replies),
        warnings=warnings,
        balances=movements(before, entries),
        timers=(*alerts, *follows.timers),
        reprint=True,
        note=_note(asked, entry, freed.entries),
    )


def _consuming(entries: tuple[Entry, ...]) -> list[str]:
    """The declarations whose proceeds these entries make due on a new day."""
    return [one.declaration for one in entries if one.value > 0]


def _is_last(asked: Asked) -> bool:
    return asked.message.last_use is True


def _known(licence: Licence) -> Licence:
    """A licence that customs uses is known there, whether it said so or not."""
    return answered(licence, ACKNOWLEDGEMENT) if licence.state in USABLE else licence


def _finding(asked: Asked, after: Licence, *, last_use: bool) -> str:
    """What the ledger says after it; a licence opened again after its validity has expired."""
    found = ledger.standing(after, asked.settings, last_use=last_use)
    opened = after.state == "imputed" and found != ledger.WHOLE
    return ENDED if opened and expiry.over(after, asked.context.now) else found


def _content(before: Licence, after: Licence) -> str | None:
    """The licence's content when anything but its ledger changed."""
    same = replace(after, entries=before.entries, state=before.state) == before
    return None if same else after.content()


def _follows(finding: str, licence: Licence, asked: Asked) -> Told:
    """What else follows: a cancellation that was overtaken, a validity that had ended."""
    settings, now = asked.settings, asked.context.now
    if finding == ENDED:
        return expiry.end(licence, settings, now)
    if licence.state == "expired" and finding == ledger.UNUSED:
        return Told(licence=licence, timers=(expiry.closes(licence, settings, now),))
    if licence.state != "cancelling":
        return Told(licence=licence)
    kept = replace(licence, state=ledger.MEANS[finding], reason="")
    told = tell(kept, "cancellation-refused", reason=f"DUM {asked.message.declaration_number}")
    informed, notice, deadline = inform(kept, Action.REPLACE, settings, now)
    return Told(licence=informed, replies=(told, notice), timers=(deadline,))


def _note(asked: Asked, entry: Entry, freed: tuple[Entry, ...]) -> dict[str, str]:
    note = {
        "imputation": entry.number,
        "kind": entry.kind,
        "declaration": entry.declaration,
        "article": str(asked.message.article),
        "line": str(entry.line),
        "quantity": str(entry.quantity),
        "value": str(entry.value),
    }
    if entry.corrects is not None:
        note["corrects"] = entry.corrects
    if freed:
        note["contras"] = " ".join(one.number for one in freed)
    return note


def _seen(asked: Asked) -> bool:
    """Whether this imputation, or contra that waits, is there already with the same content."""
    message, licence = asked.message, asked.licence
    line = licence.line(message.line)
    goods = (message.commodity_code, message.value.currency)
    if line is None or asked.quantity is None or goods != (line.code, licence.currency):
        return False
    key = (message.customs_office, message.imputation_number)
    for position, entry in enumerate(licence.entries):
        if (entry.office, entry.number) == key:
            earlier = replace(licence, entries=licence.entries[:position])
            return entered(replace(asked, licence=earlier)) == entry
    if not must_wait(asked):
        return False
    again = waiting_contra.waiting(asked)
    return any(
        replace(one, sender=again.sender, since=again.since) == again for one in licence.contras
    )


def _already(asked: Asked) -> Decision:
    """Nothing is done twice; the outcome says how the line stands."""
    number, office = asked.message.imputation_number, asked.message.customs_office
    seen = Finding(
        code=Code.ALREADY_IMPUTED,
        path="ImputationNumber",
        value=number,
        fields={"found": number, "office": office},
    )
    return Decision(
        warnings=(seen,),
        balances=(ledger.unmoved(asked.licence, asked.message.line, LineOutcome.ALREADY_SEEN),),
    )
