"""The code lists as they are published: our own files, and the lists that packages keep."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from functools import cache

import iso4217

from schemas.codelists import CURRENCIES, FOLDER, CodeList, codelist, names


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
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
def code_lists() -> dict[str, Published]:
    """Every list by name, read once."""
    return {name: _published(codelist(name)) for name in names()}


def _published(found: CodeList) -> Published:
    file = FOLDER / f"{found.name}.csv"
    text = file.read_text(encoding="utf-8") if file.is_file() else _csv(found)
    rows = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    return Published(
        name=found.name,
        source=found.source.removeprefix("Source: "),
        text=text,
        columns=tuple(rows.fieldnames or ()),
        rows=tuple(dict(row) for row in rows),
    )


def _csv(found: CodeList) -> str:
    """A list that a package keeps, written as our own files are."""
    languages = sorted({lang for entry in found.entries.values() for lang in entry.labels})
    decimals = found.name == CURRENCIES
    out = io.StringIO()
    out.write(f"# Source: {found.source}\n")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["code", *languages, *(["decimals"] if decimals else [])])
    for code, entry in found.entries.items():
        row = [code, *(entry.labels.get(lang, "") for lang in languages)]
        if decimals:
            exponent = iso4217.Currency(code).exponent
            row.append("" if exponent is None else str(exponent))
        writer.writerow(row)
    return out.getvalue()
