"""Documents as the exporter files them, with a request or with a complement."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from handlers.attachments import File, attached_file, quiet_pdfs
from handlers.inspection import lists
from handlers.inspection.inspection import Filed
from handlers.lists import unknown
from schemas.bindings.common_1 import CraftDocument
from schemas.errors import Code, Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing:
    """Documents of a message, where they stand in it, and the files that came with them."""

    documents: tuple[CraftDocument, ...]
    parts: Mapping[str, bytes]  #: sent beside the XML, by SHA-256 (hex)
    day: date  #: today in Morocco
    within: str = ""  #: the path of the element that holds them, with a slash behind

    def each(self) -> Iterator[tuple[str, CraftDocument, File]]:
        """Each document with its path and its file."""
        for position, document in enumerate(self.documents, 1):
            path = f"{self.within}Document[{position}]"
            file = attached_file(f"{path}/Attachment", document.attachment, self.parts)
            yield path, document, file


def filing_findings(filing: Filing, limit: int) -> list[Finding]:
    """Every rule that the documents break; `limit` is an attachment's largest size in bytes."""
    return [
        *_types_known(filing),
        *_days_have_come(filing),
        *quiet_pdfs((file for _, _, file in filing.each()), limit),
    ]


def file_documents(filing: Filing, now: datetime, complement: int = 0) -> tuple[Filed, ...]:
    """The documents as the dossier keeps them; `complement` is the number of what they answer."""
    return tuple(
        Filed(
            kind=document.type_value,
            description=document.description or "",
            issued_on=document.issue_date.to_date(),
            filename=file.filename,
            digest=file.digest,
            size=len(file.content or b""),
            filed_at=now,
            complement=complement,
        )
        for _, document, file in filing.each()
    )


def _types_known(filing: Filing) -> Iterator[Finding]:
    for path, document, _ in filing.each():
        yield from unknown(
            lists.DOCUMENTS,
            document.type_value,
            filing.day,
            Code.DOCUMENT_TYPE_UNKNOWN,
            f"{path}/Type",
        )


def _days_have_come(filing: Filing) -> Iterator[Finding]:
    for path, document, _ in filing.each():
        if (day := document.issue_date.to_date()) > filing.day:
            yield Finding(
                code=Code.DATE_IN_FUTURE,
                path=f"{path}/IssueDate",
                value=day.isoformat(),
                fields={"found": day, "today": filing.day},
            )
