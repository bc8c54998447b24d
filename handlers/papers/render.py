"""A view and a template into a PDF/A-3a that fetches nothing and holds nothing but its own.

Layout is bounded by whoever calls: `render` is a top-level function of plain values, so that it
runs in a process that can be killed.
"""

from __future__ import annotations

import gc
import hashlib
import io
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from handlers.papers.frame import Attachment, Frame, View
from handlers.papers.labels import HELP, LABELS, SHARED

if TYPE_CHECKING:
    from jinja2 import Environment
    from weasyprint import CSS
    from weasyprint.text.fonts import FontConfiguration

TEMPLATES = Path(__file__).with_name("templates")


class FetchRefused(Exception):
    """A paper asked for something outside itself; it is not issued."""


def render(template: str, view: View, attachments: Sequence[Attachment] = ()) -> bytes:
    """The PDF/A-3a of `view` set by `<template>.html`, with `frame.css` and `<template>.css`.

    The same view and attachments give the same bytes on the same machine: dates come from the
    view's frame, the file identifier from the text. Raises FetchRefused when the page refers to
    anything outside itself, and jinja2's TemplateNotFound for an unknown template.
    """
    # WeasyPrint takes a second to import, which only a process that renders should pay.
    from weasyprint import HTML
    from weasyprint.urls import FatalURLFetchingError

    text = (
        _environment()
        .get_template(f"{template}.html")
        .render(paper=view, frame=view.frame, labels=LABELS.get(template, SHARED), help=HELP)
    )
    own = _Own(_codes(view.frame))
    pdf = b""
    with suppress(FatalURLFetchingError):
        pdf = HTML(string=text, url_fetcher=own).write_pdf(
            stylesheets=[_style(name, own) for name in ("frame", template)],
            font_config=_fonts(),
            pdf_variant="pdf/a-3a",
            pdf_identifier=hashlib.sha256(text.encode()).hexdigest()[:32].encode(),
            attachments=[_attached(one, view.frame) for one in _by_name(attachments)],
        )
    # Images within images are asked for where WeasyPrint survives every error.
    if own.refused:
        raise FetchRefused(f"a paper may not fetch {', '.join(own.refused)}")
    return pdf


def warm() -> None:
    """Load what every paper needs, and have the garbage collector pass it over for good.

    A layout makes a million short-lived objects that stay alive until its end: looking through
    them each time a few hundred more were made took a sixth of a paper's time.
    """
    import weasyprint  # noqa: F401 -- loaded now, not with the first paper

    _environment()
    _fonts()
    gc.freeze()
    gc.set_threshold(200_000, 20, 20)


class _Own:
    """A fetcher that has the paper's own two codes, and remembers what else it was asked for."""

    def __init__(self, codes: Mapping[str, bytes]) -> None:
        self.refused: list[str] = []
        self._codes = codes

    def __call__(self, url: str) -> Any:
        from weasyprint.urls import FatalURLFetchingError, URLFetcherResponse

        if url in self._codes:
            return URLFetcherResponse(url, self._codes[url], {"Content-Type": "image/png"})
        self.refused.append(url[:200])
        # An ordinary error would only be logged, and the paper issued with a hole.
        raise FatalURLFetchingError(url)


def _codes(frame: Frame) -> dict[str, bytes]:
    """The QR codes that stand on the paper, by the address the template has for them."""
    texts = {"code:online": frame.verify_url, "code:offline": frame.offline}
    return {name: _qr(text) for name, text in texts.items() if text}


def _qr(text: str) -> bytes:
    """A QR code as a picture of one dot per module, with its quiet zone."""
    import segno

    # Trying all eight masks takes four times as long; signatures and tokens are noise already.
    code = segno.make_qr(text, error="m", mask=4, boost_error=False)
    picture = io.BytesIO()
    code.save(picture, kind="png", border=4)
    return picture.getvalue()


def _by_name(attachments: Sequence[Attachment]) -> list[Attachment]:
    """In the order that a PDF's tree of names wants."""
    return sorted(attachments, key=lambda one: one.name)


def _attached(one: Attachment, frame: Frame) -> Any:
    import weasyprint

    return weasyprint.Attachment(
        file_obj=io.BytesIO(one.content),
        name=one.name,
        description=one.description,
        created=frame.produced_at,
        modified=frame.produced_at,
        relationship=one.relationship,
    )


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


def _style(name: str, own: _Own) -> CSS:
    from weasyprint import CSS

    if name not in _styles:
        text = (TEMPLATES / f"{name}.css").read_text(encoding="utf-8")
        _styles[name] = CSS(string=text, url_fetcher=own, font_config=_fonts())
    return _styles[name]
