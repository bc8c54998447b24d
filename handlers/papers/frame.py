"""What every paper bears around its own content: issuer, reference, state, check and seal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
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
class StatedLine:
    """What a paper allows on one line: the code of the goods, the quantity, its unit (Rec 20).

    A paper of which customs weigh the goods states their weight too, in kilograms.
    """

    code: str
    quantity: Decimal
    unit: str
    weight: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What a paper states about itself in the code that is verified without a network."""

    kind: str  #: what it is, in one word
    number: str
    version: int
    holder: str  #: the holder's ICE
    issued_on: date | None  #: when it was granted
    valid_from: date | None
    valid_until: date | None
    lines: tuple[StatedLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """What the signature box says: who seals, in what role, when."""

    name: str
    role: Label
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A place on the first page, in millimetres from the bottom left corner of the sheet."""

    left: float
    bottom: float
    width: float
    height: float


#: Where `frame.css` keeps the signature box of every paper.
SEAL_BOX = Box(left=144, bottom=17, width=54, height=36)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file within the paper; `relationship` is PDF/A-3's: Source, Supplement or Data."""

    name: str
    relationship: str
    description: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A paper's header, footers and watermark, ready to print.

    `digest` is the SHA-256 (hex) of the dossier's content as stored, in UTF-8; `produced_at` is an
    aware UTC time and the only clock that the PDF knows. A procedure fills in `statement`, and in
    `sources` the message types whose last one the paper is made from; whoever seals the paper adds
    `offline`, the signed statement, and `seal`.
    """

    title: Label
    reference: str
    version: str  #: empty where there are none
    state: Label
    watermark: Label | None
    issuer: Issuer
    produced_at: datetime
    produced: str
    digest: str
    verify_url: str | None
    sources: tuple[str, ...] = ()
    statement: Statement | None = None
    offline: str = ""
    seal: Seal | None = None
    specimen: bool = False  #: a blank form, in which each box says what it is for


class View(Protocol):
    """What a template may be given: plain texts in frozen dataclasses, around one frame."""

    @property
    def frame(self) -> Frame:
        """What stands around the content."""
