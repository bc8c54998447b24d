"""What every paper bears around its own content: issuer, reference, state, check and seal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from handlers.papers.labels import Label


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuer:
    """Who issues the paper, as the hub's configuration names it; empty texts are left out."""

    name: str
    name_ar: str
    authority: str = ""  #: the administration above, printed first
    authority_ar: str = ""
    contact: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A paper's header, footers and watermark, ready to print.

    `digest` is the SHA-256 (hex) of the dossier's content as stored, in UTF-8; `produced_at` is an
    aware UTC time and the only clock that the PDF knows.
    """

    title: Label
    reference: str
    version: str
    state: Label
    watermark: Label | None
    issuer: Issuer
    produced_at: datetime
    produced: str
    digest: str
    verify_url: str | None


class View(Protocol):
    """What a template may be given: plain texts in frozen dataclasses, around one frame."""

    @property
    def frame(self) -> Frame:
        """What stands around the content."""
