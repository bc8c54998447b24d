"""Reads an acknowledgement back into plain facts, for clients, screens and the message's page."""

from __future__ import annotations

from typing import Any

from schemas import bind
from schemas.bindings.acknowledgement_1 import Acknowledgement, Receipt
from schemas.bindings.common_1 import LocalText, Problem
from schemas.envelope import payload
from schemas.parse import parse


def read_outcome(document: bytes) -> dict[str, Any]:
    """Stage, status, dossier, balances, errors and warnings of a stored acknowledgement."""
    return facts(bind.read(payload(parse(document)), Acknowledgement))


def facts(found: Acknowledgement) -> dict[str, Any]:
    """The same from the binding."""
    dossier = found.dossier
    return {
        "stage": found.stage.value,
        "status": found.status.value.value,
        "code": found.status.code.value,
        "answers": found.answers.instance_identifier,
        "digest": found.answers.digest,
        "dossier": None
        if dossier is None
        else {
            "number": dossier.number,
            "version": dossier.version,
            "state": None if dossier.state is None else dossier.state.value,
            "state_fr": None if dossier.state is None else dossier.state.fr,
            "would_be": None if dossier.would_be_state is None else dossier.would_be_state.value,
        },
        "balances": [
            {
                "line": balance.line,
                "unit": balance.unit,
                "granted": str(balance.granted),
                "before": str(balance.imputed_before),
                "delta": str(balance.imputed_delta),
                "after": str(balance.imputed_after),
                "remaining": str(balance.remaining),
                "outcome": None if balance.outcome is None else balance.outcome.value,
                "receipt": None if balance.receipt is None else receipt_facts(balance.receipt),
            }
            for balance in found.balance
        ],
        "errors": [problem_facts(error) for error in found.error],
        "warnings": [problem_facts(warning) for warning in found.warning],
    }


def receipt_facts(found: Receipt) -> dict[str, Any]:
    """One link of a line's chain of balances."""
    return {
        "office": found.customs_office,
        "number": found.imputation_number,
        "kind": found.type_value.value,
        "corrects": found.original_number,
        "declaration": found.declaration_number,
        "value": str(found.value.value),
        "currency": found.value.currency,
        "previous": found.previous,
        "digest": found.digest,
    }


def problem_facts(found: Problem) -> dict[str, Any]:
    """One error or warning in plain words."""
    return {
        "code": found.code,
        "xpath": found.xpath,
        "line": found.line,
        "value": found.value,
        "text": _texts(found.text),
        "repair": _texts(found.repair),
    }


def _texts(texts: tuple[LocalText, ...]) -> dict[str, str]:
    return {text.lang.value: text.value for text in texts}
