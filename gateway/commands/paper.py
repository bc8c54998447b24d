"""Whether a paper holds, without a network: its seal, its origin inside, and its code."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from gateway.issuing import CODE, OUTCOME, SOURCE
from gateway.seal.keys import Certificate
from gateway.seal.pades import BrokenSeal, check_seal
from gateway.seal.profile import check
from gateway.seal.qr import Payload, UnreadableCode, key_id, lines_digest, read_lines, read_payload
from gateway.seal.verify import Pin, verify
from gateway.verdict import read_outcome
from schemas.envelope import read_header
from schemas.errors import Refused
from schemas.parse import parse


class BrokenPaper(Exception):
    """The paper does not hold; the sentence says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A paper that holds: when it was sealed, and what it says of itself, sentence by sentence."""

    sealed_at: datetime
    sentences: tuple[str, ...]


def check_paper(pdf: bytes, certificate: Certificate, now: datetime) -> Checked:
    """The hub's seal over the whole file, then all that it covers; raises BrokenPaper.

    `now` is aware UTC; the certificate is the hub's, and the only thing trusted.
    """
    try:
        sealed = check_seal(pdf, certificate, now)
        within = sealed.attachments
        origin = tuple(_origin(within, certificate, now))
        code = tuple(_code(within, certificate))
    except (BrokenSeal, UnreadableCode) as problem:
        raise BrokenPaper(str(problem)) from problem
    return Checked(sealed_at=sealed.at, sentences=(sealed.reason, *origin, *code))


def _origin(within: Mapping[str, bytes], certificate: Certificate, now: datetime) -> Iterator[str]:
    """The source message is the one that the hub's signed outcome answers."""
    if SOURCE not in within and OUTCOME not in within:
        yield "It carries no source message."
        return
    if SOURCE not in within or OUTCOME not in within:
        raise BrokenPaper(f"It carries only one of {SOURCE} and {OUTCOME}.")
    try:
        answer = _hub_signed(within[OUTCOME], certificate, now)
        root = parse(within[SOURCE])
        digest = check(root).document.digest.hex()
        sender = read_header(root).sender
    except Refused as refusal:
        raise BrokenPaper(f"What it carries cannot be read: {refusal}") from refusal
    if answer["digest"] != digest:
        raise BrokenPaper(f"{SOURCE} is not the message that {OUTCOME} answers.")
    yield f"Made from the message of {sender} with the content {digest}."
    yield f"The hub's signed outcome to it: {answer['status']}."


def _hub_signed(document: bytes, certificate: Certificate, now: datetime) -> dict[str, str]:
    root = parse(document)
    pin = Pin(certificate=certificate, suspended=False)
    verify(root, [pin], read_header(root).sender, now)
    return read_outcome(document)


def _code(within: Mapping[str, bytes], certificate: Certificate) -> Iterator[str]:
    """The text of the code, its signature, and that it speaks of this source and these lines."""
    if CODE not in within:
        yield "It bears no code: what it says holds only while the hub says so."
        return
    text, _, lines = within[CODE].decode(errors="replace").rstrip("\n").partition("\n")
    payload = read_payload(text, certificate)
    if payload.key != key_id(certificate):
        raise BrokenPaper("The code names another key than the hub's.")
    source = hashlib.sha256(within[SOURCE]).hexdigest() if SOURCE in within else ""
    if payload.source != source:
        raise BrokenPaper(f"{SOURCE} is not the message that the code names.")
    stated = read_lines(lines)
    if len(stated) != payload.count:
        raise BrokenPaper(f"The code speaks of {payload.count} lines, {CODE} has {len(stated)}.")
    if payload.lines_digest and payload.lines_digest != lines_digest(stated):
        raise BrokenPaper(f"The lines in {CODE} are not those that the code was signed over.")
    if not payload.lines_digest and payload.statement.lines != stated:
        raise BrokenPaper(f"The lines in {CODE} are not those in the code.")
    yield from said(payload)
    for number, line in enumerate(stated, 1):
        yield f"Line {number}: {line.code}, {line.quantity:f} {line.unit}"


def said(payload: Payload) -> Iterator[str]:
    """What a code says, in words, its lines left out."""
    stated = payload.statement
    yield (
        f"{stated.kind.capitalize()} {stated.number}, version {stated.version},"
        f" holder ICE {stated.holder or 'unknown'}"
    )
    validity = ""
    if stated.valid_from or stated.valid_until:
        validity = f", valid from {_day(stated.valid_from)} to {_day(stated.valid_until)}"
    yield f"Issued on {_day(stated.issued_on)}{validity}"


def _day(value: date | None) -> str:
    return "no day" if value is None else value.isoformat()
