"""A bank or the declarant proves what a licence's exports brought home."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from handlers.licence.accounts import Account, accounts
from handlers.licence.awaiting import awaits
from handlers.licence.licence import Licence
from handlers.licence.life import Deduction, Proof, Share
from handlers.licence.notices import tell
from handlers.licence.proposals import ANSWER, propose
from handlers.licence.repatriation_rules import ATTESTATION, WARNINGS, Claimed, findings
from handlers.registry import Context, handles
from schemas.bindings.repatriation_proof_1 import RepatriationProof
from schemas.errors import Refused
from schemas.workflow import Decision, Dossier, Reply, Role, Taken, Timer, stays

EVENT = "RepatriationProof"

#: Money may come home for as long as a used licence is not cleared.
MOVES = stays(
    "licence", EVENT, "proved", "partly_imputed", "imputed", "expired", "suspended", "revoked"
)


@handles("RepatriationProof", procedure="licence", roles={Role.BANK, Role.DECLARANT})
def repatriation_proof(message: RepatriationProof, dossier: Dossier, context: Context) -> Decision:
    """Note what came home; what is fully covered by it is proposed to the authority."""
    claimed = Claimed(message=message, licence=Licence.of(dossier), context=context)
    found = findings(claimed)
    if errors := [finding for finding in found if finding.code not in WARNINGS]:
        raise Refused(*errors)
    before = claimed.licence
    proved = replace(before, proofs=(*before.proofs, _proof(claimed)))
    licence, proposals, timers = _propose(proved, claimed)
    return Decision(
        finding="proved",
        content=licence.content(),
        replies=(*_told(licence, claimed), *proposals),
        warnings=tuple(found),
        timers=timers,
        takes=(Taken(kind=ATTESTATION, value=claimed.serial),),
        reprint=True,
        note={
            "bank": message.bank,
            "attestation": message.attestation_number,
            "amount": str(message.amount.value),
            "rate": str(message.rate),
            "declarations": " ".join(share.declaration_number for share in message.split),
            "proposed": str(len(proposals)),
        },
    )


def _proof(claimed: Claimed) -> Proof:
    message = claimed.message
    return Proof(
        bank=message.bank,
        number=message.attestation_number,
        attested_on=message.attestation_date.to_date(),
        amount=message.amount.value,
        rate=message.rate,
        shares=tuple(
            Share(declaration=share.declaration_number, amount=share.amount)
            for share in message.split
        ),
        deductions=tuple(
            Deduction(
                declaration=kept.declaration_number,
                code=kept.deduction_code,
                amount=kept.amount,
                description=kept.description or "",
                digest=file.digest,
            )
            for kept, file in zip(message.deduction, claimed.proofs(), strict=True)
        ),
        filed_by=claimed.context.sender,
    )


def _propose(
    licence: Licence, claimed: Claimed
) -> tuple[Licence, tuple[Reply, ...], tuple[Timer, ...]]:
    """The licence that waits for the authority on each declaration that is covered now."""
    replies: list[Reply] = []
    timers: list[Timer] = []
    for account in _covered(licence, claimed):
        licence, reply, timer = propose(licence, account, claimed.settings, claimed.context.now)
        replies.append(reply)
        timers.append(timer)
    return licence, tuple(replies), tuple(timers)


def _covered(licence: Licence, claimed: Claimed) -> Iterator[Account]:
    """What this proof speaks of and is covered, unless the authority looks at it as such already.

    A proposal that was made while money was missing is made again with what came since.
    """
    touched = {declaration for _, declaration, _ in claimed.places()}
    asked = {
        one.declaration
        for one in accounts(claimed.licence, claimed.settings)
        if one.covered and awaits(licence, ANSWER, one.declaration)
    }
    for account in accounts(licence, claimed.settings):
        if account.declaration in touched - asked and account.covered and not account.closed:
            yield account


def _told(licence: Licence, claimed: Claimed) -> Iterator[Reply]:
    """The declarant learns what its bank has filed."""
    if claimed.context.role is Role.BANK:
        message = claimed.message
        yield tell(
            licence,
            "repatriation-recorded",
            bank=message.bank,
            attestation=message.attestation_number,
            amount=message.amount.value,
        )
