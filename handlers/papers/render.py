"""A view and a template into a PDF that fetches nothing and embeds nothing but its own fonts.

Layout is bounded by whoever calls: `render` is a top-level function of plain values, so that it
runs in a process that can be killed.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from handlers.papers.frame import View
from handlers.papers.labels import LABELS

if TYPE_CHECKING:
    from jinja2 import Environment
    from weasyprint import CSS
    from weasyprint.text.fonts import FontConfiguration

TEMPLATES = Path(__file__).with_name("templates")


class FetchRefused(Exception):
    """A paper asked for something outside itself; it is not issued."""


def render(template: str, view: View) -> bytes:
    """The PDF of `view` set by `<template>.html`, with `frame.css` and `<template>.css`.

    The same view gives the same bytes on the same machine: dates come from the view's frame, the
    file identifier from the text. Raises FetchRefused when the page refers to anything outside
    itself, and jinja2's TemplateNotFound for an unknown template.
    """
    # WeasyPrint takes a second to import, which only a process that renders should pay.
    from weasyprint import HTML
    from weasyprint.urls import FatalURLFetchingError

    text = (
        _environment()
        .get_template(f"{template}.html")
        .render(paper=view, frame=view.frame, labels=LABELS)
    )
    try:
        page = HTML(string=text, url_fetcher=_refuse)
        pdf: bytes = page.write_pdf(
            stylesheets=[_style("frame"), _style(template)],
            font_config=_fonts(),
            pdf_identifier=hashlib.sha256(text.encode()).hexdigest()[:32].encode(),
            pdf_tags=True,
        )
    except FatalURLFetchingError as error:
        raise FetchRefused(str(error)) from None
    return pdf


def _refuse(url: str) -> NoReturn:
    from weasyprint.urls import FatalURLFetchingError

    # An ordinary error would only be logged, and the paper issued with a hole.
    raise FatalURLFetchingError(f"a paper may not fetch {url[:200]}")


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        autoescape=True,
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _fonts() -> FontConfiguration:
    from weasyprint.text.fonts import FontConfiguration

    return FontConfiguration()


@cache
def _style(name: str) -> CSS:
    from weasyprint import CSS

    return CSS(
        string=(TEMPLATES / f"{name}.css").read_text(encoding="utf-8"),
        url_fetcher=_refuse,
        font_config=_fonts(),
    )
