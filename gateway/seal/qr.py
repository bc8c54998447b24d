"""The code that verifies without a network: what a paper states, and the hub's signature over it.

The text in the QR code is `PSV1:` and the base 45 (RFC 9285) of the signature followed by the
statement; `docs/explanation/paper.md` describes every byte.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)

from gateway.seal.keys import Certificate, PrivateKey, UnusableKey
from handlers.papers.frame import StatedLine, Statement

PREFIX = "PSV1:"

#: What version 14 holds in alphanumeric mode with correction M: 73 modules, which a telephone
#: reads off 27 mm of paper.
MOST = 528

#: Signed before the statement, so that no other signature of the hub's can be taken for a code's.
_PURPOSE = b"passavant paper 1\n"

_HALF = 32  #: bytes of r and of s, as in XML signatures and JWS
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_VALUES = {letter: value for value, letter in enumerate(_ALPHABET)}
_FIELDS = 11
_KEY_BYTES = 8


class UnreadableCode(ValueError):
    """The text is no code of ours, or was altered; the sentence says which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    """What a code says, once its signature held.

    `statement.lines` are the first of `count`; the others stand in `lines_digest`, the SHA-256
    (hex) over all of them, which is empty when all are there. `source` is the SHA-256 (hex) of the
    signed source XML, `key` the first eight bytes (hex) of the hub certificate's fingerprint.
    """

    statement: Statement
    count: int
    lines_digest: str
    source: str
    key: str


def key_id(certificate: Certificate) -> str:
    """How a code names the certificate that verifies it."""
    return certificate.fingerprint[: 2 * _KEY_BYTES]


def sign_payload(
    statement: Statement, source: str, key: PrivateKey, certificate: Certificate
) -> str:
    """The QR code's text, at most `MOST` characters; the same for the same statement and key.

    `source` is the SHA-256 (hex) of the source XML, empty for a paper that comes from no message.
    Raises UnusableKey for a key that is not P-256: the signature of another fits no code.
    """
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise UnusableKey("A paper's code is signed with a P-256 key; the hub's is RSA.")
    body = _fitting(statement, source, key_id(certificate))
    method = ec.ECDSA(hashes.SHA256(), deterministic_signing=True)
    r, s = decode_dss_signature(key.sign(_PURPOSE + body, method))
    return PREFIX + _base45(r.to_bytes(_HALF) + s.to_bytes(_HALF) + body)


def read_payload(text: str, certificate: Certificate) -> Payload:
    """What the code says; raises UnreadableCode unless the hub of this certificate signed it."""
    if not text.startswith(PREFIX):
        raise UnreadableCode(f"The code does not begin with {PREFIX}")
    whole = _unbase45(text[len(PREFIX) :])
    signature, body = whole[: 2 * _HALF], whole[2 * _HALF :]
    _require_signature(signature, body, certificate)
    return _read(body)


def lines_text(lines: Sequence[StatedLine]) -> str:
    """Every line as the digest takes them: `code:quantity:unit` or `…:weight`, joined by `;`."""
    return ";".join(_line_text(line) for line in lines)


def _line_text(line: StatedLine) -> str:
    text = f"{_word(line.code)}:{line.quantity:f}:{_word(line.unit)}"
    return text if line.weight is None else f"{text}:{line.weight:f}"


def lines_digest(lines: Sequence[StatedLine]) -> str:
    """SHA-256 (hex) over all the lines of a paper."""
    return hashlib.sha256(lines_text(lines).encode()).hexdigest()


def _fitting(statement: Statement, source: str, key: str) -> bytes:
    """The statement with all its lines, or with as many as fit and the digest over all."""
    for kept in range(len(statement.lines), -1, -1):
        body = _write(statement, source, key, kept)
        if len(PREFIX) + _encoded(2 * _HALF + len(body)) <= MOST:
            return body
    raise UnreadableCode("The statement does not fit a code even without its lines.")


