"""How commands speak: sentences for people, JSON when asked, errors on one line, exit status 1."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NoReturn

import typer
from rich.console import Console
from rich.table import Table

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


def refuse(sentence: str) -> NoReturn:
    """Say why and end with status 1."""
    err.print(sentence, style="red", markup=False)
    raise typer.Exit(1)


def show_json(found: object) -> None:
    """JSON on standard output, for programs."""
    print(json.dumps(found, ensure_ascii=False, indent=2, default=str))


def show_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table for people."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")  # an identifier that is cut is of no use
    for row in rows:
        table.add_row(*("" if cell is None else str(cell) for cell in row))
    out.print(table, soft_wrap=False)


def show_acknowledgement(facts: Mapping[str, Any], *, name: str = "") -> None:
    """An acknowledgement as a declarant's developer wants to read it."""
    good = facts["status"] in {"received", "accepted", "accepted-with-warnings"}
    dossier = facts["dossier"] or {}
    place = " ".join(str(part) for part in (dossier.get("number"), dossier.get("state_fr")) if part)
    would = f" → {dossier['would_be']}" if dossier.get("would_be") else ""
    out.print(
        f"{name + ': ' if name else ''}{facts['stage']} {facts['status']} {place}{would}".rstrip(),
        style="green" if good else "red",
        markup=False,
    )
    for balance in facts["balances"]:
        out.print(
            f"  line {balance['line']}: {balance['before']} + {balance['delta']}"
            f" = {balance['after']} imputed, {balance['remaining']} {balance['unit']} remain"
            f"{', ' + balance['outcome'] if balance.get('outcome') else ''}"
        )
    for problem in (*facts["errors"], *facts["warnings"]):
        _show_problem(problem)


def _show_problem(problem: Mapping[str, Any]) -> None:
    line = f" line {problem['line']}" if problem["line"] else ""
    out.print(f"  {problem['code']}{line} {problem['xpath'] or ''}", style="bold", markup=False)
    for language in ("fr", "en"):
        text, repair = problem["text"].get(language), problem["repair"].get(language, "")
        if text:
            out.print(f"    {text} {repair}".rstrip(), markup=False)
