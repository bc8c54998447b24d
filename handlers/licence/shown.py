"""How a licence is shown outside of messages: its facts for the HTTP interface, its paper."""

from __future__ import annotations

from typing import Any

from handlers.licence.licence import Licence
from handlers.licence.paper import LicencePaper, view
from handlers.papers.frame import Issuer
from handlers.registry import Print, Printing
from schemas.workflow import Dossier


def show(dossier: Dossier) -> dict[str, Any]:
    """Visa and balances, decimals and dates as text."""
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
    }


def _licence_paper(dossier: Dossier, printing: Printing) -> tuple[str, LicencePaper]:
    issuer = Issuer(name=printing.issuer_fr, name_ar=printing.issuer_ar)
    licence = Licence.of(dossier)
    return "licence", view(licence, now=printing.now, verify_url=printing.verify_url, issuer=issuer)


PAPERS: dict[str, Print] = {"licence.pdf": _licence_paper}
