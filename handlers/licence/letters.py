"""A notice in words: its row filled with the facts, for the signed message and for the e-mail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum

from handlers.days import today
from handlers.licence.licence import Licence
from handlers.licence.texts import IN_WORDS, NOTICES, OPTIONAL, WORDS, Language
from handlers.papers.figures import amount, plain
from schemas.workflow import Letter

_LONGEST = 1000  #: characters of one fact: several of them still make a message
_ISOLATE, _END = "\u2068", "\u2069"  #: a French name or a figure within an Arabic sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One notice in words, without the subjects."""

    fr: str
    en: str
    ar: str


def said(licence: Licence, code: str, facts: dict[str, object]) -> Said:
    """The notice of that code; raises `KeyError` for an unknown code or a fact that is missing."""
    notice = NOTICES[code]
    return Said(
        fr=_filled(notice.fr, "fr", licence, facts),
        en=_filled(notice.en, "en", licence, facts),
        ar=_filled(notice.ar, "ar", licence, facts),
    )


def letter(licence: Licence, code: str, /, **facts: object) -> Letter | None:
    """The notice as an e-mail to the exporter; None without an address, or where none is sent."""
    notice = NOTICES[code]
    if not (licence.exporter.email and notice.mailed):
        return None
    exporter: dict[str, object] = {"exporter": licence.exporter.name}
    return Letter(
        to=licence.exporter.email,
        subject_fr=_filled(notice.subject_fr, "fr", licence, facts),
        subject_ar=_filled(notice.subject_ar, "ar", licence, facts),
        fr=_filled(f"{notice.fr}\nExportateur : {{exporter}}", "fr", licence, facts | exporter),
        ar=_filled(f"{notice.ar}\nالمصدر: {{exporter}}", "ar", licence, facts | exporter),
    )


def _filled(text: str, language: Language, licence: Licence, facts: dict[str, object]) -> str:
    known = _known(licence) | facts
    words = {name: _word(name, value, language, licence) for name, value in known.items()}
    for name, (fact, sentence) in OPTIONAL.items():
        words[name] = sentence[language].format(words[fact]) if known.get(fact) else ""
    return text.format_map(words)


def _known(licence: Licence) -> dict[str, object]:
    """What every notice may say of its licence without being told."""
    known: dict[str, object] = {"number": licence.number}
    if licence.visa is not None:
        known["visa"] = licence.visa.number
        known["start"] = licence.visa.valid_from
        known["until"] = licence.visa.valid_until
    return known


def _word(name: str, value: object, language: Language, licence: Licence) -> str:
    """A fact as this language writes it; what a partner wrote is one line and has no direction."""
    raw = value.value if isinstance(value, Enum) else value
    if name in IN_WORDS and raw in WORDS:
        return WORDS[str(raw)][language]
    if isinstance(raw, datetime):
        raw = today(raw)
    match raw:
        case date():
            shown = raw.isoformat() if language == "en" else f"{raw:%d/%m/%Y}"
        case Decimal():
            figure = f"{raw:,}" if language == "en" else amount(raw, licence.currency)
            shown = f"{figure} {licence.currency}"
        case _:
            shown = _short(plain(str(raw)))
    return f"{_ISOLATE}{shown}{_END}" if language == "ar" else shown


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1].rstrip()}…"
