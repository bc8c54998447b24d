"""How a licence is shown outside of messages: its facts for the HTTP interface, its paper."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from handlers.licence.accounts import Account, accounts
from handlers.licence.licence import Licence
from handlers.licence.paper import LicencePaper, blank, view
from handlers.licence.settings import LicenceSettings
from handlers.papers.frame import Issuer
from handlers.registry import Print, Printing
from schemas.facets import amount, words
from schemas.workflow import Dossier


def show(dossier: Dossier, settings: LicenceSettings) -> dict[str, Any]:
    """Visa, balances and the declarations' accounts, decimals and dates as text."""
    licence = Licence.of(dossier)
    visa = licence.visa
    return {
        "exporter": licence.exporter.name,
        "total": str(licence.total),
        "currency": licence.currency,
        "visa": None
        if visa is None
        else {
            "number": visa.number,
            "valid_from": visa.valid_from.isoformat(),
            "valid_until": visa.valid_until.isoformat(),
        },
        "reason": licence.reason,
        "awaited": [
            {
                "answer": one.answer,
                "role": one.role,
                "since": one.since.isoformat(),
                "by": one.by.isoformat(),
                "overdue": one.overdue,
            }
            for one in licence.awaited
        ],
        "reservations": [
            {
                "office": held.office,
                "declaration": held.declaration,
                "line": held.line,
                "quantity": str(held.quantity),
                "value": str(held.value),
                "until": held.expires_on.isoformat(),
            }
            for held in licence.reservations
        ],
        "balances": [
            {
                "line": balance.line,
                "unit": balance.unit,
                "granted": str(balance.granted),
                "imputed": str(balance.imputed),
                "remaining": str(balance.remaining),
            }
            for balance in (licence.balance(line.number) for line in licence.lines)
        ],
        "accounts": [_account(one) for one in accounts(licence, settings)],
    }


def _account(account: Account) -> dict[str, Any]:
    decision = account.decision
    return {
        "declaration": account.declaration,
        "due_on": account.due_on.isoformat(),
        "imputed": str(account.imputed),
        "repatriated": str(account.repatriated),
        "deducted": str(account.deducted),
        "cleared": account.cleared,
        "decision": None
        if decision is None
        else {
            "decision": decision.decision,
            "officer": decision.officer,
            "decided_on": decision.decided_on.isoformat(),
            "reason": decision.reason,
        },
    }


def facets(dossier: Dossier) -> frozenset[tuple[str, str]]:
    """What a licence is found by: each value exact, each word of a name by itself."""
    licence = Licence.of(dossier)
    exporter, consignee = licence.exporter, licence.consignee
    each: dict[str, Iterable[str]] = {
        "exporter": words(exporter.name),
        "ice": (exporter.ice,),
        "register": (exporter.register_number,),
        "consignee": () if consignee is None else words(consignee.name),
        "category": (licence.category,),
        "currency": (licence.currency,),
        "total": (amount(licence.total),),
        "procedure": (licence.customs_procedure,),
        "office": (licence.customs_office,),
        "payment": (licence.payment_terms,),
        "incoterm": (licence.incoterm,),
        "country": licence.countries,
        "code": (line.code for line in licence.lines),
        "origin": (line.origin for line in licence.lines),
        "invoice": (invoice.number for invoice in licence.invoices),
        "visa": () if licence.visa is None else (licence.visa.number,),
        "declaration": (entry.declaration for entry in licence.entries),
        "awaited": (one.role for one in licence.awaited),
    }
    return frozenset((name, value) for name, values in each.items() for value in values if value)


def _licence_paper(dossier: Dossier, printing: Printing) -> tuple[str, LicencePaper]:
    issuer = Issuer(name=printing.issuer_fr, name_ar=printing.issuer_ar)
    licence = Licence.of(dossier)
    return "licence", view(
        licence,
        now=printing.now,
        verify_url=printing.verify_url,
        issuer=issuer,
        accounts=accounts(licence, printing.settings),
    )


def _blank(_dossier: Dossier, printing: Printing) -> tuple[str, LicencePaper]:
    issuer = Issuer(name=printing.issuer_fr, name_ar=printing.issuer_ar)
    return "licence", blank(now=printing.now, issuer=issuer)


PAPERS: dict[str, Print] = {"licence.pdf": _licence_paper, "blank.pdf": _blank}
