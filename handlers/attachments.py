"""The files of a message: whether they came inside the XML or beside it, and what they must be."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from handlers.pdf import fault
from schemas.bindings import common_1 as xml
from schemas.errors import Code, Finding

_PDF = "application/pdf"


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """An attachment with its place in the message; `content` is None when no part has its digest.

    `digest` is the SHA-256 of the content in hexadecimal digits.
    """

    path: str
    filename: str
    media_type: str
    digest: str
    content: bytes | None


def attached_file(path: str, attachment: xml.Attachment, parts: Mapping[str, bytes]) -> File:
    """An attachment at its place in the message, with what came inside or beside."""
    content = attachment.content
    if content is None:
        content = parts.get(attachment.digest or "")
    return File(
        path=path,
        filename=attachment.file_name,
        media_type=attachment.media_type,
        digest=attachment.digest or hashlib.sha256(content or b"").hexdigest(),
        content=content,
    )


def quiet_pdfs(files: Iterable[File], most: int) -> Iterator[Finding]:
    """Each file is there, of `most` bytes at most, and a PDF by its content that does not act."""
    for file in files:
        if file.media_type != _PDF:
            yield _attachment(Code.ATTACHMENT_NOT_PDF, file, "MediaType", value=file.media_type)
        elif file.content is None:
            yield _attachment(Code.ATTACHMENT_ABSENT, file, "Digest", value=file.digest)
        elif (size := len(file.content)) > most:
            yield _attachment(Code.ATTACHMENT_TOO_LARGE, file, "FileName", size=size, limit=most)
        elif (wrong := fault(file.content)) is not None:
            yield _attachment(wrong.code, file, "FileName", found=wrong.found)


def _attachment(
    code: Code, file: File, element: str, *, value: str | None = None, **fields: object
) -> Finding:
    return Finding(
        code=code,
        path=f"{file.path}/{element}",
        value=file.filename if value is None else value,
        fields={"filename": file.filename, **fields},
    )
