"""A view and a template into a PDF that fetches nothing and embeds nothing but its own fonts.

Layout is bounded by whoever calls: `render` is a top-level function of plain values, so that it
runs in a process that can be killed.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
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
    refusal = _Refusal()
    pdf = b""
    with suppress(FatalURLFetchingError):
        pdf = HTML(string=text, url_fetcher=refusal).write_pdf(
            stylesheets=[_style(name, refusal) for name in ("frame", template)],
            font_config=_fonts(),
            pdf_identifier=hashlib.sha256(text.encode()).hexdigest()[:32].encode(),
            pdf_tags=True,
        )
    # Images within images are asked for where WeasyPrint survives every error.
    if refusal.asked:
        raise FetchRefused(f"a paper may not fetch {', '.join(refusal.asked)}")
    return pdf


class _Refusal:
    """A fetcher that fetches nothing and remembers what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, url: str) -> NoReturn:
        from weasyprint.urls import FatalURLFetchingError

        self.asked.append(url[:200])
        # An ordinary error would only be logged, and the paper issued with a hole.
        raise FatalURLFetchingError(url)


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


#: Parsed once: a style sheet says the same for every paper.
_styles: dict[str, CSS] = {}


def _style(name: str, refusal: _Refusal) -> CSS:
    from weasyprint import CSS

    if name not in _styles:
        text = (TEMPLATES / f"{name}.css").read_text(encoding="utf-8")
        _styles[name] = CSS(string=text, url_fetcher=refusal, font_config=_fonts())
    return _styles[name]
