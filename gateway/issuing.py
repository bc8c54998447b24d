"""What the hub adds to a paper that a procedure laid out: its code, its origin, its seal.

The rendering process gets finished values; the key stays in the hub's own process.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from gateway.seal.keys import UnusableKey
from gateway.seal.qr import lines_text, sign_payload
from gateway.seal.sign import Signer
from handlers.papers.frame import Attachment, Frame, Seal
from handlers.papers.labels import SEALER
from storage.papers import Origin

#: The names under which a paper carries its signed source, the hub's outcome to it, and its code.
SOURCE, OUTCOME, CODE = "source.xml", "outcome.xml", "code.txt"


def issued(view: Any, origin: Origin | None, signer: Signer) -> tuple[Any, tuple[Attachment, ...]]:
    """The view with the hub's code and seal on it, and what the paper carries within.

    A blank form stays as it is: it states nothing and comes from no message.
    """
    frame: Frame = view.frame
    if frame.specimen:
        return view, ()
    code = _code(frame, origin, signer)
    seal = Seal(name=_name(signer), role=SEALER, at=frame.produced)
    within = tuple(_within(frame, origin, code))
    return replace(view, frame=replace(frame, offline=code, seal=seal)), within


def sealed(pdf: bytes, frame: Frame, signer: Signer, now: datetime) -> bytes:
    """The paper with the hub's seal; a tenth of a second of work, for a thread."""
    # A second to import, which only a process that prints should pay.
    from gateway.seal.pades import Sealer

    reason = f"{frame.title.fr} {frame.reference}, version {frame.version}"
    return Sealer(signer.key, signer.certificate).seal(pdf, reason=reason, now=now)


def _code(frame: Frame, origin: Origin | None, signer: Signer) -> str:
    """The code's text; empty for a paper that states nothing, or a key that fits no code."""
    if frame.statement is None:
        return ""
    source = "" if origin is None else hashlib.sha256(origin.message).hexdigest()
    try:
        return sign_payload(frame.statement, source, signer.key, signer.certificate)
    except UnusableKey:
        return ""


def _within(frame: Frame, origin: Origin | None, code: str) -> Iterator[Attachment]:
    if origin is not None:
        yield Attachment(
            name=SOURCE,
            relationship="Source",
            description="Le message signé du déclarant, tel que le guichet l’a reçu",
            content=origin.message,
        )
        yield Attachment(
            name=OUTCOME,
            relationship="Supplement",
            description="La réponse signée du guichet à ce message",
            content=origin.outcome,
        )
    if code and frame.statement is not None:
        yield Attachment(
            name=CODE,
            relationship="Data",
            description="Le texte du code de vérification hors ligne, puis toutes les lignes",
            content=f"{code}\n{lines_text(frame.statement.lines)}\n".encode(),
        )


def _name(signer: Signer) -> str:
    """Who seals: the certificate's common name, as people read it."""
    return signer.certificate.subject.removeprefix("CN=")
