"""The console's languages: English stands in the templates, French and Arabic in GNU po files.

Each room of the console has its own file of a language; together they are one catalogue.
"""

from __future__ import annotations

from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations
from markupsafe import Markup, escape

LOCALE = Path(__file__).parent / "locale"

#: Each language with its own name and the locale by which its dates and numbers are written; in
#: the Maghreb Arabic is written with the digits that French has.
LANGUAGES: Final = {
    "fr": ("Français", "fr_MA"),
    "ar": ("العربية", "ar_MA"),
    "en": ("English", "en_GB"),
}
DEFAULT: Final = "fr"


def direction(language: str) -> str:
    """Which way a language is written."""
    return "rtl" if language == "ar" else "ltr"


def region(language: str) -> str:
    """The locale of a language's dates and numbers."""
    return LANGUAGES[language][1]


@cache
def catalogue(language: str) -> Catalog:
    """Every translated sentence of a language, its rooms together."""
    whole = Catalog(locale=language)
    for file in sorted((LOCALE / language).glob("*.po")):
        with file.open("rb") as opened:
            for message in read_po(opened, locale=language):
                if message.id:
                    whole.add(message.id, message.string)
    return whole


@cache
def _translations(language: str) -> Translations:
    compiled = BytesIO()
    write_mo(compiled, catalogue(language))
    compiled.seek(0)
    return Translations(compiled)


class Words:
    """One language's words, as templates ask for them."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._found = _translations(language) if language != "en" else Translations()

    def one(self, text: str, **fields: object) -> str | Markup:
        """`_("Parked by %(who)s", who=…)`: the sentence in this language, its fields escaped."""
        return _filled(self._found.gettext(text), fields)

    def many(self, one: str, more: str, number: int, **fields: object) -> str | Markup:
        """`ngettext("%(n)s job", "%(n)s jobs", n)`: as the language counts; `n` is a field."""
        return _filled(self._found.ngettext(one, more, number), {"n": number, **fields})


def _filled(text: str, fields: dict[str, object]) -> str | Markup:
    return Markup(escape(text)) % fields if fields else text  # noqa: S704 (escaped)


@cache
def words(language: str) -> Words:
    """The words of a language."""
    return Words(language)
