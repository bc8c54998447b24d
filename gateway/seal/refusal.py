"""How this room refuses: at one element, and whatever goes wrong."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from lxml import etree

from schemas.errors import Code, Finding, Refused, refused

_SHOWN = 200  #: characters of an offending value that a finding repeats


def refusal(
    code: Code, element: etree._Element, value: str | None = None, reason: str = ""
) -> Refused:
    """A refusal at this element: its XPath, its line, and the value that is not accepted."""
    shown = None if value is None else value[:_SHOWN]
    return Refused(
        Finding(
            code=code,
            path=element.getroottree().getpath(element),
            line=element.sourceline,
            value=shown,
            fields={"reason": reason[:_SHOWN], "found": shown or "", "id": shown or ""},
        )
    )


@contextmanager
def failing_closed() -> Iterator[None]:
    """Turn everything unforeseen into a refusal: what cannot be judged is not accepted.

    A full memory is no verdict on the message, so it passes through, as do interruptions.
    """
    try:
        yield
    except (Refused, MemoryError):
        raise
    except Exception as error:
        raise refused(Code.SIGNATURE_INVALID) from error
