"""Prints the invoices, certificates and letters of the story: real PDFs, set from its templates."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import NoReturn

import jinja2
import weasyprint
from weasyprint.urls import FatalURLFetchingError

from gateway.demo.deal import Deal
from gateway.demo.place import MATERIALS


def print_papers(deal: Deal, folder: Path) -> list[Path]:
    """Write every invoice and certificate of a deal; returns the files."""
    files = []
    for bill in deal.bills:
        files.append(folder / bill.file)
        print_letter("invoice.html", files[-1], deal=deal, bill=bill)
    for certificate in deal.certificates:
        files.append(folder / certificate.file)
        print_letter("certificate.html", files[-1], deal=deal, certificate=certificate)
    return files


def print_letter(template: str, file: Path, **things: object) -> None:
    """Write one letter, set from a template of the story with the things that it names."""
    text = _environment().get_template(template).render(**things)
    style = weasyprint.CSS(string=(MATERIALS / "letter.css").read_text(encoding="utf-8"))
    page = weasyprint.HTML(string=text, url_fetcher=_refuse)
    file.write_bytes(page.write_pdf(stylesheets=[style]))


def _refuse(url: str) -> NoReturn:
    raise FatalURLFetchingError(f"a letter fetches nothing, not {url}")


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        autoescape=True,
        loader=jinja2.FileSystemLoader(MATERIALS),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["figure"] = _figure
    return environment


def _figure(number: Decimal, places: int = 2) -> str:
    """A number as French letters write it: `12 500,00`."""
    return f"{number:,.{places}f}".replace(",", "\N{NARROW NO-BREAK SPACE}").replace(".", ",")