def _write(statement: Statement, source: str, key: str, kept: int) -> bytes:
    lines = statement.lines
    fields = (
        _word(statement.kind),
        _word(statement.number),
        str(statement.version),
        _word(statement.holder),
        _day(statement.issued_on),
        _day(statement.valid_from),
        _day(statement.valid_until),
        _short(source),
        key,
        f"{len(lines)}" if kept == len(lines) else f"{len(lines)}:{_short(lines_digest(lines))}",
        lines_text(lines[:kept]),
    )
    return "|".join(fields).encode()


def _read(body: bytes) -> Payload:
    """The signed statement; only a hub that writes another form gets here with anything wrong."""
    try:
        fields = body.decode().split("|")
        if len(fields) != _FIELDS:
            raise UnreadableCode(f"The code has {len(fields)} fields, not {_FIELDS}.")
        count, _, digest = fields[9].partition(":")
        statement = Statement(
            kind=fields[0],
            number=fields[1],
            version=int(fields[2]),
            holder=fields[3],
            issued_on=_read_day(fields[4]),
            valid_from=_read_day(fields[5]),
            valid_until=_read_day(fields[6]),
            lines=read_lines(fields[10]),
        )
        return Payload(
            statement=statement,
            count=int(count),
            lines_digest=_long(digest),
            source=_long(fields[7]),
            key=fields[8],
        )
    except ValueError as problem:
        raise UnreadableCode(f"The code cannot be read: {problem}") from problem


def read_lines(text: str) -> tuple[StatedLine, ...]:
    """The lines that `lines_text` wrote; raises UnreadableCode."""
    try:
        return tuple(_line(one) for one in text.split(";") if one)
    except (ValueError, InvalidOperation) as problem:
        raise UnreadableCode(f"The lines cannot be read: {problem}") from problem


def _line(text: str) -> StatedLine:
    code, quantity, unit, *weight = text.split(":", 3)
    return StatedLine(
        code=code,
        quantity=Decimal(quantity),
        unit=unit,
        weight=Decimal(weight[0]) if weight else None,
    )


def _require_signature(signature: bytes, body: bytes, certificate: Certificate) -> None:
    key = certificate.public_key
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise UnreadableCode("This certificate signs no codes: its key is not P-256.")
    halves = (int.from_bytes(signature[:_HALF]), int.from_bytes(signature[_HALF:]))
    try:
        key.verify(encode_dss_signature(*halves), _PURPOSE + body, ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, ValueError):
        raise UnreadableCode(
            "The code's signature does not hold: it was altered, or signed with another key."
        ) from None


def _word(text: str) -> str:
    """A text without the characters that part the fields."""
    return re.sub(r"[|;:]", " ", text)


def _day(value: date | None) -> str:
    return "" if value is None else f"{value:%Y%m%d}"


def _read_day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _short(digest: str) -> str:
    """A SHA-256 from hexadecimal (64 characters) to base 64 without padding (43)."""
    return base64.urlsafe_b64encode(bytes.fromhex(digest)).decode().rstrip("=")


def _long(text: str) -> str:
    return base64.urlsafe_b64decode(f"{text}=" if text else "").hex()


def _encoded(size: int) -> int:
    """How many characters of base 45 so many bytes take."""
    return size // 2 * 3 + size % 2 * 2


def _base45(content: bytes) -> str:
    letters = []
    for at in range(0, len(content), 2):
        pair = content[at : at + 2]
        value = int.from_bytes(pair)
        for _ in range(len(pair) + 1):
            value, rest = divmod(value, 45)
            letters.append(_ALPHABET[rest])
    return "".join(letters)


def _unbase45(text: str) -> bytes:
    content = bytearray()
    try:
        for at in range(0, len(text), 3):
            values = [_VALUES[letter] for letter in text[at : at + 3]]
            value = sum(digit * 45**place for place, digit in enumerate(values))
            content += value.to_bytes(len(values) - 1)
    except (KeyError, OverflowError):
        raise UnreadableCode("The code is not written in base 45.") from None
    return bytes(content)
