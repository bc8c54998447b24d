"""How the hub proposes to clear a declaration: the authority is asked, in time, and decides."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from xsdata.models.datatype import XmlDate

from handlers.licence.accounts import Account
from handlers.licence.awaiting import ask
from handlers.licence.licence import Licence
from handlers.licence.notices import at
from handlers.licence.settings import LicenceSettings
from schemas.bindings.clearance_proposal_1 import ClearanceProposal, Proposal
from schemas.bindings.common_1 import Amount
from schemas.workflow import Reply, Role, Timer

#: What the authority answers with.
ANSWER = "ClearanceDecision"

#: Who clears: the first of them that anybody holds.
AUTHORITY = (Role.EXCHANGE_OFFICE, Role.MINISTRY)


def propose(
    licence: Licence, account: Account, settings: LicenceSettings, now: datetime
) -> tuple[Licence, Reply, Timer]:
    """The licence that waits for the authority, what the authority is asked, and the deadline.

    In full when everything came home; else it is for the authority to say whether the deductions,
    or what is missing, are justified.
    """
    waiting, awaited, timer = ask(
        licence,
        ANSWER,
        account.declaration,
        role=Role.EXCHANGE_OFFICE,
        now=now,
        days=settings.clearance_days,
    )
    home = account.repatriated >= account.imputed

    def amount(value: Decimal) -> Amount:
        return Amount(value=value, currency=licence.currency)

    payload = ClearanceProposal(
        dossier_number=licence.number,
        declarant=licence.owner,
        declaration_number=account.declaration,
        imputed=amount(account.imputed),
        repatriated=amount(account.repatriated),
        deducted=amount(account.deducted),
        due_date=XmlDate.from_date(account.due_on),
        proposal=Proposal.FULL if home else Proposal.SHORTFALL,
        deadline=at(awaited.by),
    )
    return waiting, Reply(to=AUTHORITY, payload=payload, expects_answer_by=awaited.by), timer
