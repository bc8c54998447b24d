"""What an attachment must be: a PDF by its content, whole, and with nothing in it that acts.

Cheap checks come first. Names are read by a parser and not in the bytes, where `/J#53` and object
streams hide them (ISO 32000-2 §7.3.5, §7.5.7).
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pikepdf
from pikepdf import settings as qpdf

from schemas.errors import Code

#: A few kilobytes may unfold into gigabytes; these limits hold for the whole process.
_UNFOLDED = 8 * 1024 * 1024
qpdf.set_qpdf_limits(
    max_stream_filters=3,
    flate_max_memory=_UNFOLDED,
    run_length_max_memory=_UNFOLDED,
    png_max_memory=_UNFOLDED,
    tiff_max_memory=_UNFOLDED,
)

#: Keys and action types that run, fetch or carry something (ISO 32000-2 §12.6, §7.11.4).
_ACTS = (
    b"JavaScript|JS|Launch|EmbeddedFiles?|EF|FileAttachment|AA|XFA|RichMedia|SubmitForm|ImportData"
    b"|GoToE|Rendition|Movie|Sound|3D"
)
_ACTIVE = re.compile(rb"/(?:" + _ACTS + rb")(?=[\s/<>\[\]()%]|\Z)")
#: The same names, passing over literal strings, in which they are only words.
_ACTIVE_NAME = re.compile(rb"\((?:[^\\()]|\\.)*+\)|" + _ACTIVE.pattern, re.DOTALL)

#: The end of a ZIP archive is looked for where ZIP readers look for it.
_ZIP_END = b"PK\x05\x06"
_ZIP_REACH = 65_557

#: As what a damaged, protected or unfolding document comes out of the parser.
_BROKEN = (
    pikepdf.PdfError,
    pikepdf.PasswordError,
    pikepdf.DataDecodingError,
    ValueError,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Why an attachment is refused; `found` is what was found in it."""

    code: Code
    found: str = ""


def fault(content: bytes) -> Fault | None:
    """The first thing wrong with a PDF's content; None when it may be kept."""
    if not content.startswith(b"%PDF-") or not _ends_as_pdf(content):
        return Fault(code=Code.ATTACHMENT_NOT_PDF)
    try:
        with pikepdf.open(
            io.BytesIO(content), attempt_recovery=False, inherit_page_attributes=False
        ) as pdf:
            found = next(_active(pdf), None)
            if found is None and pdf.get_warnings():
                # What the parser passed over, another reader may still find.
                return Fault(code=Code.ATTACHMENT_UNREADABLE)
    except _BROKEN:
        return Fault(code=Code.ATTACHMENT_UNREADABLE)
    return None if found is None else Fault(code=Code.ATTACHMENT_ACTIVE, found=found)


def _ends_as_pdf(content: bytes) -> bool:
    """Nothing but blanks after the last `%%EOF`, and no archive that ends where the PDF does."""
    if not content[-1024:].rstrip(b"\0\t\n\f\r ").endswith(b"%%EOF"):
        return False
    at = content.rfind(_ZIP_END, -_ZIP_REACH)
    if at < 0:
        return True
    comment = int.from_bytes(content[at + 20 : at + 22], "little")
    return at + 22 + comment != len(content)


def _active(pdf: pikepdf.Pdf) -> Iterator[str]:
    """What acts in the document, object by object."""
    opening = pdf.Root.get("/OpenAction")
    if isinstance(opening, pikepdf.Dictionary) and opening.get("/S") != pikepdf.Name.GoTo:
        yield "/OpenAction"
    things: Iterable[object] = pdf.objects  # numbers and nulls among them
    for thing in things:
        if not isinstance(thing, pikepdf.Object):
            continue
        whole = thing.stream_dict if isinstance(thing, pikepdf.Stream) else thing
        text = whole.unparse(resolved=True)
        if _ACTIVE.search(text):
            yield from (
                match[0].decode() for match in _ACTIVE_NAME.finditer(text) if match[0][:1] == b"/"
            )
