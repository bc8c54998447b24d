"""A notice in words: its row filled with the facts, for the signed message and for the e-mail."""

from __future__ import annotations

from handlers.licence.licence import Licence
from handlers.licence.texts import TEXTS
from handlers.notices import Facts, Said
from schemas.workflow import Letter


def said(licence: Licence, code: str, facts: dict[str, object]) -> Said:
    """The notice of that code; raises `KeyError` for an unknown code or a fact that is missing."""
    return TEXTS.said(code, _facts(licence, facts))


def letter(licence: Licence, code: str, /, **facts: object) -> Letter | None:
    """The notice as an e-mail to the exporter; None without an address, or where none is sent."""
    exporter = licence.exporter
    return TEXTS.letter(code, _facts(licence, facts), to=exporter.email, exporter=exporter.name)


def _facts(licence: Licence, facts: dict[str, object]) -> Facts:
    """The facts with what every notice may say of its licence without being told."""
    known: dict[str, object] = {"number": licence.number}
    if licence.visa is not None:
        known["visa"] = licence.visa.number
        known["start"] = licence.visa.valid_from
        known["until"] = licence.visa.valid_until
    return Facts(values=known | facts, currency=licence.currency)
