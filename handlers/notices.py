"""Notices in three languages: rows of texts, filled with facts, as message and as e-mail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Literal

from handlers.days import today
from handlers.papers.figures import amount, plain
from schemas.bindings.common_1 import LanguageCode, LocalText
from schemas.bindings.notification_1 import About, Notification
from schemas.workflow import Letter

Language = Literal["fr", "en", "ar"]

_LONGEST = 2000  #: characters of a free text in a message
_LONGEST_FACT = 1000  #: characters of one fact: several of them still make a message
_ISOLATE, _END = "\u2068", "\u2069"  #: a French name or a figure within an Arabic sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What one notice says; the subjects are an e-mail's, `mailed` is whether there is one."""

    code: str
    subject_fr: str
    subject_ar: str
    fr: str
    en: str
    ar: str
    mailed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a notice tells of, by the names in its texts; decimals are amounts in the currency."""

    values: Mapping[str, object]
    currency: str = "MAD"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One notice in words, without the subjects."""

    fr: str
    en: str
    ar: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """A procedure's notices by code, and how the facts that they name are put into words.

    `optional` has whole sentences about a fact that may be missing, by their name in the texts;
    `words` what values of messages are called, for the facts of `in_words` only.
    """

    notices: Mapping[str, Notice]
    optional: Mapping[str, tuple[str, Mapping[Language, str]]]
    words: Mapping[str, Mapping[Language, str]]
    in_words: frozenset[str]

    def said(self, code: str, facts: Facts) -> Said:
        """The notice; raises `KeyError` for an unknown code or a fact that is missing."""
        notice = self.notices[code]
        return Said(
            fr=self._filled(notice.fr, "fr", facts),
            en=self._filled(notice.en, "en", facts),
            ar=self._filled(notice.ar, "ar", facts),
        )

    def letter(self, code: str, facts: Facts, *, to: str, exporter: str) -> Letter | None:
        """The notice as an e-mail to the exporter; None without an address, or when not mailed."""
        notice = self.notices[code]
        if not (to and notice.mailed):
            return None
        named = Facts(values={**facts.values, "exporter": exporter}, currency=facts.currency)
        return Letter(
            to=to,
            subject_fr=self._filled(notice.subject_fr, "fr", facts),
            subject_ar=self._filled(notice.subject_ar, "ar", facts),
            fr=self._filled(f"{notice.fr}\nExportateur : {{exporter}}", "fr", named),
            ar=self._filled(f"{notice.ar}\nالمصدر: {{exporter}}", "ar", named),
        )

    def _filled(self, text: str, language: Language, facts: Facts) -> str:
        known = facts.values
        words = {name: self._word(name, value, language, facts) for name, value in known.items()}
        for name, (fact, sentence) in self.optional.items():
            words[name] = sentence[language].format(words[fact]) if known.get(fact) else ""
        return text.format_map(words)

    def _word(self, name: str, value: object, language: Language, facts: Facts) -> str:
        """A fact in this language; what a partner wrote is one line and has no direction."""
        raw = value.value if isinstance(value, Enum) else value
        if name in self.in_words and raw in self.words:
            return self.words[str(raw)][language]
        shown = _shown(raw, language, facts.currency)
        return f"{_ISOLATE}{shown}{_END}" if language == "ar" else shown


def _shown(raw: object, language: Language, currency: str) -> str:
    if isinstance(raw, datetime):
        raw = today(raw)
    match raw:
        case date():
            return raw.isoformat() if language == "en" else f"{raw:%d/%m/%Y}"
        case Decimal():
            return f"{f'{raw:,}' if language == 'en' else amount(raw, currency)} {currency}"
        case _:
            return _short(plain(str(raw)))


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_FACT else f"{text[: _LONGEST_FACT - 1].rstrip()}…"


def notification(code: str, number: str, said: Said) -> Notification:
    """The message that says so about a dossier; a text too long is cut, an empty one left out."""
    texts = ((LanguageCode.FR, said.fr), (LanguageCode.EN, said.en), (LanguageCode.AR, said.ar))
    return Notification(
        code=code,
        text=tuple(
            LocalText(value=text[:_LONGEST].rstrip(), lang=language)
            for language, text in texts
            if text
        ),
        about=About(dossier_number=number),
    )
