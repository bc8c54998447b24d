"""The code lists as they are published: the project's own CSV files, countries, currencies."""

from __future__ import annotations

import csv
import gettext
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import iso4217
import pycountry

FOLDER = Path(__file__).parent.parent / "schemas" / "codes"


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeList:
    """One list: `text` is the CSV as published, `rows` the same as objects keyed by column."""

    name: str
    source: str  #: where it comes from and of which day it is
    text: str
    columns: tuple[str, ...]
    rows: tuple[dict[str, str], ...]

    @property
    def link(self) -> str:
        """Where the hub serves it."""
        return f"/codes/{self.name}"


@cache
def code_lists() -> dict[str, CodeList]:
    """Every list by name, read once."""
    own = [read(path.stem, path.read_text(encoding="utf-8")) for path in FOLDER.glob("*.csv")]
    lists = [*own, _countries(), _currencies()]
    return {one.name: one for one in sorted(lists, key=lambda one: one.name)}


def read(name: str, text: str) -> CodeList:
    """A list from its CSV; lines before the header that begin with `#` say its source."""
    lines = text.splitlines()
    notes = [line for line in lines if line.startswith("#")]
    rows = csv.DictReader(line for line in lines if not line.startswith("#"))
    return CodeList(
        name=name,
        source="; ".join(note.lstrip("# ").removeprefix("Source: ") for note in notes),
        text=text,
        columns=tuple(rows.fieldnames or ()),
        rows=tuple(dict(row) for row in rows),
    )


def _countries() -> CodeList:
    french = gettext.translation("iso3166-1", pycountry.LOCALES_DIR, languages=["fr"])
    rows = [
        (country.alpha_2, country.alpha_3, french.gettext(country.name), country.name)
        for country in pycountry.countries
    ]
    return read(
        "countries", _csv("# Source: ISO 3166-1", ("code", "alpha_3", "fr", "en"), sorted(rows))
    )


def _currencies() -> CodeList:
    french = gettext.translation("iso4217", pycountry.LOCALES_DIR, languages=["fr"])
    rows = [
        (
            currency.code,
            french.gettext(currency.currency_name),
            currency.currency_name,
            "" if currency.exponent is None else str(currency.exponent),
        )
        for currency in iso4217.Currency
    ]
    return read(
        "currencies", _csv("# Source: ISO 4217", ("code", "fr", "en", "decimals"), sorted(rows))
    )


def _csv(note: str, header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    out = io.StringIO()
    out.write(f"{note}\n")
    csv.writer(out, lineterminator="\n").writerows([header, *rows])
    return out.getvalue()
